// SPDX-License-Identifier: MIT
//
// Socket addresses as text, for the start line, CLIENT LIST and error messages.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "server/client_record.hpp"

namespace tc {

// "127.0.0.1:1984", "[::1]:1984", "unix:/run/tagcached.sock".
[[nodiscard]] std::string address_text(const sockaddr* address, socklen_t address_bytes);

struct PeerAddress {
    ShortText text;
    bool is_unix = false;
    bool is_remote = false;  // another machine's: neither a Unix socket nor loopback
    // For counting refusals: an IPv4 address, the first half of an IPv6 one, or 0 for this machine.
    std::uint64_t source = 0;
};

// Of the other end of a connected socket.
[[nodiscard]] PeerAddress peer_address(int fd) noexcept;

}  // namespace tc
