// SPDX-License-Identifier: MIT
//
// Stop 5 of a request's path, the half of a connection that writes: a batch is offered to the
// kernel in one uv_try_write, and what it does not take is kept here and queued, once, because
// libuv 1.44 finishes one write request a turn.
//
// Threads: the reactor's only.
#pragma once

#include <uv.h>

#include <cstddef>
#include <cstdint>

#include "server/replies.hpp"

namespace tc {

class UnsentReplies {
 public:
    // `on_written` is called with a request whose data is the owner, who then calls written().
    UnsentReplies(uv_stream_t* stream, void* owner, uv_write_cb on_written) noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return sending_.size() + waiting_.size(); }
    [[nodiscard]] std::size_t capacity() const noexcept {
        return sending_.capacity() + waiting_.capacity();
    }

    // Leaves the batch empty. False when the connection cannot be written to any more.
    [[nodiscard]] bool send(Replies& batch, std::uint64_t now_ms) noexcept;
    // The request in flight has been written whole; goes on with what has come since. False as for
    // send().
    [[nodiscard]] bool written(std::uint64_t now_ms) noexcept;
    // Nothing leaves any more.
    void abandon() noexcept;

    // Whether the peer has taken too little of late of what waits for it.
    [[nodiscard]] bool is_reader_slow(std::uint64_t now_ms) noexcept;

 private:
    [[nodiscard]] bool send_waiting() noexcept;
    [[nodiscard]] bool send_rest() noexcept;

    uv_stream_t* const stream_;
    const uv_write_cb on_written_;
    Replies waiting_;                   // what the kernel has not been offered yet
    Replies sending_;                   // what is inside the one write request in flight
    std::size_t requested_bytes_ = 0;   // of sending_
    std::uint64_t given_bytes_ = 0;     // ever: to the kernel, or to the request in flight
    std::uint64_t progress_at_ms_ = 0;  // when unsent replies last made progress
    std::int64_t progress_taken_bytes_ = 0;
    uv_write_t request_;
};

}  // namespace tc
