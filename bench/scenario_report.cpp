// SPDX-License-Identifier: MIT
#include "bench/scenario_report.hpp"

#include <iterator>

#include "bench/figure_text.hpp"

namespace tc::bench {
namespace {

const char* verdict_text(Verdict verdict) {
    switch (verdict) {
        case Verdict::sound: return "sound";
        case Verdict::flawed: return "FLAWED";
        case Verdict::is_void: return "VOID";
    }
    return "";
}

std::string median_of(const std::vector<TailSlice>& slices, double TailSlice::*figure,
                      double unit = 1) {
    const std::optional<Spread> spread = spread_of(slices, figure);
    return spread.has_value() ? number(spread->median / unit) : nothing;
}

std::string spread_cell(const std::vector<TailSlice>& slices, double TailSlice::*figure) {
    return with_spread(spread_of(slices, figure));
}

// A tail that grows by more than a millisecond is to be looked into.
std::string growth_cell(const ScenarioFigures& figures) {
    constexpr double unremarkable_us_max = 1'000;
    const std::optional<Spread> growth = growth_of(figures, &TailSlice::p999_us);
    const bool is_remarkable = growth.has_value() && growth->median > unremarkable_us_max;
    return with_spread(growth) + (is_remarkable ? "!" : "");
}

std::string worst_cell(const std::vector<TailSlice>& slices, double TailSlice::*figure) {
    const std::optional<double> worst = worst_of(slices, figure);
    return worst.has_value() ? number(*worst) : nothing;
}

std::vector<std::string> line_of(const std::string& label, const std::vector<TailSlice>& slices,
                                 const std::string& growth) {
    return {label,
            median_of(slices, &TailSlice::rate_per_s, 1e3),
            median_of(slices, &TailSlice::p50_us),
            spread_cell(slices, &TailSlice::p99_us),
            spread_cell(slices, &TailSlice::p999_us),
            growth,
            spread_cell(slices, &TailSlice::max_us),
            worst_cell(slices, &TailSlice::max_us),
            median_of(slices, &TailSlice::lag_p999_us),
            median_of(slices, &TailSlice::lag_max_us),
            median_of(slices, &TailSlice::server_share),
            median_of(slices, &TailSlice::server_wait_share),
            median_of(slices, &TailSlice::client_share)};
}

std::string joined(const std::vector<std::string>& texts, const char* separator) {
    std::string all;
    for (const std::string& text : texts) {
        all += (all.empty() ? "" : separator) + text;
    }
    return all;
}

struct NamedFigure {
    const char* name;
    double TailSlice::*figure;
};
constexpr NamedFigure named_figures[] = {
    {"gets", &TailSlice::get_count},
    {"rate_per_s", &TailSlice::rate_per_s},
    {"p50_us", &TailSlice::p50_us},
    {"p99_us", &TailSlice::p99_us},
    {"p999_us", &TailSlice::p999_us},
    {"max_us", &TailSlice::max_us},
    {"lag_p999_us", &TailSlice::lag_p999_us},
    {"lag_max_us", &TailSlice::lag_max_us},
    {"hit_ratio", &TailSlice::hit_ratio},
    {"server_share", &TailSlice::server_share},
    {"server_wait_share", &TailSlice::server_wait_share},
    {"client_share", &TailSlice::client_share},
};

std::string json_slice(const TailSlice& slice) {
    std::string text = "{";
    for (const NamedFigure& each : named_figures) {
        text += json_text(each.name) + ':' + json_number(slice.*each.figure) + ',';
    }
    return text + "\"fault\":" + json_text(slice.fault) + '}';
}

std::string json_evidence(const std::vector<Evidence>& of_slice) {
    return json_array(of_slice, [](const Evidence& each) {
        return "{\"what\":" + json_text(each.what) + ",\"count\":" + json_number(each.count) +
               ",\"count_min\":" + json_number(each.count_min) + '}';
    });
}

std::string json_medians(const std::vector<TailSlice>& slices) {
    std::string text;
    for (const NamedFigure& each : named_figures) {
        text += (text.empty() ? "" : ",") + json_text(each.name) + ':' +
                json_spread(spread_of(slices, each.figure));
    }
    return '{' + text + '}';
}

std::string json_growth(const ScenarioFigures& figures) {
    std::string text;
    for (const NamedFigure& each : named_figures) {
        text += (text.empty() ? "" : ",") + json_text(each.name) + ':' +
                json_spread(growth_of(figures, each.figure));
    }
    return '{' + text + '}';
}

std::string json_scenario(const ScenarioFigures& figures) {
    return "{\"scenario\":" + json_text(figures.name) +
           ",\"verdict\":" + json_text(verdict_text(verdict_of(figures))) +
           ",\n\"quiet\":" + json_medians(figures.quiet) +
           ",\n\"disturbed\":" + json_medians(figures.disturbed) +
           ",\n\"difference\":" + json_growth(figures) +
           ",\n\"faults\":" + json_array(faults_of(figures), json_text) +
           ",\n\"evidence\":" + json_array(figures.evidence, json_evidence) +
           ",\n\"quiet_slices\":" + json_array(figures.quiet, json_slice) +
           ",\n\"disturbed_slices\":" + json_array(figures.disturbed, json_slice) + '}';
}

}  // namespace

Table tail_table(const std::vector<ScenarioFigures>& scenarios) {
    Table table = {{"scenario", "kop/s", "p50 us", "p99 us", "p99.9 us", "p99.9 - quiet", "max us",
                    "worst", "lag p99.9", "lag max", "server", "waited", "client"}};
    for (const ScenarioFigures& figures : scenarios) {
        table.push_back(line_of(figures.name, figures.disturbed, growth_cell(figures)));
        table.push_back(line_of("  quiet", figures.quiet, ""));
    }
    return table;
}

std::string account_of(const ScenarioFigures& figures) {
    std::string text = std::string(verdict_text(verdict_of(figures))) + ": in each of " +
                       std::to_string(figures.disturbed.size()) + " slices " +
                       joined(evidence_texts(figures), ", ") + '\n';
    for (const std::string& fault : faults_of(figures)) {
        text += "  does not count: " + fault + '\n';
    }
    return text;
}

std::string markdown_of(const ScenarioReport& report) {
    std::string text = as_markdown(tail_table(report.scenarios)) + '\n';
    for (const ScenarioFigures& figures : report.scenarios) {
        text += "- " + figures.name + ", " + account_of(figures);
    }
    return text;
}

std::string json_of(const ScenarioReport& report) {
    return "{\"saturation\":{\"rate_per_s\":" + json_number(report.saturation.rate_per_s) +
           ",\"server_share\":" + json_number(report.saturation.server_share) +
           ",\"client_share\":" + json_number(report.saturation.client_share) +
           "},\n\"scenarios\":" + json_array(report.scenarios, json_scenario) + "}\n";
}

}  // namespace tc::bench
