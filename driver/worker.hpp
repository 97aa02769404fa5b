// SPDX-License-Identifier: MIT
//
// One thread of a run: a loop over an epoll and its connections. Each turn reads what a connection
// has brought, reads the clock once, counts, fills the connection's window again and writes once.
// Nothing is allocated and nothing is shared with other threads, but for the figures that are
// published ten times a second.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "driver/connection.hpp"
#include "driver/counters.hpp"
#include "driver/operation_source.hpp"
#include "driver/pace.hpp"

namespace tc::driver {

using Connections = std::vector<std::unique_ptr<Connection>>;

// What a thread tells while it runs.
struct LiveFigures {
    LatencyHistogram latency;  // of all that was answered since the measurement began
    std::uint64_t failed_count = 0;
};

// What it has to tell when it is done.
struct WorkerReport {
    Counters counters;
    std::uint64_t cpu_ns = 0;              // of the thread, since the measurement began
    std::uint64_t last_completion_ns = 0;  // 0 = nothing was completed
    std::uint32_t lost_connections = 0;
    // Open loop: that were due, and for which no connection was left.
    std::uint64_t unsent_count = 0;
};

class Worker {
 public:
    // Takes the connections; its index says which part of a sequence of keys is its own.
    Worker(const Load& load, const ValueBlock& values, std::uint32_t thread_index,
           std::uint32_t thread_count, Connections connections, std::uint32_t reply_timeout_ms);
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    ~Worker();

    // Returns when all operations are done, or when `stop` is true and those on their way are.
    void run(const PacePlan& plan, const std::atomic<bool>& stop) noexcept;

    // On any thread.
    void add_live_figures(LiveFigures& figures);
    // After run().
    [[nodiscard]] const WorkerReport& report() const noexcept { return report_; }

 private:
    void wait() noexcept;
    void serve(Connection& connection) noexcept;
    void fill(Connection& connection) noexcept;
    void fill_all() noexcept;
    void dispatch() noexcept;
    [[nodiscard]] bool offer(Connection& connection, const Pace::Start& start) noexcept;
    void settle(Connection& connection) noexcept;
    void send(Connection& connection) noexcept;
    void watch(Connection& connection, int how) noexcept;
    void bury(Connection& connection, const std::string& reason) noexcept;
    void bury_silent() noexcept;
    [[nodiscard]] Connection* next_with_room() noexcept;
    void keep_time() noexcept;
    void publish() noexcept;
    [[nodiscard]] bool is_measuring() const noexcept { return now_ns_ >= pace_.measured_from_ns(); }

    OperationSource source_;
    Connections connections_;
    std::uint64_t reply_timeout_ns_;
    int epoll_fd_;
    std::array<epoll_event, 64> events_{};

    Pace pace_;
    std::uint64_t now_ns_ = 0;
    std::uint64_t silent_since_ns_ = 0;  // since then nothing has come
    std::uint64_t in_flight_count_ = 0;
    std::size_t open_count_;
    std::size_t next_connection_ = 0;               // open loop: whose turn it is
    std::vector<Connection*> fed_;                  // open loop: those with something to send
    const Operation* waiting_operation_ = nullptr;  // that found no room in the output
    Completions completions_;

    WorkerReport report_;
    std::uint64_t cpu_begin_ns_ = 0;
    bool has_cpu_begin_ = false;

    std::uint64_t next_publish_ns_ = 0;
    std::mutex live_mutex_;
    LiveFigures live_;  // Guarded by live_mutex_.
};

}  // namespace tc::driver
