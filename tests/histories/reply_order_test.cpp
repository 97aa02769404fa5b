// SPDX-License-Identifier: MIT
//
// The judge of replies, judged by exchanges written by hand.
#include "histories/reply_order.hpp"

#include <catch2/catch.hpp>

#include "histories/written_history.hpp"

using namespace tc::test;

namespace {

constexpr std::uint8_t red = 1;
constexpr std::uint8_t blue = 2;

bool is_right(const History& operations) {
    std::vector<Exchange> exchanges;
    for (const Operation& operation : operations) {
        const auto id = static_cast<std::uint32_t>(exchanges.size());
        exchanges.push_back({operation, id, id});
    }
    return first_wrong_reply(exchanges).empty();
}

}  // namespace

TEST_CASE("G8: replies that follow the requests are right") {
    CHECK(is_right({}));
    CHECK(is_right({miss({}), put({}, 7, red), hit({}, 7), put({}, 8, blue), hit({}, 8),
                    removal({}, true), removal({}, false), miss({})}));
    CHECK(
        is_right({on(1, put({}, 7, red)), on(2, put({}, 8, red | blue)), invalidation({}, blue, 1),
                  on(2, miss({})), on(1, hit({}, 7)), invalidation({}, red, 1)}));
}

TEST_CASE("G8: replies of other requests, of older states and with other counts are found") {
    CHECK_FALSE(is_right({put({}, 7), put({}, 8), hit({}, 7)}));
    CHECK_FALSE(is_right({put({}, 7), miss({})}));
    CHECK_FALSE(is_right({on(1, put({}, 7)), on(2, put({}, 8)), on(1, hit({}, 8))}));
    CHECK_FALSE(is_right({put({}, 7, red), invalidation({}, red, 1), hit({}, 7)}));
    CHECK_FALSE(is_right({put({}, 7, red), invalidation({}, red, 0)}));
    CHECK_FALSE(is_right({put({}, 7, red), removal({}, false)}));
    CHECK_FALSE(first_wrong_reply({{miss({}), 1, 2}, {miss({}), 2, 1}}).empty());
}
