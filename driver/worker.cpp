// SPDX-License-Identifier: MIT
#include "driver/worker.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "driver/clocks.hpp"

namespace tc::driver {
namespace {

constexpr std::uint64_t publish_interval_ns = 100'000'000;
constexpr std::uint64_t wait_ns_max = 50'000'000;

int wait_for_events(int epoll_fd, std::span<epoll_event> events, std::uint64_t timeout_ns) {
    const timespec timeout{.tv_sec = 0, .tv_nsec = static_cast<long>(timeout_ns)};
    const int count_max = static_cast<int>(events.size());
    const int count = epoll_pwait2(epoll_fd, events.data(), count_max, &timeout, nullptr);
    if (count >= 0 || errno != ENOSYS) {
        return count;
    }
    // Before Linux 5.11 a millisecond is as fine as it gets.
    constexpr std::uint64_t ns_per_ms = 1'000'000;
    return epoll_wait(epoll_fd, events.data(), count_max,
                      static_cast<int>((timeout_ns + ns_per_ms - 1) / ns_per_ms));
}

}  // namespace

Worker::Worker(const Load& load, const ValueBlock& values, std::uint32_t thread_index,
               std::uint32_t thread_count, Connections connections, std::uint32_t reply_timeout_ms)
    : source_(load, values, thread_index, thread_count),
      connections_(std::move(connections)),
      reply_timeout_ns_(std::uint64_t{reply_timeout_ms} * 1'000'000),
      epoll_fd_(epoll_create1(EPOLL_CLOEXEC)),
      pace_(PacePlan{}),
      open_count_(connections_.size()) {
    if (epoll_fd_ < 0) {
        throw std::runtime_error("epoll_create1: " + std::generic_category().message(errno));
    }
    fed_.reserve(connections_.size());
    for (const std::unique_ptr<Connection>& connection : connections_) {
        watch(*connection, EPOLL_CTL_ADD);
    }
}

Worker::~Worker() {
    close(epoll_fd_);
}

void Worker::run(const PacePlan& plan, const std::atomic<bool>& stop) noexcept {
    // Else the kernel may wake this thread 50 us late, to save power.
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    pace_ = Pace(plan);
    now_ns_ = now_ns();
    silent_since_ns_ = now_ns_;
    while (open_count_ != 0 && (in_flight_count_ != 0 || !pace_.is_over(now_ns_))) {
        if (stop.load(std::memory_order_relaxed)) {
            pace_.stop();
        }
        keep_time();
        if (pace_.is_open_loop()) {
            dispatch();
        } else if (in_flight_count_ == 0) {
            // At first; and when no operation of a turn had to be sent.
            fill_all();
        }
        wait();
    }
    report_.unsent_count = pace_.abandon();
    keep_time();
    publish();
    report_.cpu_ns = has_cpu_begin_ ? thread_cpu_ns() - cpu_begin_ns_ : 0;
}

// What happens at some time, not at some event.
void Worker::keep_time() noexcept {
    if (is_measuring() && !has_cpu_begin_) {
        has_cpu_begin_ = true;
        cpu_begin_ns_ = thread_cpu_ns();
    }
    if (now_ns_ >= next_publish_ns_) {
        publish();
    }
    if (in_flight_count_ != 0 && now_ns_ - silent_since_ns_ > reply_timeout_ns_) {
        bury_silent();
    }
}

void Worker::wait() noexcept {
    std::uint64_t timeout_ns = wait_ns_max;
    if (in_flight_count_ == 0 && !pace_.is_open_loop()) {
        timeout_ns = 0;
    } else if (pace_.is_open_loop() && !pace_.is_over(now_ns_)) {
        const std::uint64_t until_next_ns = pace_.wait_ns(now_ns_);
        // What is due and was not sent has to wait for a place: for an answer, not for a time.
        timeout_ns = until_next_ns == 0 ? wait_ns_max : std::min(until_next_ns, wait_ns_max);
    }
    const int count = wait_for_events(epoll_fd_, events_, timeout_ns);
    now_ns_ = count > 0 ? now_ns_ : now_ns();
    for (int i = 0; i < count; ++i) {
        serve(*static_cast<Connection*>(events_[static_cast<std::size_t>(i)].data.ptr));
    }
}

void Worker::serve(Connection& connection) noexcept {
    const std::uint64_t received = connection.receive(completions_);
    now_ns_ = now_ns();
    if (received != 0) {
        silent_since_ns_ = now_ns_;
        report_.counters.received_bytes += is_measuring() ? received : 0;
    }
    settle(connection);
    if (!connection.is_open()) {
        bury(connection, connection.failure());
    } else if (!pace_.is_open_loop()) {
        fill(connection);
    } else if (connection.has_unsent()) {
        send(connection);
    }
}

// Closed loop: as many operations as there are free places.
void Worker::fill(Connection& connection) noexcept {
    while (connection.window().has_room()) {
        const std::optional<Pace::Start> start = pace_.next(now_ns_);
        if (!start.has_value() || !offer(connection, *start)) {
            break;
        }
    }
    settle(connection);
    send(connection);
}

void Worker::fill_all() noexcept {
    for (const std::unique_ptr<Connection>& connection : connections_) {
        if (connection->is_open()) {
            // Those before it took their time: it is not this one's latency.
            now_ns_ = now_ns();
            fill(*connection);
        }
    }
}

// Open loop: all operations that are due, on one connection after the other.
void Worker::dispatch() noexcept {
    while (const std::optional<Pace::Start> start = pace_.next(now_ns_)) {
        Connection* connection = next_with_room();
        if (connection == nullptr || !offer(*connection, *start)) {
            break;
        }
        if (start->is_measured) {
            report_.counters.send_delay.record(now_ns_ - start->intended_ns);
        }
        if (!connection->is_fed) {
            connection->is_fed = true;
            fed_.push_back(connection);
        }
    }
    for (Connection* connection : fed_) {
        settle(*connection);
        send(*connection);
    }
    fed_.clear();
}

// Null when all places are taken.
Connection* Worker::next_with_room() noexcept {
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        Connection& connection = *connections_[next_connection_];
        next_connection_ = next_connection_ + 1 < connections_.size() ? next_connection_ + 1 : 0;
        if (connection.is_open() && connection.window().has_room()) {
            return &connection;
        }
    }
    return nullptr;
}

