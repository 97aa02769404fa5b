// SPDX-License-Identifier: MIT
//
// The judge of long histories, judged by histories written by hand.
#include "histories/interval_checks.hpp"

#include <catch2/catch.hpp>
#include <optional>

#include "histories/intervals.hpp"
#include "histories/written_history.hpp"

using namespace tc::test;

namespace {

constexpr std::uint8_t red = 1;
constexpr std::uint8_t blue = 2;

// What is broken first; nothing when all is well.
std::optional<Guarantee> broken_by(const History& history) {
    const IntervalReport report = check_intervals(history);
    INFO(report.text());
    CHECK((report.findings.empty() || report.breaks(report.findings[0].guarantee)));
    return report.findings.empty() ? std::nullopt : std::optional{report.findings[0].guarantee};
}

}  // namespace

TEST_CASE("intervals before, between and within") {
    Intervals intervals;
    for (const auto& [called_ns, returned_ns] : {std::pair{10, 90}, {20, 30}, {40, 50}}) {
        intervals.add(
            {static_cast<std::uint64_t>(called_ns), static_cast<std::uint64_t>(returned_ns), 0});
    }
    intervals.seal();
    CHECK(intervals.last_before(30) == Intervals::none);
    CHECK(intervals[intervals.last_before(31)].called_ns == 20);
    CHECK(intervals[intervals.last_before(100)].called_ns == 40);
    CHECK(intervals.has_between(15, 31));
    CHECK_FALSE(intervals.has_between(20, 50));
    CHECK(intervals.has_within(89, 100));
    CHECK_FALSE(intervals.has_within(90, 100));
    CHECK_FALSE(intervals.has_within(0, 10));
    CHECK(intervals.has_other_within(10, 21, 0));
    CHECK_FALSE(intervals.has_other_within(10, 20, 0));
    CHECK(intervals.has_other_within(20, 25, 1));
}

TEST_CASE("interval checks: histories that an order explains are without findings") {
    CHECK(broken_by({}) == std::nullopt);
    CHECK(broken_by({put({0, 1}, 7), hit({2, 3}, 7), removal({4, 5}, true), miss({6, 7})}) ==
          std::nullopt);
    CHECK(broken_by({put({0, 9}, 7), put({1, 8}, 8), hit({10, 11}, 7)}) == std::nullopt);
    CHECK(broken_by({put({0, 1}, 7), put({2, 9}, 8), hit({3, 4}, 7), hit({5, 6}, 8)}) ==
          std::nullopt);
    CHECK(broken_by({increment({0, 1}, 0, 5), increment({2, 3}, 5, 3), hit({4, 5}, 8)}) ==
          std::nullopt);
}

TEST_CASE("G1: interval checks find stale reads, values from nowhere and lost updates") {
    CHECK(broken_by({put({0, 1}, 7), put({2, 3}, 8), hit({4, 5}, 7)}) == Guarantee::g1);
    CHECK(broken_by({put({0, 1}, 7), removal({2, 3}, true), hit({4, 5}, 7)}) == Guarantee::g1);
    CHECK(broken_by({hit({0, 1}, 7)}) == Guarantee::g1);
    CHECK(broken_by({hit({0, 1}, 7), put({2, 3}, 7)}) == Guarantee::g1);
    CHECK(broken_by({put({0, 1}, 7), on(1, hit({2, 3}, 7))}) == Guarantee::g1);
    CHECK(broken_by({put({0, 1}, 7), increment({2, 6}, 7, 3), increment({3, 7}, 7, 4)}) ==
          Guarantee::g1);
    CHECK(broken_by({put({0, 9}, 7), increment({1, 3}, 7, 3), hit({4, 5}, 7)}) == Guarantee::g1);
    // Each of these reads alone would be legal.
    CHECK(broken_by({put({0, 20}, 7), put({0, 20}, 8), hit({1, 2}, 7), hit({3, 4}, 8),
                     hit({5, 6}, 7)}) == Guarantee::g1);
    CHECK(broken_by({put({0, 20}, 7), hit({1, 2}, 7), miss({3, 4}), hit({5, 6}, 7)}) ==
          Guarantee::g1);
}

