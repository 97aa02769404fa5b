// SPDX-License-Identifier: MIT
#include "cli/latency_buckets.hpp"

#include <catch2/catch.hpp>

using namespace tc;

namespace {

LatencyBuckets parsed(const char* text) {
    const std::optional<LatencyBuckets> latency = LatencyBuckets::parse(text);
    REQUIRE(latency.has_value());
    return *latency;
}

}  // namespace

TEST_CASE("a text of latencies is ends and counts in order", "[cli][latency]") {
    CHECK(parsed("").count() == 0);
    CHECK(parsed("1:1").count() == 1);
    CHECK(parsed("1:5 2:10 1024:85").count() == 100);
    CHECK(parsed("18446744073709551615:18446744073709551615").count() == UINT64_MAX);
    for (const char* text :
         {" ", "1", "1:", ":1", "1:1 ", " 1:1", "1:1  2:1", "1:0", "2:1 1:1", "1:1 1:1", "-1:1",
          "1:-1", "1:1,2:1", "1:1x", "x", "18446744073709551616:1", "1:18446744073709551615 2:1"}) {
        INFO(text);
        CHECK_FALSE(LatencyBuckets::parse(text).has_value());
    }
}

TEST_CASE("a percentile of latencies is the end of the span it lies in", "[cli][latency]") {
    const LatencyBuckets latency = parsed("4:50 8:49 1000:1");
    CHECK(latency.quantile_us(0.01) == 4);
    CHECK(latency.quantile_us(0.5) == 4);
    CHECK(latency.quantile_us(0.51) == 8);
    CHECK(latency.quantile_us(0.99) == 8);
    CHECK(latency.quantile_us(0.999) == 1000);
    CHECK(latency.quantile_us(1) == 1000);
    CHECK(parsed("7:1").quantile_us(0.5) == 7);
    CHECK(LatencyBuckets().quantile_us(0.5) == 0);
    CHECK(summary_text(latency) == "p50 4.00 us  p99 8.00 us  p99.9 1.00 ms  max 1.00 ms  of 100");
    CHECK(summary_text({}) == "none yet");
}

TEST_CASE("the difference of two polls has the requests between them", "[cli][latency]") {
    const LatencyBuckets earlier = parsed("4:50 8:50");
    const LatencyBuckets between = parsed("2:1 4:50 8:52 64:1").since(earlier);
    CHECK(between.count() == 4);
    CHECK(between.quantile_us(0.25) == 2);
    CHECK(between.quantile_us(0.75) == 8);
    CHECK(between.quantile_us(1) == 64);
    CHECK(earlier.since(earlier).count() == 0);
    CHECK(earlier.since({}).count() == 100);
}

TEST_CASE("a server that was started anew counts its latencies from nothing", "[cli][latency]") {
    const LatencyBuckets earlier = parsed("4:50 8:50");
    CHECK(parsed("4:3 8:60").since(earlier).count() == 63);
    CHECK(parsed("4:60").since(earlier).count() == 60);
    CHECK(parsed("8:60").since(earlier).count() == 60);
    CHECK(LatencyBuckets().since(earlier).count() == 0);
}
