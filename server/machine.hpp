// SPDX-License-Identifier: MIT
//
// What this machine, or the container on it, lets the server use. Asked once, at start.
#pragma once

#include <cstdint>

namespace tc {

// Cores that may be used: the affinity mask, and the cgroup's cpu.max rounded up. At least 1.
[[nodiscard]] std::uint32_t usable_core_count();

// The smaller of the machine's memory and the cgroup's memory.max.
[[nodiscard]] std::uint64_t usable_memory_bytes();

// Raises the soft limit of open files to the hard one and returns it.
[[nodiscard]] std::uint64_t raise_open_files_max();

}  // namespace tc
