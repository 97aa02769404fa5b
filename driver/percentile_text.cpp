// SPDX-License-Identifier: MIT
#include "driver/percentile_text.hpp"

#include <cmath>
#include <iomanip>
#include <sstream>

namespace tc::driver {
namespace {

// Lines from 0 to 50 %, as many from there to 75 %, and so on: HdrHistogram's default.
constexpr double lines_per_halving = 5;

double ms(double ns) {
    return ns / 1e6;
}

std::ostream& write_number(std::ostream& out, double number, int width, int digits) {
    return out << std::fixed << std::setprecision(digits) << std::setw(width) << number;
}

void write_percentile(std::ostream& out, const LatencyHistogram& histogram, double quantile) {
    const std::uint64_t ns = histogram.quantile_ns(quantile);
    write_number(out, ms(static_cast<double>(ns)), 12, 6);
    write_number(out, quantile, 15, 12);
    out << std::setw(11) << histogram.count_up_to(ns);
    if (quantile < 1) {
        write_number(out, 1 / (1 - quantile), 15, 2);
    }
    out << '\n';
}

void write_footer(std::ostream& out, const LatencyHistogram& histogram) {
    write_number(out << "#[Mean    = ", ms(histogram.mean_ns()), 12, 6);
    write_number(out << ", StdDeviation   = ", ms(histogram.deviation_ns()), 12, 6) << "]\n";
    write_number(out << "#[Max     = ", ms(static_cast<double>(histogram.max_ns())), 12, 6);
    out << ", Total count    = " << std::setw(12) << histogram.count() << "]\n";
    out << "#[Buckets = " << std::setw(12) << LatencyHistogram::doubling_count + 1
        << ", SubBuckets     = " << std::setw(12) << LatencyHistogram::exact_count << "]\n";
}

}  // namespace

std::string percentile_text(const LatencyHistogram& histogram) {
    std::ostringstream out;
    out << "       Value     Percentile TotalCount 1/(1-Percentile)\n\n";
    double quantile = 0;
    // Until what is left is less than one call.
    while (histogram.count() != 0 && (1 - quantile) * static_cast<double>(histogram.count()) > 1) {
        write_percentile(out, histogram, quantile);
        const double halving = std::floor(std::log2(1 / (1 - quantile))) + 1;
        quantile += 1 / (lines_per_halving * std::exp2(halving));
    }
    write_percentile(out, histogram, 1);
    write_footer(out, histogram);
    return out.str();
}

}  // namespace tc::driver
