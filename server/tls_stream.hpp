// SPDX-License-Identifier: MIT
//
// One connection's TLS, without a socket: ciphertext in, plaintext out; plaintext in, ciphertext
// out. OpenSSL reads from the bytes that it is offered and writes behind an output that the reactor
// lends for the call, so a connection that is idle holds neither.
//
// Threads: the reactor's only.
#pragma once

#include <openssl/ssl.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "server/byte_buffer.hpp"
#include "server/limits.hpp"
#include "server/replies.hpp"
#include "server/tls_context.hpp"

namespace tc {

// What the connections of a reactor share.
struct TlsBuffers {
    std::array<std::uint8_t, limits::read_bytes_max> input;  // one read of the kernel
    Replies output;  // what is on its way out; empty between two connections' use of it
};

class TlsStream {
 public:
    // Null when there is no memory. REQUIRES: context is not null.
    [[nodiscard]] static std::unique_ptr<TlsStream> open(const TlsContext& context,
                                                         std::uint64_t now_ms) noexcept;
    TlsStream(const TlsStream&) = delete;
    TlsStream& operator=(const TlsStream&) = delete;
    ~TlsStream() = default;

    enum class State : std::uint8_t {
        has_more,  // the room is full
        starved,   // all that was offered has been taken
        ended,     // the peer has said that it sends no more
        failed,    // nothing comes any more, and nothing can be sent
    };
    struct Read {
        std::size_t size_bytes;  // of plaintext, also in front of an end or a failure
        State state;
    };

    // Ciphertext from the peer, a view until keep_rest(). False when there is no memory.
    [[nodiscard]] bool offer(std::span<const std::uint8_t> ciphertext) noexcept;
    // Shakes hands, then fills the room with plaintext. The output may get bytes in any state.
    [[nodiscard]] Read read(std::span<std::uint8_t> room, Replies& output) noexcept;
    // What has not been taken is copied, for later read()s. False when there is no memory for it.
    [[nodiscard]] bool keep_rest() noexcept;
    // Encrypts a batch, which is empty then. False when that failed. REQUIRES: is_established().
    [[nodiscard]] bool write(Replies& batch, Replies& output) noexcept;
    // Says that nothing follows; once, if that can be said.
    void finish(Replies& output) noexcept;

    [[nodiscard]] bool is_established() const noexcept { return is_established_; }
    // A record, or a handshake, has begun and is not complete.
    [[nodiscard]] bool is_within_record() const noexcept;
    [[nodiscard]] std::uint64_t began_at_ms() const noexcept { return began_at_ms_; }
    [[nodiscard]] std::size_t memory_bytes() const noexcept;
    // Who the peer has proven to be: the common name of its certificate, which our CA has signed,
    // or else the first of its DNS names. Empty when it has shown none.
    [[nodiscard]] std::string_view peer_name() const noexcept {
        return {peer_name_.data(), peer_name_bytes_};
    }

 private:
    struct FreeSsl {
        void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
    };

    explicit TlsStream(std::uint64_t now_ms) noexcept : began_at_ms_(now_ms) {}

    static int on_bio_read(BIO* bio, char* data, int size) noexcept;
    static int on_bio_write(BIO* bio, const char* data, int size) noexcept;
    static long on_bio_control(BIO* bio, int command, long number, void* pointer) noexcept;
    [[nodiscard]] static const BIO_METHOD* bio_method() noexcept;

    [[nodiscard]] State state_after(int result) noexcept;
    void note_peer_name() noexcept;

    std::unique_ptr<SSL, FreeSsl> ssl_;
    std::span<const std::uint8_t> offered_;
    ByteBuffer kept_;            // ciphertext that back-pressure or fairness left
    Replies* output_ = nullptr;  // during a call
    const std::uint64_t began_at_ms_;
    bool is_established_ = false;
    bool has_failed_ = false;
    std::uint8_t peer_name_bytes_ = 0;
    std::array<char, 255> peer_name_{};
};

}  // namespace tc
