// SPDX-License-Identifier: MIT
//
// One listening socket, TCP or Unix, on the main loop. Accepted sockets go to the server, which
// gives each to a reactor. Accepting is done here and not by libuv, because libuv 1.44 accepts
// without a bound until the queue is empty and, out of file descriptors, closes what it accepted.
#pragma once

#include <uv.h>

#include <cstdint>
#include <memory>
#include <string>

namespace tc {

class Server;

class Listener {
 public:
    // Each throws std::runtime_error with the address and the reason.
    static std::unique_ptr<Listener> on_tcp(Server& server, const std::string& address,
                                            std::uint16_t port);
    static std::unique_ptr<Listener> on_unix(Server& server, const std::string& path);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    void start(uv_loop_t* loop);
    // Stops listening; the handles are closed when the loop has turned once more.
    void close() noexcept;

    [[nodiscard]] const std::string& address() const noexcept { return address_; }
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }  // 0 for a Unix socket

 private:
    Listener(Server& server, int fd, std::string unix_path);

    void accept_some() noexcept;
    void close_socket() noexcept;
    void pause() noexcept;
    void poll() noexcept;

    Server& server_;
    int fd_;
    std::string unix_path_;  // removed at the end; empty for TCP
    std::string address_;
    std::uint16_t port_ = 0;
    bool is_started_ = false;
    uv_poll_t poll_{};
    uv_timer_t pause_timer_{};
};

}  // namespace tc
