// SPDX-License-Identifier: MIT
#include "driver/window.hpp"

#include <catch2/catch.hpp>

namespace tc::driver::test {
namespace {

Flight flight_of(std::uint64_t intended_ns) {
    return {.intended_ns = intended_ns, .verb = Verb::put, .is_measured = true};
}

}  // namespace

TEST_CASE("a window takes as many operations as it is large", "[driver][window]") {
    Window window(3);
    for (std::uint32_t i = 0; i < 3; ++i) {
        REQUIRE(window.has_room());
        const std::uint32_t next = window.next_number();
        CHECK(window.take(flight_of(i)) == next);
        CHECK(next < 3);
    }
    CHECK_FALSE(window.has_room());
    CHECK(window.count() == 3);
}

TEST_CASE("operations come back in any order, each with what is its own", "[driver][window]") {
    Window window(3);
    const std::uint32_t a = window.take(flight_of(10));
    const std::uint32_t b = window.take(flight_of(20));
    const std::uint32_t c = window.take(flight_of(30));
    CHECK(window.release(c)->intended_ns == 30);
    CHECK(window.release(a)->intended_ns == 10);
    // A number comes again once its operation has come back, and only then.
    const std::uint32_t d = window.take(flight_of(40));
    CHECK(d != b);
    CHECK(window.release(b)->intended_ns == 20);
    CHECK(window.release(d)->intended_ns == 40);
    CHECK(window.count() == 0);
}

TEST_CASE("a completion of nothing is found out", "[driver][window]") {
    Window window(2);
    const std::uint32_t number = window.take(flight_of(10));
    CHECK_FALSE(window.release(number == 0 ? 1 : 0).has_value());
    CHECK_FALSE(window.release(2).has_value());
    CHECK_FALSE(window.release(UINT32_MAX).has_value());
    CHECK(window.release(number).has_value());
    CHECK_FALSE(window.release(number).has_value());
}

TEST_CASE("all that are on their way are given up at once", "[driver][window]") {
    Window window(4);
    window.take(flight_of(10));
    const std::uint32_t back = window.take(flight_of(20));
    window.take(flight_of(30));
    (void)window.release(back);
    std::uint64_t sum = 0;
    window.release_all([&](const Flight& flight) { sum += flight.intended_ns; });
    CHECK(sum == 40);
    CHECK(window.count() == 0);
}

}  // namespace tc::driver::test
