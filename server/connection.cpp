// SPDX-License-Identifier: MIT
#include "server/connection.hpp"

#include <unistd.h>

#include "server/commands.hpp"
#include "server/limits.hpp"
#include "server/reactor.hpp"
#include "server/server.hpp"

namespace tc {

namespace {

constexpr unsigned keepalive_idle_s = 60;

}  // namespace

void Connection::on_write(uv_write_t* request, int status) noexcept {
    of(request->data).sent(status);
}

void Connection::on_shutdown(uv_shutdown_t* request, int status) noexcept {
    if (status < 0) {
        of(request->data).close();
    }
}

void Connection::on_close(uv_handle_t* handle) noexcept {
    Connection& self = of(handle->data);
    ReactorCounters& counters = self.reactor_.own_counters();
    counters.connection_bytes.add(0 - self.counted_bytes_);
    counters.output_bytes_held.add(0 - self.counted_output_bytes_);
    counters.input_bytes_held.add(0 - self.counted_input_bytes_);
    if (self.tls_ != nullptr && self.tls_->is_established()) {
        counters.tls_connections.add(std::uint64_t{0} - 1);
    } else if (self.tls_ != nullptr) {
        counters.tls_handshake_failures.add();
    }
    self.reactor_.count_unauthenticated(self.record_, false);
    self.reactor_.server().source_connections().remove(self.record_.source);
    self.reactor_.remove(self);
}

Connection::Connection(Reactor& reactor, std::uint64_t id, const PeerAddress& peer) noexcept
    : reactor_(reactor), is_unix_(peer.is_unix), unsent_(stream(), this, on_write) {
    record_.id = id;
    record_.address = peer.text;
    record_.connected_at_ms = reactor.now_ms();
    record_.active_at_ms = reactor.now_ms();
    record_.source = peer.source;
    record_.is_remote = peer.is_remote;
    record_.authenticate_until_ms = reactor.now_ms() + limits::authentication_ms_max;
}

void Connection::open(int fd) noexcept {
    count_bytes();
    reactor_.refresh_access(record_);
    int error = 0;
    if (is_unix_) {
        uv_pipe_init(reactor_.loop(), &handle_.pipe, 0);
        error = uv_pipe_open(&handle_.pipe, fd);
    } else {
        uv_tcp_init(reactor_.loop(), &handle_.tcp);
        error = uv_tcp_open(&handle_.tcp, fd);
    }
    handle_.handle.data = this;
    shutdown_request_.data = this;
    if (error != 0) {
        ::close(fd);  // libuv did not take it
        return close();
    }
    if (!is_unix_) {
        // A reply must not wait for the acknowledgement of the one before it.
        uv_tcp_nodelay(&handle_.tcp, 1);
        uv_tcp_keepalive(&handle_.tcp, 1, keepalive_idle_s);
    }
    start_reading();
}

// After each batch: send its replies, then decide how the connection goes on.
void Connection::after_batch() noexcept {
    flush();
    reactor_.note_answered(record_);
    count_bytes();
    if (state_ == State::closing) {
        return;
    }
    if (state_ == State::draining) {
        input_.clear();
        return finish_draining();
    }
    if (is_suspended_) {
        return stop_reading();  // answer() goes on
    }
    if (unsent_.size() >= limits::unsent_bytes_soft) {
        // sent() resumes. Until then neither the kernel nor we take more from this peer.
        reactor_.own_counters().paused_reads.add();
        return stop_reading();
    }
    if (is_more_executable_) {
        // Reading stops too, because libuv would read up to 32 times in this same turn.
        reactor_.own_counters().yields.add();
        stop_reading();
        return reactor_.resume_later(*this, weight_);
    }
    if (is_input_over_) {
        return drain();
    }
    start_reading();
}

void Connection::resume() noexcept {
    if (!is_executing() || is_suspended_) {
        return;
    }
    reactor_.begin_turn();
    go_on();
}

// With what waits: first the frames, then what is still encrypted.
void Connection::go_on() noexcept {
    execute_kept_input();
    if (tls_ != nullptr && is_reading_) {
        decrypt();
        // The poll is over, so nobody else comes by for a read that decrypt() has left pending, and
        // whoever goes on next needs the window.
        reactor_.pending_reads().execute();
    }
}

void Connection::answer(const wire_request& request, Errand& errand) noexcept {
    is_suspended_ = false;
    reactor_.begin_turn();
    if (answer_deferred(reactor_.place_for(record_), request, errand).closes) {
        refuse_rest();
    }
    go_on();
}

// Stop 5: one write for all replies of the batch.
void Connection::flush() noexcept {
    Replies& replies = reactor_.replies();
    if (replies.empty() || state_ == State::closing) {
        return replies.clear();
    }
    if (tls_ != nullptr) {
        return flush_encrypted();
    }
    send(replies);
}

void Connection::send(Replies& batch) noexcept {
    if (batch.empty() || state_ == State::closing) {
        return batch.clear();
    }
    reactor_.share().note_output(batch.size());
    record_.output_bytes.add(batch.size());
    reactor_.own_counters().output_bytes.add(batch.size());
    const bool is_sent = unsent_.send(batch, reactor_.now_ms());
    batch.release_above(limits::replies_buffer_bytes_kept);
    note_unsent();
    if (!is_sent) {
        close();
    }
}

void Connection::note_unsent() noexcept {
    record_.unsent_bytes.store(unsent_.size(), std::memory_order_relaxed);
}

void Connection::sent(int status) noexcept {
    if (state_ == State::closing || status < 0) {
        unsent_.abandon();
        return close();
    }
    const bool goes_on = unsent_.written(reactor_.now_ms());
    note_unsent();
    if (!goes_on) {
        return close();
    }
    count_bytes();
    if (state_ == State::draining) {
        return finish_draining();
    }
    if (is_executing() && !is_reading_ && unsent_.size() < limits::unsent_bytes_soft) {
        reactor_.resume_later(*this, weight_);
    }
}

void Connection::stop() noexcept {
    if (state_ == State::awaiting_preface) {
        refuse_preface(WIRE_REFUSAL_SHUTTING_DOWN);
        after_batch();
    } else {
        drain();
    }
}

// No more input: executes the frames that wait, lets the replies leave, closes.
void Connection::drain() noexcept {
    if (!is_executing()) {
        return;
    }
    is_input_over_ = true;
    stop_reading();
    if (is_more_executable_ || is_suspended_) {
        return;  // resume() or answer() come back here once the frames that wait are executed
    }
    if (has_begun_frame()) {
        reactor_.own_counters().truncated.add();
    }
    if (!has_peer_ended_) {
        refuse_connection(reactor_.place_for(record_), WIRE_SHUTTING_DOWN,
                          "the server is stopping");
    }
    refuse_rest();
    after_batch();
}

// Once nothing is unsent: a peer that has not ended its side is told that we are done and read a
// little longer, because closing with unread input sends a reset, which would overtake the replies.
void Connection::finish_draining() noexcept {
    if (tls_ != nullptr && unsent_.size() == 0) {
        finish_tls();
    }
    if (unsent_.size() != 0 || state_ == State::closing) {
        return;
    }
    state_ = State::lingering;
    if (has_peer_ended_) {
        return close();
    }
    linger_until_ms_ = reactor_.now_ms() + limits::linger_ms_max;
    if (uv_shutdown(&shutdown_request_, stream(), on_shutdown) != 0) {
        return close();
    }
    start_reading();
}

void Connection::close() noexcept {
    if (state_ == State::closing) {
        return;
    }
    state_ = State::closing;
    if (has_pending_read_) {
        reactor_.pending_reads().forget(*this);
    }
    reactor_.forget_resume(*this);
    reactor_.forget_suspended(*this);
    uv_close(&handle_.handle, on_close);
}

void Connection::release_idle_input() noexcept {
    if (input_.empty()) {
        input_.release_above(limits::idle_buffer_bytes_max);
        count_bytes();
    }
}

void Connection::check_deadlines(std::uint64_t now_ms) noexcept {
    release_idle_input();
    if (state_ == State::lingering && now_ms >= linger_until_ms_) {
        close();
    } else if (state_ != State::closing && unsent_.is_reader_slow(now_ms)) {
        reactor_.own_counters().closed_slow.add();
        close();
    } else if (is_handshake_slow(now_ms)) {
        reactor_.own_counters().closed_slow.add();
        close();
    } else if (is_frame_slow(now_ms)) {
        reactor_.own_counters().closed_slow.add();
        refuse_peer(WIRE_TOO_SLOW, "the frame did not arrive in time");
    } else if (is_authentication_late(now_ms)) {
        reactor_.own_counters().closed_slow.add();
        refuse_peer(WIRE_AUTH_REQUIRED, "no successful AUTH in time");
    } else if (is_idle_for_too_long(now_ms)) {
        reactor_.own_counters().closed_idle.add();
        refuse_rest();
        after_batch();
    }
}

// Between requests, with nothing to say to the peer. It is closed as by a server that ends: behind
// the last reply, and without a word.
bool Connection::is_idle_for_too_long(std::uint64_t now_ms) const noexcept {
    const std::uint64_t idle_ms_max = reactor_.server().connection_limits().idle_ms_max();
    if (idle_ms_max == 0 || state_ > State::open || is_suspended_ || has_begun_frame() ||
        unsent_.size() != 0) {
        return false;
    }
    const std::uint64_t active_at_ms = record_.active_at_ms.load(std::memory_order_relaxed);
    return now_ms - std::min(now_ms, std::max(active_at_ms, record_.connected_at_ms)) > idle_ms_max;
}

void Connection::close_over_budget() noexcept {
    reactor_.own_counters().closed_over_budget.add();
    close();
}

void Connection::refuse_over_budget() noexcept {
    reactor_.own_counters().closed_over_budget.add();
    refuse_peer(WIRE_OUT_OF_MEMORY, "too many requests have not arrived whole");
    release_idle_input();
}

void Connection::refuse_peer(wire_status status, std::string_view message) noexcept {
    if (state_ == State::awaiting_preface) {
        refuse_preface(WIRE_REFUSAL_NOT_TAGCACHE);  // no frame may come before a preface
    } else {
        refuse_connection(reactor_.place_for(record_), status, message);
        refuse_rest();
    }
    after_batch();
}

bool Connection::is_authentication_late(std::uint64_t now_ms) noexcept {
    if (!is_executing() || is_suspended_) {
        return false;
    }
    reactor_.recheck_access(record_);
    return record_.user == &AccessTable::nobody() && now_ms >= record_.authenticate_until_ms;
}

bool Connection::has_begun_frame() const noexcept {
    return !input_.empty() || (tls_ != nullptr && tls_->is_within_record());
}

// The frame that the peer began comes in too slowly; how much of it is missing does not matter.
bool Connection::is_frame_slow(std::uint64_t now_ms) const noexcept {
    if (!is_executing() || !is_reading_ || !has_begun_frame()) {
        return false;
    }
    const std::uint64_t frame_ms = now_ms - std::min(now_ms, frame_began_at_ms_);
    return frame_ms > reactor_.server().connection_limits().frame_ms_max() &&
           input_.size() < limits::frame_bytes_per_second_min * frame_ms / 1'000;
}

// Called wherever a buffer may have grown or gone.
void Connection::count_bytes() noexcept {
    const std::size_t bytes = sizeof *this + input_.capacity() + unsent_.capacity() +
                              (tls_ != nullptr ? tls_->memory_bytes() : 0);
    if (bytes != counted_bytes_) {
        // Unsigned, so that adding the difference also takes away.
        reactor_.own_counters().connection_bytes.add(bytes - counted_bytes_);
        counted_bytes_ = bytes;
    }
    const std::size_t output_bytes = unsent_.capacity();
    if (output_bytes != counted_output_bytes_) {
        reactor_.own_counters().output_bytes_held.add(output_bytes - counted_output_bytes_);
        counted_output_bytes_ = output_bytes;
    }
    const std::size_t input_bytes = input_.capacity();
    if (input_bytes != counted_input_bytes_) {
        reactor_.own_counters().input_bytes_held.add(input_bytes - counted_input_bytes_);
        counted_input_bytes_ = input_bytes;
    }
}

void Connection::start_reading() noexcept {
    if (!is_reading_) {
        // While we did not read, the rest of a cut-off frame could not arrive.
        frame_began_at_ms_ = reactor_.now_ms();
        is_reading_ = uv_read_start(stream(), on_alloc, on_read) == 0;
    }
}

void Connection::stop_reading() noexcept {
    if (is_reading_) {
        uv_read_stop(stream());
        is_reading_ = false;
    }
}

}  // namespace tc
