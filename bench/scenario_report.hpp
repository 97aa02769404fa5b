// SPDX-License-Identifier: MIT
//
// The figures of scenarios as text, as Markdown and as JSON.
#pragma once

#include <string>
#include <vector>

#include "bench/comparison_report.hpp"
#include "bench/scenario_figures.hpp"
#include "bench/scenario_runner.hpp"

namespace tc::bench {

struct ScenarioReport {
    Saturation saturation;
    std::vector<ScenarioFigures> scenarios;
};

// A head, and for each scenario a line for the disturbed slices above one for the quiet ones.
[[nodiscard]] Table tail_table(const std::vector<ScenarioFigures>& scenarios);
// What took place, the verdict, and all faults; a line each.
[[nodiscard]] std::string account_of(const ScenarioFigures& figures);

[[nodiscard]] std::string markdown_of(const ScenarioReport& report);
[[nodiscard]] std::string json_of(const ScenarioReport& report);

}  // namespace tc::bench
