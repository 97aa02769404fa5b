// SPDX-License-Identifier: MIT
//
// libuv 1.44 knows neither the CPU quota nor the memory limit of cgroup v2, so they are read here.
// Files: the kernel's Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst.
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

// A line of /proc/self/cgroup: hierarchy, controllers and the process's group in it.
//     0::/system.slice/tagcached.service       version 2
//     4:memory:/docker/f00                     version 1
struct Group {
    bool is_found = false;  // the line is about the controller that was asked for
    std::string top;        // where the files of the topmost group are
    std::string path;       // of the process's group below it
};

Group group_in(const std::string& line, const std::string& controller) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) {
        return {};
    }
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string path = line.substr(second + 1);
    if (line.starts_with("0::")) {
        return {true, "/sys/fs/cgroup", path};
    }
    const bool is_found = controllers.find("," + controller + ",") != std::string::npos;
    return {is_found, "/sys/fs/cgroup/" + controller, path};
}

// Calls `read` with the folder of each group that has a say, in both versions: a machine may have
// the one mounted for some controllers and the other for the rest. In a container the path may be
// the host's, of which nothing but the top is to be seen.
template <typename Read>
void for_each_group(const std::string& root, const std::string& controller, Read read) {
    std::ifstream file(root + "/proc/self/cgroup");
    std::string line;
    while (std::getline(file, line)) {
        const Group group = group_in(line, controller);
        if (!group.is_found) {
            continue;
        }
        const std::string top = root + group.top;
        for (std::string folder = top + group.path; folder.size() >= top.size();
             folder.resize(folder.rfind('/'))) {
            read(folder);
        }
    }
}

// Nothing when the file is not there or says "max".
std::optional<std::uint64_t> read_number(const std::string& path) {
    std::ifstream file(path);
    std::uint64_t number = 0;
    return file >> number ? std::optional(number) : std::nullopt;
}

// A quota of CPU time in each period; version 1 says -1 when there is none.
struct CpuQuota {
    std::int64_t quota_us = 0;
    std::int64_t period_us = 0;
};

CpuQuota read_quota(const std::string& folder) {
    CpuQuota quota;
    std::ifstream both(folder + "/cpu.max");
    if (both >> quota.quota_us >> quota.period_us) {
        return quota;
    }
    std::ifstream(folder + "/cpu.cfs_quota_us") >> quota.quota_us;
    std::ifstream(folder + "/cpu.cfs_period_us") >> quota.period_us;
    return quota;
}

}  // namespace

std::uint32_t usable_core_count(const std::string& root) {
    cpu_set_t mask;
    CPU_ZERO(&mask);
    std::int64_t count = 1;
    if (sched_getaffinity(0, sizeof mask, &mask) == 0) {
        count = std::max(1, CPU_COUNT(&mask));
    }
    for_each_group(root, "cpu", [&](const std::string& folder) {
        const CpuQuota quota = read_quota(folder);
        if (quota.quota_us > 0 && quota.period_us > 0) {
            count = std::min(count, (quota.quota_us + quota.period_us - 1) / quota.period_us);
        }
    });
    return static_cast<std::uint32_t>(count);
}

std::uint64_t usable_memory_bytes(const std::string& root) {
    std::uint64_t bytes = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
                          static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    for_each_group(root, "memory", [&](const std::string& folder) {
        for (const char* name : {"/memory.max", "/memory.limit_in_bytes"}) {
            bytes = std::min(bytes, read_number(folder + name).value_or(bytes));
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
