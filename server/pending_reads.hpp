// SPDX-License-Identifier: MIT
//
// What the reads of one poll brought, until it is executed: once a window of requests is full, or
// the poll is over. So the requests of connections that send one at a time make windows too.
//
// One a reactor, with the buffer that all its connections read into.
//
// Threads: the reactor's only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "server/limits.hpp"
#include "server/request_window.hpp"

namespace tc {

class Connection;
class Reactor;

class PendingReads {
 public:
    // Throws std::bad_alloc.
    explicit PendingReads(Reactor& reactor);

    // Where the next read goes: behind what is pending, with room for the cut-off frame that a
    // connection puts in front of it.
    [[nodiscard]] std::span<std::uint8_t> room() noexcept {
        return std::span{buffer_}.subspan(pending_bytes_);
    }
    // Those bytes, from the start of room(), have come for that connection, which has nothing
    // pending. Its execute_read() is called with them, before this returns or later in the turn.
    void add(Connection& connection, std::size_t size_bytes,
             std::uint32_t frame_body_bytes_max) noexcept;
    void execute() noexcept;
    [[nodiscard]] bool is_empty() const noexcept { return count_ == 0; }
    // The connection is closing. REQUIRES: it has something pending.
    void forget(const Connection& connection) noexcept;

    // For frames that are executed from elsewhere. REQUIRES: nothing is pending, or it is what is
    // being executed and the last of it.
    [[nodiscard]] WindowShare fill_window(std::span<const std::uint8_t> bytes,
                                          std::uint32_t frame_body_bytes_max) noexcept;

 private:
    struct Read {
        Connection* connection = nullptr;
        std::span<const std::uint8_t> bytes;
        WindowShare share;
    };

    Reactor& reactor_;
    RequestWindow window_;
    std::size_t count_ = 0;
    std::size_t pending_bytes_ = 0;
    std::array<Read, RequestWindow::requests_max> reads_;
    std::vector<std::uint8_t> buffer_;
};

}  // namespace tc
