// SPDX-License-Identifier: MIT
//
// What happens to the server beside the load: one class for each kind of scenario.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "bench/scenario.hpp"
#include "bench/scenario_figures.hpp"

namespace tc::bench {

// When GETs of a slice are measured.
struct SliceTime {
    std::uint64_t begin_ns = 0;
    std::uint64_t duration_ns = 0;
};

// Untimed parts run on the thread that runs the slices, while no load is there; all of them throw a
// std::runtime_error when the server does not do what it was asked for.
class Disturbance {
 public:
    Disturbance() = default;
    Disturbance(const Disturbance&) = delete;
    Disturbance& operator=(const Disturbance&) = delete;
    virtual ~Disturbance() = default;

    // Untimed, before a quiet slice and the disturbed one that follows it.
    virtual void before_pair(std::uint32_t /*pair*/) {}
    // Untimed, right before the disturbed slice. `lead_ns`: how long from its return to the
    // beginning of the measurement, about.
    virtual void before_disturbed(std::uint64_t /*lead_ns*/) {}
    // On a thread of its own, from the beginning of the slice; it ends with the slice or before.
    virtual void disturb(const SliceTime& time) = 0;
    // Untimed, after the slice: what took place in it, always in the same order.
    [[nodiscard]] virtual std::vector<Evidence> evidence() = 0;
};

// A server that a scenario runs on. All of it outlives the disturbance.
struct ScenarioTarget {
    const ScenarioPlan& plan;
    std::uint16_t port;
    const std::atomic<bool>& stop;
};

// Null for a scenario that is a load and nothing else.
[[nodiscard]] std::unique_ptr<Disturbance> make_disturbance(ScenarioKind kind,
                                                            const ScenarioTarget& target);

// How many connections beside those of the GETs the limit of open files leaves room for, of those
// that were asked for. The limit is raised as far as it goes.
[[nodiscard]] std::uint32_t crowd_that_fits(const ScenarioPlan& plan, ScenarioKind kind);

}  // namespace tc::bench
