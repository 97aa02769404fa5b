// SPDX-License-Identifier: MIT
//
// Which cores this process may use: a server and its load program get one each.
#pragma once

#include <sched.h>

#include <cstddef>
#include <vector>

namespace tc::bench {

[[nodiscard]] inline std::vector<std::size_t> usable_cores() {
    cpu_set_t set;
    CPU_ZERO(&set);
    std::vector<std::size_t> cores;
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        for (std::size_t core = 0; core < CPU_SETSIZE; ++core) {
            if (CPU_ISSET(core, &set)) {
                cores.push_back(core);
            }
        }
    }
    return cores;
}

// The calling thread, and those that it will start.
inline void bind_to(const std::vector<std::size_t>& cores) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const std::size_t core : cores) {
        CPU_SET(core, &set);
    }
    sched_setaffinity(0, sizeof set, &set);
}

}  // namespace tc::bench
