// SPDX-License-Identifier: MIT
//
// The judge of short histories, judged by histories written by hand.
#include "histories/linearizability.hpp"

#include <catch2/catch.hpp>

#include "histories/written_history.hpp"

using namespace tc::test;

namespace {

constexpr std::uint8_t red = 1;
constexpr std::uint8_t blue = 2;

bool is_legal(const History& history) {
    const LinearizabilityResult result = check_key(history);
    REQUIRE(result.verdict != Verdict::unknown);
    CHECK((result.verdict == Verdict::violated) == !result.report.empty());
    return result.verdict == Verdict::linearizable;
}

}  // namespace

TEST_CASE("linearizability: reads one after the other see what was written last") {
    CHECK(is_legal({}));
    CHECK(is_legal({put({0, 1}, 7), hit({2, 3}, 7), put({4, 5}, 8), hit({6, 7}, 8)}));
    CHECK(is_legal({miss({0, 1}), put({2, 3}, 7), removal({4, 5}, true), miss({6, 7})}));
    CHECK_FALSE(is_legal({put({0, 1}, 7), put({2, 3}, 8), hit({4, 5}, 7)}));
    CHECK_FALSE(is_legal({put({0, 1}, 7), miss({2, 3})}));
    CHECK_FALSE(is_legal({hit({0, 1}, 7), put({2, 3}, 7)}));
    CHECK_FALSE(is_legal({put({0, 1}, 7), removal({2, 3}, true), hit({4, 5}, 7)}));
    CHECK_FALSE(is_legal({put({0, 1}, 7), removal({2, 3}, false)}));
}

TEST_CASE("linearizability: what overlaps may be in any order, but in one for all") {
    CHECK(is_legal({put({0, 1}, 7), put({2, 9}, 8), hit({3, 4}, 7), hit({5, 6}, 8)}));
    CHECK(is_legal({put({0, 9}, 7), put({1, 8}, 8), hit({2, 3}, 7), hit({4, 5}, 8)}));
    CHECK_FALSE(is_legal({put({0, 1}, 7), put({2, 9}, 8), hit({3, 4}, 8), hit({5, 6}, 7)}));
    CHECK_FALSE(
        is_legal({put({0, 9}, 7), put({1, 8}, 8), hit({2, 3}, 7), hit({4, 5}, 8), hit({6, 7}, 7)}));
}

TEST_CASE("linearizability: an INVALIDATE deletes the entry if it has one of the tags") {
    CHECK(is_legal({put({0, 1}, 7, red), invalidation({2, 3}, red), miss({4, 5})}));
    CHECK(is_legal({put({0, 1}, 7, red), invalidation({2, 3}, blue), hit({4, 5}, 7)}));
    CHECK(is_legal({put({0, 9}, 7, red), invalidation({1, 2}, red), hit({3, 4}, 7)}));
    CHECK_FALSE(is_legal({put({0, 1}, 7, red), invalidation({2, 3}, red), hit({4, 5}, 7)}));
    CHECK_FALSE(
        is_legal({put({0, 1}, 7, red | blue), invalidation({2, 3}, blue | 4), hit({4, 5}, 7)}));
    CHECK_FALSE(is_legal({put({0, 1}, 7, red), invalidation({2, 3}, blue), miss({4, 5})}));
    // Published before its edge: seen, then invalidated, then still there.
    CHECK_FALSE(
        is_legal({put({0, 9}, 7, red), hit({1, 2}, 7), invalidation({3, 4}, red), hit({5, 6}, 7)}));
}

TEST_CASE("linearizability: each INCR adds to what the one before it left") {
    CHECK(is_legal({increment({0, 1}, 0, 5), increment({2, 3}, 5, 3), hit({4, 5}, 8)}));
    CHECK(is_legal(
        {put({0, 1}, 7, red), increment({2, 3}, 7, 3), invalidation({4, 5}, red), miss({6, 7})}));
    CHECK_FALSE(is_legal({put({0, 1}, 7), increment({2, 6}, 7, 3), increment({3, 7}, 7, 4)}));
    CHECK_FALSE(is_legal({put({0, 1}, 7), increment({2, 3}, 7, 3), hit({4, 5}, 7)}));
    CHECK_FALSE(is_legal({put({0, 1}, 7), increment({2, 3}, 0, 3)}));
}

TEST_CASE("linearizability: an entry may be missed from its deadline on, and must be later") {
    CHECK(is_legal({put({0, 1}, 7, 0, 100), hit({98, 99}, 7), miss({100, 102})}));
    CHECK(is_legal({put({0, 1}, 7, 0, 100), miss({90, 102}), miss({103, 104})}));
    CHECK(is_legal({put({0, 1}, 7, 0, 100), touch({50, 51}, 100), hit({140, 141}, 7)}));
    CHECK(is_legal({put({0, 1}, 7, 0, 100), increment({50, 51}, 7, 1), miss({140, 141})}));
    CHECK_FALSE(is_legal({put({0, 1}, 7, 0, 100), miss({90, 98})}));
    CHECK_FALSE(is_legal({put({0, 1}, 7, 0, 100), hit({102, 103}, 7)}));
    CHECK_FALSE(is_legal({put({0, 9}, 7, 0, 100), miss({99, 105}), hit({106, 107}, 7)}));
    CHECK_FALSE(is_legal({put({0, 1}, 7, 0, 100), touch({50, 51}, 100), miss({110, 111})}));
}

TEST_CASE("linearizability: a search without enough steps is unknown, and no pass") {
    History history;
    for (std::uint64_t i = 1; i <= 60; ++i) {
        history.push_back(put({0, 1000}, i));
    }
    history.push_back(miss({1001, 1002}));
    const LinearizabilityResult result = check_key(history, 10'000);
    CHECK(result.verdict == Verdict::unknown);
    CHECK(result.steps > 10'000);
}

TEST_CASE("linearizability: the operations on one key are its own and every INVALIDATE") {
    const History history = {on(1, put({0, 1}, 7)), on(2, put({2, 3}, 8)), invalidation({4, 5}, 1)};
    CHECK(projected_on(history, 1).size() == 2);
    CHECK(projected_on(history, 3).size() == 1);
}
