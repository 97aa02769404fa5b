// SPDX-License-Identifier: MIT
#include "bench/comparison_figures.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdio>

namespace tc::bench {
namespace {

constexpr double ns_per_us = 1'000;

const std::vector<Slice>* slices_of(const RowFigures& figures, const std::string& server) {
    const auto found = figures.slices.find(server);
    return found == figures.slices.end() || found->second.empty() ? nullptr : &found->second;
}

// Linear between the two values that are nearest to the quantile. REQUIRES: sorted is sorted.
double quantile_of(const std::vector<double>& sorted, double quantile) {
    const double position = quantile * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(position);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return std::lerp(sorted[below], sorted[above], position - static_cast<double>(below));
}

}  // namespace

Slice slice_of(const driver::RunReport& report, std::uint64_t server_cpu_ns) {
    driver::LatencyHistogram latency;
    for (const driver::LatencyHistogram& each : report.counters.latencies) {
        latency.merge(each);
    }
    const auto completed = static_cast<double>(report.counters.completed_count());
    const auto cpu_ns = static_cast<double>(server_cpu_ns);
    const auto elapsed_ns = static_cast<double>(report.elapsed_ns);
    const auto quantile_us = [&](double quantile) {
        return static_cast<double>(latency.quantile_ns(quantile)) / ns_per_us;
    };
    Slice slice;
    slice.operations_per_s = report.rate_per_s();
    slice.cpu_ns = completed > 0 ? cpu_ns / completed : 0;
    slice.p50_us = quantile_us(0.50);
    slice.p99_us = quantile_us(0.99);
    slice.p999_us = quantile_us(0.999);
    slice.server_share = elapsed_ns > 0 ? cpu_ns / elapsed_ns : 0;
    slice.client_share = report.busiest_share();
    slice.hit_ratio = report.counters.latency(driver::Answer::hit).count() +
                                  report.counters.latency(driver::Answer::miss).count() ==
                              0
                          ? 1
                          : report.counters.hit_ratio();
    return slice;
}

Spread spread_of(std::vector<double> values) {
    assert(!values.empty());
    std::sort(values.begin(), values.end());
    return {quantile_of(values, 0.5), quantile_of(values, 0.25), quantile_of(values, 0.75)};
}

std::optional<Spread> spread_of(const RowFigures& figures, const std::string& server,
                                double Slice::*figure) {
    const std::vector<Slice>* const slices = slices_of(figures, server);
    if (slices == nullptr) {
        return std::nullopt;
    }
    std::vector<double> values;
    for (const Slice& slice : *slices) {
        values.push_back(slice.*figure);
    }
    return spread_of(std::move(values));
}

std::optional<Spread> ratio_to(const RowFigures& figures, const std::string& server,
                               double Slice::*figure) {
    const std::vector<Slice>* const own = slices_of(figures, ours);
    const std::vector<Slice>* const others = slices_of(figures, server);
    if (own == nullptr || others == nullptr) {
        return std::nullopt;
    }
    std::vector<double> ratios;
    for (std::size_t i = 0; i < std::min(own->size(), others->size()); ++i) {
        if ((*others)[i].*figure > 0) {
            ratios.push_back((*own)[i].*figure / (*others)[i].*figure);
        }
    }
    return ratios.empty() ? std::nullopt : std::optional(spread_of(std::move(ratios)));
}

std::optional<Spread> ratio_above_floor(const RowFigures& figures, const std::string& server) {
    const std::vector<Slice>* const own = slices_of(figures, ours);
    const std::vector<Slice>* const others = slices_of(figures, server);
    const std::vector<Slice>* const floor = slices_of(figures, floor_server);
    if (own == nullptr || others == nullptr || floor == nullptr) {
        return std::nullopt;
    }
    std::vector<double> ratios;
    const std::size_t count = std::min({own->size(), others->size(), floor->size()});
    for (std::size_t i = 0; i < count; ++i) {
        const double floor_ns = (*floor)[i].cpu_ns;
        const double above_ns = (*others)[i].cpu_ns - floor_ns;
        if (above_ns > 0) {
            ratios.push_back(((*own)[i].cpu_ns - floor_ns) / above_ns);
        }
    }
    return ratios.size() * 2 <= count ? std::nullopt : std::optional(spread_of(std::move(ratios)));
}

void check_work(const Row& row, const std::string& server, const driver::RunReport& report) {
    const driver::Counters& counters = report.counters;
    const auto refuse = [&](const std::string& what) {
        throw DifferentWork(row.label() + ": " + server + ": " + what);
    };
    if (report.lost_connections != 0) {
        refuse(std::to_string(report.lost_connections) + " connections were lost");
    }
    if (counters.refused_count + counters.error_count != 0) {
        const std::string reason =
            counters.reasons.empty() ? "" : ", " + counters.reasons.begin()->first;
        refuse(std::to_string(counters.refused_count) + " operations were refused and " +
               std::to_string(counters.error_count) + " failed" + reason);
    }
    if (counters.completed_count() == 0) {
        refuse("nothing was answered");
    }
    const std::uint64_t hit_count = counters.latency(driver::Answer::hit).count();
    const std::uint64_t miss_count = counters.latency(driver::Answer::miss).count();
    if (miss_count != 0 && row.kind != RowKind::mix) {
        refuse(std::to_string(miss_count) + " of " + std::to_string(hit_count + miss_count) +
               " GETs missed");
    }
    if (counters.value_bytes != hit_count * row.value_bytes) {
        refuse(std::to_string(hit_count) + " hits brought " + std::to_string(counters.value_bytes) +
               " bytes");
    }
}

void check_hit_ratios(const RowFigures& figures) {
    constexpr double difference_max = 0.01;
    const std::vector<Slice>* const own = slices_of(figures, ours);
    for (const auto& [server, slices] : figures.slices) {
        if (own == nullptr || server == floor_server) {
            continue;
        }
        for (std::size_t i = 0; i < std::min(own->size(), slices.size()); ++i) {
            if (std::abs(slices[i].hit_ratio - (*own)[i].hit_ratio) > difference_max) {
                char text[128];
                std::snprintf(text, sizeof text, ": %.2f %% of the GETs hit, and ours %.2f %%",
                              slices[i].hit_ratio * 100, (*own)[i].hit_ratio * 100);
                throw DifferentWork(figures.row.label() + ": " + server + text);
            }
        }
    }
}

std::vector<Goal> goals_of(const Row& row) {
    struct RowGoals {
        Row row;
        std::vector<Goal> goals;
    };
    const std::vector<Goal> unpipelined = {
        {"redis", 0.90}, {"memcached", 0.90}, {"valkey", 0.90}, {floor_server, 1.15}};
    const std::vector<RowGoals> all = {
        {{RowKind::get, 100, 64, 50, 1}, {{"redis", 0.25}, {"memcached", 0.25}, {"valkey", 0.50}}},
        {{RowKind::put, 100, 64, 50, 1}, {{"redis", 0.25}, {"memcached", 0.25}, {"valkey", 0.50}}},
        {{RowKind::get, 100, 16, 50, 1}, {{"redis", 0.35}, {"valkey", 0.60}}},
        {{RowKind::get, 100, 1, 50, 1}, unpipelined},
        {{RowKind::put, 100, 1, 50, 1}, unpipelined},
        {{RowKind::get, 1000, 64, 50, 1}, {{"redis", 0.36}, {"valkey", 0.50}}},
        {{RowKind::get, 16384, 16, 50, 1}, {{"redis", 0.49}, {"valkey", 1.00}}},
    };
    for (const RowGoals& each : all) {
        if (each.row == row) {
            return each.goals;
        }
    }
    // With two threads each: no more CPU than anybody.
    if (row.server_threads > 1) {
        return {{"redis", 1.00}, {"memcached", 1.00}, {"valkey", 1.00}};
    }
    return {};
}

}  // namespace tc::bench
