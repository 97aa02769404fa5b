// SPDX-License-Identifier: MIT
#include "cli/bench_server.hpp"

#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <string>

namespace tc {
namespace {

std::string process_file(pid_t process_id, const char* name) {
    return "/proc/" + std::to_string(process_id) + "/" + name;
}

// A forwarded port or a container's socket may lead to a process whose id means another one here.
bool is_tagcached(pid_t process_id) {
    std::ifstream file(process_file(process_id, "comm"));
    std::string name;
    return std::getline(file, name) && name == "tagcached";
}

bool is_of_this_machine(std::string_view address) {
    const std::string_view host = address.substr(std::min(address.find("://"), address.size()));
    return address.starts_with("unix://") || host.starts_with("://127.") ||
           host.starts_with("://localhost:") || host.starts_with("://[::1]:");
}

}  // namespace

ServerProcess::ServerProcess(std::string_view address, std::uint64_t process_id) {
    const auto candidate = static_cast<pid_t>(process_id);
    if (candidate > 0 && is_of_this_machine(address) && is_tagcached(candidate)) {
        process_id_ = candidate;
    }
}

std::optional<std::uint64_t> ServerProcess::cpu_ns() const noexcept {
    clockid_t clock{};
    timespec time{};
    if (!is_here() || clock_getcpuclockid(process_id_, &clock) != 0 ||
        clock_gettime(clock, &time) != 0) {
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
           static_cast<std::uint64_t>(time.tv_nsec);
}

std::optional<std::uint64_t> ServerProcess::resident_bytes() const {
    std::uint64_t all_pages = 0;
    std::uint64_t resident_pages = 0;
    if (!is_here() ||
        !(std::ifstream(process_file(process_id_, "statm")) >> all_pages >> resident_pages)) {
        return std::nullopt;
    }
    return resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace tc
