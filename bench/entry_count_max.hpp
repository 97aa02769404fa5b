// SPDX-License-Identifier: MIT
//
// How many entries a benchmark of store_bench may have: TC_BENCH_ENTRIES_MAX of the environment,
// because Google Benchmark keeps the command line to itself.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace tc::bench {

[[nodiscard]] inline std::uint64_t entry_count_max() noexcept {
    const char* const text = std::getenv("TC_BENCH_ENTRIES_MAX");
    return text != nullptr ? std::strtoull(text, nullptr, 10) : 1'000'000;
}

}  // namespace tc::bench
