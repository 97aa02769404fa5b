// SPDX-License-Identifier: MIT
//
// The faults of store/seeded_fault.hpp that recorded histories are to find, and what finds each.
// docs/guarantees.md has the same table.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "store/seeded_fault.hpp"

namespace tc::test {

// Who has to find it: the search for an order on one key, an interval check of that guarantee, or
// the order of replies.
enum class FoundBy : std::uint8_t { search, g1, g2, g3, g6, g7, g8 };

struct HistoryFault {
    Fault fault;
    std::string_view name;
    FoundBy found_by;
};

inline constexpr std::array<std::string_view, 7> found_by_names = {
    "linearizability", "G1", "G2", "G3", "G6", "G7", "G8"};

inline constexpr std::array history_faults = {
    HistoryFault{Fault::increment_loses_update, "increment_loses_update", FoundBy::search},
    HistoryFault{Fault::published_before_edges, "published_before_edges", FoundBy::search},
    HistoryFault{Fault::put_answered_not_stored, "put_answered_not_stored", FoundBy::g1},
    HistoryFault{Fault::increment_loses_update, "increment_loses_update", FoundBy::g1},
    HistoryFault{Fault::invalidate_skips_stripe, "invalidate_skips_stripe", FoundBy::g2},
    HistoryFault{Fault::dead_visible_in_get, "dead_visible_in_get", FoundBy::g2},
    HistoryFault{Fault::invalidate_takes_all, "invalidate_takes_all", FoundBy::g3},
    HistoryFault{Fault::count_one_too_many, "count_one_too_many", FoundBy::g6},
    HistoryFault{Fault::dead_counted_again, "dead_counted_again", FoundBy::g6},
    HistoryFault{Fault::deadline_unchecked_in_get, "deadline_unchecked_in_get", FoundBy::g7},
    HistoryFault{Fault::expires_early, "expires_early", FoundBy::g7},
    HistoryFault{Fault::requests_swapped, "requests_swapped", FoundBy::g8},
    HistoryFault{Fault::put_answered_not_stored, "put_answered_not_stored", FoundBy::g8},
};

// What the server's environment says.
inline constexpr const char* fault_variable = "TC_SEEDED_FAULT";
inline constexpr const char* yield_seed_variable = "TC_YIELD_SEED";

}  // namespace tc::test
