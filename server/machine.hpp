// SPDX-License-Identifier: MIT
//
// What this machine, or the container on it, lets the server use. Asked once, at start. A limit of
// a control group counts in the process's own group and in each one above it, in version 1 of the
// kernel's interface and in version 2. `root` is where /proc and /sys are: "" but in tests.
#pragma once

#include <cstdint>
#include <string>

namespace tc {

// Cores that may be used: the affinity mask, and the group's quota rounded up. At least 1.
[[nodiscard]] std::uint32_t usable_core_count(const std::string& root = "");

// The smaller of the machine's memory and the group's limit.
[[nodiscard]] std::uint64_t usable_memory_bytes(const std::string& root = "");

// Raises the soft limit of open files to the hard one and returns it.
[[nodiscard]] std::uint64_t raise_open_files_max();

}  // namespace tc
