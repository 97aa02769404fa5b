// SPDX-License-Identifier: MIT
#include "bench/comparison_figures.hpp"

#include <catch2/catch.hpp>

namespace tc::bench::test {
namespace {

using driver::Answer;

constexpr Row get_row{RowKind::get, 100, 64, 50, 1};
constexpr Row mix_row{RowKind::mix, 100, 64, 50, 1};

// A server's slices with these CPU times.
std::vector<Slice> slices_with_cpu(const std::vector<double>& cpu_ns) {
    std::vector<Slice> slices;
    for (const double ns : cpu_ns) {
        Slice slice;
        slice.cpu_ns = ns;
        slices.push_back(slice);
    }
    return slices;
}

// One second of `hit_count` hits of 100 bytes, 2000 ns each.
driver::RunReport report_of(std::uint64_t hit_count, std::uint64_t miss_count = 0) {
    driver::RunReport report;
    for (std::uint64_t i = 0; i < hit_count; ++i) {
        report.counters.latency(Answer::hit).record(2'000);
    }
    for (std::uint64_t i = 0; i < miss_count; ++i) {
        report.counters.latency(Answer::miss).record(2'000);
    }
    report.counters.value_bytes = hit_count * 100;
    report.elapsed_ns = 1'000'000'000;
    report.thread_cpu_ns = {250'000'000};
    return report;
}

std::string complaint(const Row& row, const driver::RunReport& report) {
    try {
        check_work(row, "redis", report);
    } catch (const DifferentWork& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("a spread is the median and the quartiles, whatever the order", "[bench][figures]") {
    const Spread odd = spread_of({5, 1, 4, 2, 3});
    CHECK(odd.median == 3);
    CHECK(odd.low == 2);
    CHECK(odd.high == 4);
    const Spread even = spread_of({4, 1, 3, 2});
    CHECK(even.median == 2.5);
    CHECK(even.low == 1.75);
    CHECK(even.high == 3.25);
    const Spread one = spread_of({7});
    CHECK((one.median == 7 && one.low == 7 && one.high == 7));
}

TEST_CASE("a ratio is the median of the ratios of neighbours, not of medians", "[bench][figures]") {
    RowFigures figures{get_row, {}};
    figures.slices[ours] = slices_with_cpu({100, 400, 900});
    figures.slices["redis"] = slices_with_cpu({400, 800, 1000});
    const auto ratio = ratio_to(figures, "redis", &Slice::cpu_ns);
    REQUIRE(ratio.has_value());
    CHECK(ratio->median == Approx(0.5));
    CHECK(ratio->low == Approx(0.375));
    CHECK(ratio->high == Approx(0.7));
    CHECK_FALSE(ratio_to(figures, "memcached", &Slice::cpu_ns).has_value());
    CHECK_FALSE(spread_of(figures, "memcached", &Slice::cpu_ns).has_value());
}

TEST_CASE("above the floor only what both take beyond it is compared", "[bench][figures]") {
    RowFigures figures{get_row, {}};
    figures.slices[ours] = slices_with_cpu({300, 300, 300});
    figures.slices["redis"] = slices_with_cpu({500, 500, 900});
    CHECK_FALSE(ratio_above_floor(figures, "redis").has_value());
    figures.slices[floor_server] = slices_with_cpu({100, 100, 100});
    CHECK(ratio_above_floor(figures, "redis")->median == Approx(0.5));
    CHECK(ratio_above_floor(figures, "redis")->low == Approx(0.375));
}

TEST_CASE("slices in which a rival is below the floor are left out, unless that is half of them",
          "[bench][figures]") {
    RowFigures figures{get_row, {}};
    figures.slices[ours] = slices_with_cpu({300, 300, 300, 300});
    figures.slices["redis"] = slices_with_cpu({500, 500, 500, 500});
    figures.slices[floor_server] = slices_with_cpu({100, 500, 100, 100});
    CHECK(ratio_above_floor(figures, "redis")->median == Approx(0.5));
    figures.slices[floor_server] = slices_with_cpu({100, 500, 600, 100});
    CHECK_FALSE(ratio_above_floor(figures, "redis").has_value());
}

TEST_CASE("a slice divides the server's CPU time by all operations", "[bench][figures]") {
    const Slice slice = slice_of(report_of(1'000), 500'000);
    CHECK(slice.operations_per_s == Approx(1'000));
    CHECK(slice.cpu_ns == Approx(500));
    CHECK(slice.server_share == Approx(0.0005));
    CHECK(slice.client_share == Approx(0.25));
    CHECK(slice.hit_ratio == 1);
    CHECK(slice.p50_us == Approx(2).epsilon(0.01));
    CHECK(slice_of(report_of(75, 25), 1).hit_ratio == Approx(0.75));
    CHECK(slice_of(driver::RunReport{}, 1).hit_ratio == 1);
}

TEST_CASE("work that is all done is compared", "[bench][figures]") {
    CHECK(complaint(get_row, report_of(10)).empty());
    CHECK(complaint(mix_row, report_of(10, 3)).empty());
}

TEST_CASE("servers that did different work are not compared", "[bench][figures]") {
    driver::RunReport report = report_of(10);
    SECTION("a GET that misses") {
        CHECK(complaint(get_row, report_of(9, 1)) ==
              "get 100 B, depth 64, 50 connections: redis: 1 of 10 GETs missed");
    }
    SECTION("values of another size") {
        report.counters.value_bytes = 999;
        CHECK_THAT(complaint(get_row, report), Catch::EndsWith("10 hits brought 999 bytes"));
    }
    SECTION("refused operations") {
        report.counters.refused_count = 2;
        report.counters.reasons["OOM"] = 2;
        CHECK_THAT(complaint(mix_row, report),
                   Catch::EndsWith("2 operations were refused and 0 failed, OOM"));
    }
    SECTION("failed operations") {
        report.counters.error_count = 1;
        CHECK_FALSE(complaint(get_row, report).empty());
    }
    SECTION("lost connections") {
        report.lost_connections = 1;
        CHECK_THAT(complaint(get_row, report), Catch::EndsWith("1 connections were lost"));
    }
    SECTION("no answer at all") {
        CHECK_THAT(complaint(get_row, report_of(0)), Catch::EndsWith("nothing was answered"));
    }
}

TEST_CASE("hit ratios of a mix differ by a point at most", "[bench][figures]") {
    RowFigures figures{mix_row, {}};
    figures.slices[ours] = {Slice{.hit_ratio = 0.9}};
    figures.slices["redis"] = {Slice{.hit_ratio = 0.9095}};
    figures.slices[floor_server] = {Slice{.hit_ratio = 1}};
    CHECK_NOTHROW(check_hit_ratios(figures));
    figures.slices["redis"] = {Slice{.hit_ratio = 0.88}};
    CHECK_THROWS_WITH(check_hit_ratios(figures),
                      "mix 100 B, depth 64, 50 connections: redis: 88.00 % of the GETs hit, and "
                      "ours 90.00 %");
}

TEST_CASE("rows of one set of entries stand together, with tags last", "[bench][figures]") {
    const std::vector<Row> rows = chosen_rows({});
    CHECK(rows.size() == 4 * 4 * 4 * 2 + 4 * 4);
    for (std::size_t i = 1; i < rows.size(); ++i) {
        const bool is_same_set = rows[i].value_bytes == rows[i - 1].value_bytes &&
                                 rows[i].server_threads == rows[i - 1].server_threads;
        const bool has_kinds_in_order = rows[i].kind >= rows[i - 1].kind;
        REQUIRE((has_kinds_in_order || !is_same_set));
    }
    CHECK(rows.back().server_threads == 2);
    CHECK(rows.back().value_bytes == 100);
    CHECK(rows.back().connection_count == 50);
}

TEST_CASE("large values have fewer entries", "[bench][figures]") {
    CHECK(entry_count_for(100, 1'000'000) == 1'000'000);
    CHECK(entry_count_for(16'384, 1'000'000) == 91'552);
    CHECK(entry_count_for(16'384, 1'000) == 1'000);
}

TEST_CASE("goals belong to rows with a hundred bytes, a kilobyte and 16", "[bench][figures]") {
    CHECK(goals_of(get_row).size() == 3);
    CHECK(goals_of({RowKind::get, 100, 1, 50, 1}).back().rival == floor_server);
    CHECK(goals_of({RowKind::put_tags, 100, 64, 50, 2}).front().ratio_max == 1);
    CHECK(goals_of({RowKind::get, 100, 64, 1, 1}).empty());
}

}  // namespace tc::bench::test
