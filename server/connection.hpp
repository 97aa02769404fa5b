// SPDX-License-Identifier: MIT
//
// One client, on one reactor for life. Bytes come in through the reactor's read buffer
// (pending_reads.hpp), whole frames are executed where they lie, a cut-off tail is kept here; all
// replies of a batch leave together (unsent_replies.hpp).
//
//     awaiting_preface -> open -> draining -> (lingering) -> closing -> freed in the close callback
//
// awaiting_preface: nothing is executed yet. open: frames are. draining: no frame is executed any
// more, unsent replies leave. lingering: everything has left, and the peer is given time to read
// it. Any state may go to closing at once when the peer is gone.
//
// Threads: the reactor's only.
#pragma once

#include <uv.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "protocol/frame.h"
#include "server/byte_buffer.hpp"
#include "server/client_record.hpp"
#include "server/peer_address.hpp"
#include "server/request_window.hpp"
#include "server/resume_queue.hpp"
#include "server/tls_stream.hpp"
#include "server/turn_share.hpp"
#include "server/unsent_replies.hpp"

namespace tc {

class Errand;
class Reactor;

class Connection {
 public:
    Connection(Reactor& reactor, std::uint64_t id, const PeerAddress& peer) noexcept;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Takes the accepted socket over and reads; closes at once when libuv cannot. Called once.
    void open(int fd) noexcept;

    // Runs what a read brought, whose first frames are in a window already. Called by PendingReads.
    void execute_read(std::span<const std::uint8_t> bytes, const WindowShare& share) noexcept;
    // Runs frames that fairness or back-pressure left, then reads again. Called by the reactor.
    void resume() noexcept;
    // Answers the request that it was suspended by, and goes on behind it. Called by the reactor.
    void answer(const wire_request& request, Errand& errand) noexcept;
    // Closes a peer that has broken a deadline. Called by the reactor about once a second.
    void check_deadlines(std::uint64_t now_ms) noexcept;
    // Graceful stop: executes what has arrived, sends the replies, says why, closes.
    void stop() noexcept;
    void close() noexcept;
    // For the memory that its unread replies take.
    void close_over_budget() noexcept;
    // For that of its cut-off request. It is told: nothing of the request has been done.
    void refuse_over_budget() noexcept;
    [[nodiscard]] std::size_t output_bytes_held() const noexcept { return counted_output_bytes_; }
    // What a request takes that has not arrived whole: not those that wait for their turn.
    [[nodiscard]] std::size_t awaited_input_bytes() const noexcept {
        return is_reading_ && is_executing() ? counted_input_bytes_ : 0;
    }
    // Of the request that has not arrived whole.
    [[nodiscard]] std::uint64_t frame_began_at_ms() const noexcept { return frame_began_at_ms_; }
    // Gives back the memory for requests when none is there.
    void release_idle_input() noexcept;
    [[nodiscard]] bool is_closing() const noexcept { return state_ == State::closing; }

    [[nodiscard]] ClientRecord& record() noexcept { return record_; }
    // As TlsStream::peer_name(); empty without TLS.
    [[nodiscard]] std::string_view tls_peer_name() const noexcept {
        return tls_ != nullptr ? tls_->peer_name() : std::string_view();
    }

    // Positions in the reactor's lists; the reactor's to change.
    static constexpr std::size_t no_index = SIZE_MAX;
    std::size_t list_index = 0;
    std::size_t suspended_index = no_index;
    ResumePlace resume_place;

 private:
    enum class State : std::uint8_t { awaiting_preface, open, draining, lingering, closing };

    // What libuv's handles and requests have for data.
    [[nodiscard]] static Connection& of(void* data) noexcept {
        return *static_cast<Connection*>(data);
    }
    static void on_alloc(uv_handle_t* handle, std::size_t suggested, uv_buf_t* buffer) noexcept;
    static void on_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buffer) noexcept;
    static void on_write(uv_write_t* request, int status) noexcept;
    static void on_shutdown(uv_shutdown_t* request, int status) noexcept;
    static void on_close(uv_handle_t* handle) noexcept;