TEST_CASE("G2: interval checks find what outlives an INVALIDATE of its tag") {
    CHECK(broken_by({put({0, 1}, 7, red), invalidation({2, 3}, red, 1), hit({4, 5}, 7)}) ==
          Guarantee::g2);
    CHECK(broken_by({put({0, 9}, 7, red), hit({1, 2}, 7), invalidation({3, 4}, red, 0),
                     hit({5, 6}, 7)}) == Guarantee::g2);
    CHECK(broken_by({put({0, 1}, 7, red), increment({2, 3}, 7, 1), invalidation({4, 5}, red, 1),
                     hit({6, 7}, 8)}) == Guarantee::g2);
    CHECK(broken_by({put({0, 4}, 7, red), invalidation({2, 3}, red, 0), hit({5, 6}, 7)}) ==
          std::nullopt);
    CHECK(broken_by({put({0, 1}, 7, red), invalidation({2, 3}, blue, 0), hit({4, 5}, 7)}) ==
          std::nullopt);
}

TEST_CASE("G3: interval checks find an entry that went although nothing took it away") {
    CHECK(broken_by({put({0, 1}, 7), miss({2, 3})}) == Guarantee::g3);
    CHECK(broken_by({invalidation({0, 1}, red, 0), put({2, 3}, 7, red), miss({4, 5})}) ==
          Guarantee::g3);
    CHECK(broken_by({put({0, 1}, 7, red), invalidation({2, 3}, blue, 0), miss({4, 5})}) ==
          Guarantee::g3);
    CHECK(broken_by({put({1, 3}, 7, red), invalidation({0, 2}, red, 1), miss({4, 5})}) ==
          std::nullopt);
    CHECK(broken_by({put({0, 1}, 7), put({2, 6}, 8, red), invalidation({3, 5}, red, 1),
                     miss({7, 8})}) == std::nullopt);
}

TEST_CASE("G6: interval checks bound each count by what the INVALIDATE can have found") {
    const History two = {on(0, put({0, 1}, 7, red)), on(1, put({0, 1}, 8, red | blue)),
                         on(2, put({0, 1}, 9, blue))};
    const auto with = [&](std::initializer_list<Operation> more) {
        History history = two;
        history.insert(history.end(), more);
        return history;
    };
    CHECK(broken_by(with({invalidation({2, 3}, red, 2)})) == std::nullopt);
    CHECK(broken_by(with({invalidation({2, 3}, red, 3)})) == Guarantee::g6);
    CHECK(broken_by(with({invalidation({2, 3}, red, 1)})) == Guarantee::g6);
    CHECK(broken_by(with({invalidation({2, 3}, red | blue, 3)})) == std::nullopt);
    CHECK(broken_by(with({invalidation({2, 3}, red, 2), invalidation({4, 5}, red, 0)})) ==
          std::nullopt);
    CHECK(broken_by(with({invalidation({2, 3}, red, 2), invalidation({4, 5}, red, 1)})) ==
          Guarantee::g6);
    for (const std::uint64_t count : {0, 1, 2}) {
        CHECK(broken_by(with({invalidation({2, 5}, red, count),
                              invalidation({3, 4}, red, 2 - count)})) == std::nullopt);
    }
    CHECK(broken_by(with({removal({2, 5}, true), invalidation({3, 4}, red, 1)})) == std::nullopt);
    CHECK(broken_by(with({removal({2, 5}, true), invalidation({3, 4}, red, 0)})) == Guarantee::g6);
    CHECK(check_intervals(with({invalidation({2, 3}, red, 2)})).coverage.exact_counts == 1);
}

TEST_CASE("G7: interval checks find what is served late, and what is gone early") {
    CHECK(broken_by({put({0, 1}, 7, 0, 100), hit({102, 103}, 7)}) == Guarantee::g7);
    CHECK(broken_by({put({0, 1}, 7, 0, 100), miss({90, 98})}) == Guarantee::g7);
    CHECK(broken_by({put({0, 1}, 7, 0, 100), increment({2, 3}, 7, 1), hit({103, 104}, 8)}) ==
          Guarantee::g7);
    CHECK(broken_by({put({0, 1}, 7, 0, 100), hit({101, 103}, 7)}) == std::nullopt);
    CHECK(broken_by({put({0, 1}, 7, 0, 100), miss({98, 100})}) == std::nullopt);
}

TEST_CASE("interval checks count what they had to look at") {
    const Coverage coverage =
        check_intervals({put({0, 4}, 7, red, 100), hit({3, 5}, 7), invalidation({6, 7}, red, 1),
                         miss({8, 9}), put({10, 11}, 8, 0, 10), miss({30, 31})})
            .coverage;
    CHECK(coverage.operations == 6);
    CHECK(coverage.hits == 1);
    CHECK(coverage.misses == 2);
    CHECK(coverage.overlapping_pairs == 1);
    CHECK(coverage.determined_misses == 2);
    CHECK(coverage.hits_with_deadline == 1);
    CHECK(coverage.expiries == 1);
    CHECK(coverage.removing_invalidations == 1);
    CHECK(coverage.exact_counts == 1);
}
