// SPDX-License-Identifier: MIT
#include "bench/scenario_figures.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "bench/scenario.hpp"
#include "bench/scenario_runner.hpp"

namespace tc::bench::test {
namespace {

using driver::Answer;

// Ten hits of 100 bytes that took 1 to 10 us, in 2 ms, the last of them sent 3 us late.
driver::RunReport ten_hits() {
    driver::RunReport report;
    for (std::uint64_t us = 1; us <= 10; ++us) {
        report.counters.latency(Answer::hit).record(us * 1'000);
        report.counters.send_delay.record(us == 10 ? 3'000 : 100);
    }
    report.counters.value_bytes = 1000;
    report.elapsed_ns = 2'000'000;
    report.thread_cpu_ns = {500'000};
    return report;
}

std::string fault_of(const driver::RunReport& report, bool allows_misses = false) {
    return tail_slice_of(report, {100, allows_misses}, {}).fault;
}

TailSlice slice(double p999_us, std::string fault = "") {
    TailSlice slice;
    slice.p999_us = p999_us;
    slice.fault = std::move(fault);
    return slice;
}

// Three pairs, each with 100 of 100 things done.
ScenarioFigures three_pairs() {
    const std::vector<Evidence> done = {{"things done", 100, 100}};
    return {"scenario",
            {slice(10), slice(30), slice(20)},
            {slice(110), slice(90), slice(320)},
            {done, done, done}};
}

}  // namespace

TEST_CASE("a slice tells latencies, lag and shares", "[bench][scenario]") {
    const TailSlice slice = tail_slice_of(ten_hits(), {}, {4'000'000, {3'000'000, 1'000'000}});
    CHECK(slice.fault.empty());
    CHECK(slice.get_count == 10);
    CHECK(slice.rate_per_s == Approx(5'000));
    CHECK(slice.p50_us == Approx(5).epsilon(0.01));
    CHECK(slice.p99_us == Approx(10));
    CHECK(slice.p999_us == Approx(10));
    CHECK(slice.max_us == Approx(10));
    CHECK(slice.lag_p999_us == Approx(3));
    CHECK(slice.lag_max_us == Approx(3));
    CHECK(slice.hit_ratio == 1);
    CHECK(slice.server_share == Approx(0.75));
    CHECK(slice.server_wait_share == Approx(0.25));
    CHECK(slice.client_share == Approx(0.25));
}

TEST_CASE("misses that are expected are answers like hits", "[bench][scenario]") {
    driver::RunReport report = ten_hits();
    report.counters.latency(Answer::miss).record(40'000);
    CHECK(fault_of(report) == "1 GETs missed");
    const TailSlice slice = tail_slice_of(report, {100, true}, {});
    CHECK(slice.fault.empty());
    CHECK(slice.max_us == Approx(40));
    CHECK(slice.rate_per_s == Approx(5'500));
    CHECK(slice.hit_ratio == Approx(10.0 / 11));
}

TEST_CASE("a slice in which not everything was as it should be does not count",
          "[bench][scenario]") {
    driver::RunReport report = ten_hits();
    SECTION("lost connections") {
        report.lost_connections = 2;
        CHECK(fault_of(report, true) == "2 connections were lost");
    }
    SECTION("arrivals that were never sent") {
        report.unsent_count = 7;
        CHECK(fault_of(report, true) == "7 GETs were due and not sent");
    }
    SECTION("refusals and errors") {
        report.counters.count_refusal("BUSY");
        CHECK(fault_of(report, true) == "1 GETs were refused and 0 failed: BUSY");
    }
    SECTION("values of another size") {
        report.counters.value_bytes = 999;
        CHECK(fault_of(report, true) == "10 hits brought 999 bytes");
    }
    SECTION("no hit") {
        report.counters.latency(Answer::hit) = {};
        report.counters.latency(Answer::miss).record(1'000);
        CHECK(fault_of(report, true) == "no GET was a hit");
    }
}

TEST_CASE("medians are over slices, growth is over pairs", "[bench][scenario]") {
    const ScenarioFigures figures = three_pairs();
    CHECK(verdict_of(figures) == Verdict::sound);
    CHECK(faults_of(figures).empty());
    CHECK(spread_of(figures.quiet, &TailSlice::p999_us)->median == 20);
    CHECK(spread_of(figures.disturbed, &TailSlice::p999_us)->median == 110);
    CHECK(worst_of(figures.disturbed, &TailSlice::p999_us) == 320);
    // 100, 60 and 300: not what the medians differ by.
    const std::optional<Spread> growth = growth_of(figures, &TailSlice::p999_us);
    REQUIRE(growth.has_value());
    CHECK(growth->median == 100);
    CHECK(growth->low == 80);
    CHECK(growth->high == 200);
}

TEST_CASE("a slice that does not count is left out, with its pair, and told", "[bench][scenario]") {
    ScenarioFigures figures = three_pairs();
    figures.quiet[0].fault = "1 GETs missed";
    CHECK(verdict_of(figures) == Verdict::flawed);
    CHECK(faults_of(figures) == std::vector<std::string>{"slice 1, quiet: 1 GETs missed"});
    CHECK(spread_of(figures.quiet, &TailSlice::p999_us)->median == 25);
    CHECK(spread_of(figures.disturbed, &TailSlice::p999_us)->median == 110);
    CHECK(growth_of(figures, &TailSlice::p999_us)->median == 180);
}

TEST_CASE("a row without a pair that counts is void", "[bench][scenario]") {
    ScenarioFigures figures = three_pairs();
    figures.quiet[0].fault = "a";
    figures.disturbed[1].fault = "b";
    CHECK(verdict_of(figures) == Verdict::flawed);
    figures.quiet[2].fault = "c";
    CHECK(verdict_of(figures) == Verdict::is_void);
    CHECK_FALSE(growth_of(figures, &TailSlice::p999_us).has_value());
    CHECK(worst_of(figures.quiet, &TailSlice::p999_us) == 30);
    CHECK_FALSE(worst_of({}, &TailSlice::p999_us).has_value());
    CHECK_FALSE(spread_of(std::vector<TailSlice>{}, &TailSlice::p999_us).has_value());
    CHECK(verdict_of({}) == Verdict::is_void);
}

TEST_CASE("a row in which a disturbance did not take place is void", "[bench][scenario]") {
    ScenarioFigures figures = three_pairs();
    figures.evidence[1][0].count = 99;
    CHECK(verdict_of(figures) == Verdict::is_void);
    CHECK(faults_of(figures) ==
          std::vector<std::string>{"slice 2, disturbed: only 99 things done, not 100"});
    CHECK(evidence_texts(figures) == std::vector<std::string>{"99 to 100 things done"});
}

TEST_CASE("evidence tells its range, ratios with a digit more", "[bench][scenario]") {
    ScenarioFigures figures;
    figures.evidence = {{{"keys", 1'000'000}, {"times", 3.25}, {"x", 12.7}},
                        {{"keys", 1'000'000}, {"times", 0.04}, {"x", 13.2}}};
    CHECK(evidence_texts(figures) ==
          std::vector<std::string>{"1000000 keys", "0.0 to 3.3 times", "13 x"});
    CHECK(evidence_texts({}).empty());
}

TEST_CASE("quiet and disturbed slices are taken in turns", "[bench][scenario]") {
    std::string order;
    std::atomic<bool> stop{false};
    SliceSteps steps;
    steps.before_pair = [&](std::uint32_t pair) { order += "p" + std::to_string(pair); };
    steps.quiet = [&](std::uint32_t pair) {
        order += "q" + std::to_string(pair);
        return slice(pair);
    };
    steps.before_disturbed = [&] { order += "b"; };
    steps.disturbed = [&](std::uint32_t pair) {
        order += "d" + std::to_string(pair) + " ";
        return slice(100 + pair);
    };
    steps.evidence = [](const TailSlice& disturbed) {
        return std::vector<Evidence>{{"us", disturbed.p999_us}};
    };
    ScenarioFigures figures;
    SECTION("to the end") {
        take_slices(steps, 3, stop, figures);
        CHECK(order == "p0q0bd0 p1q1bd1 p2q2bd2 ");
        REQUIRE(figures.quiet.size() == 3);
        CHECK(figures.quiet[2].p999_us == 2);
        CHECK(figures.disturbed[2].p999_us == 102);
        CHECK(figures.evidence[2][0].count == 102);
    }
    SECTION("until they are stopped, without the pair that was cut off") {
        steps.quiet = [&, quiet = steps.quiet](std::uint32_t pair) {
            stop = pair == 1;
            return quiet(pair);
        };
        take_slices(steps, 3, stop, figures);
        CHECK(figures.quiet.size() == 1);
        CHECK(figures.disturbed.size() == 1);
        CHECK(figures.evidence.size() == 1);
    }
}

TEST_CASE("each scenario is found by its name, and no other", "[bench][scenario]") {
    CHECK(all_scenarios().size() == 13);
    for (const Scenario& scenario : all_scenarios()) {
        CHECK(parse_scenario(scenario.name)->kind == scenario.kind);
    }
    CHECK(parse_scenario("load-70")->load_percent == 70);
    CHECK_FALSE(parse_scenario("load-71").has_value());
}

TEST_CASE("servers have a limit of memory, or places for idle connections, where that is the point",
          "[bench][scenario]") {
    const ScenarioPlan plan;
    const auto word_after = [&](const char* scenario, const std::string& option) {
        const auto words = plan.server_words(parse_scenario(scenario).value(), 4242);
        return *(std::find(words.begin(), words.end(), option) + 1);
    };
    CHECK(word_after("eviction", "--memory-max") == "256m");
    CHECK(word_after("growth", "--memory-max") == "8192m");
    CHECK(word_after("idle-connections", "--max-connections") == "10114");
    CHECK(word_after("slowloris", "--max-connections") == "5114");
    CHECK(word_after("rush", "--max-connections") == "5114");
    CHECK(word_after("expiry", "--max-connections") == "114");
    CHECK(word_after("expiry", "--port") == "4242");
    CHECK(plan.read_count(parse_scenario("expiry").value()) == 1'000'000);
    CHECK(plan.read_count(parse_scenario("eviction").value()) == 10'000);
}

}  // namespace tc::bench::test
