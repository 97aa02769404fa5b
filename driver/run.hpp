// SPDX-License-Identifier: MIT
//
// A whole run: connections are opened and spread over threads, a load goes over them, and what the
// threads have measured is added up. `tagcache bench` and the programs in bench/ call this.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "driver/arrivals.hpp"
#include "driver/counters.hpp"
#include "driver/endpoint.hpp"
#include "driver/operation_source.hpp"
#include "driver/protocol.hpp"

namespace tc::driver {

struct RunPlan {
    Endpoint endpoint;
    ProtocolFactory protocol;
    std::uint32_t connection_count = 50;  // REQUIRES: >= thread_count
    std::uint32_t thread_count = 1;
    std::uint32_t pipeline_depth = 1;  // operations on their way on each connection
    // Measured operations in all, and how long they are started; 0 = no such limit, and at least
    // one is needed. The warm-up comes before them and is measured by nobody.
    std::uint64_t request_count = 0;
    std::uint64_t duration_ns = 0;
    std::uint64_t warmup_ns = 0;
    double rate_per_s = 0;  // of all threads together: an open loop; 0 = a closed loop
    Arrivals::Kind arrivals = Arrivals::Kind::constant;
    // So long without any answer, and the connections count as lost.
    std::uint32_t reply_timeout_ms = 5000;
};

struct RunReport {
    Counters counters;
    // From the end of the warm-up to the last completion.
    std::uint64_t elapsed_ns = 0;
    // Of each thread in that time, from which its share of a core follows.
    std::vector<std::uint64_t> thread_cpu_ns;
    std::uint32_t lost_connections = 0;
    // Open loop: operations that were due when no connection was left.
    std::uint64_t unsent_count = 0;
    bool was_stopped = false;

    // Hits and writes that were made, a second.
    [[nodiscard]] double rate_per_s() const noexcept;
    // Time that this program's threads computed for each operation that was completed.
    [[nodiscard]] double cpu_ns_per_operation() const noexcept;
    // Of the busiest thread: near 1, it is this program that was measured.
    [[nodiscard]] double busiest_share() const noexcept;
};

// What can be told while it lasts.
struct Progress {
    double elapsed_s = 0;               // of the measurement; 0 during the warm-up
    std::uint64_t completed_count = 0;  // all of it
    double rate_per_s = 0;              // of the last moment, and so is the next
    std::uint64_t p99_ns = 0;
    std::uint64_t failed_count = 0;
};

struct RunObserver {
    std::function<void()> on_measuring;                // the warm-up is over
    std::function<void(const Progress&)> on_progress;  // about four times a second
};

// Throws a std::runtime_error when a connection cannot be made. When `stop` becomes true, nothing
// more is started, and the report tells what was measured until then.
[[nodiscard]] RunReport run(const Load& load, const RunPlan& plan, const std::atomic<bool>& stop,
                            const RunObserver& observer = {});

}  // namespace tc::driver
