// SPDX-License-Identifier: MIT
//
// What a benchmark has measured: as a table for people, as one JSON object, as CSV, and as a file
// for HdrHistogram's tools.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/bench_options.hpp"
#include "cli/output.hpp"
#include "driver/run.hpp"

namespace tc {

struct BenchReport {
    std::string address;
    std::string server_version;
    const BenchOptions& options;
    const driver::RunReport& run;
    // Of a server on this machine, in the time of the measurement and at its end.
    std::optional<std::uint64_t> server_cpu_ns;
    std::optional<std::uint64_t> server_resident_bytes;
};

void write_bench_report(Output& output, const BenchReport& report);
void write_bench_histogram(const BenchReport& report);

}  // namespace tc
