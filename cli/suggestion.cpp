// SPDX-License-Identifier: MIT
#include "cli/suggestion.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace tc {
namespace {

// Letters to insert, delete, exchange or swap with their neighbour (the optimal string alignment
// distance).
std::size_t distance(std::string_view left, std::string_view right) {
    const std::size_t columns = right.size() + 1;
    std::vector<std::size_t> cells((left.size() + 1) * columns);
    const auto cell = [&](std::size_t row, std::size_t column) -> std::size_t& {
        return cells[row * columns + column];
    };
    for (std::size_t row = 0; row <= left.size(); ++row) {
        for (std::size_t column = 0; column <= right.size(); ++column) {
            if (row == 0 || column == 0) {
                cell(row, column) = row + column;
                continue;
            }
            const bool is_same = left[row - 1] == right[column - 1];
            cell(row, column) = std::min({cell(row - 1, column) + 1, cell(row, column - 1) + 1,
                                          cell(row - 1, column - 1) + (is_same ? 0 : 1)});
            if (row > 1 && column > 1 && left[row - 1] == right[column - 2] &&
                left[row - 2] == right[column - 1]) {
                cell(row, column) = std::min(cell(row, column), cell(row - 2, column - 2) + 1);
            }
        }
    }
    return cells.back();
}

}  // namespace

std::string nearest_word(std::string_view typed, const std::vector<std::string>& known) {
    // Long enough to be a mistyped word at all, and its table stays small.
    constexpr std::size_t typed_size_max = 32;
    std::string nearest;
    if (typed.size() < 2 || typed.size() > typed_size_max) {
        return nearest;
    }
    // One mistake for a short word, two for a longer one.
    std::size_t distance_max = typed.size() < 5 ? 1 : 2;
    for (const std::string& word : known) {
        const std::size_t mistakes = distance(typed, word);
        if (mistakes <= distance_max) {
            nearest = word;
            // The next one has to be nearer.
            distance_max = mistakes == 0 ? 0 : mistakes - 1;
        }
    }
    return nearest;
}

std::string_view command_for_foreign_word(std::string_view typed) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 21> words = {{
        {"set", "put"},
        {"store", "put"},
        {"setex", "put --ttl"},
        {"setnx", "add"},
        {"mget", "get key"},
        {"gets", "get key"},
        {"del", "delete"},
        {"unlink", "delete"},
        {"rm", "delete"},
        {"incr", "increment"},
        {"incrby", "increment"},
        {"decr", "decrement"},
        {"decrby", "decrement"},
        {"expire", "touch"},
        {"pexpire", "touch"},
        {"keys", "scan"},
        {"ls", "scan"},
        {"flushall", "flush all"},
        {"flush_all", "flush all"},
        {"purge", "invalidate"},
        {"ban", "invalidate"},
    }};
    for (const auto& [foreign, ours] : words) {
        if (foreign == typed) {
            return ours;
        }
    }
    return {};
}

}  // namespace tc
