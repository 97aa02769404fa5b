// SPDX-License-Identifier: MIT
//
// The tails of GETs while the server has something else to do. bench/scenarios builds and runs
// this.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/measuring_program.hpp"
#include "bench/scenario_report.hpp"
#include "bench/scenario_runner.hpp"

namespace tc::bench {
namespace {

struct Options {
    ScenarioPlan plan;
    std::vector<std::string> only;
    bool is_quick = false;
    std::string json_path;
    std::string markdown_path;
};

std::vector<std::string> scenario_names() {
    std::vector<std::string> names;
    for (const Scenario& scenario : all_scenarios()) {
        names.push_back(scenario.name);
    }
    return names;
}

void add_options(CLI::App& app, Options& options) {
    ScenarioPlan& plan = options.plan;
    app.add_flag("--quick", options.is_quick, "Fewer entries and shorter slices: under 3 minutes");
    app.add_option("--only", options.only, "These scenarios, with commas; default: all")
        ->delimiter(',')
        ->check(CLI::IsMember(scenario_names()));
    app.add_option("--slices", plan.slice_count, "Slices of each, quiet and disturbed")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    app.add_option("--slice", plan.slice_s, "Seconds of one slice")
        ->check(CLI::Range(0.05, 60.0))
        ->capture_default_str();
    app.add_option("--entries", plan.entry_count, "How many are read, invalidated, expire")
        ->check(CLI::Range(std::uint64_t{100}, std::uint64_t{50'000'000}))
        ->capture_default_str();
    app.add_option("--value-size", plan.value_bytes, "Bytes of a value")
        ->check(CLI::Range(1, 16 * 1024))
        ->capture_default_str();
    app.add_option("--connections", plan.connection_count, "Connections of the GETs")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    app.add_option("--depth", plan.pipeline_depth,
                   "Pipeline of the closed loop that finds the rate of saturation")
        ->check(CLI::Range(1, 1024))
        ->capture_default_str();
    app.add_option("--idle-connections", plan.idle_connection_count, "How many stand idle")
        ->check(CLI::Range(1, 100'000))
        ->capture_default_str();
    app.add_option("--hostile-connections", plan.hostile_connection_count,
                   "How many never read, or send a byte now and then")
        ->check(CLI::Range(1, 100'000))
        ->capture_default_str();
    app.add_option("--load", plan.load_percent, "Percent of saturation, but for load-20 to load-90")
        ->check(CLI::Range(1.0, 100.0))
        ->capture_default_str();
    app.add_option("--seed", plan.seed, "What keys, values and times are drawn from")
        ->capture_default_str();
    app.add_option("--json", options.json_path, "Write all figures to this file");
    app.add_option("--markdown", options.markdown_path, "Write the table to this file");
}

void choose_sizes(const CLI::App& app, Options& options) {
    ScenarioPlan& plan = options.plan;
    if (options.is_quick) {
        const auto set = [&](const char* name, auto& value, auto quick) {
            value = app.count(name) == 0 ? quick : value;
        };
        set("--slices", plan.slice_count, 3U);
        set("--slice", plan.slice_s, 1.0);
        set("--entries", plan.entry_count, std::uint64_t{100'000});
        set("--idle-connections", plan.idle_connection_count, 1'000U);
        set("--hostile-connections", plan.hostile_connection_count, 1'000U);
        constexpr std::uint64_t quick_memory_mib = 64;  // the least that the server takes
        plan.memory_mib = quick_memory_mib;
    }
    if (!options.only.empty()) {
        plan.scenarios.clear();
        for (const std::string& name : options.only) {
            plan.scenarios.push_back(parse_scenario(name).value());
        }
    }
}

void choose_server(ScenarioPlan& plan) {
    const auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    plan.server_program = (folder / "tagcached").string();
    if (!std::filesystem::exists(plan.server_program)) {
        throw std::runtime_error(plan.server_program + " is not there");
    }
}

void print_method(const ScenarioPlan& plan, bool is_pinned) {
    std::printf(
        "%zu scenarios of %u quiet and %u disturbed slices of %.2g s, in turns; seed %llu\n"
        "GETs of %llu-byte values over %u connections, open loop, Poisson arrivals; latency "
        "counts\n"
        "from the intended time. Medians over the slices, in brackets what half of them lie\n"
        "between; worst: of all. A tail that grew by more than 1 ms has a \"!\".\n"
        "lag: how far the load was behind its own schedule, which is not the server's latency;\n"
        "server, client: the share of a core that each used; waited: of the time, in which the\n"
        "server's core was somebody else's.\n",
        plan.scenarios.size(), plan.slice_count, plan.slice_count, plan.slice_s,
        static_cast<unsigned long long>(plan.seed),
        static_cast<unsigned long long>(plan.value_bytes), plan.connection_count);
    std::puts(is_pinned
                  ? "note: the server has one core; the load and what disturbs share another,\n"
                    "on which the load comes first (what disturbs is SCHED_IDLE)."
                  : "note: there is only one core, which everybody shares: these are no\n"
                    "tails of the server.");
}

void print_limits(const ScenarioPlan& plan) {
    const std::uint32_t fitting = crowd_that_fits(plan, ScenarioKind::idle_connections);
    if (fitting < plan.idle_connection_count) {
        std::printf(
            "note: the limit of open files (ulimit -Hn) leaves room for %u of %u idle "
            "connections\n",
            fitting, plan.idle_connection_count);
    }
}

void print_saturation(const ScenarioPlan& plan, const Saturation& saturation) {
    std::printf(
        "saturation: %.1f kop/s in a closed loop of depth %u; server %.2f, client %.2f of "
        "a core\n",
        saturation.rate_per_s / 1e3, plan.pipeline_depth, saturation.server_share,
        saturation.client_share);
    if (saturation.client_share > saturation.server_share) {
        std::puts("note: the load program was the busier one: the server would do more");
    }
    std::puts("");
    std::fflush(stdout);
}

int run(const CLI::App& app, Options& options) {
    choose_sizes(app, options);
    choose_server(options.plan);
    ScenarioRunner runner(options.plan, stop_requested);
    print_method(options.plan, runner.is_pinned());
    print_limits(options.plan);
    std::fflush(stdout);
    ScenarioReport report;
    bool is_sound = true;
    runner.run(
        [&](const Saturation& saturation) {
            report.saturation = saturation;
            print_saturation(options.plan, saturation);
        },
        [&](const ScenarioFigures& figures) {
            std::printf("%s%s\n", as_text(tail_table({figures})).c_str(),
                        account_of(figures).c_str());
            std::fflush(stdout);
            is_sound &= verdict_of(figures) == Verdict::sound;
            report.scenarios.push_back(figures);
        });
    write_file(options.json_path, json_of(report));
    write_file(options.markdown_path, markdown_of(report));
    return is_sound && !stop_requested ? 0 : 1;
}

}  // namespace
}  // namespace tc::bench

int main(int argc, char** argv) {
    return tc::bench::run_program<tc::bench::Options>(
        {"scenarios", "The tails of GETs while tagcached has something else to do"}, argc, argv,
        tc::bench::add_options, tc::bench::run);
}
