// SPDX-License-Identifier: MIT
//
// The server's process, when it runs on this machine: what it computes and what memory it has, from
// the kernel, which is right also when the server is too busy to tell.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace tc {

class ServerProcess {
 public:
    // Nobody, when the address is that of another machine or no such process runs here.
    ServerProcess(std::string_view address, std::uint64_t process_id);

    [[nodiscard]] bool is_here() const noexcept { return process_id_ != 0; }
    // User and system time of all its threads.
    [[nodiscard]] std::optional<std::uint64_t> cpu_ns() const noexcept;
    [[nodiscard]] std::optional<std::uint64_t> resident_bytes() const;

 private:
    pid_t process_id_ = 0;
};

}  // namespace tc
