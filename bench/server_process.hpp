// SPDX-License-Identifier: MIT
//
// A server of the comparison as a child of this process: started on a free port of 127.0.0.1,
// looked at through /proc, ended by its pid. It does not outlive its parent, however that ends.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tc::bench {

// The program's path, searched for as a shell does; nothing when it is not installed.
[[nodiscard]] std::optional<std::string> find_program(const std::string& name);

class ServerProcess {
 public:
    // The words of its command line, for a port.
    using Command = std::function<std::vector<std::string>(std::uint16_t port)>;

    // Returns when it accepts connections; throws a std::runtime_error when it does not within ten
    // seconds. `core`: the one it is bound to, or nothing.
    ServerProcess(const Command& command, std::optional<std::size_t> core);
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;
    ~ServerProcess();

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] pid_t pid() const noexcept { return pid_; }

    // What its threads have computed, as the scheduler counts it: in nanoseconds, the kernel's work
    // for them included.
    [[nodiscard]] std::uint64_t cpu_ns() const { return cpu_times().used_ns; }
    struct CpuTimes {
        std::uint64_t used_ns = 0;
        std::uint64_t waited_ns = 0;  // for a core that was somebody else's
    };
    [[nodiscard]] CpuTimes cpu_times() const;
    [[nodiscard]] std::uint64_t resident_bytes() const;

 private:
    [[nodiscard]] bool start(const std::vector<std::string>& words,
                             std::optional<std::size_t> core);
    void end() noexcept;

    pid_t pid_ = -1;
    std::uint16_t port_ = 0;
};

}  // namespace tc::bench
