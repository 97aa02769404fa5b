// SPDX-License-Identifier: MIT
#include "bench/scenario_runner.hpp"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <future>
#include <thread>
#include <utility>

#include "bench/cores.hpp"
#include "bench/scenario_target.hpp"
#include "driver/clocks.hpp"
#include "driver/run.hpp"

namespace tc::bench {
namespace {

constexpr double ns_per_s = 1e9;
// Before the measurement: connections are new, and nobody has waited for anybody yet.
constexpr std::uint64_t warmup_ns = 100'000'000;
// So many that a server which stalls is not spared what was due meanwhile.
constexpr std::uint32_t open_loop_depth = 1024;

constexpr std::pair<const char*, const char*> pauses[] = {
    {"pause_turn_us_max", "us in the server's longest turn so far"},
    {"pause_reclaim_us_max", "us in its longest reclaim"},
    {"pause_allocator_us_max", "us in its longest return of memory"},
};

driver::Load reads_of(const ScenarioPlan& plan, const Scenario& scenario) {
    driver::Load load = scenario_load(plan, "read:", plan.read_count(scenario));
    load.mix = {.get_weight = 1, .put_weight = 0, .invalidate_weight = 0};
    return load;
}

// The calling thread, and those that it starts, compute only while no other thread wants the core:
// the load is not to wait for what is to disturb the server.
void give_way_to_load() {
    const sched_param none{};
    sched_setscheduler(0, SCHED_IDLE, &none);
}

std::uint64_t nanoseconds(double seconds) {
    return static_cast<std::uint64_t>(seconds * ns_per_s);
}

}  // namespace

void take_slices(const SliceSteps& steps, std::uint32_t pair_count, const std::atomic<bool>& stop,
                 ScenarioFigures& figures) {
    for (std::uint32_t pair = 0; pair < pair_count; ++pair) {
        steps.before_pair(pair);
        TailSlice quiet = steps.quiet(pair);
        steps.before_disturbed();
        TailSlice disturbed = steps.disturbed(pair);
        std::vector<Evidence> evidence = steps.evidence(disturbed);
        if (stop) {
            return;
        }
        figures.quiet.push_back(std::move(quiet));
        figures.disturbed.push_back(std::move(disturbed));
        figures.evidence.push_back(std::move(evidence));
    }
}

ScenarioRunner::ScenarioRunner(ScenarioPlan plan, const std::atomic<bool>& stop)
    : plan_(std::move(plan)), stop_(stop) {
    // The server inherits it.
    driver::raise_open_files_limit();
    const std::vector<std::size_t> cores = usable_cores();
    if (cores.size() >= 2) {
        server_core_ = cores[0];
        bind_to({cores[1]});
    }
}

void ScenarioRunner::run(const OnSaturation& on_saturation, const OnFigures& on_figures) {
    const Scenario plain{"", ScenarioKind::load, 0};
    start(plain);
    const Saturation saturation = find_saturation();
    if (stop_) {
        return;
    }
    saturation_per_s_ = saturation.rate_per_s;
    on_saturation(saturation);
    for (const Scenario& scenario : plan_.scenarios) {
        const ScenarioFigures figures = measure(scenario);
        if (stop_) {
            return;
        }
        on_figures(figures);
    }
}

ScenarioTarget ScenarioRunner::target() const {
    return {plan_, server_->port(), stop_};
}

void ScenarioRunner::start(const Scenario& scenario) {
    disturbance_.reset();
    server_.reset();
    resident_ = scenario.kind;
    server_ = std::make_unique<ServerProcess>(
        [&](std::uint16_t port) { return plan_.server_words(scenario, port); }, server_core_);
    store_read_set(scenario);
    disturbance_ = make_disturbance(scenario.kind, target());
}

void ScenarioRunner::store_read_set(const Scenario& scenario) {
    put_all(target(), reads_of(plan_, scenario));
}

Saturation ScenarioRunner::find_saturation() {
    constexpr int run_count = 3;
    driver::RunPlan plan = scenario_run_plan(target());
    plan.connection_count = plan_.connection_count;
    plan.pipeline_depth = plan_.pipeline_depth;
    plan.duration_ns = nanoseconds(plan_.slice_s);
    plan.warmup_ns = warmup_ns;
    const driver::Load load = reads_of(plan_, {});
    std::vector<Saturation> runs;
    for (int i = 0; i < run_count && !stop_; ++i) {
        const std::uint64_t begin_ns = driver::now_ns();
        const std::uint64_t begin_cpu_ns = server_->cpu_ns();
        const driver::RunReport report = driver::run(load, plan, stop_);
        const auto cpu_ns = static_cast<double>(server_->cpu_ns() - begin_cpu_ns);
        runs.push_back({report.rate_per_s(),
                        cpu_ns / static_cast<double>(driver::now_ns() - begin_ns),
                        report.busiest_share()});
    }
    if (runs.size() < run_count) {
        return {};
    }
    std::sort(runs.begin(), runs.end(), [](const Saturation& left, const Saturation& right) {
        return left.rate_per_s < right.rate_per_s;
    });
    return runs[run_count / 2];
}

ScenarioFigures ScenarioRunner::measure(const Scenario& scenario) {
    const bool is_load = scenario.kind == ScenarioKind::load;
    SliceSteps steps;
    steps.before_pair = [&](std::uint32_t pair) {
        if (resident_ != scenario.kind || scenario.needs_new_servers()) {
            start(scenario);
        } else if (scenario.allows_misses()) {
            store_read_set(scenario);  // some were lost to the slice before
        }
        if (disturbance_ != nullptr) {
            disturbance_->before_pair(pair);
        }
        wait_for_rest(target());
    };
    steps.quiet = [&](std::uint32_t pair) {
        return take(scenario, plan_.load_percent, pair, nullptr);
    };
    steps.before_disturbed = [&] {
        if (disturbance_ != nullptr) {
            disturbance_->before_disturbed(warmup_ns);
        }
    };
    steps.disturbed = [&](std::uint32_t pair) {
        const double percent = is_load ? scenario.load_percent : plan_.load_percent;
        return take(scenario, percent, pair, disturbance_.get());
    };
    steps.evidence = [&](const TailSlice& disturbed) {
        std::vector<Evidence> all =
            disturbance_ != nullptr ? disturbance_->evidence()
                                    : std::vector<Evidence>{evidence_of_load(scenario, disturbed)};
        // Where a tail may come from: what the server itself has seen, preparations included.
        const ServerCounters counters = server_counters(target());
        for (const auto& [name, what] : pauses) {
            all.push_back({what, static_cast<double>(counters.at(name))});
        }
        return all;
    };
    ScenarioFigures figures{scenario.name, {}, {}, {}};
    take_slices(steps, plan_.slice_count, stop_, figures);
    return figures;
}

Evidence ScenarioRunner::evidence_of_load(const Scenario& scenario,
                                          const TailSlice& disturbed) const {
    // Arrivals are drawn: some hundreds may be so many less than expected.
    constexpr double drawn_min = 0.8;
    const double expected = saturation_per_s_ * scenario.load_percent / 100 * plan_.slice_s;
    return {"GETs", disturbed.get_count, std::floor(expected * drawn_min)};
}

// The disturbance waits on a thread of its own until the measurement begins.
TailSlice ScenarioRunner::take(const Scenario& scenario, double load_percent, std::uint32_t pair,
                               Disturbance* disturbance) {
    driver::Load load = reads_of(plan_, scenario);
    load.draw_seed = pair + 1;
    driver::RunPlan plan = scenario_run_plan(target());
    plan.connection_count = plan_.connection_count;
    plan.pipeline_depth = open_loop_depth;
    plan.duration_ns = nanoseconds(plan_.slice_s_of(scenario.kind));
    plan.warmup_ns = warmup_ns;
    plan.rate_per_s = saturation_per_s_ * load_percent / 100;
    plan.arrivals = driver::Arrivals::Kind::poisson;

    std::exception_ptr failure;
    std::jthread disturber;
    // Gone before the thread is waited for, should the load fail: then the thread's wait fails too.
    std::promise<SliceTime> begin;
    if (disturbance != nullptr) {
        disturber = std::jthread([&failure, disturbance, time = begin.get_future()]() mutable {
            give_way_to_load();
            try {
                disturbance->disturb(time.get());
            } catch (...) {
                failure = std::current_exception();
            }
        });
    }
    driver::RunObserver observer;
    observer.on_measuring = [&] { begin.set_value({driver::now_ns(), plan.duration_ns}); };
    const std::uint64_t begin_ns = driver::now_ns();
    const ServerProcess::CpuTimes before = server_->cpu_times();
    const driver::RunReport report = driver::run(load, plan, stop_, observer);
    const ServerProcess::CpuTimes after = server_->cpu_times();
    const ServerTime server{driver::now_ns() - begin_ns,
                            {after.used_ns - before.used_ns, after.waited_ns - before.waited_ns}};
    if (disturber.joinable()) {
        disturber.join();
    }
    if (failure != nullptr && !stop_) {
        std::rethrow_exception(failure);
    }
    return tail_slice_of(report, {plan_.value_bytes, scenario.allows_misses()}, server);
}

}  // namespace tc::bench
