// SPDX-License-Identifier: MIT
//
// Whether the operations on one key can be put into an order that a single client could have seen,
// and that puts an operation which returned before another was called in front of it: the search of
// Wing and Gong, with Lowe's memory of what was tried. An INVALIDATE counts as "delete the entry if
// it has one of the tags", with its own interval: whether it is one point for all keys is not
// asked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "histories/operation.hpp"

namespace tc::test {

enum class Verdict : std::uint8_t { linearizable, violated, unknown };

struct LinearizabilityResult {
    Verdict verdict = Verdict::unknown;
    std::uint64_t steps = 0;
    std::string report;  // when violated: the longest order that was found, and what it left over
};

inline constexpr std::size_t key_operations_max = 512;

// REQUIRES: operations on one key that was absent at first, and INVALIDATEs; at most
// key_operations_max. unknown: more than `steps_max` would have been needed.
[[nodiscard]] LinearizabilityResult check_key(const History& operations,
                                              std::uint64_t steps_max = 20'000'000);

// Of one key, with the INVALIDATEs.
[[nodiscard]] History projected_on(const History& history, std::uint16_t key);

}  // namespace tc::test
