// SPDX-License-Identifier: MIT
#include "server/peer_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdio>
#include <cstring>

namespace tc {

namespace {

// Writes into a fixed buffer, because a reactor calls it for each connection.
void write_address(const sockaddr_storage& address, socklen_t address_bytes, char* text,
                   std::size_t text_bytes) noexcept {
    char host[INET6_ADDRSTRLEN] = "?";
    if (address.ss_family == AF_INET) {
        const auto& ip = reinterpret_cast<const sockaddr_in&>(address);
        inet_ntop(AF_INET, &ip.sin_addr, host, sizeof host);
        std::snprintf(text, text_bytes, "%s:%u", host, static_cast<unsigned>(ntohs(ip.sin_port)));
    } else if (address.ss_family == AF_INET6) {
        const auto& ip = reinterpret_cast<const sockaddr_in6&>(address);
        inet_ntop(AF_INET6, &ip.sin6_addr, host, sizeof host);
        std::snprintf(text, text_bytes, "[%s]:%u", host,
                      static_cast<unsigned>(ntohs(ip.sin6_port)));
    } else {
        const auto& local = reinterpret_cast<const sockaddr_un&>(address);
        const bool is_named = address_bytes > offsetof(sockaddr_un, sun_path);
        std::snprintf(text, text_bytes, "unix:%s", is_named ? local.sun_path : "");
    }
}

bool is_loopback(const in_addr& ip) noexcept {
    return ntohl(ip.s_addr) >> 24 == 127;
}

void set_source(const sockaddr_storage& address, PeerAddress& peer) noexcept {
    if (address.ss_family == AF_INET) {
        const auto& ip = reinterpret_cast<const sockaddr_in&>(address).sin_addr;
        peer.is_remote = !is_loopback(ip);
        peer.source = peer.is_remote ? ip.s_addr : 0;
    } else if (address.ss_family == AF_INET6) {
        const auto& ip = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
        in_addr mapped{};
        std::memcpy(&mapped, ip.s6_addr + 12, sizeof mapped);
        const bool is_ipv4 = IN6_IS_ADDR_V4MAPPED(&ip);
        peer.is_remote = is_ipv4 ? !is_loopback(mapped) : !IN6_IS_ADDR_LOOPBACK(&ip);
        if (peer.is_remote) {
            std::memcpy(&peer.source, ip.s6_addr, sizeof peer.source);
            peer.source = is_ipv4 ? mapped.s_addr : peer.source;
        }
    }
}

}  // namespace

std::string address_text(const sockaddr* address, socklen_t address_bytes) {
    sockaddr_storage storage{};
    std::memcpy(&storage, address, address_bytes);
    char text[sizeof(sockaddr_un) + 8];
    write_address(storage, address_bytes, text, sizeof text);
    return text;
}

PeerAddress peer_address(int fd) noexcept {
    PeerAddress peer;
    sockaddr_storage address{};
    socklen_t address_bytes = sizeof address;
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&address), &address_bytes) != 0) {
        peer.is_remote = true;  // gone already, so it does not matter; the first read finds out
        return peer;
    }
    char text[sizeof(sockaddr_un) + 8];
    write_address(address, address_bytes, text, sizeof text);
    peer.text.assign(text);
    peer.is_unix = address.ss_family == AF_UNIX;
    set_source(address, peer);
    return peer;
}

}  // namespace tc
