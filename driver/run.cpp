// SPDX-License-Identifier: MIT
#include "driver/run.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <semaphore>
#include <thread>

#include "driver/clocks.hpp"
#include "driver/worker.hpp"

namespace tc::driver {
namespace {

using Workers = std::vector<std::unique_ptr<Worker>>;

// The part of `count` that falls to one of several, which are alike but for one.
std::uint64_t part_of(std::uint64_t count, std::uint32_t index, std::uint32_t part_count) {
    return count / part_count + (index < count % part_count ? 1 : 0);
}

Workers make_workers(const Load& load, const ValueBlock& values, const RunPlan& plan) {
    raise_open_files_limit();
    Workers workers;
    for (std::uint32_t thread = 0; thread < plan.thread_count; ++thread) {
        Connections connections;
        const std::uint64_t count = part_of(plan.connection_count, thread, plan.thread_count);
        for (std::uint64_t i = 0; i < count; ++i) {
            connections.push_back(std::make_unique<Connection>(
                plan.endpoint, plan.protocol(), plan.pipeline_depth, plan.reply_timeout_ms));
        }
        workers.push_back(std::make_unique<Worker>(load, values, thread, plan.thread_count,
                                                   std::move(connections), plan.reply_timeout_ms));
    }
    return workers;
}

// Each thread has its part of the requests and of the rate; their arrivals interleave.
PacePlan pace_of(const RunPlan& plan, std::uint64_t seed, std::uint32_t thread,
                 std::uint64_t begin_ns) {
    PacePlan pace;
    pace.begin_ns = begin_ns;
    pace.warmup_ns = plan.warmup_ns;
    pace.duration_ns = plan.duration_ns;
    if (plan.request_count != 0) {
        pace.request_count = part_of(plan.request_count, thread, plan.thread_count);
    }
    pace.rate_per_s = plan.rate_per_s / plan.thread_count;
    pace.arrivals = plan.arrivals;
    pace.first_arrival_ns = plan.rate_per_s > 0 ? 1e9 / plan.rate_per_s * thread : 0;
    pace.seed = scrambled(~seed) + thread;
    return pace;
}

// Draws what is told while a run lasts from what its threads publish.
class Watch {
 public:
    Watch(Workers& workers, const RunObserver& observer, std::uint64_t measured_from_ns)
        : workers_(workers), observer_(observer), measured_from_ns_(measured_from_ns) {}

    // Returns when all threads have said that they are done.
    void wait_for(std::counting_semaphore<>& done) {
        constexpr auto interval = std::chrono::milliseconds(250);
        std::size_t running_count = workers_.size();
        while (running_count != 0) {
            const auto until_measuring =
                std::chrono::nanoseconds(is_measuring_ ? UINT32_MAX : ns_until_measuring());
            if (done.try_acquire_for(
                    std::min<std::chrono::nanoseconds>(interval, until_measuring))) {
                --running_count;
                continue;
            }
            tell();
        }
    }
    // A run may be over before it was looked at.
    void tell_measuring() {
        if (!is_measuring_) {
            is_measuring_ = true;
            if (observer_.on_measuring) {
                observer_.on_measuring();
            }
        }
    }

 private:
    [[nodiscard]] std::uint64_t ns_until_measuring() const {
        const std::uint64_t now = now_ns();
        return now < measured_from_ns_ ? measured_from_ns_ - now : 0;
    }

    void tell() {
        if (ns_until_measuring() == 0) {
            tell_measuring();
        }
        if (!observer_.on_progress) {
            return;
        }
        LiveFigures figures;
        for (const std::unique_ptr<Worker>& worker : workers_) {
            worker->add_live_figures(figures);
        }
        const std::uint64_t now = now_ns();
        const LatencyHistogram recent = figures.latency.since(told_.latency);
        Progress progress;
        progress.elapsed_s = is_measuring_ ? static_cast<double>(now - measured_from_ns_) / 1e9 : 0;
        progress.completed_count = figures.latency.count() + figures.failed_count;
        progress.rate_per_s =
            static_cast<double>(recent.count()) * 1e9 / static_cast<double>(now - told_ns_);
        progress.p99_ns = recent.quantile_ns(0.99);
        progress.failed_count = figures.failed_count;
        observer_.on_progress(progress);
        told_ = figures;
        told_ns_ = now;
    }

    Workers& workers_;
    const RunObserver& observer_;
    std::uint64_t measured_from_ns_;
    bool is_measuring_ = false;
    LiveFigures told_;
    std::uint64_t told_ns_ = now_ns();
};

RunReport sum_of(const Workers& workers, std::uint64_t measured_from_ns) {
    RunReport sum;
    for (const std::unique_ptr<Worker>& worker : workers) {
        const WorkerReport& report = worker->report();
        sum.counters.merge(report.counters);
        sum.thread_cpu_ns.push_back(report.cpu_ns);
        sum.lost_connections += report.lost_connections;
        sum.unsent_count += report.unsent_count;
        if (report.last_completion_ns > measured_from_ns) {
            sum.elapsed_ns = std::max(sum.elapsed_ns, report.last_completion_ns - measured_from_ns);
        }
    }
    return sum;
}

}  // namespace

double RunReport::rate_per_s() const noexcept {
    const auto succeeded = static_cast<double>(counters.succeeded_count());
    return elapsed_ns == 0 ? 0 : succeeded * 1e9 / static_cast<double>(elapsed_ns);
}

double RunReport::cpu_ns_per_operation() const noexcept {
    double cpu_ns = 0;
    for (const std::uint64_t each : thread_cpu_ns) {
        cpu_ns += static_cast<double>(each);
    }
    const std::uint64_t count = counters.completed_count();
    return count == 0 ? 0 : cpu_ns / static_cast<double>(count);
}

double RunReport::busiest_share() const noexcept {
    const auto busiest = std::max_element(thread_cpu_ns.begin(), thread_cpu_ns.end());
    return busiest == thread_cpu_ns.end() || elapsed_ns == 0
               ? 0
               : static_cast<double>(*busiest) / static_cast<double>(elapsed_ns);
}

RunReport run(const Load& load, const RunPlan& plan, const std::atomic<bool>& stop,
              const RunObserver& observer) {
    assert(plan.connection_count >= plan.thread_count && plan.thread_count >= 1);
    assert(plan.request_count != 0 || plan.duration_ns != 0);
    const ValueBlock values(load.value_sizes.max(), load.seed);
    Workers workers = make_workers(load, values, plan);
    const std::uint64_t begin_ns = now_ns();
    std::counting_semaphore<> done(0);
    RunReport report;
    {
        Watch watch(workers, observer, begin_ns + plan.warmup_ns);
        std::vector<std::jthread> threads;
        for (std::uint32_t i = 0; i < plan.thread_count; ++i) {
            const PacePlan pace = pace_of(plan, load.seed, i, begin_ns);
            threads.emplace_back([worker = workers[i].get(), pace, &stop, &done] {
                worker->run(pace, stop);
                done.release();
            });
        }
        if (plan.warmup_ns == 0) {
            watch.tell_measuring();
        }
        watch.wait_for(done);
        watch.tell_measuring();
    }
    report = sum_of(workers, begin_ns + plan.warmup_ns);
    report.was_stopped = stop.load();
    return report;
}

}  // namespace tc::driver
