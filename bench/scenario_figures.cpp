// SPDX-License-Identifier: MIT
#include "bench/scenario_figures.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace tc::bench {
namespace {

// Why a slice does not count: anything but hits and, where they are expected, misses.
std::string fault_of(const driver::RunReport& report, const TailExpectation& expectation) {
    const driver::Counters& counters = report.counters;
    if (report.lost_connections != 0) {
        return std::to_string(report.lost_connections) + " connections were lost";
    }
    if (report.unsent_count != 0) {
        return std::to_string(report.unsent_count) + " GETs were due and not sent";
    }
    if (counters.refused_count + counters.error_count != 0) {
        const std::string reason =
            counters.reasons.empty() ? "" : ": " + counters.reasons.begin()->first;
        return std::to_string(counters.refused_count) + " GETs were refused and " +
               std::to_string(counters.error_count) + " failed" + reason;
    }
    const std::uint64_t hit_count = counters.latency(driver::Answer::hit).count();
    const std::uint64_t miss_count = counters.latency(driver::Answer::miss).count();
    if (hit_count == 0) {
        return "no GET was a hit";
    }
    if (miss_count != 0 && !expectation.allows_misses) {
        return std::to_string(miss_count) + " GETs missed";
    }
    if (counters.value_bytes != hit_count * expectation.value_bytes) {
        return std::to_string(hit_count) + " hits brought " + std::to_string(counters.value_bytes) +
               " bytes";
    }
    return "";
}

double us(std::uint64_t ns) {
    return static_cast<double>(ns) / 1'000;
}

double share_of(std::uint64_t part_ns, std::uint64_t all_ns) {
    return all_ns == 0 ? 0 : static_cast<double>(part_ns) / static_cast<double>(all_ns);
}

// Those of slices that count.
std::vector<double> values_of(const std::vector<TailSlice>& slices, double TailSlice::*figure) {
    std::vector<double> values;
    for (const TailSlice& slice : slices) {
        if (slice.fault.empty()) {
            values.push_back(slice.*figure);
        }
    }
    return values;
}

// Of pairs of which both count.
std::vector<double> differences_of(const ScenarioFigures& figures, double TailSlice::*figure) {
    std::vector<double> differences;
    for (std::size_t i = 0; i < std::min(figures.quiet.size(), figures.disturbed.size()); ++i) {
        if (figures.quiet[i].fault.empty() && figures.disturbed[i].fault.empty()) {
            differences.push_back(figures.disturbed[i].*figure - figures.quiet[i].*figure);
        }
    }
    return differences;
}

void add_faults(const std::vector<TailSlice>& slices, const std::string& kind,
                std::vector<std::string>& faults) {
    for (std::size_t i = 0; i < slices.size(); ++i) {
        if (!slices[i].fault.empty()) {
            faults.push_back("slice " + std::to_string(i + 1) + ", " + kind + ": " +
                             slices[i].fault);
        }
    }
}

bool took_place(const Evidence& evidence) {
    return evidence.count >= evidence.count_min;
}

// Counts are whole numbers; the few that are not are ratios below ten.
std::string count_text(double count) {
    const bool is_whole = count >= 10 || count == std::floor(count);
    std::string text = std::to_string(is_whole ? std::llround(count) : std::llround(count * 10));
    if (!is_whole) {
        text.insert(0, text.size() < 2 ? "0" : "");
        text.insert(text.size() - 1, ".");
    }
    return text;
}

}  // namespace

TailSlice tail_slice_of(const driver::RunReport& report, const TailExpectation& expectation,
                        const ServerTime& server) {
    // A miss is an answer to a GET as well, and its tail is the same one.
    driver::LatencyHistogram latency = report.counters.latency(driver::Answer::hit);
    latency.merge(report.counters.latency(driver::Answer::miss));
    TailSlice slice;
    slice.fault = fault_of(report, expectation);
    slice.get_count = static_cast<double>(latency.count());
    slice.rate_per_s =
        report.elapsed_ns == 0 ? 0 : slice.get_count * 1e9 / static_cast<double>(report.elapsed_ns);
    slice.p50_us = us(latency.quantile_ns(0.50));
    slice.p99_us = us(latency.quantile_ns(0.99));
    slice.p999_us = us(latency.quantile_ns(0.999));
    slice.max_us = us(latency.max_ns());
    slice.lag_p999_us = us(report.counters.send_delay.quantile_ns(0.999));
    slice.lag_max_us = us(report.counters.send_delay.max_ns());
    slice.hit_ratio = report.counters.hit_ratio();
    slice.server_share = share_of(server.cpu.used_ns, server.elapsed_ns);
    slice.server_wait_share = share_of(server.cpu.waited_ns, server.elapsed_ns);
    slice.client_share = report.busiest_share();
    return slice;
}

Verdict verdict_of(const ScenarioFigures& figures) {
    const bool all_took_place =
        std::all_of(figures.evidence.begin(), figures.evidence.end(), [](const auto& of_slice) {
            return std::all_of(of_slice.begin(), of_slice.end(), took_place);
        });
    if (!all_took_place || differences_of(figures, &TailSlice::p50_us).empty()) {
        return Verdict::is_void;
    }
    return faults_of(figures).empty() ? Verdict::sound : Verdict::flawed;
}

std::vector<std::string> faults_of(const ScenarioFigures& figures) {
    std::vector<std::string> faults;
    add_faults(figures.quiet, "quiet", faults);
    add_faults(figures.disturbed, "disturbed", faults);
    for (std::size_t i = 0; i < figures.evidence.size(); ++i) {
        for (const Evidence& each : figures.evidence[i]) {
            if (!took_place(each)) {
                faults.push_back("slice " + std::to_string(i + 1) + ", disturbed: only " +
                                 count_text(each.count) + " " + each.what + ", not " +
                                 count_text(each.count_min));
            }
        }
    }
    return faults;
}

std::optional<Spread> spread_of(const std::vector<TailSlice>& slices, double TailSlice::*figure) {
    std::vector<double> values = values_of(slices, figure);
    return values.empty() ? std::nullopt : std::optional(spread_of(std::move(values)));
}

std::optional<double> worst_of(const std::vector<TailSlice>& slices, double TailSlice::*figure) {
    const std::vector<double> values = values_of(slices, figure);
    const auto worst = std::max_element(values.begin(), values.end());
    return worst == values.end() ? std::nullopt : std::optional(*worst);
}

std::optional<Spread> growth_of(const ScenarioFigures& figures, double TailSlice::*figure) {
    std::vector<double> differences = differences_of(figures, figure);
    return differences.empty() ? std::nullopt : std::optional(spread_of(std::move(differences)));
}

std::vector<std::string> evidence_texts(const ScenarioFigures& figures) {
    std::vector<std::string> texts;
    const std::size_t kind_count = figures.evidence.empty() ? 0 : figures.evidence[0].size();
    for (std::size_t kind = 0; kind < kind_count; ++kind) {
        double least = figures.evidence[0][kind].count;
        double most = least;
        for (const std::vector<Evidence>& of_slice : figures.evidence) {
            assert(of_slice.size() == kind_count);
            least = std::min(least, of_slice[kind].count);
            most = std::max(most, of_slice[kind].count);
        }
        const std::string range = count_text(least) == count_text(most)
                                      ? count_text(least)
                                      : count_text(least) + " to " + count_text(most);
        texts.push_back(range + " " + figures.evidence[0][kind].what);
    }
    return texts;
}

}  // namespace tc::bench
