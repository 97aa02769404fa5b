// SPDX-License-Identifier: MIT
//
// Stops 1 to 3 of a request's path, the half of a connection that reads.
#include <algorithm>

#include "server/commands.hpp"
#include "server/connection.hpp"
#include "server/limits.hpp"
#include "server/preface.hpp"
#include "server/reactor.hpp"
#include "server/server.hpp"

namespace tc {

namespace {

constexpr WindowShare nothing_parsed = {.requests = {}, .end = WIRE_FRAME_COMPLETE};

uv_buf_t uv_buffer(std::span<std::uint8_t> bytes) noexcept {
    return uv_buf_init(reinterpret_cast<char*>(bytes.data()), static_cast<unsigned>(bytes.size()));
}

}  // namespace

void Connection::on_alloc(uv_handle_t* handle, std::size_t /*suggested*/,
                          uv_buf_t* buffer) noexcept {
    Connection& self = of(handle->data);
    // A small cut-off frame is put in front of what comes, so that frames lie in one piece in the
    // shared buffer; a large one grows in place, by no more than what it has received so far.
    self.is_direct_read_ = self.input_.size() >= limits::direct_read_bytes_min;
    if (self.is_direct_read_) {
        const bool has_room = self.input_.reserve(self.input_.size());
        const auto tail = has_room ? self.input_.tail() : std::span<std::uint8_t>();
        *buffer = uv_buffer(tail.first(std::min(tail.size(), limits::direct_read_bytes_max)));
        return;
    }
    const auto shared = self.reactor_.pending_reads().room();
    const auto kept = self.input_.readable();
    std::copy(kept.begin(), kept.end(), shared.begin());
    *buffer = uv_buffer(shared.subspan(kept.size(), limits::read_bytes_max));
}

void Connection::on_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* /*buffer*/) noexcept {
    Connection& self = of(stream->data);
    if (nread == 0) {
        return;  // libuv's EAGAIN: nothing happened
    }
    if (nread < 0) {
        return self.receive_end(static_cast<int>(nread));
    }
    self.receive(static_cast<std::size_t>(nread));
}

void Connection::receive(std::size_t size_bytes) noexcept {
    record_.input_bytes.add(size_bytes);
    reactor_.own_counters().input_bytes.add(size_bytes);
    if (!is_executing()) {
        return discard(size_bytes);
    }
    PendingReads& reads = reactor_.pending_reads();
    if (is_direct_read_) {
        reads.execute();
        reactor_.begin_turn();
        input_.commit(size_bytes);
        return execute_kept_input();
    }
    const std::size_t kept_bytes = input_.size();
    const std::span<const std::uint8_t> bytes = reads.room().first(kept_bytes + size_bytes);
    if (has_pending_read_) {
        return receive_more(bytes);
    }
    if (kept_bytes == 0) {
        frame_began_at_ms_ = reactor_.now_ms();
    }
    input_.clear();
    if (state_ == State::awaiting_preface) {
        reads.execute();
        reactor_.begin_turn();
        return execute_read(bytes, nothing_parsed);
    }
    has_pending_read_ = true;
    reads.add(*this, bytes.size());
}

// A second read of one poll: libuv reads on while a read fills its buffer, and polls on while it
// has as many events as it takes.
void Connection::receive_more(std::span<const std::uint8_t> bytes) noexcept {
    reactor_.pending_reads().execute();
    if (!is_executing()) {
        return discard(bytes.size());
    }
    if (!input_.append(bytes)) {
        return close();
    }
    if (is_reading_) {
        execute_kept_input();
    }
}

void Connection::execute_read(std::span<const std::uint8_t> bytes,
                              const WindowShare& share) noexcept {
    has_pending_read_ = false;
    record_.active_at_ms.store(reactor_.now_ms(), std::memory_order_relaxed);
    const std::size_t done_bytes = execute_frames(bytes, share);
    if (done_bytes != 0) {
        frame_began_at_ms_ = reactor_.now_ms();
    }
    if (is_executing() && !input_.append(bytes.subspan(done_bytes))) {
        return close();  // no memory to keep the rest of the frame
    }
    after_batch();
}

void Connection::execute_kept_input() noexcept {
    record_.active_at_ms.store(reactor_.now_ms(), std::memory_order_relaxed);
    const std::size_t done_bytes =
        execute_frames(input_.readable(), reactor_.pending_reads().fill_window(input_.readable()));
    input_.consume(done_bytes);
    if (done_bytes != 0) {
        frame_began_at_ms_ = reactor_.now_ms();
    }
    after_batch();
}

