// SPDX-License-Identifier: MIT
//
// What eight clients saw of a real server with two reactors, against what they may see. The runs
// without a fault are done again with a server whose threads stop at random (CMakeLists.txt).
#include <catch2/catch.hpp>
#include <cstdio>

#include "histories/history_checks.hpp"
#include "support/running_server.hpp"

using namespace tc::test;

namespace {

#if defined(TC_SANITIZED)
constexpr std::uint32_t rounds = 60;
constexpr std::uint32_t long_operations = 100'000;
constexpr std::uint32_t pipeline_batches = 300;
#else
constexpr std::uint32_t rounds = 300;
constexpr std::uint32_t long_operations = 400'000;
constexpr std::uint32_t pipeline_batches = 2'000;
#endif
constexpr std::uint32_t short_ttl_ms = 12;

const std::vector<std::string> two_reactors = {"--reactors", "2"};

void expect_linearizable(const char* name, std::uint32_t ttl_ms_max) {
    const std::uint64_t seed = history_seed(name);
    RunningServer server(two_reactors);
    const SearchOutcome outcome =
        search_rounds(server.port(), seed, rounds * history_factor(), ttl_ms_max);
    std::printf("%s: %s\n", name, outcome.text().c_str());
    INFO("TC_TEST_SEED=" << seed << "\n" << outcome.text());
    CHECK(outcome.violation.empty());
    CHECK_FALSE(outcome.is_void);
}

void expect_no_finding(const char* name, std::uint32_t ttl_ms_max) {
    const std::uint64_t seed = history_seed(name);
    RunningServer server(two_reactors);
    const IntervalOutcome outcome =
        check_long_history(server.port(), seed, long_operations * history_factor(), ttl_ms_max);
    std::printf("%s: %s\n", name, outcome.report.text().c_str());
    INFO("TC_TEST_SEED=" << seed << "\n" << outcome.report.text());
    CHECK(outcome.report.findings.empty());
    CHECK_FALSE(outcome.is_void);
}

}  // namespace

TEST_CASE("histories of eight clients over the wire are linearizable, key by key", "[histories]") {
    expect_linearizable("linearizability", 0);
}

TEST_CASE("histories with TTLs and TOUCH over the wire are linearizable, key by key",
          "[histories]") {
    expect_linearizable("linearizability with TTLs", short_ttl_ms);
}

TEST_CASE("long histories over the wire break none of G1, G2, G3 and G6", "[histories]") {
    expect_no_finding("intervals", 0);
}

TEST_CASE("long histories with TTLs over the wire break G7 neither", "[histories]") {
    expect_no_finding("intervals with TTLs", short_ttl_ms);
}

TEST_CASE("pipelines over two connections of a client are answered in order", "[histories]") {
    const std::uint64_t seed = history_seed("pipelines");
    RunningServer server(two_reactors);
    const ReplyOutcome outcome =
        check_pipelines(server.port(), seed, pipeline_batches * history_factor());
    INFO("TC_TEST_SEED=" << seed << ": " << outcome.exchanges << " exchanges, " << outcome.hits
                         << " hits");
    CHECK(outcome.wrong.empty());
    CHECK_FALSE(outcome.is_void);
}
