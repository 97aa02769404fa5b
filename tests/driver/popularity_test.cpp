// SPDX-License-Identifier: MIT
#include "driver/popularity.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace tc::driver::test {
namespace {

constexpr int draw_count = 100'000;

std::vector<double> shares_of(std::string_view text, std::uint64_t index_count) {
    Random random(42);
    IndexDraw draw(parse_popularity(text).value(), index_count);
    std::vector<double> shares(index_count);
    for (int i = 0; i < draw_count; ++i) {
        shares.at(draw(random)) += 1.0 / draw_count;
    }
    return shares;
}

}  // namespace

TEST_CASE("uniform draws every index as often as any other", "[driver][popularity]") {
    for (const double share : shares_of("uniform", 10)) {
        CHECK(share == Approx(0.1).epsilon(0.05));
    }
}

TEST_CASE("zipf draws the second index half as often as the first", "[driver][popularity]") {
    const std::vector<double> shares = shares_of("zipf:1", 100);
    CHECK(shares[1] == Approx(shares[0] / 2).epsilon(0.05));
    CHECK(shares[9] == Approx(shares[0] / 10).epsilon(0.1));
}

TEST_CASE("hot gives a share of the draws to a share of the indexes", "[driver][popularity]") {
    const std::vector<double> shares = shares_of("hot:90/1", 100);
    // A tenth of the draws goes to all indexes alike.
    CHECK(shares[0] == Approx(0.901).epsilon(0.01));
    const std::vector<double> by_default = shares_of("hot", 100);
    double first_20 = 0;
    for (int i = 0; i < 20; ++i) {
        first_20 += by_default[static_cast<std::size_t>(i)];
    }
    CHECK(first_20 == Approx(0.84).epsilon(0.01));
    CHECK(shares_of("hot:100/1", 10)[0] == Approx(1));
}

TEST_CASE("a sequence visits every index in turn, from where it begins", "[driver][popularity]") {
    Random random(42);
    IndexDraw draw(parse_popularity("sequential").value(), 3, 2);
    std::vector<std::uint64_t> drawn;
    for (int i = 0; i < 5; ++i) {
        drawn.push_back(draw(random));
    }
    CHECK(drawn == std::vector<std::uint64_t>{2, 0, 1, 2, 0});
}

TEST_CASE("one index is all that there is to draw", "[driver][popularity]") {
    for (const char* text : {"uniform", "zipf", "sequential", "hot"}) {
        CHECK(shares_of(text, 1)[0] == Approx(1));
    }
}

TEST_CASE("what is no distribution is refused", "[driver][popularity]") {
    for (const char* text : {"", "Uniform", "zipf:", "zipf:0", "zipf:-1", "zipf:nan", "zipf:1x",
                             "zipf:11", "hot:", "hot:90", "hot:0/1", "hot:90/0", "hot:101/1",
                             "hot:nan/1", "hot:1/2/3", "uniform ", "gauss"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_popularity(text).has_value());
    }
}

TEST_CASE("random numbers below a count stay below it and reach all of it", "[driver][random]") {
    Random random(42);
    std::vector<int> counts(7);
    for (int i = 0; i < 7000; ++i) {
        ++counts.at(random.below(7));
        const double unit = random.unit();
        REQUIRE((unit >= 0 && unit < 1));
    }
    for (const int count : counts) {
        CHECK(count > 800);
    }
    CHECK(random.below(1) == 0);
}

}  // namespace tc::driver::test
