// SPDX-License-Identifier: MIT
#include "histories/history_checks.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "histories/linearizability.hpp"
#include "histories/recorder.hpp"

namespace tc::test {
namespace {

// Of a run's operations so many at least are hits, overlap with another on their key, or are of the
// kinds that a check is about.
constexpr std::uint64_t operations_per_hit_max = 10;
constexpr std::uint64_t operations_per_overlap_max = 100;
constexpr std::uint64_t operations_per_kind_max = 4'000;

bool is_too_little(std::uint64_t operations, std::uint64_t hits, std::uint64_t overlapping_pairs) {
    return operations == 0 || hits < operations / operations_per_hit_max ||
           overlapping_pairs < operations / operations_per_overlap_max;
}

bool is_too_little(const Coverage& coverage, bool has_ttl) {
    const auto is_rare = [&](std::uint64_t count) {
        return count < coverage.operations / operations_per_kind_max;
    };
    const bool has_few_of_its_kind =
        has_ttl ? is_rare(coverage.expiries) || is_rare(coverage.hits_with_deadline)
                : is_rare(coverage.removing_invalidations) || is_rare(coverage.exact_counts);
    return is_too_little(coverage.operations, coverage.hits, coverage.overlapping_pairs) ||
           is_rare(coverage.determined_misses) || has_few_of_its_kind;
}

// Of an environment that is silent: the other number.
std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* const given = std::getenv(variable);
    return given != nullptr ? std::strtoull(given, nullptr, 10) : otherwise;
}

void search(const History& history, std::uint16_t key_count, SearchOutcome& outcome) {
    outcome.operations += history.size();
    const Coverage coverage = check_intervals(history).coverage;
    outcome.hits += coverage.hits;
    outcome.overlapping_pairs += coverage.overlapping_pairs;
    for (std::uint16_t key = 0; key < key_count; ++key) {
        const LinearizabilityResult result = check_key(projected_on(history, key));
        ++outcome.histories;
        if (result.verdict == Verdict::violated) {
            outcome.violation = result.report;
            return;
        }
        outcome.is_void = outcome.is_void || result.verdict == Verdict::unknown;
    }
}

}  // namespace

std::uint64_t history_seed(const char* name) {
    const auto time = std::chrono::system_clock::now().time_since_epoch().count();
    const std::uint64_t seed =
        number_from("TC_TEST_SEED", static_cast<std::uint64_t>(time) % 1'000'000'000);
    std::printf("%s: TC_TEST_SEED=%llu\n", name, static_cast<unsigned long long>(seed));
    return seed;
}

std::uint32_t history_factor() {
    return static_cast<std::uint32_t>(number_from("TC_HISTORY_FACTOR", 1));
}

std::string SearchOutcome::text() const {
    return std::to_string(histories) + " histories, " + std::to_string(operations) +
           " operations, " + std::to_string(hits) + " hits, " + std::to_string(overlapping_pairs) +
           " overlapping pairs" + (is_void ? ", void" : "") + "\n" + violation;
}

SearchOutcome search_rounds(int port, std::uint64_t seed, std::uint32_t rounds,
                            std::uint32_t ttl_ms_max) {
    // Short and long by turns: of the 512 operations that a search takes, up to 400 are on a key.
    constexpr std::uint32_t lengths[] = {40, 80, 160};
    Recorder recorder(port);
    SearchOutcome outcome;
    for (std::uint32_t round = 0; round < rounds && outcome.violation.empty(); ++round) {
        HistoryPlan plan;
        plan.seed = seed + round;
        plan.operations_per_client = lengths[round % std::size(lengths)];
        plan.ttl_ms_max = ttl_ms_max;
        plan.mix.touches = ttl_ms_max != 0 ? 5 : 0;
        plan.key_prefix = std::to_string(seed) + ":" + std::to_string(round) + ":";
        search(recorder.record(plan), plan.keys, outcome);
    }
    outcome.is_void = outcome.is_void ||
                      is_too_little(outcome.operations, outcome.hits, outcome.overlapping_pairs);
    return outcome;
}

IntervalOutcome check_long_history(int port, std::uint64_t seed, std::uint32_t operations,
                                   std::uint32_t ttl_ms_max) {
    HistoryPlan plan;
    plan.seed = seed;
    plan.operations_per_client = static_cast<std::uint32_t>(operations / Recorder::client_count);
    plan.ttl_ms_max = ttl_ms_max;
    if (ttl_ms_max != 0) {
        // Entries have to be left alone for long enough to expire.
        plan.keys = 32;
        plan.mix = {.puts = 8, .removals = 1, .increments = 2, .touches = 0, .invalidations = 1};
    }
    plan.key_prefix = std::to_string(seed) + ":";
    const History history = Recorder(port).record(plan);
    IntervalOutcome outcome{check_intervals(history), false};
    outcome.is_void = is_too_little(outcome.report.coverage, ttl_ms_max != 0);
    return outcome;
}

ReplyOutcome check_pipelines(int port, std::uint64_t seed, std::uint32_t batches) {
    ReplyOutcome outcome;
    try {
        for (const std::vector<Exchange>& exchanges : record_pipelines(port, seed, batches)) {
            outcome.exchanges += exchanges.size();
            outcome.hits += static_cast<std::uint64_t>(
                std::ranges::count_if(exchanges, [](const Exchange& exchange) {
                    return exchange.operation.verb == Verb::get && exchange.operation.is_found;
                }));
            if (outcome.wrong.empty()) {
                outcome.wrong = first_wrong_reply(exchanges);
            }
        }
    } catch (const std::exception& error) {
        outcome.wrong = error.what();
    }
    outcome.is_void = outcome.exchanges < batches || outcome.hits < outcome.exchanges / 10;
    return outcome;
}

}  // namespace tc::test
