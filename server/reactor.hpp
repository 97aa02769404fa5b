// SPDX-License-Identifier: MIT
//
// A thread with its own event loop and the connections given to it: the seat at the store that they
// share, the buffers that they take turns with, and the timers.
//
// Threads: adopt(), stop(), the counters and lists are for any thread; everything else is the
// reactor's own.
#pragma once

#include <uv.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "server/client_record.hpp"
#include "server/command.hpp"
#include "server/errand.hpp"
#include "server/hot_sketch.hpp"
#include "server/latencies.hpp"
#include "server/limits.hpp"
#include "server/pauses.hpp"
#include "server/pending_reads.hpp"
#include "server/replies.hpp"
#include "server/request_limits.hpp"
#include "server/resume_queue.hpp"
#include "server/slow_log.hpp"
#include "server/tls_stream.hpp"
#include "server/turn_share.hpp"
#include "store/session.hpp"

namespace tc {

class Connection;
class ReactorProbe;
class Server;

// Written by the reactor alone, summed by whoever asks.
struct alignas(64) ReactorCounters {
    Counter requests;
    Counter input_bytes;
    Counter output_bytes;
    Counter malformed;    // connections closed for a frame or preface that cannot be parsed
    Counter truncated;    // connections that ended within a frame
    Counter closed_slow;  // connections closed for a deadline
    Counter closed_idle;
    Counter refused_address;     // connections of an address that had all it may have
    Counter closed_over_budget;  // for the memory of their unread replies or cut-off requests
    Counter yields;              // batches cut short for fairness
    Counter paused_reads;        // times that unsent replies stopped the reading
    Counter forbidden;           // requests refused for want of a right
    Counter auth_successes;
    Counter auth_failures;
    Counter tls_handshakes;  // completed
    Counter tls_handshake_failures;
    // What there is now: these figures also fall.
    Counter tls_connections;
    Counter unauthenticated;    // connections that have yet to say who they are
    Counter connection_bytes;   // that they take
    Counter output_bytes_held;  // of these, by replies that wait for their readers
    Counter input_bytes_held;   // and by requests that have not arrived whole
};

enum class StopRequest : std::uint8_t {
    none,
    when_served,  // once every connection has been served and closed, by stop_ms_max at the latest
    at_once,
};

class Reactor {
 public:
    // Throws std::bad_alloc or std::runtime_error. The thread starts with start().
    Reactor(Server& server, std::uint32_t index, std::uint32_t connections_max);
    ~Reactor();
    Reactor(const Reactor&) = delete;
    Reactor& operator=(const Reactor&) = delete;

    void start();
    void join();

    // Gives this reactor an accepted socket. False when there is no memory for it: the caller keeps
    // it. The connection counts from here on, so that the next choice sees it.
    [[nodiscard]] bool adopt(int fd) noexcept;
    // Has the thread end. A second request can only be more urgent.
    void stop(StopRequest request) noexcept;

    // An errand that was run, for the connection that it names.
    void deliver(std::unique_ptr<Errand> errand) noexcept;
    // The users from now on. They are used when the generation is told, at the end of the
    // reactor's turn; one that has ended tells every generation.
    void receive_access(std::unique_ptr<const AccessTable> table,
                        std::uint64_t generation) noexcept;
    [[nodiscard]] std::uint64_t access_generation() const noexcept {
        return access_generation_.load(std::memory_order_acquire);
    }

