// SPDX-License-Identifier: MIT
#include "bench/scenario.hpp"

#include <algorithm>

namespace tc::bench {

const std::vector<Scenario>& all_scenarios() {
    static const std::vector<Scenario> all = {
        {"load-20", ScenarioKind::load, 20},
        {"load-50", ScenarioKind::load, 50},
        {"load-70", ScenarioKind::load, 70},
        {"load-90", ScenarioKind::load, 90},
        {"invalidation", ScenarioKind::invalidation, 0},
        {"expiry", ScenarioKind::expiry, 0},
        {"growth", ScenarioKind::growth, 0},
        {"eviction", ScenarioKind::eviction, 0},
        {"large-values", ScenarioKind::large_values, 0},
        {"idle-connections", ScenarioKind::idle_connections, 0},
        {"rush", ScenarioKind::rush, 0},
        {"never-reading", ScenarioKind::never_reading, 0},
        {"slowloris", ScenarioKind::slowloris, 0},
    };
    return all;
}

std::optional<Scenario> parse_scenario(std::string_view name) {
    const std::vector<Scenario>& all = all_scenarios();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const Scenario& each) { return each.name == name; });
    return found == all.end() ? std::nullopt : std::optional(*found);
}

std::uint64_t ScenarioPlan::read_count(const Scenario& scenario) const noexcept {
    constexpr std::uint64_t small_count = 10'000;
    const bool is_small =
        scenario.kind == ScenarioKind::growth || scenario.kind == ScenarioKind::eviction;
    return is_small ? std::min(entry_count, small_count) : entry_count;
}

std::uint32_t ScenarioPlan::crowd_count(ScenarioKind kind) const noexcept {
    switch (kind) {
        case ScenarioKind::idle_connections: return idle_connection_count;
        case ScenarioKind::rush:
        case ScenarioKind::never_reading:
        case ScenarioKind::slowloris: return hostile_connection_count;
        default: return 0;
    }
}

double ScenarioPlan::slice_s_of(ScenarioKind kind) const noexcept {
    constexpr double expiry_s_min = 0.8;
    constexpr double crowd_slices = 4;
    switch (kind) {
        case ScenarioKind::expiry: return std::max(slice_s, expiry_s_min);
        case ScenarioKind::rush:
        case ScenarioKind::never_reading:
        case ScenarioKind::slowloris: return crowd_slices * slice_s;
        default: return slice_s;
    }
}

std::vector<std::string> ScenarioPlan::server_words(const Scenario& scenario,
                                                    std::uint16_t port) const {
    // More than any scenario stores, so that nothing is evicted but where that is the point.
    constexpr std::uint64_t ample_mib = 8192;
    constexpr std::uint32_t other_connections_max = 64;
    const bool has_limit = scenario.kind == ScenarioKind::eviction;
    return {server_program,
            "--bind",
            "127.0.0.1",
            "--port",
            std::to_string(port),
            "--reactors",
            "1",
            "--memory-max",
            std::to_string(has_limit ? memory_mib : ample_mib) + "m",
            "--max-connections",
            std::to_string(connection_count + crowd_count(scenario.kind) + other_connections_max)};
}

}  // namespace tc::bench
