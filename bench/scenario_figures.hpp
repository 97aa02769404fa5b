// SPDX-License-Identifier: MIT
//
// What is made of the slices of a scenario: which of them count, medians, the paired differences
// between a disturbed slice and the quiet one before it, and whether the row says anything at all.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/comparison_figures.hpp"
#include "bench/server_process.hpp"
#include "driver/run.hpp"

namespace tc::bench {

// GETs at a fixed rate for a second or so. Latencies count from the intended time.
struct TailSlice {
    double get_count = 0;
    double rate_per_s = 0;
    double p50_us = 0;
    double p99_us = 0;
    double p999_us = 0;
    double max_us = 0;
    // How far behind its own schedule the load program was: what of the latency is not the
    // server's.
    double lag_p999_us = 0;
    double lag_max_us = 0;
    double hit_ratio = 1;
    double server_share = 0;  // of a core, in use
    // Of the time, in which the server could not go on because its core was somebody else's.
    double server_wait_share = 0;
    double client_share = 0;  // likewise, of the thread that sends the GETs
    std::string fault;        // why the slice does not count; empty = it does
};

// What a slice of the load was to be.
struct TailExpectation {
    std::uint64_t value_bytes = 100;
    bool allows_misses = false;
};

// What the server's process did in elapsed_ns of wall time around a slice.
struct ServerTime {
    std::uint64_t elapsed_ns = 0;
    ServerProcess::CpuTimes cpu;
};
[[nodiscard]] TailSlice tail_slice_of(const driver::RunReport& report,
                                      const TailExpectation& expectation, const ServerTime& server);

// Something that the disturbance did to the server in one slice, by the server's own count where it
// has one. Below count_min it did not take place.
struct Evidence {
    std::string what;  // "entries evicted"
    double count = 0;
    double count_min = 0;
};

struct ScenarioFigures {
    std::string name;
    // Slices of one index were taken one after the other, first the quiet one.
    std::vector<TailSlice> quiet;
    std::vector<TailSlice> disturbed;
    std::vector<std::vector<Evidence>> evidence;  // of each disturbed slice, in one order
};

// flawed: some slices do not count, and the figures are those of the others. is_void: no pair of
// slices counts, or what was to disturb did not take place in one of them.
enum class Verdict : std::uint8_t { sound, flawed, is_void };
[[nodiscard]] Verdict verdict_of(const ScenarioFigures& figures);
// One line for each fault: "slice 2, disturbed: 3 GETs missed".
[[nodiscard]] std::vector<std::string> faults_of(const ScenarioFigures& figures);

// Over the slices that count; nothing when none does.
[[nodiscard]] std::optional<Spread> spread_of(const std::vector<TailSlice>& slices,
                                              double TailSlice::*figure);
// The largest of all slices that count.
[[nodiscard]] std::optional<double> worst_of(const std::vector<TailSlice>& slices,
                                             double TailSlice::*figure);
// Disturbed - quiet, of pairs of which both count.
[[nodiscard]] std::optional<Spread> growth_of(const ScenarioFigures& figures,
                                              double TailSlice::*figure);

// "1000000 entries invalidated", "4211 to 4890 entries evicted"; one for each kind of evidence.
[[nodiscard]] std::vector<std::string> evidence_texts(const ScenarioFigures& figures);

}  // namespace tc::bench
