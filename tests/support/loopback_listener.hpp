// SPDX-License-Identifier: MIT
//
// A listening socket on a free port of 127.0.0.1, for servers that tests play themselves.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace tc::test {

class LoopbackListener {
 public:
    LoopbackListener() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof name;
        auto* generic = reinterpret_cast<sockaddr*>(&name);
        if (bind(fd_, generic, size) != 0 || listen(fd_, 8) != 0 ||
            getsockname(fd_, generic, &size) != 0) {
            throw std::runtime_error("no loopback socket");
        }
        port_ = ntohs(name.sin_port);
    }
    LoopbackListener(const LoopbackListener&) = delete;
    LoopbackListener& operator=(const LoopbackListener&) = delete;
    ~LoopbackListener() { close(fd_); }

    [[nodiscard]] int fd() const { return fd_; }
    [[nodiscard]] int port() const { return port_; }
    // Wakes a thread that accepts; nobody is accepted any more.
    void stop() { shutdown(fd_, SHUT_RDWR); }

 private:
    int fd_;
    int port_ = 0;
};

}  // namespace tc::test
