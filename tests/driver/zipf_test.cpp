// SPDX-License-Identifier: MIT
#include "driver/zipf.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <vector>

namespace tc::driver::test {
namespace {

// How far counts are from what they should be, as a multiple of what chance brings on average.
double reduced_chi_square(const std::vector<double>& counts, const std::vector<double>& expected) {
    double sum = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        sum += (counts[i] - expected[i]) * (counts[i] - expected[i]) / expected[i];
    }
    return sum / static_cast<double>(counts.size() - 1);
}

}  // namespace

TEST_CASE("ranks come as often as the distribution says", "[driver][zipf]") {
    constexpr double draw_count = 300'000;
    for (const double exponent : {0.3, 0.8, 0.99, 1.0, 1.0 + 1e-10, 1.01, 1.2, 2.68}) {
        for (const std::size_t rank_count : {2U, 10U, 300U}) {
            CAPTURE(exponent, rank_count);
            std::mt19937_64 random(42);
            const Zipf zipf(rank_count, exponent);
            std::vector<double> counts(rank_count);
            for (double i = 0; i < draw_count; ++i) {
                ++counts[zipf(random) - 1];
            }
            std::vector<double> expected(rank_count);
            double total = 0;
            for (std::size_t i = 0; i < rank_count; ++i) {
                expected[i] = std::pow(static_cast<double>(i + 1), -exponent);
                total += expected[i];
            }
            for (double& each : expected) {
                each *= draw_count / total;
            }
            // Five standard deviations of what chance does: sqrt(2 / (n - 1)) each.
            const double deviation = std::sqrt(2 / static_cast<double>(rank_count - 1));
            CHECK(reduced_chi_square(counts, expected) < 1 + 5 * deviation);
        }
    }
}

TEST_CASE("a distribution over billions has its head and its tail", "[driver][zipf]") {
    constexpr std::uint64_t rank_count = 4'000'000'000;
    constexpr double draw_count = 300'000;
    std::mt19937_64 random(42);
    const Zipf zipf(rank_count, 1.0);
    double first_count = 0;
    double upper_half_count = 0;
    for (double i = 0; i < draw_count; ++i) {
        const std::uint64_t rank = zipf(random);
        REQUIRE((rank >= 1 && rank <= rank_count));
        first_count += rank == 1 ? 1 : 0;
        upper_half_count += rank > rank_count / 2 ? 1 : 0;
    }
    // The sum of 1/k up to n is log n + Euler's constant.
    const double sum = std::log(static_cast<double>(rank_count)) + 0.5772156649;
    CHECK(first_count == Approx(draw_count / sum).epsilon(0.02));
    CHECK(upper_half_count == Approx(draw_count * std::log(2.0) / sum).epsilon(0.03));
}

TEST_CASE("a distribution over one rank is that rank", "[driver][zipf]") {
    std::mt19937_64 random(42);
    const Zipf zipf(1, 1.0);
    for (int i = 0; i < 1000; ++i) {
        REQUIRE(zipf(random) == 1);
    }
}

}  // namespace tc::driver::test
