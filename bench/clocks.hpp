// SPDX-License-Identifier: MIT
//
// The two clocks of the benchmarks. The CPU time of the calling thread is what is trusted: on a
// shared machine wall time also tells when the machine was somebody else's.
#pragma once

#include <cstdint>
#include <ctime>

namespace tc::bench {

[[nodiscard]] inline std::uint64_t clock_ns(clockid_t clock) noexcept {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
           static_cast<std::uint64_t>(time.tv_nsec);
}

[[nodiscard]] inline std::uint64_t thread_cpu_ns() noexcept {
    return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

[[nodiscard]] inline std::uint64_t wall_ns() noexcept {
    return clock_ns(CLOCK_MONOTONIC);
}

}  // namespace tc::bench