    [[nodiscard]] std::uint32_t index() const noexcept { return index_; }
    [[nodiscard]] std::uint32_t connection_count() const noexcept {
        return connection_count_.load(std::memory_order_relaxed);
    }
    // How long its loop has not turned, by libuv's clock; 0 while there is no thread.
    [[nodiscard]] std::uint64_t silent_ms(std::uint64_t now_ms) const noexcept {
        return now_ms - std::min(now_ms, turned_at_ms_.load(std::memory_order_relaxed));
    }
    [[nodiscard]] const ReactorCounters& counters() const noexcept { return counters_; }
    [[nodiscard]] const Pauses& pauses() const noexcept { return pauses_; }
    [[nodiscard]] const Latencies& latencies() const noexcept { return latencies_; }
    // Each appends those of its connections, in no order.
    void list_client_ids(std::uint64_t after_id, std::vector<std::uint64_t>& ids);
    void list_clients(const ClientIdRange& range, std::uint64_t now_ms,
                      std::vector<ClientListing>& clients);
    // What is used most here; each sketch says what is for any thread.
    [[nodiscard]] HotSketches& hot() noexcept { return hot_; }
    // Has the thread close a connection of its own, a little later.
    enum class Kill : std::uint8_t { requested, not_found, too_many };
    [[nodiscard]] Kill kill_client(std::uint64_t id) noexcept;
    // HELLO and CLIENT SETNAME: the texts are read by list_clients().
    void name_client(ClientRecord& record, std::string_view name,
                     std::string_view library) noexcept;

    // What connections use.
    [[nodiscard]] uv_loop_t* loop() noexcept { return &loop_; }
    [[nodiscard]] Server& server() noexcept { return server_; }
    [[nodiscard]] const RequestLimits& request_limits() const noexcept { return request_limits_; }
    [[nodiscard]] ReactorCounters& own_counters() noexcept { return counters_; }
    [[nodiscard]] PendingReads& pending_reads() noexcept { return pending_reads_; }
    [[nodiscard]] Replies& replies() noexcept { return replies_; }
    [[nodiscard]] TlsBuffers& tls_buffers() noexcept { return tls_buffers_; }
    [[nodiscard]] CommandPlace place_for(ClientRecord& client) noexcept;
    // Enters the store with a fresh clock, until the loop polls again. Called for each batch.
    void begin_turn() noexcept;
    // A request of the batch has been executed; their replies have left, or wait for their reader.
    void note_executed(const wire_request& request, std::uint32_t work) noexcept {
        batch_.add(request.opcode);
        if (work > heaviest_.work) {
            heaviest_ = {request, work};
        }
    }
    void note_answered(const ClientRecord& client) noexcept;
    [[nodiscard]] std::uint64_t now_ms() const noexcept { return now_ms_; }
    // Whether a frame should wait for a later turn, because memory that it may need is on its way
    // out: within bounds.
    [[nodiscard]] bool waits_for_room(std::size_t frame_bytes) noexcept;
    [[nodiscard]] TurnShare& share() noexcept { return share_; }
    // Has resume() called on the connection after the others of this turn had theirs, and before
    // the heavy ones that wait when it is light.
    void resume_later(Connection& connection, Weight weight) noexcept;
    void forget_resume(Connection& connection) noexcept;
    [[nodiscard]] bool has_light_waiting() const noexcept { return !light_queue_.empty(); }
    // An errand that needs no run, as it comes back from one.
    void hold(std::unique_ptr<Errand> errand) noexcept;
    void note_suspended(Connection& connection) noexcept;
    void forget_suspended(Connection& connection) noexcept;
    [[nodiscard]] const AccessTable& access() const noexcept { return *access_; }
    // Looks up who the client is, if the users have changed since that was done.
    void refresh_access(ClientRecord& client) noexcept {
        if (client.access_generation != used_generation_) [[unlikely]] {
            resolve_access(client);
        }
    }
    // The same, and credentials that have expired since are none any more.
    void recheck_access(ClientRecord& client) noexcept { resolve_access(client); }
    // The connection is among those that have yet to say who they are, or no more.
    void count_unauthenticated(ClientRecord& client, bool is_unauthenticated) noexcept;
    // The client has proved to be somebody.
    void authenticate(ClientRecord& client, const Identity& identity) noexcept;
    // It has shown a certificate of that name, or "", which may be a user's.
    void authenticate_by_certificate(ClientRecord& client, std::string_view name) noexcept;
    // The connection's close callback has run.
    void remove(Connection& connection) noexcept;

 private:
    friend class ReactorProbe;  // of the tests

