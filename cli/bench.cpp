// SPDX-License-Identifier: MIT
//
// bench: the load driver over the client library's session. The run itself is in driver/; here it
// is told what to do, watched, and reported.
#include <csignal>

#include <atomic>
#include <charconv>
#include <stdexcept>

#include <unistd.h>

#include "cli/bench_options.hpp"
#include "cli/bench_protocol.hpp"
#include "cli/bench_report.hpp"
#include "cli/bench_server.hpp"
#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/descriptor.hpp"
#include "cli/escape.hpp"
#include "cli/fields.hpp"
#include "cli/quantity.hpp"
#include "cli/tls_protocol.hpp"
#include "driver/run.hpp"

namespace tc {
namespace {

// Ctrl-C ends the run, not the program: what was measured until then is worth printing. A second
// one ends the program.
std::atomic<bool> is_stop_wanted = false;

void on_interrupt(int) {
    is_stop_wanted.store(true);
}

void stop_on_interrupt() {
    // In a shell an earlier run may have been stopped.
    is_stop_wanted.store(false);
    struct sigaction action {};
    action.sa_handler = on_interrupt;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

// A line of stderr that is written over; nothing when that is no terminal.
class LiveLine {
 public:
    explicit LiveLine(const Arguments& arguments)
        : is_visible_(isatty(STDERR_FILENO) == 1 && !arguments.is_quiet) {}

    void draw(const char* phase, const driver::Progress& progress) {
        if (!is_visible_) {
            return;
        }
        std::string line = "\r" + std::string(phase) + "  " +
                           duration_text(static_cast<std::uint64_t>(progress.elapsed_s * 1000)) +
                           "  " + std::to_string(progress.completed_count) + " done  " +
                           rate_text(progress.rate_per_s) + "/s  p99 " +
                           latency_text(progress.p99_ns);
        if (progress.failed_count != 0) {
            line += "  " + std::to_string(progress.failed_count) + " failed";
        }
        write_all(STDERR_FILENO, line + "\x1B[K", "standard error");
        is_drawn_ = true;
    }
    void clear() {
        if (is_drawn_) {
            write_all(STDERR_FILENO, "\r\x1B[K", "standard error");
            is_drawn_ = false;
        }
    }

 private:
    bool is_visible_;
    bool is_drawn_ = false;
};

// Of an address as the client library writes it, tagcache://HOST:PORT or tagcaches://HOST:PORT with
// brackets around an IPv6 address.
std::string host_of(std::string_view address) {
    const std::size_t begin = address.find("://") + 3;
    std::string_view host = address.substr(begin, address.rfind(':') - begin);
    if (host.starts_with('[')) {
        host = host.substr(1, host.size() - 2);
    }
    return std::string(host);
}

// The same, or unix:///PATH.
driver::Endpoint endpoint_of(std::string_view address) {
    constexpr std::string_view unix_scheme = "unix://";
    if (address.starts_with(unix_scheme)) {
        return driver::unix_endpoint(std::string(address.substr(unix_scheme.size())));
    }
    const std::size_t colon = address.rfind(':');
    const std::string_view digits = address.substr(colon + 1);
    std::uint16_t port = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), port);
    return driver::tcp_endpoint(host_of(address), port);
}

driver::RunPlan plan_of(const Arguments& arguments, driver::Endpoint endpoint) {
    constexpr std::uint64_t ns_per_ms = 1'000'000;
    constexpr std::uint64_t duration_ms_default = 10'000;
    const BenchOptions& options = arguments.bench;
    driver::RunPlan plan;
    plan.endpoint = std::move(endpoint);
    plan.connection_count = options.connection_count;
    plan.thread_count = options.thread_count;
    plan.pipeline_depth = options.pipeline_depth;
    plan.request_count = options.request_count.value_or(0);
    const std::uint64_t duration_ms = options.request_count.has_value() ? 0 : duration_ms_default;
    plan.duration_ns = options.duration_ms.value_or(duration_ms) * ns_per_ms;
    plan.warmup_ns = options.warmup_ms * ns_per_ms;
    plan.rate_per_s = static_cast<double>(options.rate.value_or(0));
    plan.arrivals = options.arrivals;
    plan.reply_timeout_ms = arguments.timeout_ms.value_or(plan.reply_timeout_ms);
    return plan;
}

// All keys once, as fast as it goes: nobody looks at the latency of this.
driver::RunPlan preload_plan_of(driver::RunPlan plan, std::uint64_t key_count) {
    constexpr std::uint32_t pipeline_depth = 64;
    plan.pipeline_depth = pipeline_depth;
    plan.request_count = key_count;
    plan.duration_ns = 0;
    plan.warmup_ns = 0;
    plan.rate_per_s = 0;
    return plan;
}

void require_at_most(const char* option, std::uint64_t size, std::uint64_t size_max) {
    if (size > size_max) {
        throw usage_failure(std::string(option) + ": the server takes " + std::to_string(size_max) +
                            " at most");
    }
}

// A run in which every request is refused measures nothing.
void check_limits(const driver::Load& load, const Client& client) {
    const auto limit = [&](tagcache_limit which) { return tagcache_client_limit(client, which); };
    require_at_most("--key-size", load.key_sizes.max(), limit(TAGCACHE_LIMIT_KEY_BYTES));
    require_at_most("--value-size", load.value_sizes.max(), limit(TAGCACHE_LIMIT_VALUE_BYTES));
    require_at_most("--tags", load.tags_per_entry, limit(TAGCACHE_LIMIT_TAGS));
}

// What a run that could not even begin says: connections are all that it needs.
driver::RunReport run_or_fail(const driver::Load& load, const driver::RunPlan& plan,
                              const driver::RunObserver& observer) {
    try {
        return driver::run(load, plan, is_stop_wanted, observer);
    } catch (const Failure&) {
        throw;
    } catch (const std::runtime_error& error) {
        throw Failure(ExitCode::unreachable, std::string("bench: ") + error.what(),
                      TAGCACHE_CONNECT);
    }
}

ExitCode exit_code_of(const driver::RunReport& run) {
    if (run.lost_connections != 0) {
        return ExitCode::unreachable;
    }
    return run.counters.refused_count + run.counters.error_count != 0 ? ExitCode::refused
                                                                      : ExitCode::ok;
}

ExitCode preload(const Arguments& arguments, const driver::RunPlan& plan, Output& output,
                 LiveLine& line) {
    const driver::Load load = arguments.bench.load.preload();
    driver::RunObserver observer;
    observer.on_progress = [&](const driver::Progress& progress) {
        line.draw("preload", progress);
    };
    const driver::RunReport run =
        run_or_fail(load, preload_plan_of(plan, load.key_count), observer);
    line.clear();
    const std::uint64_t stored_count = run.counters.succeeded_count();
    if (stored_count != load.key_count && !run.was_stopped) {
        const auto& reasons = run.counters.reasons;
        output.failure("bench: the preload stored " + std::to_string(stored_count) + " of " +
                       std::to_string(load.key_count) + " keys" +
                       (reasons.empty() ? "" : ": " + escaped(reasons.begin()->first)));
    }
    return exit_code_of(run);
}

void remark(Output& output, const BenchOptions& options, const driver::RunReport& run) {
    constexpr double busy_share = 0.95;
    const bool has_gets = options.load.mix.get_weight != 0;
    if (has_gets && run.counters.latency(driver::Answer::hit).count() == 0) {
        output.note("tagcache: bench: no key was found; --preload stores them before");
    }
    if (options.load.mix.invalidate_weight != 0 && options.load.tags_per_entry == 0) {
        output.note("tagcache: bench: no entry has a tag to invalidate; --tags gives them some");
    }
    if (run.busiest_share() > busy_share) {
        output.note(
            "tagcache: bench: a thread of this program was always busy; with more --threads the "
            "server may be faster");
    }
}

}  // namespace

