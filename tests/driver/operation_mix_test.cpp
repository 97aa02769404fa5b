// SPDX-License-Identifier: MIT
#include "driver/operation_mix.hpp"

#include <array>
#include <catch2/catch.hpp>

namespace tc::driver::test {
namespace {

std::array<int, verb_count> counts_of(std::string_view text) {
    Random random(42);
    const OperationMix mix = parse_operation_mix(text).value();
    std::array<int, verb_count> counts{};
    for (int i = 0; i < 10'000; ++i) {
        ++counts.at(static_cast<std::size_t>(mix.draw(random)));
    }
    return counts;
}

}  // namespace

TEST_CASE("verbs come as often as the ratio says", "[driver][mix]") {
    const std::array<int, verb_count> counts = counts_of("70:20:10");
    CHECK(counts[0] == Approx(7000).epsilon(0.05));
    CHECK(counts[1] == Approx(2000).epsilon(0.05));
    CHECK(counts[2] == Approx(1000).epsilon(0.1));
}

TEST_CASE("a verb of weight 0 never comes", "[driver][mix]") {
    CHECK(counts_of("1:0:0") == std::array<int, verb_count>{10'000, 0, 0});
    CHECK(counts_of("0:1:0") == std::array<int, verb_count>{0, 10'000, 0});
    CHECK(counts_of("0:0:7") == std::array<int, verb_count>{0, 0, 10'000});
    CHECK(counts_of("1:1")[2] == 0);
}

TEST_CASE("what is no ratio is refused", "[driver][mix]") {
    for (const char* text :
         {"", "1", "0:0:0", "0:0", "1:2:3:4", "a:b:c", "1::1", "-1:1:1", "1:1:4294967296"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_operation_mix(text).has_value());
    }
}

}  // namespace tc::driver::test
