// SPDX-License-Identifier: MIT
#include "bench/scenario_report.hpp"

#include <catch2/catch.hpp>

namespace tc::bench::test {
namespace {

TailSlice slice(double us) {
    TailSlice slice;
    slice.rate_per_s = 45'678;
    slice.p50_us = us;
    slice.p99_us = us * 2;
    slice.p999_us = us * 3;
    slice.max_us = us * 4;
    slice.lag_p999_us = 1.5;
    slice.lag_max_us = 25;
    slice.server_share = 0.5;
    slice.server_wait_share = 0.01;
    slice.client_share = 0.6;
    return slice;
}

ScenarioReport report() {
    const std::vector<Evidence> evidence = {{"things done", 7, 7}, {"us", 12}};
    return {{90'000, 0.9, 0.8},
            {{"growth", {slice(10), slice(20)}, {slice(30), slice(60)}, {evidence, evidence}}}};
}

}  // namespace

TEST_CASE("a scenario has a line for its disturbed slices and one for the quiet ones",
          "[bench][scenario]") {
    const Table table = tail_table(report().scenarios);
    REQUIRE(table.size() == 3);
    CHECK(table[1] == std::vector<std::string>{"growth", "45.7", "45.0", "90.0 [75.0, 105]",
                                               "135 [112, 158]", "90.0 [75.0, 105]",
                                               "180 [150, 210]", "240", "1.50", "25.0", "0.50",
                                               "0.01", "0.60"});
    CHECK(table[2][0] == "  quiet");
    CHECK(table[2][2] == "15.0");
    CHECK(table[2][5].empty());
    CHECK(table[0].size() == table[1].size());
    CHECK(table[0].size() == table[2].size());
}

TEST_CASE("a tail that grows by more than a millisecond is marked", "[bench][scenario]") {
    ScenarioFigures figures = report().scenarios[0];
    figures.disturbed[0].p999_us = 1'030;
    figures.disturbed[1].p999_us = 1'060;
    CHECK(tail_table({figures})[1][5] == "1000 [1000, 1000]");
    figures.disturbed[1].p999_us = 1'061;
    CHECK_THAT(tail_table({figures})[1][5], Catch::EndsWith("]!"));
}

TEST_CASE("what took place is told, and every fault", "[bench][scenario]") {
    ScenarioFigures figures = report().scenarios[0];
    CHECK(account_of(figures) == "sound: in each of 2 slices 7 things done, 12 us\n");
    figures.quiet[1].fault = "3 GETs missed";
    CHECK(account_of(figures) ==
          "FLAWED: in each of 2 slices 7 things done, 12 us\n"
          "  does not count: slice 2, quiet: 3 GETs missed\n");
    figures.evidence[0][0].count = 6;
    CHECK_THAT(account_of(figures), Catch::StartsWith("VOID: in each of 2 slices 6 to 7 things"));
}

TEST_CASE("a void row shows no figures that do not count", "[bench][scenario]") {
    ScenarioFigures figures = report().scenarios[0];
    for (TailSlice& each : figures.disturbed) {
        each.fault = "1 connections were lost";
    }
    const Table table = tail_table({figures});
    CHECK(table[1][2] == "-");
    CHECK(table[1][5] == "-");
    CHECK(table[2][2] == "15.0");
}

TEST_CASE("a report of scenarios is told as Markdown and as JSON", "[bench][scenario]") {
    const std::string markdown = markdown_of(report());
    CHECK_THAT(markdown, Catch::Contains("| growth | 45.7 | 45.0 |"));
    CHECK_THAT(markdown, Catch::EndsWith("- growth, sound: in each of 2 slices 7 things done, 12 "
                                         "us\n"));
    const std::string json = json_of(report());
    CHECK_THAT(json, Catch::StartsWith("{\"saturation\":{\"rate_per_s\":90000,"));
    CHECK_THAT(json, Catch::Contains("\"verdict\":\"sound\""));
    CHECK_THAT(json, Catch::Contains("\"p999_us\":{\"median\":135,\"low\":112.5,\"high\":157.5}"));
    CHECK_THAT(json, Catch::Contains("{\"what\":\"things done\",\"count\":7,\"count_min\":7}"));
}

}  // namespace tc::bench::test
