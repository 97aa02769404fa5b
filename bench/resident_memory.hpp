// SPDX-License-Identifier: MIT
//
// The resident set of this process as the kernel counts it when it walks the page tables:
// /proc/self/statm is only roughly right, because each processor keeps some pages to itself.
#pragma once

#include <cstdint>
#include <cstdio>
#include <stdexcept>

namespace tc::bench {

[[nodiscard]] inline std::uint64_t resident_bytes() {
    std::FILE* const file = std::fopen("/proc/self/smaps_rollup", "r");
    if (file == nullptr) {
        throw std::runtime_error("/proc/self/smaps_rollup cannot be read");
    }
    char line[256];
    unsigned long long kilobytes = 0;
    while (std::fgets(line, sizeof line, file) != nullptr &&
           std::sscanf(line, "Rss: %llu kB", &kilobytes) != 1) {
    }
    std::fclose(file);
    return kilobytes * 1024;
}

}  // namespace tc::bench