void Connection::receive_end(int error) noexcept {
    if (has_pending_read_) {
        reactor_.pending_reads().execute();
    }
    if (error != UV_EOF) {
        return close();  // reset by the peer, or no memory to read into
    }
    if (state_ == State::lingering) {
        return close();  // it has read the refusal, or does not want to
    }
    has_peer_ended_ = true;
    drain();  // half-close: whole frames that wait are still answered, and replies that wait leave
}

// A peer that was refused may still be sending; its bytes are thrown away within bounds.
void Connection::discard(std::size_t size_bytes) noexcept {
    discarded_bytes_ += size_bytes;
    if (discarded_bytes_ > limits::linger_bytes_max) {
        close();
    }
}

// Stops 2 and 3 of the path, a window of requests at a time, the first of which has come along.
// Stops early when the peer owes us reading, because replies in memory are bounded, or when the
// others of this loop should have their turn.
std::size_t Connection::execute_frames(std::span<const std::uint8_t> bytes,
                                       WindowShare share) noexcept {
    std::size_t done_bytes = 0;
    std::uint32_t work = 0;
    is_more_executable_ = false;
    if (state_ == State::awaiting_preface) {
        done_bytes = read_preface(bytes);
    }
    while (state_ == State::open && done_bytes < bytes.size()) {
        done_bytes = execute_share(share, done_bytes, work);
        if (state_ != State::open || is_more_executable_ || share.end == WIRE_FRAME_NEED_MORE) {
            break;
        }
        if (share.end != WIRE_FRAME_COMPLETE) {
            refuse_unparsed(bytes.subspan(done_bytes), share.end);
            break;
        }
        share = reactor_.pending_reads().fill_window(bytes.subspan(done_bytes));
    }
    return done_bytes;
}

// Where the next frame begins cannot be told, so nothing behind this one is executed.
void Connection::refuse_unparsed(std::span<const std::uint8_t> bytes,
                                 wire_frame_result reason) noexcept {
    wire_request header{};
    (void)wire_parse_request({bytes.data(), bytes.size()}, reactor_.server().frame_body_bytes_max(),
                             &header);
    reactor_.own_counters().malformed.add();
    refuse_frame(reactor_.place_for(record_), header, reason);
    refuse_rest();
}

std::size_t Connection::execute_share(const WindowShare& share, std::size_t done_bytes,
                                      std::uint32_t& work) noexcept {
    const CommandPlace place = reactor_.place_for(record_);
    std::uint32_t request_count = 0;
    for (const WindowedRequest& request : share.requests) {
        if (work >= limits::turn_work_max || done_bytes >= limits::turn_input_bytes_max ||
            reactor_.replies().size() + unsent_.size() >= limits::unsent_bytes_soft ||
            reactor_.waits_for_room(request.frame.frame_bytes)) {
            is_more_executable_ = true;
            break;
        }
        done_bytes += request.frame.frame_bytes;
        ++request_count;
        reactor_.note_executed(request.frame.opcode);
        const Executed executed = execute(place, request);
        work += executed.work;
        const bool holds_views = reactor_.replies().has_unpinned();
        if (place.session.should_quiesce(holds_views)) {
            if (holds_views) {
                flush();  // their values leave first
            }
            place.session.quiesce();
        }
        if (executed.closes && state_ == State::open) {
            refuse_rest();
        }
        if (state_ != State::open) {
            break;
        }
    }
    record_.requests.add(request_count);
    reactor_.own_counters().requests.add(request_count);
    return done_bytes;
}

std::size_t Connection::read_preface(std::span<const std::uint8_t> bytes) noexcept {
    wire_client_preface client{};
    switch (wire_decode_client_preface({bytes.data(), bytes.size()}, &client)) {
        case WIRE_FRAME_NEED_MORE: return 0;
        case WIRE_FRAME_COMPLETE: break;
        default:
            reactor_.own_counters().malformed.add();
            refuse_preface(WIRE_REFUSAL_NOT_TAGCACHE);
            return bytes.size();
    }
    const std::uint8_t chosen = wire_choose_version(&client);
    if (chosen == 0) {
        refuse_preface(WIRE_REFUSAL_VERSION);
        return bytes.size();
    }
    if (!reactor_.replies().append(server_preface(chosen, WIRE_REFUSAL_NONE))) {
        close();
        return bytes.size();
    }
    state_ = State::open;
    return WIRE_PREFACE_BYTES;
}

void Connection::refuse_preface(wire_refusal reason) noexcept {
    if (reactor_.replies().append(server_preface(0, reason))) {
        refuse_rest();
    } else {
        close();
    }
}

// Nothing the peer sends from here on is executed; what was said to it still leaves.
void Connection::refuse_rest() noexcept {
    state_ = State::draining;
}

}  // namespace tc
