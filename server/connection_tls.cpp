// SPDX-License-Identifier: MIT
//
// The part of a connection that stands between the socket and the other two when its first byte is
// that of a TLS handshake: what is read is decrypted to where the kernel would have put plaintext,
// and a batch is encrypted as a whole before it is sent.
#include <algorithm>
#include <array>

#include "server/clock.hpp"
#include "server/connection.hpp"
#include "server/limits.hpp"
#include "server/reactor.hpp"
#include "server/server.hpp"

namespace tc {

namespace {

// A fatal alert, handshake_failure: all that can be said in TLS by who has no certificate.
constexpr std::array<std::uint8_t, 7> handshake_failure_alert = {0x15, 0x03, 0x03, 0x00,
                                                                 0x02, 0x02, 0x28};

}  // namespace

void Connection::start_tls(std::span<const std::uint8_t> first) noexcept {
    reactor_.begin_turn();
    const TlsContext context = reactor_.server().tls().current();
    if (context == nullptr) {
        reactor_.own_counters().tls_handshake_failures.add();
        if (!reactor_.replies().append(handshake_failure_alert)) {
            return close();
        }
        refuse_rest();
        return after_batch();
    }
    tls_ = TlsStream::open(context, boot_time_ms());
    if (tls_ == nullptr) {
        return close();
    }
    const std::span<std::uint8_t> input = reactor_.tls_buffers().input;
    std::copy(first.begin(), first.end(), input.begin());
    receive_ciphertext(first.size());
}

void Connection::receive_ciphertext(std::size_t size_bytes) noexcept {
    if (!is_executing()) {
        return discard(size_bytes);
    }
    if (input_.empty() && !tls_->is_within_record()) {
        // Not the reactor's clock, which may be from before the machine slept.
        frame_began_at_ms_ = boot_time_ms();
    }
    const std::span<const std::uint8_t> input = reactor_.tls_buffers().input;
    if (!tls_->offer(input.first(size_bytes))) {
        return close();
    }
    decrypt();
}

// As libuv reads: until there is no more, or the batch that a read made has stopped the reading.
// Then resume() goes on.
void Connection::decrypt() noexcept {
    TlsStream::State state = TlsStream::State::has_more;
    while (state == TlsStream::State::has_more && is_reading_ && is_executing()) {
        const std::span<std::uint8_t> room = read_room();
        if (room.empty()) {
            return close();  // no memory to read into
        }
        const bool was_established = tls_->is_established();
        const TlsStream::Read read = tls_->read(room, reactor_.tls_buffers().output);
        state = read.state;
        if (tls_->is_established() && !was_established) {
            reactor_.own_counters().tls_handshakes.add();
            reactor_.own_counters().tls_connections.add();
            record_.is_encrypted = true;
            reactor_.authenticate_by_certificate(record_, tls_->peer_name());
        }
        send(reactor_.tls_buffers().output);
        if (read.size_bytes != 0) {
            receive(read.size_bytes);
        }
    }
    if (!tls_->keep_rest()) {
        return close();
    }
    if (state == TlsStream::State::ended && is_executing()) {
        receive_end(UV_EOF);
    } else if (state == TlsStream::State::failed && is_executing()) {
        fail_tls();
    }
}

// What the peer is to know about it, an alert, is on its way.
void Connection::fail_tls() noexcept {
    if (tls_->is_established()) {
        reactor_.own_counters().malformed.add();
    }
    if (has_pending_read_) {
        reactor_.pending_reads().execute();
    }
    if (is_executing()) {
        refuse_rest();
        after_batch();
    }
}

void Connection::flush_encrypted() noexcept {
    Replies& replies = reactor_.replies();
    if (!tls_->is_established()) {
        return replies.clear();  // a refusal that nobody could read
    }
    if (!tls_->write(replies, reactor_.tls_buffers().output)) {
        replies.clear();
        reactor_.tls_buffers().output.clear();
        return close();
    }
    replies.release_above(limits::replies_buffer_bytes_kept);
    send(reactor_.tls_buffers().output);
}

void Connection::finish_tls() noexcept {
    tls_->finish(reactor_.tls_buffers().output);
    send(reactor_.tls_buffers().output);
}

bool Connection::is_handshake_slow(std::uint64_t now_ms) const noexcept {
    return tls_ != nullptr && !tls_->is_established() && is_executing() &&
           now_ms - tls_->began_at_ms() > limits::tls_handshake_ms_max;
}

}  // namespace tc
