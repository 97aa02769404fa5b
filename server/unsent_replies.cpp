// SPDX-License-Identifier: MIT
#include "server/unsent_replies.hpp"

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>

#include "server/limits.hpp"

namespace tc {

namespace {

// What the kernel has taken from us and, as far as it tells, the peer has not taken from it: for a
// Unix socket whole buffers with what the kernel adds to them.
std::int64_t kernel_unsent_bytes(uv_stream_t* stream) noexcept {
    uv_os_fd_t fd = -1;
    int unsent_bytes = 0;
    if (uv_fileno(reinterpret_cast<const uv_handle_t*>(stream), &fd) != 0 ||
        ioctl(fd, SIOCOUTQ, &unsent_bytes) != 0) {
        return 0;
    }
    return unsent_bytes;
}

// The pieces of what leaves next, and their bytes: all there are, but in a test of partial writes.
struct Offer {
    explicit Offer(Replies& replies) noexcept
        : count(static_cast<unsigned>(replies.pieces(pieces))), bytes(replies.size()) {
        if constexpr (limits::write_bytes_max != SIZE_MAX) {
            count = 1;
            pieces[0].len = std::min(pieces[0].len, limits::write_bytes_max);
            bytes = pieces[0].len;
        }
    }

    std::array<uv_buf_t, Replies::pieces_max> pieces;
    unsigned count;
    std::size_t bytes;
};

}  // namespace

UnsentReplies::UnsentReplies(uv_stream_t* stream, void* owner, uv_write_cb on_written) noexcept
    : stream_(stream), on_written_(on_written) {
    request_.data = owner;
}

bool UnsentReplies::send(Replies& batch, std::uint64_t now_ms) noexcept {
    given_bytes_ += batch.size();
    if (size() == 0) {
        Offer offer(batch);
        const int sent_bytes = uv_try_write(stream_, offer.pieces.data(), offer.count);
        if (sent_bytes < 0 && sent_bytes != UV_EAGAIN) {
            batch.clear();
            return false;
        }
        batch.consume(sent_bytes > 0 ? static_cast<std::size_t>(sent_bytes) : 0);
        progress_at_ms_ = now_ms;
    }
    const bool is_kept = batch.empty() || waiting_.take(batch);
    batch.clear();
    return is_kept && send_waiting();
}

bool UnsentReplies::send_waiting() noexcept {
    if (!sending_.empty() || waiting_.empty()) {
        return true;
    }
    sending_.swap(waiting_);
    return send_rest();
}

bool UnsentReplies::send_rest() noexcept {
    Offer offer(sending_);
    requested_bytes_ = offer.bytes;
    return uv_write(&request_, stream_, offer.pieces.data(), offer.count, on_written_) == 0;
}

bool UnsentReplies::written(std::uint64_t now_ms) noexcept {
    progress_at_ms_ = now_ms;
    sending_.consume(requested_bytes_);
    if (!sending_.empty()) {
        return send_rest();
    }
    sending_.clear();
    sending_.release_above(limits::idle_buffer_bytes_max);
    return send_waiting();
}

void UnsentReplies::abandon() noexcept {
    sending_.clear();
    waiting_.clear();
}

bool UnsentReplies::is_reader_slow(std::uint64_t now_ms) noexcept {
    if (size() == 0) {
        return false;
    }
    const auto handed_bytes = static_cast<std::int64_t>(given_bytes_ - waiting_.size() -
                                                        uv_stream_get_write_queue_size(stream_));
    const std::int64_t taken_bytes = handed_bytes - kernel_unsent_bytes(stream_);
    if (taken_bytes - progress_taken_bytes_ >= limits::progress_bytes_min) {
        progress_taken_bytes_ = taken_bytes;
        progress_at_ms_ = now_ms;
    }
    return now_ms - progress_at_ms_ > limits::progress_ms_max;
}

}  // namespace tc
