// SPDX-License-Identifier: MIT
//
// Figures as the reports in this folder write them, for people and as JSON.
#pragma once

#include <cmath>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "bench/comparison_figures.hpp"

namespace tc::bench {

inline constexpr const char* nothing = "-";

// Three significant digits, as many as the figures are good for.
[[nodiscard]] inline std::string number(double value) {
    char text[32];
    const double size = std::abs(value);
    std::snprintf(text, sizeof text, "%.*f", size >= 100 ? 0 : size >= 10 ? 1 : 2, value);
    return text;
}

[[nodiscard]] inline std::string with_spread(const std::optional<Spread>& spread) {
    if (!spread.has_value()) {
        return nothing;
    }
    return number(spread->median) + " [" + number(spread->low) + ", " + number(spread->high) + "]";
}

// Texts of ours hold nothing that JSON would have to escape.
[[nodiscard]] inline std::string json_text(std::string_view text) {
    return '"' + std::string(text) + '"';
}

[[nodiscard]] inline std::string json_number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", std::isfinite(value) ? value : 0.0);
    return text;
}

[[nodiscard]] inline std::string json_spread(const std::optional<Spread>& spread) {
    if (!spread.has_value()) {
        return "null";
    }
    return "{\"median\":" + json_number(spread->median) + ",\"low\":" + json_number(spread->low) +
           ",\"high\":" + json_number(spread->high) + '}';
}

// item(each) of all, with commas.
template <typename All, typename Item>
[[nodiscard]] std::string json_array(const All& all, Item item) {
    std::string text = "[";
    const char* separator = "";
    for (const auto& each : all) {
        text += separator + item(each);
        separator = ",\n";
    }
    return text + ']';
}

}  // namespace tc::bench
