// SPDX-License-Identifier: MIT
//
// Stops 1 to 3 of a request's path, the half of a connection that reads.
#include <algorithm>
#include <cassert>

#include "server/commands.hpp"
#include "server/connection.hpp"
#include "server/limits.hpp"
#include "server/preface.hpp"
#include "server/reactor.hpp"
#include "server/server.hpp"
#include "store/seeded_fault.hpp"

namespace tc {

namespace {

// Of a TLS record that begins a handshake. No preface and no text begins so.
constexpr std::uint8_t tls_first_byte = 0x16;

// When a read comes in, the reactor's clock is still that of its last turn, which may be from
// before the machine slept.
constexpr std::uint64_t in_this_read = 0;
constexpr WindowShare nothing_parsed = {.requests = {}, .end = WIRE_FRAME_COMPLETE};

uv_buf_t uv_buffer(std::span<std::uint8_t> bytes) noexcept {
    return uv_buf_init(reinterpret_cast<char*>(bytes.data()), static_cast<unsigned>(bytes.size()));
}

}  // namespace

void Connection::on_alloc(uv_handle_t* handle, std::size_t /*suggested*/,
                          uv_buf_t* buffer) noexcept {
    Connection& self = of(handle->data);
    *buffer = uv_buffer(self.tls_ != nullptr ? std::span(self.reactor_.tls_buffers().input)
                                             : self.read_room());
}

std::span<std::uint8_t> Connection::read_room() noexcept {
    // A small cut-off frame is put in front of what comes, so that frames lie in one piece in the
    // shared buffer; a large one grows in place, by no more than what it has received so far.
    is_direct_read_ = input_.size() >= limits::direct_read_bytes_min;
    if (is_direct_read_) {
        const bool has_room = input_.reserve(input_.size());
        const auto tail = has_room ? input_.tail() : std::span<std::uint8_t>();
        return tail.first(std::min(tail.size(), limits::direct_read_bytes_max));
    }
    const auto shared = reactor_.pending_reads().room();
    const auto kept = input_.readable();
    std::copy(kept.begin(), kept.end(), shared.begin());
    return shared.subspan(kept.size(), limits::read_bytes_max);
}

void Connection::on_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* /*buffer*/) noexcept {
    Connection& self = of(stream->data);
    if (nread == 0) {
        return;  // libuv's EAGAIN: nothing happened
    }
    if (nread < 0) {
        return self.receive_end(static_cast<int>(nread));
    }
    const auto size_bytes = static_cast<std::size_t>(nread);
    self.record_.input_bytes.add(size_bytes);
    self.reactor_.own_counters().input_bytes.add(size_bytes);
    if (self.tls_ != nullptr) {
        return self.receive_ciphertext(size_bytes);
    }
    self.receive(size_bytes);
}

void Connection::receive(std::size_t size_bytes) noexcept {
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
        frame_began_at_ms_ = in_this_read;
    }
    input_.wipe();  // it may be the first part of a password
    if (state_ == State::awaiting_preface) {
        reads.execute();
        if (tls_ == nullptr && !is_unix_ && kept_bytes == 0 && bytes[0] == tls_first_byte) {
            return start_tls(bytes);
        }
        reactor_.begin_turn();
        return execute_read(bytes, nothing_parsed);
    }
    has_pending_read_ = true;
    reads.add(*this, bytes.size(), frame_body_bytes_max());
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
    if (done_bytes != 0 || frame_began_at_ms_ == in_this_read) {
        frame_began_at_ms_ = reactor_.now_ms();
    }
    if (is_executing() && !input_.append(bytes.subspan(done_bytes))) {
        reactor_.note_answered(record_);
        return close();  // no memory to keep the rest of the frame
    }
    after_batch();
}

