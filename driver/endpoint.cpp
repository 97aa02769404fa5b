// SPDX-License-Identifier: MIT
#include "driver/endpoint.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <system_error>

namespace tc::driver {
namespace {

std::string error_text(int error) {
    return std::generic_category().message(error);
}

// 0, or an error number.
int wait_until_connected(int fd, std::uint32_t timeout_ms) {
    pollfd entry{.fd = fd, .events = POLLOUT, .revents = 0};
    const int ready = poll(&entry, 1, static_cast<int>(timeout_ms));
    if (ready <= 0) {
        return ready == 0 ? ETIMEDOUT : errno;
    }
    int error = 0;
    socklen_t size = sizeof error;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

int connect_to(int fd, const SocketAddress& address, std::uint32_t timeout_ms) {
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.size) == 0) {
        return 0;
    }
    return errno == EINPROGRESS ? wait_until_connected(fd, timeout_ms) : errno;
}

}  // namespace

Endpoint tcp_endpoint(const std::string& host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
    if (error != 0) {
        throw std::runtime_error(host + ": " + gai_strerror(error));
    }
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
    Endpoint endpoint;
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
        SocketAddress address;
        address.size = each->ai_addrlen;
        std::memcpy(&address.storage, each->ai_addr, each->ai_addrlen);
        endpoint.push_back(address);
    }
    return endpoint;
}

Endpoint unix_endpoint(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        throw std::runtime_error(path + ": too long for the path of a socket");
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    SocketAddress generic;
    generic.size = sizeof address;
    std::memcpy(&generic.storage, &address, sizeof address);
    return {generic};
}

int connect_socket(const Endpoint& endpoint, std::uint32_t timeout_ms) {
    int error = EADDRNOTAVAIL;
    for (const SocketAddress& address : endpoint) {
        const int fd =
            socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0) {
            throw std::runtime_error("cannot open a socket: " + error_text(errno));
        }
        error = connect_to(fd, address, timeout_ms);
        if (error == 0) {
            // Not for a Unix socket, which has no such delay.
            const int on = 1;
            (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            return fd;
        }
        close(fd);
    }
    throw std::runtime_error("cannot connect: " + error_text(error));
}

void raise_open_files_limit() noexcept {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

}  // namespace tc::driver
