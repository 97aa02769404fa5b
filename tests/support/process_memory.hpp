// SPDX-License-Identifier: MIT
//
// What the system says of another process's memory.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tc::test {

// A line of /proc/PID/status: "VmRSS:" is resident, "VmData:" asked for, touched or not.
inline std::uint64_t process_bytes(pid_t pid, std::string_view line) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string word; status >> word;) {
        std::uint64_t kibibytes = 0;
        if (word == line && status >> kibibytes) {
            return kibibytes * 1024;
        }
    }
    throw std::runtime_error("/proc has no " + std::string(line));
}

}  // namespace tc::test
