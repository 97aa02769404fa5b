// SPDX-License-Identifier: MIT
//
// A histogram as the text that HdrHistogram's tools print and plot: a line per percentile, ever
// closer together towards 100 %.
#pragma once

#include <string>

#include "driver/latency_histogram.hpp"

namespace tc::driver {

// Values are in milliseconds.
[[nodiscard]] std::string percentile_text(const LatencyHistogram& histogram);

}  // namespace tc::driver