    [[nodiscard]] uv_stream_t* stream() noexcept { return &handle_.stream; }
    [[nodiscard]] bool is_executing() const noexcept { return state_ <= State::open; }

    [[nodiscard]] std::span<std::uint8_t> read_room() noexcept;
    void receive(std::size_t size_bytes) noexcept;
    void receive_more(std::span<const std::uint8_t> bytes) noexcept;
    void receive_end(int error) noexcept;
    void discard(std::size_t size_bytes) noexcept;
    // Each returns how many of the bytes were dealt with.
    [[nodiscard]] std::size_t execute_frames(std::span<const std::uint8_t> bytes,
                                             WindowShare share) noexcept;
    [[nodiscard]] std::size_t execute_share(const WindowShare& share, std::size_t done_bytes,
                                            std::uint32_t& work) noexcept;
    [[nodiscard]] std::uint32_t frame_body_bytes_max() noexcept;
    void refuse_unparsed(std::span<const std::uint8_t> bytes, wire_frame_result reason) noexcept;
    [[nodiscard]] std::size_t read_preface(std::span<const std::uint8_t> bytes) noexcept;
    void refuse_preface(wire_refusal reason) noexcept;
    void refuse_rest() noexcept;
    [[nodiscard]] bool is_authentication_late(std::uint64_t now_ms) noexcept;
    void refuse_peer(wire_status status, std::string_view message) noexcept;
    void note_weight(std::uint64_t reply_bytes) noexcept;
    [[nodiscard]] bool has_had_its_share(std::size_t done_bytes, std::uint32_t work) noexcept;
    void execute_kept_input() noexcept;
    void go_on() noexcept;
    void after_batch() noexcept;
    void drain() noexcept;

    void start_tls(std::span<const std::uint8_t> first) noexcept;
    void receive_ciphertext(std::size_t size_bytes) noexcept;
    void decrypt() noexcept;
    void fail_tls() noexcept;
    void flush_encrypted() noexcept;
    void finish_tls() noexcept;

    void flush() noexcept;
    void send(Replies& batch) noexcept;
    void note_unsent() noexcept;
    void sent(int status) noexcept;
    void finish_draining() noexcept;

    [[nodiscard]] bool has_begun_frame() const noexcept;
    [[nodiscard]] bool is_frame_slow(std::uint64_t now_ms) const noexcept;
    [[nodiscard]] bool is_handshake_slow(std::uint64_t now_ms) const noexcept;
    [[nodiscard]] bool is_idle_for_too_long(std::uint64_t now_ms) const noexcept;

    void count_bytes() noexcept;

    void start_reading() noexcept;
    void stop_reading() noexcept;

    Reactor& reactor_;
    ClientRecord record_;
    State state_ = State::awaiting_preface;
    bool is_reading_ = false;
    bool is_direct_read_ = false;  // read_room() handed out input_'s tail, not the shared buffer
    bool has_pending_read_ = false;
    bool is_more_executable_ = false;  // the last batch stopped before the frames did
    bool is_suspended_ = false;        // an errand will answer, and nothing is executed before
    bool is_input_over_ = false;       // nothing is read any more: the peer's end, or a stop
    bool has_peer_ended_ = false;      // the peer has closed its side, and waits for ours

    Weight weight_ = Weight::heavy;
    std::uint32_t light_batches_ = 0;      // one after the other, as far as it matters
    std::unique_ptr<TlsStream> tls_;       // null for plaintext
    ByteBuffer input_;                     // a cut-off frame, or frames that wait for their turn
    std::uint64_t frame_began_at_ms_ = 0;  // of the cut-off frame in input_
    std::uint64_t linger_until_ms_ = 0;
    std::size_t discarded_bytes_ = 0;
    std::size_t counted_bytes_ = 0;         // our part of the reactor's connection_bytes
    std::size_t counted_output_bytes_ = 0;  // and of its output_bytes_held
    std::size_t counted_input_bytes_ = 0;   // and of its input_bytes_held

    const bool is_unix_;
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } handle_;
    UnsentReplies unsent_;
    uv_shutdown_t shutdown_request_;
};

}  // namespace tc
