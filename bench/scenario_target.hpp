// SPDX-License-Identifier: MIT
//
// What the parts of a scenario do with the server: put entries, ask for its counters, wait.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>

#include "bench/scenario_disturbance.hpp"
#include "driver/operation_source.hpp"
#include "driver/run.hpp"

namespace tc::bench {

// Entries of the plan's size whose keys begin with the prefix.
[[nodiscard]] driver::Load scenario_load(const ScenarioPlan& plan, const std::string& key_prefix,
                                         std::uint64_t key_count);
// One connection, one operation on its way; everything else is the caller's.
[[nodiscard]] driver::RunPlan scenario_run_plan(const ScenarioTarget& target);

// Puts each entry of the load once. Throws a std::runtime_error when one of them was not stored.
void put_all(const ScenarioTarget& target, const driver::Load& load);

// A load that lasts as long as the slice, on one connection in a closed loop. Throws a
// std::runtime_error when an operation failed; refusals are told in the report.
[[nodiscard]] driver::RunReport run_beside(const ScenarioTarget& target, const driver::Load& load,
                                           std::uint32_t pipeline_depth, const SliceTime& time);

using ServerCounters = std::map<std::string, std::uint64_t>;
[[nodiscard]] ServerCounters server_counters(const ScenarioTarget& target);
// Until the memory of removed entries is back, nothing expires any more and no other connection is
// open. Throws a std::runtime_error when that is not so after 30 seconds.
void wait_for_rest(const ScenarioTarget& target);

// Returns early when the target's stop becomes true.
void sleep_until_ns(const ScenarioTarget& target, std::uint64_t time_ns);

}  // namespace tc::bench
