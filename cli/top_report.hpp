// SPDX-License-Identifier: MIT
//
// An interval of `tagcache top`, as lines for people and as members of a JSON object. Nothing here
// knows of a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/json_object.hpp"
#include "cli/top_sample.hpp"

namespace tc {

struct TopSize {
    std::size_t column_count;
    std::size_t line_count;
};

struct TopLine {
    std::string text;
    bool is_heading = false;
};

// As many lines as there are, and fit; none has more characters than there are columns. Names of
// users are escaped. Hot keys, hot tags and clients, at most `name_count_max` of each, share the
// lines that the figures leave: one below the other where there are enough, else side by side where
// that is wide enough.
[[nodiscard]] std::vector<TopLine> top_lines(const TopInterval& interval, TopSize size,
                                             std::size_t name_count_max);

void write_top_members(JsonObject& object, const TopInterval& interval, std::size_t name_count_max);

}  // namespace tc
