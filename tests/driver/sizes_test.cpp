// SPDX-License-Identifier: MIT
#include "driver/sizes.hpp"

#include <catch2/catch.hpp>
#include <map>

namespace tc::driver::test {

TEST_CASE("a fixed size is always that size", "[driver][sizes]") {
    Random random(42);
    const Sizes sizes = parse_sizes("100").value();
    CHECK(sizes.is_fixed());
    CHECK(sizes.draw(random) == 100);
    CHECK(parse_sizes("0").value().draw(random) == 0);
}

TEST_CASE("each size of a range comes as often as any other", "[driver][sizes]") {
    Random random(42);
    const Sizes sizes = parse_sizes("10-14").value();
    CHECK(sizes.min() == 10);
    CHECK(sizes.max() == 14);
    std::map<std::uint64_t, int> counts;
    for (int i = 0; i < 10'000; ++i) {
        ++counts[sizes.draw(random)];
    }
    REQUIRE(counts.size() == 5);
    for (const auto& [size, count] : counts) {
        CAPTURE(size);
        CHECK(count == Approx(2000).epsilon(0.1));
    }
}

TEST_CASE("ranges come as often as their weights say", "[driver][sizes]") {
    Random random(42);
    const Sizes sizes = parse_sizes("100:70,1000-1999:20,5:10").value();
    CHECK(sizes.min() == 5);
    CHECK(sizes.max() == 1999);
    int hundreds = 0;
    int thousands = 0;
    int fives = 0;
    for (int i = 0; i < 10'000; ++i) {
        const std::uint64_t size = sizes.draw(random);
        hundreds += size == 100 ? 1 : 0;
        thousands += size >= 1000 && size <= 1999 ? 1 : 0;
        fives += size == 5 ? 1 : 0;
    }
    CHECK(hundreds == Approx(7000).epsilon(0.05));
    CHECK(thousands == Approx(2000).epsilon(0.05));
    CHECK(fives == Approx(1000).epsilon(0.1));
}

TEST_CASE("what is no size is refused", "[driver][sizes]") {
    for (const char* text : {"", "x", "-1", "10-", "10-5", "1-2-3", "10:", "10:0", "10:1:1", "10,",
                             "1 0", "1.5", "1073741825", "99999999999999999999"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_sizes(text).has_value());
    }
    CHECK(parse_sizes("1073741824").has_value());
}

}  // namespace tc::driver::test
