// SPDX-License-Identifier: MIT
//
// The runs that record and judge: rounds of short histories for the search, a long one for the
// interval checks, pipelines for the order of replies. Each says how much it has seen; a run that
// has seen too little is void.
#pragma once

#include <cstdint>
#include <string>

#include "histories/interval_checks.hpp"

namespace tc::test {

// Printed, so that a failure can be had again: TC_TEST_SEED, or else the time.
[[nodiscard]] std::uint64_t history_seed(const char* name);
// By how much longer runs are than in the suite: TC_HISTORY_FACTOR, or else 1.
[[nodiscard]] std::uint32_t history_factor();

struct SearchOutcome {
    std::uint64_t histories = 0;  // keys of all rounds
    std::uint64_t operations = 0;
    std::uint64_t hits = 0;
    std::uint64_t overlapping_pairs = 0;
    std::string violation;  // empty: each history is linearizable
    bool is_void = false;   // too little seen, or a search without an answer

    [[nodiscard]] std::string text() const;
};
// Rounds with new keys until one shows a violation. ttl_ms_max 0: without TTLs.
[[nodiscard]] SearchOutcome search_rounds(int port, std::uint64_t seed, std::uint32_t rounds,
                                          std::uint32_t ttl_ms_max);

struct IntervalOutcome {
    IntervalReport report;
    bool is_void = false;
};
// A history of about so many operations.
[[nodiscard]] IntervalOutcome check_long_history(int port, std::uint64_t seed,
                                                 std::uint32_t operations,
                                                 std::uint32_t ttl_ms_max);

struct ReplyOutcome {
    std::uint64_t exchanges = 0;
    std::uint64_t hits = 0;
    std::string wrong;  // empty: each reply was the right one
    bool is_void = false;
};
[[nodiscard]] ReplyOutcome check_pipelines(int port, std::uint64_t seed, std::uint32_t batches);

}  // namespace tc::test