ExitCode bench(const Arguments& arguments, Output& output) {
    const BenchOptions& options = arguments.bench;
    const Client client(arguments);
    client.check(tagcache_client_connect(client, nullptr), "connect");
    check_limits(options.load, client);
    const Result answer;
    client.check(tagcache_info(client, answer, nullptr), "bench");
    const ServerProcess process(client.address(), number_of(read_fields(answer), "process_id"));
    driver::RunPlan plan = plan_of(arguments, endpoint_of(client.address()));
    // That they may go to this server, the client's own connection has found out.
    const Credentials* credentials = client.credentials();
    const auto native = credentials != nullptr ? std::optional(credentials->native())
                                               : std::optional<tagcache_credentials>();
    const auto new_session = [&native] {
        return make_bench_protocol(native.has_value() ? &*native : nullptr);
    };
    plan.protocol = new_session;
    const TlsHandle tls = new_tls(arguments);
    if (tls != nullptr) {
        plan.protocol = [&tls, new_session, host = host_of(client.address())] {
            return inside_tls(new_session(), tls.get(), host);
        };
    }

    stop_on_interrupt();
    LiveLine line(arguments);
    ExitCode preload_code = ExitCode::ok;
    if (options.has_preload) {
        preload_code = preload(arguments, plan, output, line);
        if (is_stop_wanted) {
            output.failure("bench: stopped while it stored the keys; nothing was measured");
            return ExitCode::negative;
        }
    }
    std::optional<std::uint64_t> cpu_begin_ns;
    driver::RunObserver observer;
    observer.on_measuring = [&] { cpu_begin_ns = process.cpu_ns(); };
    observer.on_progress = [&](const driver::Progress& progress) { line.draw("bench", progress); };
    const driver::RunReport run = run_or_fail(options.load, plan, observer);
    const std::optional<std::uint64_t> cpu_end_ns = process.cpu_ns();
    line.clear();

    BenchReport report{.address = client.address(),
                       .server_version = tagcache_client_server_version(client),
                       .options = options,
                       .run = run,
                       .server_cpu_ns = std::nullopt,
                       .server_resident_bytes = process.resident_bytes()};
    if (cpu_begin_ns.has_value() && cpu_end_ns.has_value()) {
        report.server_cpu_ns = *cpu_end_ns - *cpu_begin_ns;
    }
    write_bench_report(output, report);
    if (!options.hdr_file.empty()) {
        write_bench_histogram(report);
    }
    remark(output, options, run);
    const ExitCode code = exit_code_of(run);
    return code == ExitCode::ok ? preload_code : code;
}

}  // namespace tc
