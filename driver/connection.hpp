// SPDX-License-Identifier: MIT
//
// One connection: a socket, the protocol that is spoken over it, and the operations on their way.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "driver/endpoint.hpp"
#include "driver/protocol.hpp"
#include "driver/window.hpp"

namespace tc::driver {

class Connection {
 public:
    // Connects and lets the protocol shake hands; throws a std::runtime_error that says what
    // failed.
    Connection(const Endpoint& endpoint, std::unique_ptr<Protocol> protocol,
               std::uint32_t pipeline_depth, std::uint32_t timeout_ms);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() { close(); }

    // Reads what is there, and appends what it completes. Returns how many bytes; after the end of
    // the connection is_open() is false.
    std::uint64_t receive(Completions& completions) noexcept;
    // Sends what the kernel takes; has_unsent() tells whether that was all.
    std::uint64_t send() noexcept;
    void close() noexcept;

    [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }
    [[nodiscard]] bool has_unsent() const noexcept { return has_unsent_; }
    [[nodiscard]] int fd() const noexcept { return fd_; }
    [[nodiscard]] Protocol& protocol() noexcept { return *protocol_; }
    [[nodiscard]] Window& window() noexcept { return window_; }
    // Why it ended.
    [[nodiscard]] std::string failure() const;

    // Whether the thread's epoll was told to wait until it can be written to.
    bool waits_for_write = false;
    // Whether operations were appended since the last send().
    bool is_fed = false;

 private:
    void shake_hands(std::uint32_t timeout_ms);
    void end(const char* reason) noexcept;

    int fd_;
    std::unique_ptr<Protocol> protocol_;
    Window window_;
    bool has_unsent_ = false;
    std::string failure_;
};

}  // namespace tc::driver
