// SPDX-License-Identifier: MIT
//
// Whole runs against a server of a toy protocol.
#include "driver/run.hpp"

#include <catch2/catch.hpp>

#include "toy_server.hpp"

namespace tc::driver::test {
namespace {

RunPlan plan_for(const ToyServer& server) {
    RunPlan plan;
    plan.endpoint = server.endpoint();
    plan.protocol = [] { return std::make_unique<ToyProtocol>(); };
    plan.connection_count = 4;
    plan.thread_count = 2;
    plan.pipeline_depth = 8;
    plan.request_count = 1000;
    return plan;
}

Load load_of(const char* ratio) {
    Load load;
    load.mix = parse_operation_mix(ratio).value();
    load.key_count = 1000;
    return load;
}

RunReport run_once(const RunPlan& plan, const char* ratio = "1:1:1") {
    const std::atomic<bool> never = false;
    return run(load_of(ratio), plan, never);
}

// The same for every request.
ToyAnswer always(Outcome outcome) {
    return [outcome](const std::vector<ToyRequest>& requests) {
        ToyAnswers all;
        for (const ToyRequest& request : requests) {
            all.answers.emplace_back(request.number, static_cast<std::uint8_t>(outcome));
        }
        return all;
    };
}

}  // namespace

TEST_CASE("every operation is sent and answered once", "[driver][run]") {
    const ToyServer server(all_well);
    const RunReport report = run_once(plan_for(server));
    CHECK(report.counters.succeeded_count() == 1000);
    CHECK(report.counters.completed_count() == 1000);
    CHECK(report.counters.sent_bytes == 1000 * toy_request_bytes);
    CHECK(report.counters.received_bytes == 1000 * toy_answer_bytes);
    CHECK(report.counters.latency(Answer::hit).count() > 200);
    CHECK(report.counters.latency(Answer::put).count() > 200);
    CHECK(report.counters.latency(Answer::invalidate).count() > 200);
    CHECK(report.lost_connections == 0);
    CHECK(report.elapsed_ns > 0);
    REQUIRE(report.thread_cpu_ns.size() == 2);
    CHECK(report.thread_cpu_ns[0] > 0);
}

TEST_CASE("answers may come in any order", "[driver][run]") {
    const ToyServer server([](const std::vector<ToyRequest>& requests) {
        ToyAnswers all = all_well(requests);
        std::reverse(all.answers.begin(), all.answers.end());
        return all;
    });
    const RunReport report = run_once(plan_for(server));
    CHECK(report.counters.succeeded_count() == 1000);
    CHECK(report.counters.error_count == 0);
}

TEST_CASE("no more operations are on their way than the pipeline is deep", "[driver][run]") {
    const ToyServer server(all_well);
    RunPlan plan = plan_for(server);
    plan.pipeline_depth = 3;
    CHECK(run_once(plan).counters.succeeded_count() == 1000);
    CHECK(server.number_max() == 2);
}

TEST_CASE("fewer requests than threads are sent too", "[driver][run]") {
    const ToyServer server(all_well);
    RunPlan plan = plan_for(server);
    plan.request_count = 1;
    CHECK(run_once(plan).counters.completed_count() == 1);
}

TEST_CASE("misses, refusals and errors are no successes", "[driver][run]") {
    const ToyServer missing(always(Outcome::miss));
    const RunReport misses = run_once(plan_for(missing), "1:0:0");
    CHECK(misses.counters.succeeded_count() == 0);
    CHECK(misses.rate_per_s() == 0);
    CHECK(misses.counters.latency(Answer::miss).count() == 1000);

    const ToyServer refusing(always(Outcome::refused));
    const RunReport refusals = run_once(plan_for(refusing));
    CHECK(refusals.counters.refused_count == 1000);
    CHECK(refusals.counters.answered_count() == 0);
    CHECK(refusals.counters.reasons.at("toy 7") == 1000);

    const ToyServer failing(always(Outcome::error));
    CHECK(run_once(plan_for(failing)).counters.error_count == 1000);
}

TEST_CASE("what the protocol itself refuses is counted, and the run goes on", "[driver][run]") {
    const ToyServer server(all_well);
    RunPlan plan = plan_for(server);
    plan.protocol = [] {
        auto protocol = std::make_unique<ToyProtocol>();
        protocol->takes_invalidations = false;
        return protocol;
    };
    const RunReport some = run_once(plan, "1:0:1");
    CHECK(some.counters.refused_count > 300);
    CHECK(some.counters.completed_count() == 1000);
    const RunReport all = run_once(plan, "0:0:1");
    CHECK(all.counters.refused_count == 1000);
}

TEST_CASE("an output without room delays operations and loses none", "[driver][run]") {
    const ToyServer server(all_well);
    RunPlan plan = plan_for(server);
    plan.protocol = [] { return std::make_unique<ToyProtocol>(2 * toy_request_bytes); };
    CHECK(run_once(plan).counters.succeeded_count() == 1000);
    plan.rate_per_s = 100'000;
    CHECK(run_once(plan).counters.succeeded_count() == 1000);
}

TEST_CASE("a lost connection takes along what was on its way", "[driver][run]") {
    const ToyServer server([count = 0](const std::vector<ToyRequest>& requests) mutable {
        ToyAnswers all = all_well(requests);
        count += static_cast<int>(requests.size());
        if (count > 100) {
            all.answers.clear();
            all.closes = true;
        }
        return all;
    });
    const RunReport report = run_once(plan_for(server));
    CHECK(report.lost_connections == 4);
    CHECK(report.counters.succeeded_count() > 0);
    CHECK(report.counters.succeeded_count() <= 100);
    CHECK(report.counters.error_count >= 4);
    CHECK(report.counters.error_count <= 4 * 8);
}

TEST_CASE("an open loop tells what it could not send", "[driver][run]") {
    const ToyServer server([](const std::vector<ToyRequest>& /*requests*/) {
        return ToyAnswers{{}, true};
    });
    RunPlan plan = plan_for(server);
    plan.rate_per_s = 100'000;
    const RunReport report = run_once(plan);
    CHECK(report.lost_connections == 4);
    CHECK(report.unsent_count > 0);
    CHECK(report.unsent_count + report.counters.completed_count() == 1000);
    plan.rate_per_s = 0;
    CHECK(run_once(plan).unsent_count == 0);
}

TEST_CASE("a server that falls silent is given up", "[driver][run]") {
    const ToyServer server([](const std::vector<ToyRequest>&) { return ToyAnswers{}; });
    RunPlan plan = plan_for(server);
    plan.reply_timeout_ms = 30;
    const RunReport report = run_once(plan);
    CHECK(report.lost_connections == 4);
    CHECK(report.counters.reasons.at("no answer in time") == 4 * 8);
}

TEST_CASE("an answer that makes no sense ends the connection", "[driver][run]") {
    const ToyServer server([](const std::vector<ToyRequest>& requests) {
        ToyAnswers all;
        all.answers.emplace_back(requests[0].number, toy_nonsense);
        return all;
    });
    const RunReport report = run_once(plan_for(server));
    CHECK(report.lost_connections == 4);
    CHECK(report.counters.error_count == 4 * 8);
}

TEST_CASE("an answer that nobody asked for is an error", "[driver][run]") {
    const ToyServer server([](const std::vector<ToyRequest>& requests) {
        ToyAnswers all = all_well(requests);
        all.answers.emplace_back(12345, success_of(Verb::get));
        return all;
    });
    const RunReport report = run_once(plan_for(server));
    CHECK(report.counters.succeeded_count() == 1000);
    CHECK(report.counters.reasons.at("answers that nobody asked for") > 0);
}

TEST_CASE("without a server there is no run", "[driver][run]") {
    RunPlan plan;
    {
        const ToyServer server(all_well);
        plan = plan_for(server);
    }
    CHECK_THROWS_WITH(run_once(plan), "cannot connect: Connection refused");
    CHECK_THROWS_AS(unix_endpoint(std::string(200, 'x')), std::runtime_error);
}

TEST_CASE("a handshake that fails, or never ends, is told", "[driver][run]") {
    const ToyServer another(all_well, "X");
    CHECK_THROWS_WITH(run_once(plan_for(another)), "not a toy");
    const ToyServer mute(all_well, "");
    RunPlan plan = plan_for(mute);
    plan.reply_timeout_ms = 30;
    CHECK_THROWS_WITH(run_once(plan), "the server does not answer");
}

TEST_CASE("an open loop sends all at the rate, and says how late they left", "[driver][run]") {
    const ToyServer server(all_well);
    RunPlan plan = plan_for(server);
    plan.request_count = 200;
    plan.rate_per_s = 2000;
    const RunReport report = run_once(plan);
    CHECK(report.counters.succeeded_count() == 200);
    CHECK(report.counters.send_delay.count() == 200);
    // The last of them was to be sent 99.5 ms after the first, however fast the machine is.
    CHECK(report.elapsed_ns >= 99'000'000);
}

TEST_CASE("the warm-up is not measured", "[driver][run]") {
    const ToyServer server(all_well);
    RunPlan plan = plan_for(server);
    plan.request_count = 10;
    plan.warmup_ns = 20'000'000;
    const std::atomic<bool> never = false;
    int measuring_count = 0;
    RunObserver observer;
    observer.on_measuring = [&] { ++measuring_count; };
    const RunReport report = run(load_of("1:0:0"), plan, never, observer);
    CHECK(report.counters.completed_count() == 10);
    CHECK(measuring_count == 1);
}

TEST_CASE("a run can be watched, and stopped", "[driver][run]") {
    const ToyServer server(all_well);
    RunPlan plan = plan_for(server);
    plan.request_count = 0;
    plan.duration_ns = 3600ULL * 1'000'000'000;
    std::atomic<bool> stop = false;
    RunObserver observer;
    observer.on_progress = [&](const Progress& progress) {
        stop = progress.completed_count > 0 && progress.rate_per_s > 0 && progress.p99_ns > 0;
    };
    const RunReport report = run(load_of("1:0:0"), plan, stop, observer);
    CHECK(report.was_stopped);
    CHECK(report.counters.succeeded_count() > 0);
    CHECK(report.counters.error_count == 0);
}

}  // namespace tc::driver::test
