// SPDX-License-Identifier: MIT
//
// The figures of a comparison as text, as Markdown and as JSON.
#pragma once

#include <string>
#include <vector>

#include "bench/comparison.hpp"
#include "bench/comparison_figures.hpp"

namespace tc::bench {

struct ComparisonReport {
    std::vector<std::string> servers;  // in the order of the tables
    std::vector<RowFigures> rows;
    std::vector<MemoryFigures> memory;
};

// The first row is the head; all rows have as many cells.
using Table = std::vector<std::vector<std::string>>;

// One line for each server in the row, and in front of the figures what the row is.
[[nodiscard]] Table table_of(const RowFigures& figures, const std::vector<std::string>& servers);
[[nodiscard]] Table memory_table(const ComparisonReport& report);
// The ratios that are goals of ours, as far as they were measured, each with its goal.
[[nodiscard]] Table goal_table(const ComparisonReport& report);

[[nodiscard]] std::string as_text(const Table& table);
[[nodiscard]] std::string as_markdown(const Table& table);
[[nodiscard]] std::string markdown_of(const ComparisonReport& report);
[[nodiscard]] std::string json_of(const ComparisonReport& report);

}  // namespace tc::bench
