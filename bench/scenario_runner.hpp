// SPDX-License-Identifier: MIT
//
// Runs scenarios: starts servers, finds the rate that saturates them, and takes quiet and disturbed
// slices in turns.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "bench/scenario.hpp"
#include "bench/scenario_disturbance.hpp"
#include "bench/scenario_figures.hpp"
#include "bench/server_process.hpp"

namespace tc::bench {

// What the server does at most: GETs in a closed loop.
struct Saturation {
    double rate_per_s = 0;
    double server_share = 0;  // of a core
    double client_share = 0;
};

// The steps of one scenario, called in turns: before_pair, quiet, before_disturbed, disturbed, and
// again.
struct SliceSteps {
    std::function<void(std::uint32_t pair)> before_pair;
    std::function<TailSlice(std::uint32_t pair)> quiet;
    std::function<void()> before_disturbed;
    std::function<TailSlice(std::uint32_t pair)> disturbed;
    std::function<std::vector<Evidence>(const TailSlice& disturbed)> evidence;
};
// What `stop` cuts off is left out.
void take_slices(const SliceSteps& steps, std::uint32_t pair_count, const std::atomic<bool>& stop,
                 ScenarioFigures& figures);

class ScenarioRunner {
 public:
    using OnSaturation = std::function<void(const Saturation&)>;
    using OnFigures = std::function<void(const ScenarioFigures&)>;

    // Binds this process to a core of its own, when there are two.
    ScenarioRunner(ScenarioPlan plan, const std::atomic<bool>& stop);

    // Throws a std::runtime_error when the server fails. Returns early when `stop` becomes true.
    void run(const OnSaturation& on_saturation, const OnFigures& on_figures);

    [[nodiscard]] bool is_pinned() const noexcept { return server_core_.has_value(); }

 private:
    void start(const Scenario& scenario);
    void store_read_set(const Scenario& scenario);
    [[nodiscard]] Saturation find_saturation();
    [[nodiscard]] ScenarioFigures measure(const Scenario& scenario);
    [[nodiscard]] Evidence evidence_of_load(const Scenario& scenario,
                                            const TailSlice& disturbed) const;
    [[nodiscard]] TailSlice take(const Scenario& scenario, double load_percent, std::uint32_t pair,
                                 Disturbance* disturbance);
    [[nodiscard]] ScenarioTarget target() const;

    const ScenarioPlan plan_;
    const std::atomic<bool>& stop_;
    std::optional<std::size_t> server_core_;
    std::optional<ScenarioKind> resident_;  // what the server was started for
    std::unique_ptr<ServerProcess> server_;
    std::unique_ptr<Disturbance> disturbance_;  // of this server
    double saturation_per_s_ = 0;
};

}  // namespace tc::bench