void Connection::execute_kept_input() noexcept {
    assert(reactor_.pending_reads().is_empty());  // it shares their window
    record_.active_at_ms.store(reactor_.now_ms(), std::memory_order_relaxed);
    const std::size_t done_bytes = execute_frames(
        input_.readable(),
        reactor_.pending_reads().fill_window(input_.readable(), frame_body_bytes_max()));
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
    const std::uint64_t sent_before = record_.output_bytes.value();
    std::size_t done_bytes = 0;
    std::uint32_t work = 0;
    is_more_executable_ = false;
    if (state_ == State::awaiting_preface) {
        done_bytes = read_preface(bytes);
    }
    while (state_ == State::open && done_bytes < bytes.size()) {
        done_bytes = execute_share(share, done_bytes, work);
        if (state_ != State::open || is_more_executable_ || is_suspended_ ||
            share.end == WIRE_FRAME_NEED_MORE) {
            break;
        }
        if (share.end != WIRE_FRAME_COMPLETE) {
            refuse_unparsed(bytes.subspan(done_bytes), share.end);
            break;
        }
        share =
            reactor_.pending_reads().fill_window(bytes.subspan(done_bytes), frame_body_bytes_max());
    }
    const std::uint64_t reply_bytes =
        record_.output_bytes.value() - sent_before + reactor_.replies().size();
    if (reply_bytes != 0) {
        note_weight(reply_bytes);
    }
    return done_bytes;
}

// Who has to authenticate has nothing long to say before. Nothing behind an AUTH is judged by this:
// it suspends the connection, and what waits is parsed again.
std::uint32_t Connection::frame_body_bytes_max() noexcept {
    reactor_.refresh_access(record_);
    return record_.user == &AccessTable::nobody() ? std::uint32_t{WIRE_FRAME_BODY_BYTES_BEFORE_AUTH}
                                                  : reactor_.request_limits().frame_body_bytes_max;
}

// Where the next frame begins cannot be told, so nothing behind this one is executed.
void Connection::refuse_unparsed(std::span<const std::uint8_t> bytes,
                                 wire_frame_result reason) noexcept {
    wire_request header{};
    const std::uint32_t body_bytes_max = frame_body_bytes_max();
    (void)wire_parse_request({bytes.data(), bytes.size()}, body_bytes_max, &header);
    reactor_.own_counters().malformed.add();
    refuse_frame(reactor_.place_for(record_), header, reason, body_bytes_max);
    refuse_rest();
}

// Who has asked for little once may be one of a crowd that has only said hello.
void Connection::note_weight(std::uint64_t reply_bytes) noexcept {
    const bool was_light = reply_bytes < limits::light_batch_bytes_max;
    light_batches_ = was_light ? std::min(light_batches_ + 1, limits::light_batches_min) : 0;
    weight_ = light_batches_ == limits::light_batches_min ? Weight::light : Weight::heavy;
}

bool Connection::has_had_its_share(std::size_t done_bytes, std::uint32_t work) noexcept {
    const std::size_t reply_bytes = reactor_.replies().size();
    // Nobody knows how light a batch is before it is executed; one that has grown large goes on as
    // a heavy one would, and not while light ones wait.
    const Weight weight = reply_bytes < limits::light_batch_bytes_max ? weight_ : Weight::heavy;
    if (weight != weight_ && reactor_.has_light_waiting()) {
        return true;
    }
    return work >= limits::turn_work_max || done_bytes >= limits::turn_input_bytes_max ||
           reply_bytes + unsent_.size() >= limits::unsent_bytes_soft ||
           reactor_.share().is_used_up(weight);
}

std::size_t Connection::execute_share(const WindowShare& share, std::size_t done_bytes,
                                      std::uint32_t& work) noexcept {
    reactor_.refresh_access(record_);
    const CommandPlace place = reactor_.place_for(record_);
    std::uint32_t request_count = 0;
    for (std::size_t i = 0; i < share.requests.size(); ++i) {
        // A pair changes places when both are there.
        const bool is_swapped = (i ^ 1) < share.requests.size() && seeded(Fault::requests_swapped);
        const WindowedRequest& request = share.requests[is_swapped ? i ^ 1 : i];
        if (has_had_its_share(done_bytes, work) ||
            reactor_.waits_for_room(request.frame.frame_bytes)) {
            is_more_executable_ = true;
            break;
        }
        done_bytes += request.frame.frame_bytes;
        ++request_count;
        const Executed executed = execute(place, request);
        reactor_.note_executed(request.frame, executed.work);
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
        if (executed.is_deferred) {
            is_suspended_ = true;
            reactor_.note_suspended(*this);
            break;
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
    if (tls_ == nullptr && !is_unix_ && reactor_.server().tls().is_required()) {
        refuse_preface(WIRE_REFUSAL_TLS_REQUIRED);
        return bytes.size();
    }
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
