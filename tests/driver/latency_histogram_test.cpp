// SPDX-License-Identifier: MIT
#include "driver/latency_histogram.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "driver/percentile_text.hpp"

namespace tc::driver::test {
namespace {

LatencyHistogram of(std::initializer_list<std::uint64_t> times_ns) {
    LatencyHistogram histogram;
    for (const std::uint64_t ns : times_ns) {
        histogram.record(ns);
    }
    return histogram;
}

}  // namespace

TEST_CASE("a quantile is the least time that so many calls did not exceed", "[driver][histogram]") {
    const LatencyHistogram histogram = of({10, 20, 30, 40, 50, 60, 70, 80, 90, 100});
    CHECK(histogram.quantile_ns(0) == 10);
    CHECK(histogram.quantile_ns(0.1) == 10);
    CHECK(histogram.quantile_ns(0.11) == 20);
    CHECK(histogram.quantile_ns(0.5) == 50);
    CHECK(histogram.quantile_ns(0.9) == 90);
    CHECK(histogram.quantile_ns(0.99) == 100);
    CHECK(histogram.quantile_ns(1) == 100);
}

TEST_CASE("a time is known to 0.8 percent, and the longest exactly", "[driver][histogram]") {
    for (std::uint64_t ns = 1; ns < 600'000'000'000; ns = ns * 9 / 8 + 1) {
        CAPTURE(ns);
        LatencyHistogram histogram = of({ns});
        CHECK(histogram.max_ns() == ns);
        CHECK(histogram.quantile_ns(0.5) == ns);
        histogram.record(1'000'000'000'000);
        const std::uint64_t seen = histogram.quantile_ns(0.5);
        REQUIRE(seen >= ns);
        CHECK(static_cast<double>(seen - ns) <= 0.008 * static_cast<double>(ns));
    }
}

TEST_CASE("times beyond the last bucket are counted in it", "[driver][histogram]") {
    const LatencyHistogram histogram = of({1, UINT64_MAX});
    CHECK(histogram.count() == 2);
    CHECK(histogram.max_ns() == UINT64_MAX);
    CHECK(histogram.quantile_ns(1) > 1'000'000'000'000);
}

TEST_CASE("an empty histogram has no times", "[driver][histogram]") {
    const LatencyHistogram histogram;
    CHECK(histogram.quantile_ns(0.5) == 0);
    CHECK(histogram.mean_ns() == 0);
    CHECK(histogram.deviation_ns() == 0);
}

TEST_CASE("a merged histogram holds both, and what came since is told apart",
          "[driver][histogram]") {
    LatencyHistogram histogram = of({10, 20});
    const LatencyHistogram earlier = histogram;
    histogram.merge(of({30, 2'000'000}));
    CHECK(histogram.count() == 4);
    CHECK(histogram.quantile_ns(0.75) == 30);
    CHECK(histogram.max_ns() == 2'000'000);
    CHECK(histogram.over_1_ms_count() == 1);

    const LatencyHistogram since = histogram.since(earlier);
    CHECK(since.count() == 2);
    CHECK(since.quantile_ns(0.5) == 30);
    CHECK(since.over_1_ms_count() == 1);
}

TEST_CASE("mean and deviation are those of the times", "[driver][histogram]") {
    const LatencyHistogram histogram = of({100, 100, 200, 200});
    CHECK(histogram.mean_ns() == Approx(150));
    CHECK(histogram.deviation_ns() == Approx(50));
}

TEST_CASE("the text for HdrHistogram rises to the maximum", "[driver][histogram]") {
    LatencyHistogram histogram;
    for (std::uint64_t i = 1; i <= 1000; ++i) {
        histogram.record(i * 1'000'000);
    }
    std::istringstream text(percentile_text(histogram));
    std::string line;
    REQUIRE(std::getline(text, line));
    CHECK(line == "       Value     Percentile TotalCount 1/(1-Percentile)");
    REQUIRE(std::getline(text, line));
    CHECK(line.empty());
    double value_before = 0;
    double quantile_before = -1;
    std::uint64_t count_before = 0;
    while (std::getline(text, line) && line[0] != '#') {
        std::istringstream columns(line);
        double value = 0;
        double quantile = 0;
        std::uint64_t count = 0;
        REQUIRE((columns >> value >> quantile >> count));
        CHECK(value >= value_before);
        CHECK(quantile > quantile_before);
        CHECK(count >= count_before);
        CHECK(static_cast<double>(count) >= quantile * 1000);
        value_before = value;
        quantile_before = quantile;
        count_before = count;
    }
    CHECK(value_before == Approx(1000));
    CHECK(quantile_before == 1);
    CHECK(count_before == 1000);
    CHECK(line.starts_with("#[Mean    =   500."));
    REQUIRE(std::getline(text, line));
    CHECK(line == "#[Max     =  1000.000000, Total count    =         1000]");
}

TEST_CASE("the text of an empty histogram is whole", "[driver][histogram]") {
    CHECK_THAT(percentile_text(LatencyHistogram()),
               Catch::Contains("Total count    =            0"));
}

}  // namespace tc::driver::test
