// SPDX-License-Identifier: MIT
#include "bench/scenario_target.hpp"

#include <algorithm>
#include <ctime>
#include <memory>
#include <stdexcept>
#include <tagcache/tagcache.hpp>
#include <variant>

#include "bench/native_protocol.hpp"
#include "driver/clocks.hpp"

namespace tc::bench {
namespace {

constexpr std::uint64_t ns_per_ms = 1'000'000;

void check_done(const driver::RunReport& report) {
    const driver::Counters& counters = report.counters;
    if (report.lost_connections != 0 || counters.error_count != 0) {
        throw std::runtime_error(
            "beside the load " + std::to_string(report.lost_connections) +
            " connections were lost and " + std::to_string(counters.error_count) +
            " operations failed" +
            (counters.reasons.empty() ? "" : ": " + counters.reasons.begin()->first));
    }
}

}  // namespace

driver::Load scenario_load(const ScenarioPlan& plan, const std::string& key_prefix,
                           std::uint64_t key_count) {
    driver::Load load;
    load.key_prefix = key_prefix;
    load.key_count = key_count;
    load.value_sizes = driver::Sizes(plan.value_bytes);
    load.seed = plan.seed;
    return load;
}

driver::RunPlan scenario_run_plan(const ScenarioTarget& target) {
    driver::RunPlan plan;
    plan.endpoint = driver::tcp_endpoint("127.0.0.1", target.port);
    plan.protocol = [] { return std::make_unique<NativeProtocol>(); };
    plan.connection_count = 1;
    return plan;
}

void put_all(const ScenarioTarget& target, const driver::Load& load) {
    driver::RunPlan plan = scenario_run_plan(target);
    plan.connection_count = 4;
    plan.pipeline_depth = 64;
    plan.request_count = load.key_count;
    const driver::RunReport report = driver::run(load.preload(), plan, target.stop);
    const std::uint64_t stored = report.counters.latency(driver::Answer::put).count();
    if (stored != load.key_count && !target.stop) {
        throw std::runtime_error("only " + std::to_string(stored) + " of " +
                                 std::to_string(load.key_count) + " entries were stored");
    }
}

driver::RunReport run_beside(const ScenarioTarget& target, const driver::Load& load,
                             std::uint32_t pipeline_depth, const SliceTime& time) {
    const std::uint64_t now = driver::now_ns();
    const std::uint64_t end = time.begin_ns + time.duration_ns;
    driver::RunPlan plan = scenario_run_plan(target);
    plan.pipeline_depth = pipeline_depth;
    plan.duration_ns = end > now + ns_per_ms ? end - now : ns_per_ms;
    driver::RunReport report = driver::run(load, plan, target.stop);
    check_done(report);
    return report;
}

ServerCounters server_counters(const ScenarioTarget& target) {
    tagcache::Client client("tagcache://127.0.0.1:" + std::to_string(target.port));
    ServerCounters counters;
    for (const tagcache::Field& field : client.stats()) {
        if (const auto* number = std::get_if<std::uint64_t>(&field.value)) {
            counters[field.name] = *number;
        }
    }
    return counters;
}

void wait_for_rest(const ScenarioTarget& target) {
    constexpr std::uint64_t patience_ns = 30'000 * ns_per_ms;
    const std::uint64_t deadline = driver::now_ns() + patience_ns;
    std::uint64_t entries_before = UINT64_MAX;
    while (!target.stop) {
        const ServerCounters counters = server_counters(target);
        const std::uint64_t entries = counters.at("entries");
        if (counters.at("dead_entries") == 0 && counters.at("connections") == 1 &&
            entries == entries_before) {
            return;
        }
        if (driver::now_ns() > deadline) {
            throw std::runtime_error(
                "the server does not come to rest: " + std::to_string(counters.at("dead_entries")) +
                " dead entries, " + std::to_string(counters.at("connections")) + " connections");
        }
        entries_before = entries;
        // Longer than the server's own tick, which is what goes on without requests.
        sleep_until_ns(target, driver::now_ns() + 110 * ns_per_ms);
    }
}

void sleep_until_ns(const ScenarioTarget& target, std::uint64_t time_ns) {
    constexpr std::uint64_t step_ns = 50 * ns_per_ms;
    for (std::uint64_t now = driver::now_ns(); now < time_ns && !target.stop;
         now = driver::now_ns()) {
        const std::uint64_t wait_ns = std::min(time_ns - now, step_ns);
        const timespec wait{.tv_sec = 0, .tv_nsec = static_cast<long>(wait_ns)};
        nanosleep(&wait, nullptr);
    }
}

}  // namespace tc::bench
