// SPDX-License-Identifier: MIT
#include "cli/bench_report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "cli/escape.hpp"
#include "cli/output_file.hpp"
#include "cli/quantity.hpp"
#include "driver/percentile_text.hpp"

namespace tc {
namespace {

using driver::Answer;
using driver::Counters;
using driver::LatencyHistogram;
using driver::RunReport;

struct Percentile {
    double quantile;
    const char* title;  // of a column
    const char* name;   // in JSON and CSV
};
constexpr std::array<Percentile, 6> percentiles = {{{0.5, "p50", "p50_us"},
                                                    {0.9, "p90", "p90_us"},
                                                    {0.99, "p99", "p99_us"},
                                                    {0.999, "p99.9", "p99_9_us"},
                                                    {0.9999, "p99.99", "p99_99_us"},
                                                    {1, "max", "max_us"}}};

double seconds(std::uint64_t ns) {
    return static_cast<double>(ns) / 1e9;
}

double us(std::uint64_t ns) {
    return static_cast<double>(ns) / 1e3;
}

double per_second(std::uint64_t count, const RunReport& run) {
    return run.elapsed_ns == 0 ? 0 : static_cast<double>(count) / seconds(run.elapsed_ns);
}

std::string padded(std::string text, std::size_t width) {
    text.insert(0, width > text.size() ? width - text.size() : 0, ' ');
    return text;
}

// ---- For people. ----

constexpr std::size_t name_width = 12;
constexpr std::size_t cell_width = 11;

std::string table_row(std::string name, const std::vector<std::string>& cells) {
    name.resize(std::max(name_width, name.size()), ' ');
    for (const std::string& cell : cells) {
        name += padded(cell, cell_width);
    }
    return name + '\n';
}

void write_latencies(Output& output, const RunReport& run) {
    std::vector<std::string> titles = {"count", "rate"};
    for (const Percentile& percentile : percentiles) {
        titles.emplace_back(percentile.title);
    }
    output.write('\n' + output.strong(table_row("", titles)));
    for (std::size_t i = 0; i < driver::answer_count; ++i) {
        const LatencyHistogram& latency = run.counters.latencies[i];
        if (latency.count() == 0) {
            continue;
        }
        std::vector<std::string> cells = {std::to_string(latency.count()),
                                          rate_text(per_second(latency.count(), run)) + "/s"};
        for (const Percentile& percentile : percentiles) {
            cells.push_back(latency_text(latency.quantile_ns(percentile.quantile)));
        }
        output.write(table_row(driver::answer_name(static_cast<Answer>(i)), cells));
    }
    output.write("\n");
}

void write_line(Output& output, const char* name, const std::string& value) {
    std::string line = name;
    line.resize(std::max(name_width, line.size()), ' ');
    output.write(line + value + '\n');
}

std::string load_text(const BenchOptions& options) {
    std::string text = count_text(options.connection_count, "connection", "connections") + ", " +
                       count_text(options.thread_count, "thread", "threads") + ", pipeline " +
                       std::to_string(options.pipeline_depth);
    if (!options.rate.has_value()) {
        return text + ", closed loop";
    }
    const bool is_poisson = options.arrivals == driver::Arrivals::Kind::poisson;
    return text + ", open loop at " + std::to_string(*options.rate) + "/s, " +
           (is_poisson ? "Poisson" : "constant") + " arrivals";
}

std::string entries_text(const BenchOptions& options) {
    const driver::Load& load = options.load;
    std::string text = options.ratio_text + " get:put:invalidate; " +
                       std::to_string(load.key_count) + " keys, " + options.distribution_text +
                       ", of " + options.key_size_text + " B; values of " +
                       options.value_size_text + " B";
    if (load.tags_per_entry != 0) {
        text += "; " + count_text(load.tags_per_entry, "tag", "tags") + " each of " +
                std::to_string(load.tag_count) + ", " + options.tag_distribution_text;
    }
    return load.ttl_ms == 0 ? text : text + "; TTL " + duration_text(load.ttl_ms);
}

std::string cpu_text(double us_per_operation, double core_share) {
    return short_text(us_per_operation) + " us of CPU per operation, " +
           short_text(100 * core_share) + " % of a core";
}

void write_cpu(Output& output, const BenchReport& report) {
    const RunReport& run = report.run;
    const double client_us = run.cpu_ns_per_operation() / 1e3;
    write_line(output, "client",
               cpu_text(client_us, run.busiest_share()) +
                   (run.thread_cpu_ns.size() > 1 ? " (the busiest thread)" : ""));
    const auto completed = static_cast<double>(run.counters.completed_count());
    if (report.server_cpu_ns.has_value() && completed > 0 && run.elapsed_ns != 0) {
        const double share = seconds(*report.server_cpu_ns) / seconds(run.elapsed_ns);
        std::string text = cpu_text(us(*report.server_cpu_ns) / completed, share);
        if (report.server_resident_bytes.has_value()) {
            text += ", " + size_text(*report.server_resident_bytes) + " resident";
        }
        write_line(output, "server", text);
    }
}

void write_failures(Output& output, const RunReport& run) {
    write_line(output, "refused", std::to_string(run.counters.refused_count));
    write_line(output, "errors", std::to_string(run.counters.error_count));
    if (run.lost_connections != 0) {
        write_line(output, "lost", count_text(run.lost_connections, "connection", "connections"));
    }
    for (const auto& [reason, count] : run.counters.reasons) {
        write_line(output, "", std::to_string(count) + " " + escaped(reason));
    }
}

void write_text(Output& output, const BenchReport& report) {
    const RunReport& run = report.run;
    const Counters& counters = run.counters;
    write_line(output, "server",
               escaped(report.address) + ", version " + escaped(report.server_version));
    write_line(output, "load", load_text(report.options));
    write_line(output, "entries", entries_text(report.options));
    write_latencies(output, run);
    write_line(output, "throughput",
               rate_text(run.rate_per_s()) + "/s: " + std::to_string(counters.succeeded_count()) +
                   " hits and writes in " + short_text(seconds(run.elapsed_ns)) + " s" +
                   (run.was_stopped ? " (stopped)" : ""));
    if (report.options.load.mix.get_weight != 0) {
        write_line(output, "hit ratio", short_text(100 * counters.hit_ratio()) + " %");
    }
    const auto rate_of = [&](std::uint64_t bytes) {
        return size_text(static_cast<std::uint64_t>(per_second(bytes, run))) + "/s";
    };
    write_line(output, "bytes",
               rate_of(counters.sent_bytes) + " sent, " + rate_of(counters.received_bytes) +
                   " received, " + rate_of(counters.value_bytes) + " of it values");
    if (counters.send_delay.count() != 0) {
        write_line(output, "send delay",
                   "p99 " + latency_text(counters.send_delay.quantile_ns(0.99)) + ", max " +
                       latency_text(counters.send_delay.max_ns()) + " (a part of the latencies)");
    }
    write_cpu(output, report);
    write_failures(output, run);
}

// ---- For programs. ----

// "get hit" and "p50_us" are "get_hit_p50_us".
std::string member_name(Answer answer, const char* figure) {
    std::string name = std::string(driver::answer_name(answer)) + "_" + figure;
    std::replace(name.begin(), name.end(), ' ', '_');
    return name;
}

void add_latencies(JsonObject& object, const RunReport& run) {
    for (std::size_t i = 0; i < driver::answer_count; ++i) {
        const auto answer = static_cast<Answer>(i);
        const LatencyHistogram& latency = run.counters.latency(answer);
        object.number(member_name(answer, "count"), latency.count());
        if (latency.count() == 0) {
            continue;
        }
        for (const Percentile& percentile : percentiles) {
            object.real(member_name(answer, percentile.name),
                        us(latency.quantile_ns(percentile.quantile)));
        }
    }
}

void add_options(JsonObject& object, const BenchOptions& options) {
    const driver::Load& load = options.load;
    const bool is_poisson = options.arrivals == driver::Arrivals::Kind::poisson;
    object.number("connections", options.connection_count).number("threads", options.thread_count);
    object.number("pipeline", options.pipeline_depth);
    object.text("ratio", options.ratio_text).number("key_count", load.key_count);
    object.text("distribution", options.distribution_text).text("key_size", options.key_size_text);
    object.text("value_size", options.value_size_text).number("tags", load.tags_per_entry);
    object.number("tag_count", load.tag_count);
    object.text("tag_distribution", options.tag_distribution_text).number("ttl_ms", load.ttl_ms);
    object.number("rate", options.rate.value_or(0));
    object.text("arrivals", !options.rate.has_value() ? "closed"
                            : is_poisson              ? "poisson"
                                                      : "constant");
    object.number("warmup_ms", options.warmup_ms).number("seed", load.seed);
}

void add_cpu(JsonObject& object, const BenchReport& report) {
    const RunReport& run = report.run;
    const auto completed = static_cast<double>(run.counters.completed_count());
    object.real("client_cpu_us", run.cpu_ns_per_operation() / 1e3);
    object.real("client_core_share", run.busiest_share());
    if (report.server_cpu_ns.has_value() && completed > 0) {
        object.real("server_cpu_us", us(*report.server_cpu_ns) / completed);
        object.real("server_core_share",
                    seconds(*report.server_cpu_ns) / std::max(seconds(run.elapsed_ns), 1e-9));
    }
    if (report.server_resident_bytes.has_value()) {
        object.number("server_resident_bytes", *report.server_resident_bytes);
    }
}

void write_json(Output& output, const BenchReport& report) {
    const RunReport& run = report.run;
    const Counters& counters = run.counters;
    output.json([&](JsonObject& object) {
        object.number("schema", 1).text("server", report.address);
        object.text("server_version", report.server_version);
        add_options(object, report.options);
        object.real("seconds", seconds(run.elapsed_ns)).boolean("stopped", run.was_stopped);
        object.number("succeeded", counters.succeeded_count());
        object.real("per_second", run.rate_per_s()).real("hit_ratio", counters.hit_ratio());
        add_latencies(object, run);
        object.number("sent_bytes", counters.sent_bytes);
        object.number("received_bytes", counters.received_bytes);
        object.number("value_bytes", counters.value_bytes);
        if (counters.send_delay.count() != 0) {
            object.real("send_delay_p99_us", us(counters.send_delay.quantile_ns(0.99)));
            object.real("send_delay_max_us", us(counters.send_delay.max_ns()));
        }
        add_cpu(object, report);
        object.number("refused", counters.refused_count).number("errors", counters.error_count);
        object.number("lost_connections", run.lost_connections).begin_list("reasons");
        for (const auto& [reason, count] : counters.reasons) {
            object.list_item(std::to_string(count) + " " + reason);
        }
        object.end_list();
    });
}

void write_csv(Output& output, const RunReport& run) {
    std::string header = "operation,count,per_second";
    for (const Percentile& percentile : percentiles) {
        header += std::string(",") + percentile.name;
    }
    output.write(header + '\n');
    const auto begin_of_row = [&](const std::string& name, std::uint64_t count) {
        return name + "," + std::to_string(count) + "," + short_text(per_second(count, run));
    };
    for (std::size_t i = 0; i < driver::answer_count; ++i) {
        const LatencyHistogram& latency = run.counters.latencies[i];
        std::string row =
            begin_of_row(driver::answer_name(static_cast<Answer>(i)), latency.count());
        for (const Percentile& percentile : percentiles) {
            row += ",";
            row += latency.count() == 0 ? ""
                                        : short_text(us(latency.quantile_ns(percentile.quantile)));
        }
        output.write(row + '\n');
    }
    const std::string none(percentiles.size(), ',');
    output.write(begin_of_row("refused", run.counters.refused_count) + none + '\n');
    output.write(begin_of_row("error", run.counters.error_count) + none + '\n');
}

}  // namespace

void write_bench_report(Output& output, const BenchReport& report) {
    if (report.options.is_csv) {
        write_csv(output, report.run);
    } else if (output.form() == Form::json) {
        write_json(output, report);
    } else {
        write_text(output, report);
    }
}

// All hits and writes in one: the tools that read it know of one distribution a file.
void write_bench_histogram(const BenchReport& report) {
    LatencyHistogram all;
    for (std::size_t i = 0; i < driver::answer_count; ++i) {
        if (static_cast<Answer>(i) != Answer::miss) {
            all.merge(report.run.counters.latencies[i]);
        }
    }
    OutputFile file(report.options.hdr_file);
    file.write(driver::percentile_text(all));
    file.commit();
}

}  // namespace tc
