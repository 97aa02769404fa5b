// SPDX-License-Identifier: MIT
#include "cli/bench_options.hpp"

#include <CLI/CLI.hpp>

#include "cli/command_options.hpp"
#include "cli/option_kinds.hpp"
#include "cli/quantity.hpp"

namespace tc {
namespace {

using driver::parse_operation_mix;
using driver::parse_popularity;
using driver::parse_sizes;

[[noreturn]] void refuse(std::string_view option, const std::string& text, const char* advice) {
    throw usage_failure(std::string(option) + ": " + in_quotes(unshielded(text)) + " is not " +
                        advice);
}

// An option whose text `parse` turns into `target`, and which is kept as it was written.
template <typename Target, typename Parse>
CLI::Option* add_parsed(CLI::App& app, const char* name, Target& target, std::string& written,
                        Parse parse, const char* what, const char* description) {
    const auto take = [name, parse, what, &target, &written](const std::string& text) {
        const auto parsed = parse(text);
        if (!parsed.has_value()) {
            refuse(name, text, what);
        }
        target = *parsed;
        written = text;
    };
    return app.add_option_function<std::string>(name, take, description);
}

template <typename Target>
void add_time(CLI::App& app, const char* name, Target& target, const char* description) {
    const auto take = [name, &target](const std::string& text) {
        const std::optional<std::uint64_t> duration_ms = parse_duration_ms(text);
        if (!duration_ms.has_value()) {
            refuse(name, text, "a duration; say 500ms, 30s or 5m");
        }
        target = *duration_ms;
    };
    app.add_option_function<std::string>(name, take, description)->option_text("DURATION");
}

void add_connection_options(CLI::App& command, BenchOptions& options) {
    add_number(command, "-c,--connections", options.connection_count, "Open N connections (50)");
    add_number(command, "--threads", options.thread_count, "Drive them from N threads (1)");
    add_number(command, "-P,--pipeline", options.pipeline_depth,
               "Keep N requests on their way on each connection (1)");
}

void add_extent_options(CLI::App& command, BenchOptions& options) {
    add_number(command, "-n,--requests", options.request_count, "End after N requests");
    add_time(command, "--duration", options.duration_ms, "End after that long (10s)");
    add_time(command, "--warmup", options.warmup_ms, "Run that long before measuring (0)");
    command.add_flag("--preload", options.has_preload, "Store each key once before");
    CLI::Option* rate = add_number(command, "--rate", options.rate,
                                   "Open loop: start N requests a second, ready or not");
    command
        .add_option_function<std::string>(
            "--arrivals",
            [&options](const std::string& text) {
                options.arrivals = text == "poisson" ? driver::Arrivals::Kind::poisson
                                                     : driver::Arrivals::Kind::constant;
            },
            "With --rate: constant intervals or poisson (constant)")
        ->option_text("NAME")
        ->check(CLI::IsMember({"constant", "poisson"}))
        ->needs(rate);
}

void add_entry_options(CLI::App& command, BenchOptions& options) {
    constexpr const char* sizes = "a size; say 100, 16-1024, or 100:70,16-1024:30 with weights";
    constexpr const char* distribution =
        "a distribution; say uniform, zipf, zipf:1.2, sequential, hot or hot:90/1";
    driver::Load& load = options.load;
    add_parsed(command, "--ratio", load.mix, options.ratio_text, parse_operation_mix,
               "a ratio; say 90:9:1 for gets, puts and invalidations",
               "Gets to puts to invalidations (9:1:0)")
        ->option_text("G:P:I");
    add_number(command, "--key-count", load.key_count, "Use N keys (1000000)");
    add_parsed(command, "--key-size", load.key_sizes, options.key_size_text, parse_sizes, sizes,
               "Bytes of a key: N, A-B, or several with weights (16)")
        ->option_text("SIZE");
    add_text(command, "--key-prefix", load.key_prefix, "What keys begin with (key:)")
        ->option_text("TEXT");
    add_parsed(command, "--value-size", load.value_sizes, options.value_size_text, parse_sizes,
               sizes, "Bytes of a value, likewise (100)")
        ->option_text("SIZE");
    add_parsed(command, "--distribution", load.key_popularity, options.distribution_text,
               parse_popularity, distribution,
               "Of keys: uniform, zipf[:S], sequential, hot[:O/K] (uniform)")
        ->option_text("NAME");
    add_number(command, "--tags", load.tags_per_entry, "Give each entry N tags (0)");
    add_number(command, "--tag-count", load.tag_count, "Use N tags in all (1000)");
    add_parsed(command, "--tag-distribution", load.tag_popularity, options.tag_distribution_text,
               parse_popularity, distribution, "Of tags: uniform, zipf[:S], hot[:O/K] (uniform)")
        ->option_text("NAME");
    add_time(command, "--ttl", load.ttl_ms, "Put with this TTL (none)");
    add_number(command, "--seed", load.seed, "Draw other random numbers (1)");
}

void require_range(const char* option, std::uint64_t number, std::uint64_t max) {
    if (number < 1 || number > max) {
        throw usage_failure(std::string(option) + ": from 1 to " + std::to_string(max));
    }
}

void check_load(const driver::Load& load) {
    require_range("--key-count", load.key_count, std::uint64_t{1} << 40);
    if (load.key_sizes.min() < load.key_bytes_min()) {
        throw usage_failure("--key-size: " + std::to_string(load.key_count) +
                            " keys that begin with " + in_quotes(load.key_prefix) + " need " +
                            std::to_string(load.key_bytes_min()) + " bytes at least");
    }
    require_range("--tag-count", load.tag_count, std::uint64_t{1} << 40);
    if (load.tags_per_entry > load.tag_count) {
        throw usage_failure("--tags: more than the " + std::to_string(load.tag_count) +
                            " of --tag-count");
    }
    if (load.tag_popularity.kind == driver::Popularity::Kind::sequential) {
        // An entry has the same tags whenever it is put: no order of puts can decide them.
        throw usage_failure("--tag-distribution: tags have no sequence");
    }
}

}  // namespace

void add_bench_options(CLI::App& command, BenchOptions& options) {
    add_connection_options(command, options);
    add_extent_options(command, options);
    add_entry_options(command, options);
    command.add_flag("--csv", options.is_csv, "Print the figures as CSV");
    add_text(command, "--hdr", options.hdr_file, "Write the latencies to FILE for HdrHistogram")
        ->option_text("FILE");
}

void check_bench_options(const BenchOptions& options) {
    // What the client library keeps on its way on one connection, and what one machine can open.
    constexpr std::uint64_t pipeline_depth_max = 10'000;
    constexpr std::uint64_t connections_max = 100'000;
    constexpr std::uint64_t rate_max = 1'000'000'000;
    require_range("--connections", options.connection_count, connections_max);
    require_range("--threads", options.thread_count, 1024);
    require_range("--pipeline", options.pipeline_depth, pipeline_depth_max);
    if (options.thread_count > options.connection_count) {
        throw usage_failure("--threads: more than the " + std::to_string(options.connection_count) +
                            " connections");
    }
    require_range("--requests", options.request_count.value_or(1), UINT64_MAX);
    require_range("--duration", options.duration_ms.value_or(1), UINT32_MAX);
    require_range("--rate", options.rate.value_or(1), rate_max);
    check_load(options.load);
}

}  // namespace tc
