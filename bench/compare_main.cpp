// SPDX-License-Identifier: MIT
//
// The server beside its rivals: starts all that are installed, drives them in turns with the same
// load, prints ratios. bench/compare builds and runs this.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/comparison.hpp"
#include "bench/comparison_report.hpp"
#include "bench/measuring_program.hpp"

namespace tc::bench {
namespace {

struct Options {
    RowChoice choice;
    std::vector<std::string> kinds = {"get", "put", "put-tags", "mix"};
    std::vector<std::string> servers;
    ComparisonPlan plan;
    bool is_quick = false;
    std::string json_path;
    std::string markdown_path;
};

void add_options(CLI::App& app, Options& options) {
    app.add_flag("--quick", options.is_quick, "The rows that matter most, in less than 3 minutes");
    app.add_option("--operations", options.kinds, "Of get, put, put-tags, mix")
        ->delimiter(',')
        ->check(CLI::IsMember({"get", "put", "put-tags", "mix"}))
        ->capture_default_str();
    app.add_option("--values", options.choice.value_bytes, "Sizes of values in bytes")
        ->delimiter(',')
        ->check(CLI::Range(1, 1024 * 1024))
        ->capture_default_str();
    app.add_option("--depths", options.choice.depths, "Operations on their way on a connection")
        ->delimiter(',')
        ->check(CLI::Range(1, 4096))
        ->capture_default_str();
    app.add_option("--connections", options.choice.connection_counts, "How many connections")
        ->delimiter(',')
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    app.add_option("--threads", options.choice.server_threads, "Threads of each server")
        ->delimiter(',')
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    app.add_option("--rivals", options.servers, "Of redis, memcached, valkey, echo; default: all")
        ->delimiter(',')
        ->check(CLI::IsMember({"redis", "memcached", "valkey", "echo"}));
    app.add_option("--keys", options.plan.key_count, "Entries; fewer when values are large")
        ->check(CLI::Range(std::uint64_t{100}, std::uint64_t{99'999'999}))
        ->capture_default_str();
    app.add_option("--slice", options.plan.slice_s, "Seconds of one measurement")
        ->check(CLI::Range(0.01, 60.0))
        ->capture_default_str();
    app.add_option("--pairs", options.plan.pair_count, "Measurements of each server in a row")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    app.add_option("--seed", options.plan.seed, "What keys and values are drawn from")
        ->capture_default_str();
    app.add_option("--json", options.json_path, "Write all figures to this file");
    app.add_option("--markdown", options.markdown_path, "Write the tables to this file");
}

void choose_rows(const CLI::App& app, Options& options) {
    if (options.is_quick) {
        options.plan.rows = quick_rows();
        if (app.count("--pairs") == 0) {
            constexpr std::uint32_t quick_pair_count = 5;
            options.plan.pair_count = quick_pair_count;
        }
        return;
    }
    options.choice.kinds.clear();
    for (const std::string& name : options.kinds) {
        options.choice.kinds.push_back(parse_row_kind(name).value());
    }
    options.plan.rows = chosen_rows(options.choice);
}

// Those that were asked for and are installed; the others are told of.
void choose_contenders(Options& options) {
    const auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    for (const Contender& contender : all_contenders(folder)) {
        const bool is_wanted =
            contender.name == ours || options.servers.empty() ||
            std::count(options.servers.begin(), options.servers.end(), contender.name) != 0;
        if (is_wanted && !contender.is_installed()) {
            std::printf("%s is missing: it is not installed\n", contender.name.c_str());
        } else if (is_wanted) {
            options.plan.contenders.push_back(contender);
        }
    }
}

void print_method(const Options& options, bool is_pinned) {
    std::printf("%zu rows of %u slices of %.1f s for each server, in turns; %s\n",
                options.plan.rows.size(), options.plan.pair_count, options.plan.slice_s,
                is_pinned ? "servers on one core, this program on another"
                          : "nothing is bound to a core: there is only one");
    std::puts(
        "CPU: of the server for an operation. server, client: the share of a core that it used; "
        "if\n"
        "client is near 1, this program was measured. Ratios: medians of neighbouring slices, and\n"
        "what half of them lie between. Above the floor: without what the echo server takes.\n"
        "With tags (put-tags, mix) Redis and Valkey keep sets: SET and SADD, SMEMBERS and UNLINK,\n"
        "which is neither the same work nor the same promise; memcached has none.\n");
}

void print_report(const ComparisonReport& report) {
    if (!report.memory.empty()) {
        std::printf("Memory, key and value included\n%s\n", as_text(memory_table(report)).c_str());
    }
    std::printf("Goals\n%s", as_text(goal_table(report)).c_str());
}

int run(const CLI::App& app, Options& options) {
    choose_rows(app, options);
    choose_contenders(options);
    ComparisonReport report;
    for (const Contender& contender : options.plan.contenders) {
        report.servers.push_back(contender.name);
    }
    Comparison comparison(options.plan);
    print_method(options, comparison.is_pinned());
    comparison.run(stop_requested, [&](const RowFigures& figures) {
        std::printf("%s\n", as_text(table_of(figures, report.servers)).c_str());
        std::fflush(stdout);
        report.rows.push_back(figures);
    });
    report.memory = comparison.memory();
    print_report(report);
    write_file(options.json_path, json_of(report));
    write_file(options.markdown_path, markdown_of(report));
    return stop_requested ? 1 : 0;
}

}  // namespace
}  // namespace tc::bench

int main(int argc, char** argv) {
    return tc::bench::run_program<tc::bench::Options>(
        {"compare", "tagcached beside its rivals, on this machine"}, argc, argv,
        tc::bench::add_options, tc::bench::run);
}
