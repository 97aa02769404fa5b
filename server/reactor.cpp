// SPDX-License-Identifier: MIT
#include "server/reactor.hpp"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include "server/clock.hpp"
#include "server/connection.hpp"
#include "server/crash_report.hpp"
#include "server/server.hpp"
#include "store/memory.hpp"

namespace tc {

namespace {

Reactor& reactor_of(const uv_loop_t* loop) noexcept {
    return *static_cast<Reactor*>(loop->data);
}

void close_handle(uv_handle_t* handle, void* /*unused*/) noexcept {
    if (uv_is_closing(handle) == 0) {
        uv_close(handle, nullptr);
    }
}

}  // namespace

Reactor::Reactor(Server& server, std::uint32_t index, std::uint32_t connections_max)
    : server_(server),
      index_(index),
      request_limits_(server.request_limits()),
      hot_(boot_time_ms()),
      session_(server.store()),
      pending_reads_(*this) {
    inbox_.reserve(connections_max);
    connections_.reserve(connections_max);
    suspended_.reserve(connections_max);
    holders_.reserve(connections_max);
    const int error = uv_loop_init(&loop_);
    if (error != 0) {
        throw std::runtime_error(std::string("event loop: ") + uv_strerror(error));
    }
    loop_.data = this;
    const int signal_error = uv_async_init(&loop_, &inbox_signal_, [](uv_async_t* handle) noexcept {
        reactor_of(handle->loop).open_inbox();
    });
    if (signal_error != 0) {
        uv_loop_close(&loop_);
        throw std::runtime_error(std::string("event loop: ") + uv_strerror(signal_error));
    }
    uv_timer_init(&loop_, &tick_timer_);
    uv_timer_init(&loop_, &stop_timer_);
    uv_prepare_init(&loop_, &before_poll_);
    uv_check_init(&loop_, &after_poll_);
    uv_idle_init(&loop_, &keep_turning_);
}

Reactor::~Reactor() {
    // A reactor that never ran still has its handles open.
    uv_walk(&loop_, close_handle, nullptr);
    uv_run(&loop_, UV_RUN_DEFAULT);
    uv_loop_close(&loop_);
    for (const int fd : inbox_) {
        ::close(fd);
    }
}

void Reactor::start() {
    thread_ = std::thread([this] { run(); });
}

void Reactor::join() {
    if (thread_.joinable()) {
        thread_.join();
    }
}

bool Reactor::adopt(int fd) noexcept {
    {
        const std::lock_guard lock(inbox_mutex_);
        if (inbox_.size() == inbox_.capacity()) {
            return false;
        }
        inbox_.push_back(fd);
        connection_count_.fetch_add(1, std::memory_order_relaxed);
    }
    uv_async_send(&inbox_signal_);
    return true;
}

void Reactor::stop(StopRequest request) noexcept {
    {
        const std::lock_guard lock(inbox_mutex_);
        stop_request_ = request;
    }
    uv_async_send(&inbox_signal_);
}

CommandPlace Reactor::place_for(ClientRecord& client) noexcept {
    return {*this, server_.store(), session_, scratch_, client, replies_, request_limits_};
}

void Reactor::begin_turn() noexcept {
    now_ns_ = boot_time_ns();
    now_ms_ = now_ns_ / 1'000'000;
    if (!session_.is_inside()) {
        pauses_.begin(PauseCause::turn);
        share_.begin(now_ns_);
    }
    session_.enter(now_ms_);
}

void Reactor::note_answered(const ClientRecord& client) noexcept {
    const std::uint64_t now_ns = boot_time_ns();
    const std::uint64_t us = (now_ns - now_ns_) / 1'000;
    share_.note_time(now_ns);
    const ClassCounts batch = std::exchange(batch_, {});
    latencies_.record(batch, us);
    if (us >= server_.slow_us() && heaviest_.work != 0) [[unlikely]] {
        server_.slow_log().note(heaviest_, batch.total(), us, client);
    }
    heaviest_.work = 0;
}

// Before the loop polls: nothing that was read from the store is looked at any more.
void Reactor::end_turn() noexcept {
    keep_output_budget();
    keep_input_budget();
    if (session_.is_inside()) {
        session_.leave();
        if (const std::uint64_t turn_ns = pauses_.end(PauseCause::turn);
            turn_ns >= limits::loop_lag_ns) [[unlikely]] {
            tell_lag(turn_ns);
        }
    }
    turned_at_ms_.store(uv_now(&loop_), std::memory_order_relaxed);
}

// When the CPU time is much less, it was the system that had others go first.
void Reactor::tell_lag(std::uint64_t turn_ns) noexcept {
    server_.log().write(LogLevel::warning, LogEvent::loop_lag,
                        {{"reactor", index_},
                         {"turn_ms", turn_ns / 1'000'000},
                         {"cpu_ms", pauses_.cpu_ns_of(PauseCause::turn) / 1'000'000}});
}

// Small frames never wait: what they need is left free for them, and most are reads.
bool Reactor::waits_for_room(std::size_t frame_bytes) noexcept {
    if (frame_bytes < limits::room_wait_frame_bytes_min) {
        return false;
    }
    if (!session_.should_wait_for_room(frame_bytes)) {
        if (frame_bytes >= room_wait_bytes_) {
            room_wait_bytes_ = 0;
        }
        return false;
    }
    // One that waited an hour ago, and whose connection is gone, says nothing about now.
    const bool is_over = now_ms_ - room_wait_began_ms_ > 2 * limits::room_wait_pause_ms;
    if (room_wait_bytes_ == 0 || is_over) {
        room_wait_began_ms_ = now_ms_;
        room_wait_bytes_ = 0;
    }
    room_wait_bytes_ = std::max(room_wait_bytes_, frame_bytes);
    const std::uint64_t waited_ms = now_ms_ - room_wait_began_ms_;
    if (waited_ms >= limits::room_wait_ms_max) {
        // It is not coming, since somebody's turn is long. For a while nobody waits.
        room_wait_bytes_ = waited_ms >= limits::room_wait_pause_ms ? 0 : room_wait_bytes_;
        return false;
    }
    has_upkeep_ = true;
    return true;
}

void Reactor::resume_later(Connection& connection, Weight weight) noexcept {
    (weight == Weight::light ? light_queue_ : heavy_queue_).push(connection);
    uv_idle_start(&keep_turning_, [](uv_idle_t*) noexcept {});
}

void Reactor::forget_resume(Connection& connection) noexcept {
    ResumeQueue::remove(connection);
}

// Shares of their own, or those that send new requests all the time would use them up first. The
// heavy have theirs when no light one waits, and in some turns in any case.
void Reactor::resume_connections() noexcept {
    resume_all(light_queue_);
    if (light_queue_.empty() || ++turns_without_heavy_ >= limits::light_turns_max) {
        turns_without_heavy_ = 0;
        resume_all(heavy_queue_);
    }
}

// Each that waits gets one batch, as long as there is a share left, the small one: new requests are
// to come by soon. Who is still not done waits again, behind those whose turn did not come.
void Reactor::resume_all(ResumeQueue& queue) noexcept {
    share_.begin(boot_time_ns());
    for (std::size_t due_count = queue.size(); due_count != 0 && !share_.is_used_up(Weight::heavy);
         --due_count) {
        queue.pop().resume();
    }
}

void Reactor::keep_store() noexcept {
    begin_turn();
    pauses_.begin(PauseCause::reclaim);
    has_upkeep_ =
        server_.store().upkeep(session_, index_, server_.reactor_count(), limits::upkeep_per_turn);
    pauses_.end(PauseCause::reclaim);
}

// After each poll: what it brought, then what was left over, by the connections and in the store.
void Reactor::take_turns() noexcept {
    pending_reads_.execute();
    answer_due_errands();
    resume_connections();
    if (has_upkeep_) {
        keep_store();
    }
    if (light_queue_.empty() && heavy_queue_.empty() && !has_upkeep_ && !has_due_errands()) {
        uv_idle_stop(&keep_turning_);
    }
}

void Reactor::add_connection(int fd) noexcept {
    now_ms_ = boot_time_ms();
    const PeerAddress peer = peer_address(fd);
    if (!server_.source_connections().add(peer.source,
                                          server_.connection_limits().connections_per_address())) {
        counters_.refused_address.add();
        server_.refuse(fd, WIRE_REFUSAL_TOO_MANY_CONNECTIONS);
        connection_count_.fetch_sub(1, std::memory_order_relaxed);
        return;
    }
    std::unique_ptr<Connection> connection(
        new (std::nothrow) Connection(*this, server_.next_connection_id(), peer));
    if (connection == nullptr) {
        ::close(fd);
        server_.source_connections().remove(peer.source);
        connection_count_.fetch_sub(1, std::memory_order_relaxed);
        return;
    }
    Connection& added = *connection;
    {
        const std::lock_guard lock(connections_mutex_);
        added.list_index = connections_.size();
        connections_.push_back(std::move(connection));
    }
    added.open(fd);
}

void Reactor::remove(Connection& connection) noexcept {
    std::unique_ptr<Connection> removed;
    {
        const std::lock_guard lock(connections_mutex_);
        const std::size_t index = connection.list_index;
        removed = std::move(connections_[index]);
        if (index + 1 != connections_.size()) {
            connections_[index] = std::move(connections_.back());
            connections_[index]->list_index = index;
        }
        connections_.pop_back();
    }
    connection_count_.fetch_sub(1, std::memory_order_relaxed);
    finish_stop_if_empty();
}

void Reactor::open_inbox() noexcept {
    open_errands();
    close_killed();
    // Taken out one by one: swapping the vector away would lose its reserve.
    for (;;) {
        int fd = -1;
        StopRequest stop_request = StopRequest::none;
        {
            const std::lock_guard lock(inbox_mutex_);
            stop_request = stop_request_;
            if (!inbox_.empty()) {
                fd = inbox_.back();
                inbox_.pop_back();
            }
        }
        if (fd < 0) {
            advance_stop(stop_request);
            return;
        }
        add_connection(fd);
    }
}

void Reactor::tick() noexcept {
    now_ms_ = boot_time_ms();  // what is judged may have begun since the last turn
    has_upkeep_ = true;
    uv_idle_start(&keep_turning_, [](uv_idle_t*) noexcept {});
    const std::uint32_t part = ++tick_count_ % limits::deadline_check_ticks;
    check_deadlines(part);
    if (part == 0) {
        pauses_.begin(PauseCause::allocator);
        give_back_free_memory();
        pauses_.end(PauseCause::allocator);
    }
}

// One part of the connections a tick: to look at ten thousand takes a millisecond or two, since
// nobody has touched them of late. One that has moved in the list may wait for the next round. In a
// stop most do move, as others close, and nobody is kept waiting: then it is all of them.
void Reactor::check_deadlines(std::size_t part) noexcept {
    pauses_.begin(PauseCause::deadlines);
    const bool is_stopping = stopping_ != StopRequest::none;
    const std::size_t begin =
        is_stopping ? 0 : connections_.size() * part / limits::deadline_check_ticks;
    const std::size_t end = is_stopping
                                ? connections_.size()
                                : connections_.size() * (part + 1) / limits::deadline_check_ticks;
    for (std::size_t i = begin; i < end; ++i) {
        connections_[i]->check_deadlines(now_ms_);
    }
    pauses_.end(PauseCause::deadlines);
}

// Requests that are on their way get a moment to arrive, replies a longer one to leave.
void Reactor::advance_stop(StopRequest request) noexcept {
    if (request == stopping_) {
        return;
    }
    stopping_ = request;
    if (request == StopRequest::at_once) {
        close_connections();
        return;
    }
    uv_timer_start(
        &stop_timer_,
        [](uv_timer_t* timer) noexcept { reactor_of(timer->loop).drain_connections(); },
        limits::stop_arrival_ms, 0);
}

void Reactor::drain_connections() noexcept {
    begin_turn();
    for (const auto& connection : connections_) {
        connection->stop();
    }
    uv_timer_start(
        &stop_timer_,
        [](uv_timer_t* timer) noexcept { reactor_of(timer->loop).close_connections(); },
        limits::stop_ms_max, 0);
    finish_stop_if_empty();
}

void Reactor::close_connections() noexcept {
    uv_timer_stop(&stop_timer_);
    for (const auto& connection : connections_) {
        connection->close();
    }
    finish_stop_if_empty();
}

void Reactor::finish_stop_if_empty() noexcept {
    if (stopping_ != StopRequest::none && connections_.empty()) {
        uv_walk(&loop_, close_handle, nullptr);
    }
}

void Reactor::start_handles() noexcept {
    uv_prepare_start(&before_poll_,
                     [](uv_prepare_t* handle) noexcept { reactor_of(handle->loop).end_turn(); });
    uv_check_start(&after_poll_,
                   [](uv_check_t* handle) noexcept { reactor_of(handle->loop).take_turns(); });
    uv_timer_start(
        &tick_timer_, [](uv_timer_t* timer) noexcept { reactor_of(timer->loop).tick(); },
        limits::tick_ms, limits::tick_ms);
}

void Reactor::run() noexcept {
    const CrashStack crash_stack;
    pthread_setname_np(pthread_self(), ("reactor-" + std::to_string(index_)).c_str());
    start_handles();
    uv_run(&loop_, UV_RUN_DEFAULT);
    end_turn();
    turned_at_ms_.store(UINT64_MAX, std::memory_order_relaxed);
    access_generation_.store(UINT64_MAX, std::memory_order_release);
    server_.access().note_adopted();
    server_.reactor_ended();
}

}  // namespace tc
