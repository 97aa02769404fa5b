// SPDX-License-Identifier: MIT
//
// What a long history must not show, found in time O(n log n) from the intervals of its operations.
// Each finding is certain: no order of the operations explains it. That all histories without one
// are right is not said; linearizability.hpp looks closer at short ones.
//
// Histories of GET, PUT, DELETE, INCR and INVALIDATE on keys that were absent at first, without
// eviction. TOUCH is for the short ones.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "histories/operation.hpp"

namespace tc::test {

// What a finding breaks, as docs/guarantees.md numbers it.
enum class Guarantee : std::uint8_t { g1, g2, g3, g6, g7 };

struct Finding {
    Guarantee guarantee;
    std::string text;
};

// What the history had to show; a check of nothing proves nothing.
struct Coverage {
    std::uint64_t operations = 0;
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    std::uint64_t overlapping_pairs =
        0;  // neighbours on one key, each begun before the other ended
    std::uint64_t determined_misses = 0;  // of which it could be said whether they were right
    std::uint64_t hits_with_deadline = 0;
    std::uint64_t expiries = 0;                // misses that only a TTL explains
    std::uint64_t removing_invalidations = 0;  // of more than nothing
    std::uint64_t exact_counts = 0;            // of INVALIDATE, where only one number was possible
};

struct IntervalReport {
    Coverage coverage;
    std::vector<Finding> findings;  // findings_max of a guarantee at most

    static constexpr std::size_t findings_max = 5;
    [[nodiscard]] bool breaks(Guarantee guarantee) const;
    [[nodiscard]] std::string text() const;
};

[[nodiscard]] IntervalReport check_intervals(const History& history);

}  // namespace tc::test