    void run() noexcept;
    void start_handles() noexcept;
    void open_inbox() noexcept;
    void tick() noexcept;
    void check_deadlines(std::size_t part) noexcept;
    void end_turn() noexcept;
    void tell_lag(std::uint64_t turn_ns) noexcept;
    void take_turns() noexcept;
    void resume_connections() noexcept;
    void resume_all(ResumeQueue& queue) noexcept;
    void keep_output_budget() noexcept;
    void keep_input_budget() noexcept;
    [[nodiscard]] std::uint64_t excess_of(Counter ReactorCounters::*held,
                                          std::uint64_t bytes_max) const noexcept;
    using HeldBytes = std::size_t (Connection::*)() const noexcept;
    void list_holders(HeldBytes held) noexcept;
    void end_holders(std::uint64_t excess_bytes, HeldBytes held,
                     void (Connection::*end)() noexcept) noexcept;
    void keep_store() noexcept;
    void add_connection(int fd) noexcept;
    void close_killed() noexcept;
    void resolve_access(ClientRecord& client) noexcept;
    void open_errands() noexcept;
    void answer_due_errands() noexcept;
    [[nodiscard]] bool has_due_errands() const noexcept;
    void advance_stop(StopRequest request) noexcept;
    void drain_connections() noexcept;
    void close_connections() noexcept;
    void finish_stop_if_empty() noexcept;

    Server& server_;
    const std::uint32_t index_;
    const RequestLimits request_limits_;
    uv_loop_t loop_{};
    uv_async_t inbox_signal_{};
    uv_timer_t tick_timer_{};
    uv_timer_t stop_timer_{};
    uv_prepare_t before_poll_{};
    uv_check_t after_poll_{};
    uv_idle_t keep_turning_{};  // active while work is left over: the poll returns at once
    std::thread thread_;

    std::mutex inbox_mutex_;
    std::vector<int> inbox_;                                // Guarded by inbox_mutex_.
    StopRequest stop_request_ = StopRequest::none;          // Guarded by inbox_mutex_.
    std::array<std::uint64_t, limits::kills_max> kills_{};  // Guarded by inbox_mutex_: ids.
    std::size_t kill_count_ = 0;                            // Guarded by inbox_mutex_.
    ErrandList errand_inbox_;                               // Guarded by inbox_mutex_.
    std::unique_ptr<const AccessTable> received_access_;    // Guarded by inbox_mutex_.
    std::uint64_t received_generation_ = 0;                 // Guarded by inbox_mutex_.
    std::atomic<std::uint64_t> access_generation_{0};

    std::mutex connections_mutex_;  // held by the reactor to change the list, by others to read it
    std::vector<std::unique_ptr<Connection>> connections_;
    std::atomic<std::uint32_t> connection_count_{0};  // adopted and not closed, inbox included

    HotSketches hot_;
    std::atomic<std::uint64_t> turned_at_ms_{UINT64_MAX};  // by libuv's clock

    // Reactor thread only.
    Session session_;
    CommandScratch scratch_;
    ReactorCounters counters_;
    Pauses pauses_;
    Latencies latencies_;
    ClassCounts batch_;
    HeaviestRequest heaviest_;  // of the batch
    PendingReads pending_reads_;
    Replies replies_;
    TlsBuffers tls_buffers_;
    ResumeQueue light_queue_;
    ResumeQueue heavy_queue_;
    std::uint32_t turns_without_heavy_ = 0;  // while light ones wait
    std::vector<Connection*> suspended_;
    std::vector<Connection*> holders_;  // of too much, while it is decided who goes
    ErrandList held_;  // errands whose answers are not due yet, the first of them then:
    std::uint64_t next_due_ms_ = UINT64_MAX;
    std::unique_ptr<const AccessTable> access_ = std::make_unique<const AccessTable>();
    std::uint64_t used_generation_ = 0;  // of access_
    std::uint64_t now_ns_ = 0;           // when the batch began
    std::uint64_t now_ms_ = 0;
    TurnShare share_;
    std::uint32_t tick_count_ = 0;
    bool has_upkeep_ = false;  // the store has work for another turn
    // The largest frame that waits for room, or 0, and since when one does.
    std::size_t room_wait_bytes_ = 0;
    std::uint64_t room_wait_began_ms_ = 0;
    StopRequest stopping_ = StopRequest::none;
};

}  // namespace tc
