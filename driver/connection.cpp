// SPDX-License-Identifier: MIT
#include "driver/connection.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "driver/clocks.hpp"

namespace tc::driver {

Connection::Connection(const Endpoint& endpoint, std::unique_ptr<Protocol> protocol,
                       std::uint32_t pipeline_depth, std::uint32_t timeout_ms)
    : fd_(connect_socket(endpoint, timeout_ms)),
      protocol_(std::move(protocol)),
      window_(pipeline_depth) {
    try {
        shake_hands(timeout_ms);
    } catch (...) {
        close();
        throw;
    }
}

void Connection::shake_hands(std::uint32_t timeout_ms) {
    constexpr std::uint64_t ns_per_ms = 1'000'000;
    const std::uint64_t deadline_ns = now_ns() + timeout_ms * ns_per_ms;
    Completions none;
    send();
    while (is_open() && !protocol_->is_ready()) {
        const std::uint64_t now = now_ns();
        if (now >= deadline_ns) {
            throw std::runtime_error("the server does not answer");
        }
        const short events = has_unsent_ ? POLLIN | POLLOUT : POLLIN;
        pollfd entry{.fd = fd_, .events = events, .revents = 0};
        (void)poll(&entry, 1, static_cast<int>((deadline_ns - now) / ns_per_ms) + 1);
        if ((entry.revents & ~POLLOUT) != 0) {
            receive(none);
        }
        if (is_open()) {
            send();
        }
    }
    if (!is_open()) {
        throw std::runtime_error(failure());
    }
}

std::uint64_t Connection::receive(Completions& completions) noexcept {
    // So that one connection with large values does not keep the others waiting.
    constexpr int reads_max = 16;
    std::uint64_t received = 0;
    for (int i = 0; i < reads_max && is_open(); ++i) {
        const std::span<std::uint8_t> room = protocol_->room();
        const ssize_t size = recv(fd_, room.data(), room.size(), 0);
        if (size <= 0) {
            if (size == 0) {
                end("the server closed the connection");
            } else if (errno != EAGAIN && errno != EINTR) {
                end(nullptr);
            }
            break;
        }
        received += static_cast<std::uint64_t>(size);
        if (!protocol_->received(static_cast<std::size_t>(size), completions)) {
            end("the answer makes no sense");
        }
        // A short read has emptied the socket: no need to ask it.
        if (static_cast<std::size_t>(size) < room.size()) {
            break;
        }
    }
    return received;
}

std::uint64_t Connection::send() noexcept {
    is_fed = false;
    std::uint64_t sent = 0;
    while (is_open()) {
        const std::span<const std::uint8_t> output = protocol_->output();
        has_unsent_ = !output.empty();
        if (!has_unsent_) {
            break;
        }
        const ssize_t size = ::send(fd_, output.data(), output.size(), MSG_NOSIGNAL);
        if (size < 0) {
            if (errno == EINTR) {
                continue;
            }
            if (errno != EAGAIN) {
                end(nullptr);
            }
            break;
        }
        sent += static_cast<std::uint64_t>(size);
        protocol_->sent(static_cast<std::size_t>(size));
    }
    return sent;
}

// Without a reason it is that of errno.
void Connection::end(const char* reason) noexcept {
    failure_ = reason != nullptr ? reason : std::generic_category().message(errno);
    close();
}

void Connection::close() noexcept {
    if (is_open()) {
        ::close(fd_);
        fd_ = -1;
    }
}

std::string Connection::failure() const {
    const std::string of_protocol = protocol_->failure();
    return of_protocol.empty() ? failure_ : of_protocol;
}

}  // namespace tc::driver
