// SPDX-License-Identifier: MIT
//
// The schedule under a clock that the test moves.
#include "driver/pace.hpp"

#include <catch2/catch.hpp>
#include <deque>

#include "driver/counters.hpp"
#include "driver/window.hpp"

namespace tc::driver::test {
namespace {

constexpr std::uint64_t ms = 1'000'000;
constexpr std::uint64_t s = 1000 * ms;

// How many operations start by now.
std::uint64_t start_all(Pace& pace, std::uint64_t now_ns) {
    std::uint64_t count = 0;
    while (const std::optional<Pace::Start> start = pace.next(now_ns)) {
        pace.started(*start);
        ++count;
    }
    return count;
}

class SilentProtocol : public Protocol {
 public:
    bool append(std::uint32_t /*number*/, const Operation& /*operation*/,
                Completions& /*completions*/) noexcept override {
        return true;
    }
    std::span<const std::uint8_t> output() noexcept override { return {}; }
    void sent(std::size_t /*size*/) noexcept override {}
    std::span<std::uint8_t> room() noexcept override { return {}; }
    bool received(std::size_t /*size*/, Completions& /*completions*/) noexcept override {
        return true;
    }
    [[nodiscard]] std::string reason_name(std::int32_t /*reason*/) const override { return ""; }
};

// A server with one connection that answers after 1 ms, but for a time in which it does not answer
// at all; driven as a worker does, a millisecond at a time.
LatencyHistogram latencies_of_stalling_server(Pace pace, std::uint32_t pipeline_depth,
                                              std::uint64_t stall_begin_ns,
                                              std::uint64_t stall_end_ns) {
    const SilentProtocol protocol;
    Counters counters;
    Window window(pipeline_depth);
    std::deque<std::pair<std::uint32_t, std::uint64_t>> sent;  // number, and when
    for (std::uint64_t now = 0; !pace.is_over(now) || window.count() != 0; now += ms) {
        const bool is_stalled = now >= stall_begin_ns && now < stall_end_ns;
        while (!is_stalled && !sent.empty() && sent.front().second + ms <= now) {
            const Completion completion{sent.front().first, Outcome::hit, 0, 0};
            counters.record(*window.release(completion.number), completion, now, protocol);
            sent.pop_front();
        }
        while (window.has_room()) {
            const std::optional<Pace::Start> start = pace.next(now);
            if (!start.has_value()) {
                break;
            }
            const std::uint32_t number =
                window.take({start->intended_ns, Verb::get, start->is_measured});
            pace.started(*start);
            sent.emplace_back(number, now);
        }
    }
    return counters.latency(Answer::hit);
}

}  // namespace

TEST_CASE("a closed loop starts an operation whenever it is asked, up to its end",
          "[driver][pace]") {
    Pace pace({.begin_ns = 5 * s, .duration_ns = 2 * s});
    REQUIRE(pace.next(5 * s).has_value());
    CHECK(pace.next(6 * s)->intended_ns == 6 * s);
    CHECK(pace.next(6 * s)->is_measured);
    CHECK(pace.wait_ns(6 * s) == 0);
    CHECK_FALSE(pace.is_over(7 * s - 1));
    CHECK(pace.is_over(7 * s));
    CHECK_FALSE(pace.next(7 * s).has_value());
}

TEST_CASE("operations of the warm-up are neither measured nor counted", "[driver][pace]") {
    Pace pace({.warmup_ns = 1 * s, .request_count = 3});
    for (int i = 0; i < 100; ++i) {
        const std::optional<Pace::Start> start = pace.next(s - 1);
        REQUIRE(start.has_value());
        CHECK_FALSE(start->is_measured);
        pace.started(*start);
    }
    CHECK(start_all(pace, s) == 3);
    CHECK(pace.is_over(s));
}

TEST_CASE("the duration begins behind the warm-up", "[driver][pace]") {
    const Pace pace({.begin_ns = 10, .warmup_ns = 5, .duration_ns = 20});
    CHECK(pace.measured_from_ns() == 15);
    CHECK_FALSE(pace.is_over(34));
    CHECK(pace.is_over(35));
}

TEST_CASE("an operation that was not started stays the next one", "[driver][pace]") {
    Pace pace({.request_count = 2, .rate_per_s = 1000});
    CHECK(pace.next(10 * ms)->intended_ns == 0);
    CHECK(pace.next(10 * ms)->intended_ns == 0);
    pace.started(*pace.next(10 * ms));
    CHECK(pace.next(10 * ms)->intended_ns == 1 * ms);
}

TEST_CASE("an open loop starts as many operations as the rate says", "[driver][pace]") {
    Pace pace({.duration_ns = 10 * s, .rate_per_s = 1000});
    CHECK(start_all(pace, 0) == 1);
    CHECK(pace.wait_ns(0) == 1 * ms);
    CHECK(pace.wait_ns(ms / 2) == ms / 2);
    CHECK(start_all(pace, ms - 1) == 0);
    CHECK(start_all(pace, ms) == 1);
    CHECK(start_all(pace, s) == 999);
    CHECK(start_all(pace, 20 * s) == 8999);
    CHECK(pace.is_over(20 * s));
}

TEST_CASE("a rate that no nanosecond divides does not drift", "[driver][pace]") {
    Pace pace({.duration_ns = 1000 * s, .rate_per_s = 3});
    std::uint64_t last_ns = 0;
    while (const std::optional<Pace::Start> start = pace.next(UINT64_MAX)) {
        last_ns = start->intended_ns;
        pace.started(*start);
    }
    CHECK(static_cast<double>(last_ns) == Approx(2999.0 / 3 * 1e9).epsilon(1e-9));
}

TEST_CASE("the first arrival is where it was put", "[driver][pace]") {
    const Pace pace({.begin_ns = 100, .rate_per_s = 1e6, .first_arrival_ns = 250});
    CHECK_FALSE(pace.next(349).has_value());
    CHECK(pace.next(350)->intended_ns == 350);
}

TEST_CASE("Poisson arrivals keep the rate and are as irregular as chance", "[driver][pace]") {
    Pace pace({.request_count = 200'000,
               .rate_per_s = 1000,
               .arrivals = Arrivals::Kind::poisson,
               .seed = 42});
    std::uint64_t before_ns = 0;
    double sum = 0;
    double sum_of_squares = 0;
    double count = 0;
    while (const std::optional<Pace::Start> start = pace.next(UINT64_MAX)) {
        const auto gap = static_cast<double>(start->intended_ns - before_ns);
        sum += gap;
        sum_of_squares += gap * gap;
        ++count;
        before_ns = start->intended_ns;
        pace.started(*start);
    }
    const double mean = sum / count;
    CHECK(mean == Approx(1e6).epsilon(0.01));
    // Of an exponential distribution the deviation is the mean.
    CHECK(std::sqrt(sum_of_squares / count - mean * mean) == Approx(mean).epsilon(0.02));
}

TEST_CASE("a pace that is stopped is over", "[driver][pace]") {
    for (const double rate : {0.0, 1000.0}) {
        Pace pace({.rate_per_s = rate});
        CHECK_FALSE(pace.is_over(0));
        pace.stop();
        CHECK(pace.is_over(0));
        CHECK_FALSE(pace.next(s).has_value());
    }
}

TEST_CASE("what is abandoned was due before the end and was to be measured", "[driver][pace]") {
    const PacePlan plan{.warmup_ns = 100 * ms, .duration_ns = s, .rate_per_s = 1000};
    Pace pace(plan);
    CHECK(start_all(pace, 350 * ms - 1) == 350);
    CHECK(pace.abandon() == 750);
    CHECK(pace.is_over(0));
    CHECK(pace.abandon() == 0);
    Pace of_warmup(plan);
    CHECK(of_warmup.abandon() == 1000);
    Pace stopped(plan);
    stopped.stop();
    CHECK(stopped.abandon() == 0);
    Pace closed({.duration_ns = s});
    CHECK(closed.abandon() == 0);
}

TEST_CASE("an open loop charges a stall to all that were to be sent in it", "[driver][pace]") {
    const Pace pace({.duration_ns = 10 * s, .rate_per_s = 100});
    // 100 operations were to be sent between 4 s and 5 s; only 4 of them found a place.
    const LatencyHistogram latencies = latencies_of_stalling_server(pace, 4, 4 * s, 5 * s);
    CHECK(latencies.count() == 1000);
    CHECK(latencies.max_ns() == Approx(1 * s).epsilon(0.01));
    // As many as in a tenth of the time; half of them waited longer than half of it.
    CHECK(latencies.quantile_ns(0.89) <= 3 * ms);
    CHECK(latencies.quantile_ns(0.95) == Approx(0.5 * s).epsilon(0.05));
    CHECK(latencies.quantile_ns(0.99) == Approx(0.9 * s).epsilon(0.05));
}

TEST_CASE("a closed loop omits what was not sent in a stall", "[driver][pace]") {
    const Pace pace({.duration_ns = 10 * s});
    const LatencyHistogram latencies = latencies_of_stalling_server(pace, 4, 4 * s, 5 * s);
    CHECK(latencies.max_ns() == Approx(1 * s).epsilon(0.01));
    CHECK(latencies.quantile_ns(0.999) <= 2 * ms);
}

TEST_CASE("a stall at the end of an open loop is measured to its end", "[driver][pace]") {
    const Pace pace({.duration_ns = 10 * s, .rate_per_s = 100});
    const LatencyHistogram latencies = latencies_of_stalling_server(pace, 4, 9 * s, 12 * s);
    CHECK(latencies.count() == 1000);
    CHECK(latencies.max_ns() >= 2 * s);
    CHECK(latencies.quantile_ns(0.91) >= 2 * s);
}

}  // namespace tc::driver::test
