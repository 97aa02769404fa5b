// SPDX-License-Identifier: MIT
//
// What is made of the measurements: medians, ratios of neighbouring slices, and the refusal to
// compare servers that did different work.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/comparison_row.hpp"
#include "driver/run.hpp"

namespace tc::bench {

// One server under the load of one row, for a second or so.
struct Slice {
    double operations_per_s = 0;
    double cpu_ns = 0;  // of the server, for each operation
    double p50_us = 0;
    double p99_us = 0;
    double p999_us = 0;
    double server_share = 0;  // of a core, in use; more than 1 with several threads
    double client_share = 0;  // of a core: near 1, the load program was measured
    double hit_ratio = 1;
};

[[nodiscard]] Slice slice_of(const driver::RunReport& report, std::uint64_t server_cpu_ns);

// The slices of one row, by server; all have as many, and those of one index were taken together.
struct RowFigures {
    Row row;
    std::map<std::string, std::vector<Slice>> slices;
};

// A median and what the middle half of the values lies between.
struct Spread {
    double median = 0;
    double low = 0;
    double high = 0;
};

// REQUIRES: values is not empty.
[[nodiscard]] Spread spread_of(std::vector<double> values);
// Of one figure over the slices of a server; nothing when it is not in this row.
[[nodiscard]] std::optional<Spread> spread_of(const RowFigures& figures, const std::string& server,
                                              double Slice::*figure);
// Of the ratios of slices that were taken together: ours / the other's.
[[nodiscard]] std::optional<Spread> ratio_to(const RowFigures& figures, const std::string& server,
                                             double Slice::*figure);
// Of CPU times without what the floor takes: (ours - floor) / (the other's - floor). Slices in
// which noise puts the other below the floor are left out; nothing when that is half of them.
[[nodiscard]] std::optional<Spread> ratio_above_floor(const RowFigures& figures,
                                                      const std::string& server);

inline constexpr const char* ours = "tagcached";
inline constexpr const char* floor_server = "echo";

// The servers did not do the same: there is nothing to compare.
class DifferentWork : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Everything was answered, every hit had the row's value size, and what was stored was found: only
// a mix may miss, since it removes entries.
void check_work(const Row& row, const std::string& server, const driver::RunReport& report);
// Hit ratios of slices that were taken together differ by a point at most.
void check_hit_ratios(const RowFigures& figures);

// A goal of ours: the ratio of CPU times for an operation, ours / the rival's, in a row.
struct Goal {
    std::string rival;
    double ratio_max;
};
[[nodiscard]] std::vector<Goal> goals_of(const Row& row);

}  // namespace tc::bench
