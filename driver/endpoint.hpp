// SPDX-License-Identifier: MIT
//
// Where a server listens, and a socket that is connected to it.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

namespace tc::driver {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;
};
// A name may stand for several; they are tried in order.
using Endpoint = std::vector<SocketAddress>;

// These throw a std::runtime_error that says what failed and why.
[[nodiscard]] Endpoint tcp_endpoint(const std::string& host, std::uint16_t port);
[[nodiscard]] Endpoint unix_endpoint(const std::string& path);
// A socket that does not block, without Nagle's delay. The caller closes it.
[[nodiscard]] int connect_socket(const Endpoint& endpoint, std::uint32_t timeout_ms);

// So many connections may be more files than this process is allowed to open at first.
void raise_open_files_limit() noexcept;

}  // namespace tc::driver
