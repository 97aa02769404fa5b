// SPDX-License-Identifier: MIT
//
// What `tagcache bench` was told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "driver/arrivals.hpp"
#include "driver/operation_source.hpp"

namespace tc {

struct BenchOptions {
    std::uint32_t connection_count = 50;
    std::uint32_t thread_count = 1;
    std::uint32_t pipeline_depth = 1;
    std::optional<std::uint64_t> request_count;
    std::optional<std::uint64_t> duration_ms;
    std::uint64_t warmup_ms = 0;
    std::optional<std::uint64_t> rate;  // operations a second; none = a closed loop
    driver::Arrivals::Kind arrivals = driver::Arrivals::Kind::constant;
    driver::Load load;
    bool has_preload = false;
    bool is_csv = false;
    std::string hdr_file;  // "" = none

    // As they were written, for the summary.
    std::string ratio_text = "9:1:0";
    std::string distribution_text = "uniform";
    std::string tag_distribution_text = "uniform";
    std::string key_size_text = "16";
    std::string value_size_text = "100";
};

// Throws a Failure for options of which each alone is fine, but not together.
void check_bench_options(const BenchOptions& options);

}  // namespace tc
