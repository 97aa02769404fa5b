// SPDX-License-Identifier: MIT
#include "driver/counters.hpp"

#include <catch2/catch.hpp>

#include "driver/run.hpp"
#include "toy_protocol.hpp"

namespace tc::driver::test {
namespace {

Counters counters_of(std::initializer_list<std::pair<Verb, Outcome>> answers) {
    const ToyProtocol protocol;
    Counters counters;
    for (const auto& [verb, outcome] : answers) {
        counters.record({.intended_ns = 1000, .verb = verb, .is_measured = true},
                        {.number = 0, .outcome = outcome, .reason = 9, .value_bytes = 5}, 1250,
                        protocol);
    }
    return counters;
}

}  // namespace

TEST_CASE("only hits and writes that were made are successes", "[driver][counters]") {
    const Counters counters = counters_of({{Verb::get, Outcome::hit},
                                           {Verb::get, Outcome::miss},
                                           {Verb::put, Outcome::done},
                                           {Verb::put, Outcome::refused},
                                           {Verb::invalidate, Outcome::done},
                                           {Verb::get, Outcome::error}});
    CHECK(counters.succeeded_count() == 3);
    CHECK(counters.answered_count() == 4);
    CHECK(counters.completed_count() == 6);
    CHECK(counters.refused_count == 1);
    CHECK(counters.error_count == 1);
    CHECK(counters.hit_ratio() == Approx(0.5));
    CHECK(counters.value_bytes == 5);
    CHECK(counters.reasons == std::map<std::string, std::uint64_t>{{"toy 9", 2}});
}

TEST_CASE("latency runs from the intended time, and failures have none", "[driver][counters]") {
    const Counters counters = counters_of(
        {{Verb::get, Outcome::hit}, {Verb::put, Outcome::refused}, {Verb::put, Outcome::error}});
    CHECK(counters.latency(Answer::hit).max_ns() == 250);
    CHECK(counters.latency(Answer::put).count() == 0);
}

TEST_CASE("an answer of another kind is an error", "[driver][counters]") {
    const Counters counters = counters_of(
        {{Verb::get, Outcome::done}, {Verb::put, Outcome::hit}, {Verb::invalidate, Outcome::miss}});
    CHECK(counters.error_count == 3);
    CHECK(counters.answered_count() == 0);
    CHECK(counters.value_bytes == 0);
}

TEST_CASE("the counters of threads add up", "[driver][counters]") {
    Counters sum = counters_of({{Verb::get, Outcome::hit}, {Verb::put, Outcome::refused}});
    sum.merge(counters_of({{Verb::get, Outcome::miss}, {Verb::put, Outcome::error}}));
    CHECK(sum.completed_count() == 4);
    CHECK(sum.hit_ratio() == Approx(0.5));
    CHECK(sum.reasons.at("toy 9") == 2);
}

TEST_CASE("rates are of successes, costs of all that was completed", "[driver][counters]") {
    RunReport report;
    report.counters = counters_of({{Verb::get, Outcome::hit},
                                   {Verb::get, Outcome::hit},
                                   {Verb::get, Outcome::miss},
                                   {Verb::put, Outcome::refused}});
    report.elapsed_ns = 500'000'000;
    report.thread_cpu_ns = {100'000'000, 300'000'000};
    CHECK(report.rate_per_s() == Approx(4));
    CHECK(report.cpu_ns_per_operation() == Approx(1e8));
    CHECK(report.busiest_share() == Approx(0.6));
    CHECK(RunReport().rate_per_s() == 0);
    CHECK(RunReport().cpu_ns_per_operation() == 0);
    CHECK(RunReport().busiest_share() == 0);
}

}  // namespace tc::driver::test
