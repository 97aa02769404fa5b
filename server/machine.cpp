// SPDX-License-Identifier: MIT
//
// libuv 1.44 knows neither the CPU quota nor the memory limit of cgroup v2, so they are read here.
#include "server/machine.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>

namespace tc {

namespace {

// This process's own cgroup: "0::/system.slice/tagcached.service" in /proc/self/cgroup.
std::string cgroup_directory() {
    std::ifstream file("/proc/self/cgroup");
    std::string line;
    while (std::getline(file, line)) {
        if (line.starts_with("0::")) {
            return "/sys/fs/cgroup" + line.substr(3);
        }
    }
    return "/sys/fs/cgroup";
}

// A limit counts in the process's cgroup and in each one above it: calls `read` on their files.
template <typename Read>
void for_each_cgroup_file(const std::string& name, Read read) {
    const std::string top = "/sys/fs/cgroup";
    for (std::string directory = cgroup_directory(); directory.size() >= top.size();
         directory.resize(directory.rfind('/'))) {
        std::ifstream file(std::string(directory).append("/").append(name));
        if (file) {
            read(file);
        }
    }
}

}  // namespace

std::uint32_t usable_core_count() {
    cpu_set_t mask;
    CPU_ZERO(&mask);
    std::uint64_t count = 1;
    if (sched_getaffinity(0, sizeof mask, &mask) == 0) {
        count = static_cast<std::uint64_t>(std::max(1, CPU_COUNT(&mask)));
    }
    for_each_cgroup_file("cpu.max", [&](std::istream& file) {
        std::uint64_t quota_us = 0;
        std::uint64_t period_us = 0;
        if (file >> quota_us >> period_us && quota_us != 0 && period_us != 0) {  // not "max"
            count = std::min(count, (quota_us + period_us - 1) / period_us);
        }
    });
    return static_cast<std::uint32_t>(count);
}

std::uint64_t usable_memory_bytes() {
    std::uint64_t bytes = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
                          static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    for_each_cgroup_file("memory.max", [&](std::istream& file) {
        std::uint64_t limit_bytes = 0;
        if (file >> limit_bytes) {  // not "max"
            bytes = std::min(bytes, limit_bytes);
        }
    });
    return bytes;
}

std::uint64_t raise_open_files_max() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return 1024;
    }
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

}  // namespace tc