// False when the protocol has no room; the operation then waits for the next offer.
bool Worker::offer(Connection& connection, const Pace::Start& start) noexcept {
    const Operation& operation =
        waiting_operation_ != nullptr ? *waiting_operation_ : source_.next();
    Window& window = connection.window();
    if (!connection.protocol().append(window.next_number(), operation, completions_)) {
        waiting_operation_ = &operation;
        return false;
    }
    waiting_operation_ = nullptr;
    window.take({start.intended_ns, operation.verb, start.is_measured});
    pace_.started(start);
    silent_since_ns_ = in_flight_count_ == 0 ? now_ns_ : silent_since_ns_;
    ++in_flight_count_;
    return true;
}

void Worker::settle(Connection& connection) noexcept {
    for (const Completion& completion : completions_) {
        const std::optional<Flight> flight = connection.window().release(completion.number);
        if (!flight.has_value()) {
            report_.counters.count_failure("answers that nobody asked for");
            continue;
        }
        --in_flight_count_;
        if (flight->is_measured) {
            report_.counters.record(*flight, completion, now_ns_, connection.protocol());
            report_.last_completion_ns = now_ns_;
        }
    }
    completions_.clear();
}

void Worker::send(Connection& connection) noexcept {
    const std::uint64_t sent = connection.send();
    report_.counters.sent_bytes += is_measuring() ? sent : 0;
    if (!connection.is_open()) {
        bury(connection, connection.failure());
    } else if (connection.has_unsent() != connection.waits_for_write) {
        connection.waits_for_write = connection.has_unsent();
        watch(connection, EPOLL_CTL_MOD);
    }
}

void Worker::watch(Connection& connection, int how) noexcept {
    epoll_event event{};
    event.events = EPOLLIN | (connection.waits_for_write ? EPOLLOUT : 0U);
    event.data.ptr = &connection;
    // It fails for want of memory only; then the silence of the connection is what is reported.
    (void)epoll_ctl(epoll_fd_, how, connection.fd(), &event);
}

// What was on its way is lost. The connection is not replaced: a server that drops connections is
// not to look like one that serves them.
void Worker::bury(Connection& connection, const std::string& reason) noexcept {
    connection.close();
    --open_count_;
    ++report_.lost_connections;
    connection.window().release_all([&](const Flight& flight) {
        --in_flight_count_;
        if (flight.is_measured) {
            report_.counters.count_failure(reason);
            report_.last_completion_ns = now_ns_;
        }
    });
}

void Worker::bury_silent() noexcept {
    for (const std::unique_ptr<Connection>& connection : connections_) {
        if (connection->is_open() && connection->window().count() != 0) {
            bury(*connection, "no answer in time");
        }
    }
}

void Worker::publish() noexcept {
    next_publish_ns_ = now_ns_ + publish_interval_ns;
    const std::scoped_lock lock(live_mutex_);
    live_ = LiveFigures{};
    for (const LatencyHistogram& latency : report_.counters.latencies) {
        live_.latency.merge(latency);
    }
    live_.failed_count = report_.counters.refused_count + report_.counters.error_count;
}

void Worker::add_live_figures(LiveFigures& figures) {
    const std::scoped_lock lock(live_mutex_);
    figures.latency.merge(live_.latency);
    figures.failed_count += live_.failed_count;
}

}  // namespace tc::driver
