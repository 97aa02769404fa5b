// SPDX-License-Identifier: MIT
//
// Disturbances that are thousands of connections: idle, never reading, or sending a byte now and
// then.
#pragma once

#include <memory>

#include "bench/scenario_disturbance.hpp"

namespace tc::bench {

// REQUIRES: a kind that is a crowd.
[[nodiscard]] std::unique_ptr<Disturbance> make_crowd(ScenarioKind kind,
                                                      const ScenarioTarget& target);

}  // namespace tc::bench
