// SPDX-License-Identifier: MIT
#include "bench/comparison_report.hpp"

#include <catch2/catch.hpp>

namespace tc::bench::test {
namespace {

Slice slice(double operations_per_s, double cpu_ns) {
    Slice slice;
    slice.operations_per_s = operations_per_s;
    slice.cpu_ns = cpu_ns;
    slice.p50_us = 12.34;
    slice.p99_us = 1234.5;
    slice.p999_us = 0.126;
    slice.server_share = 0.9;
    slice.client_share = 0.4;
    return slice;
}

ComparisonReport report() {
    RowFigures figures{{RowKind::get, 100, 64, 50, 1}, {}};
    figures.slices[ours] = {slice(2'000'000, 500)};
    figures.slices["redis"] = {slice(400'000, 2'100)};
    figures.slices[floor_server] = {slice(5'000'000, 100)};
    return {{ours, "redis", floor_server},
            {figures},
            {{100, 1'000'000, {{ours, 158.25}, {"redis", 208.0}}}}};
}

}  // namespace

TEST_CASE("a row's table has a line for each server that took part", "[bench][report]") {
    const Table table = table_of(report().rows[0], {ours, "redis", "memcached", floor_server});
    REQUIRE(table.size() == 4);
    CHECK(table[1] == std::vector<std::string>{ours, "2000", "0.50", "12.3", "1234", "0.13", "0.90",
                                               "0.40", "-", "-", "-"});
    CHECK(table[2] == std::vector<std::string>{"redis", "400", "2.10", "12.3", "1234", "0.13",
                                               "0.90", "0.40", "5.00 [5.00, 5.00]",
                                               "0.24 [0.24, 0.24]", "0.20 [0.20, 0.20]"});
    CHECK(table[3][0] == floor_server);
    CHECK(table[3].back() == "-");
}

TEST_CASE("a busy client is marked, and a mix tells its hits", "[bench][report]") {
    RowFigures figures = report().rows[0];
    figures.slices[ours][0].client_share = 0.81;
    CHECK(table_of(figures, {ours})[1][7] == "0.81!");
    figures.row.kind = RowKind::mix;
    figures.slices[ours][0].hit_ratio = 0.934;
    CHECK(table_of(figures, {ours})[1][0] == "tagcached, 93 % hits");
    CHECK(table_of(figures, {floor_server})[1][0] == "echo");
}

TEST_CASE("goals tell whether they were reached", "[bench][report]") {
    const Table table = goal_table(report());
    REQUIRE(table.size() == 2);
    CHECK(table[1] == std::vector<std::string>{"get 100 B, depth 64, 50 connections", "redis",
                                               "0.24 [0.24, 0.24]", "0.25", "reached",
                                               "0.20 [0.20, 0.20]"});
    ComparisonReport slower = report();
    slower.rows[0].slices[ours][0].cpu_ns = 600;
    CHECK(goal_table(slower)[1][4] == "missed");
}

TEST_CASE("memory is told for each size and server", "[bench][report]") {
    CHECK(memory_table(report()) == Table{{"bytes an entry", "entries", ours, "redis"},
                                          {"values of 100", "1000000", "158", "208"}});
}

TEST_CASE("a table is laid out as text and as Markdown", "[bench][report]") {
    const Table table = {{"a row", "x"}, {"b", "12.5"}, {"c", ""}};
    CHECK(as_text(table) ==
          "a row     x\n"
          "b      12.5\n"
          "c\n");
    CHECK(as_markdown(table) ==
          "| a row | x |\n"
          "|---|---|\n"
          "| b | 12.5 |\n"
          "| c | |\n");
}

TEST_CASE("the JSON has every figure", "[bench][report]") {
    const std::string json = json_of(report());
    CHECK_THAT(json,
               Catch::StartsWith(R"({"rows":[{"operation":"get","value_bytes":100,"depth":64)"));
    CHECK_THAT(json, Catch::Contains(R"("cpu_ns":{"median":2100,"low":2100,"high":2100})"));
    CHECK_THAT(json, Catch::Contains(R"("cpu_ratio":{"median":0.238095,)"));
    CHECK_THAT(json, Catch::EndsWith(R"("memory":[{"value_bytes":100,"entries":1000000,)"
                                     R"("bytes_per_entry":{"redis":208,"tagcached":158.25}}]})"
                                     "\n"));
}

}  // namespace tc::bench::test
