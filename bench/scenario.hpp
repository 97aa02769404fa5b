// SPDX-License-Identifier: MIT
//
// What is looked at: each scenario is a load of GETs and something else that the server has to do
// meanwhile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tc::bench {

enum class ScenarioKind : std::uint8_t {
    load,  // nothing else: another rate
    invalidation,
    expiry,
    growth,
    eviction,
    large_values,
    idle_connections,
    rush,
    never_reading,
    slowloris,
};

struct Scenario {
    std::string name;
    ScenarioKind kind = ScenarioKind::load;
    double load_percent = 0;  // load: of the rate that saturates the server

    // The index is small once in the life of a server.
    [[nodiscard]] bool needs_new_servers() const noexcept { return kind == ScenarioKind::growth; }
    [[nodiscard]] bool allows_misses() const noexcept { return kind == ScenarioKind::eviction; }
};

[[nodiscard]] const std::vector<Scenario>& all_scenarios();
[[nodiscard]] std::optional<Scenario> parse_scenario(std::string_view name);

struct ScenarioPlan {
    std::vector<Scenario> scenarios = all_scenarios();
    std::string server_program;
    std::uint64_t entry_count = 1'000'000;
    std::uint64_t value_bytes = 100;
    std::uint32_t connection_count = 50;
    std::uint32_t idle_connection_count = 10'000;
    std::uint32_t hostile_connection_count = 5'000;
    std::uint32_t pipeline_depth = 1;  // of the closed loop that finds the rate of saturation
    double load_percent = 50;
    double slice_s = 2;
    std::uint32_t slice_count = 5;   // of each, quiet and disturbed
    std::uint64_t memory_mib = 256;  // eviction: the limit
    std::uint64_t seed = 1;

    // The entries that the GETs ask for: few where they have to be few, or hot.
    [[nodiscard]] std::uint64_t read_count(const Scenario& scenario) const noexcept;
    // The connections that stand beside those of the GETs, when there are as many as were wanted.
    [[nodiscard]] std::uint32_t crowd_count(ScenarioKind kind) const noexcept;
    // Expiry takes its time: an entry is looked at up to half a second after its deadline. So do
    // hostile crowds, whose connections live for ten seconds.
    [[nodiscard]] double slice_s_of(ScenarioKind kind) const noexcept;
    [[nodiscard]] std::vector<std::string> server_words(const Scenario& scenario,
                                                        std::uint16_t port) const;
};

}  // namespace tc::bench
