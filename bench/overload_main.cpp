// SPDX-License-Identifier: MIT
//
// What is left of a server that is asked for twice what it can do: how much it still answers, what
// memory that takes, and how soon it is itself again. PUTs with many tags, because those keep the
// server busier than the load program. What it can do is told for a second of its own CPU time, so
// that other programs on the machine take nothing away from it.
#include <algorithm>
#include <filesystem>
#include <string>
#include <tagcache/tagcache.hpp>
#include <thread>
#include <vector>

#include "bench/cores.hpp"
#include "bench/measuring_program.hpp"
#include "bench/native_protocol.hpp"
#include "bench/server_process.hpp"
#include "driver/clocks.hpp"
#include "driver/run.hpp"

namespace tc::bench {
namespace {

constexpr double ns_per_s = 1e9;
constexpr double mebibyte = 1024 * 1024;

struct Options {
    double slice_s = 5;
    std::uint32_t connection_count = 50;
    std::uint32_t tags_per_entry = 64;
};

// A PING, and how long its answer took.
struct Probe {
    std::uint64_t began_ns;
    std::uint64_t took_ns;
};

// PINGs, one after the other on a connection of their own, until it is told to stop.
class Prober {
 public:
    explicit Prober(std::uint16_t port) : thread_([this, port] { run(port); }) {}
    std::vector<Probe> stop() {
        is_over_ = true;
        thread_.join();
        return std::move(probes_);
    }

 private:
    void run(std::uint16_t port) {
        tagcache::Client client("tagcache://127.0.0.1:" + std::to_string(port));
        while (!is_over_) {
            const std::uint64_t began_ns = driver::now_ns();
            client.ping();
            probes_.push_back({began_ns, driver::now_ns() - began_ns});
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }

    std::atomic<bool> is_over_{false};
    std::vector<Probe> probes_;
    std::thread thread_;
};

std::uint64_t median_ns(const std::vector<Probe>& probes, std::uint64_t end_ns) {
    std::vector<std::uint64_t> times;
    for (const Probe& probe : probes) {
        if (probe.began_ns < end_ns) {
            times.push_back(probe.took_ns);
        }
    }
    if (times.empty()) {
        return 0;
    }
    std::ranges::nth_element(times, times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2));
    return times[times.size() / 2];
}

// From the end of the overload to the first of twenty answers in a row, of which none took ten
// times what was usual before.
double recovery_s(const std::vector<Probe>& probes, std::uint64_t end_ns, std::uint64_t usual_ns) {
    constexpr int quick_wanted = 20;
    int quick_count = 0;
    std::uint64_t since_ns = end_ns;
    for (const Probe& probe : probes) {
        if (probe.began_ns + probe.took_ns < end_ns) {
            continue;
        }
        if (probe.took_ns > 10 * usual_ns) {
            quick_count = 0;
            since_ns = probe.began_ns + probe.took_ns;
        } else if (++quick_count == quick_wanted) {
            return static_cast<double>(since_ns - end_ns) / ns_per_s;
        }
    }
    return -1;  // not within the time that was looked at
}

struct Measured {
    double rate_per_cpu_s = 0;
    double server_share = 0;  // of a core
    double client_share = 0;
    double resident_mib = 0;
    std::uint32_t lost_connections = 0;
};

Measured run(const driver::Load& load, const driver::RunPlan& plan, const ServerProcess& server) {
    const std::uint64_t begin_ns = driver::now_ns();
    const std::uint64_t begin_cpu_ns = server.cpu_ns();
    const driver::RunReport report = driver::run(load, plan, stop_requested);
    const double cpu_s = static_cast<double>(server.cpu_ns() - begin_cpu_ns) / ns_per_s;
    const double elapsed_s = static_cast<double>(driver::now_ns() - begin_ns) / ns_per_s;
    const auto put_count =
        static_cast<double>(report.counters.latency(driver::Answer::put).count());
    return {put_count / cpu_s, cpu_s / elapsed_s, report.busiest_share(),
            static_cast<double>(server.resident_bytes()) / mebibyte, report.lost_connections};
}

void tell(const char* name, const Measured& measured) {
    std::printf("%-10s %.0f answered; server %.0f %% of a core, client %.0f %%; %.0f MiB\n", name,
                measured.rate_per_cpu_s, 100 * measured.server_share, 100 * measured.client_share,
                measured.resident_mib);
}

int measure(const Options& options) {
    const std::vector<std::size_t> cores = usable_cores();
    const bool is_pinned = cores.size() >= 2;
    const auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    const ServerProcess server(
        [&](std::uint16_t port) {
            return std::vector<std::string>{(folder / "tagcached").string(),
                                            "--bind",
                                            "127.0.0.1",
                                            "--port",
                                            std::to_string(port),
                                            "--reactors",
                                            "1",
                                            "--memory-max",
                                            "2g"};
        },
        is_pinned ? std::optional(cores[0]) : std::nullopt);
    if (is_pinned) {
        bind_to({cores[1]});
    }
    driver::Load load;
    load.mix = {.get_weight = 0, .put_weight = 1, .invalidate_weight = 0};
    load.key_count = 20'000;
    load.tags_per_entry = options.tags_per_entry;
    load.tag_count = 100'000;
    driver::RunPlan plan;
    plan.endpoint = driver::tcp_endpoint("127.0.0.1", server.port());
    plan.protocol = [] { return std::make_unique<NativeProtocol>(); };
    plan.connection_count = options.connection_count;
    plan.pipeline_depth = 64;
    plan.duration_ns = static_cast<std::uint64_t>(options.slice_s * ns_per_s);
    (void)run(load, plan, server);  // what is new only once
    const Measured peak = run(load, plan, server);

    Prober prober(server.port());
    std::this_thread::sleep_for(std::chrono::seconds(1));
    const std::uint64_t begin_ns = driver::now_ns();
    plan.rate_per_s = 2 * peak.rate_per_cpu_s;
    plan.pipeline_depth = 1024;
    const Measured overload = run(load, plan, server);
    const std::uint64_t end_ns = driver::now_ns();
    std::this_thread::sleep_for(std::chrono::seconds(3));
    const std::vector<Probe> probes = prober.stop();

    const std::uint64_t usual_ns = median_ns(probes, begin_ns);
    std::printf("PUTs of %u tags, a second of the server's CPU time\n", options.tags_per_entry);
    tell("peak", peak);
    tell("overload", overload);
    std::printf("           %.0f asked for, each second; %.0f %% of the peak answered\n",
                plan.rate_per_s, 100 * overload.rate_per_cpu_s / peak.rate_per_cpu_s);
    std::printf("recovery   %.3f s until a PING takes %.0f us again (less than ten times that)\n",
                recovery_s(probes, end_ns, usual_ns), static_cast<double>(usual_ns) / 1e3);
    return overload.lost_connections == 0 && overload.rate_per_cpu_s > 0 ? 0 : 1;
}

void add_options(CLI::App& app, Options& options) {
    app.add_option("--slice", options.slice_s, "Seconds of the peak, and of the overload")
        ->capture_default_str();
    app.add_option("--connections", options.connection_count, "Connections of the load")
        ->capture_default_str();
    app.add_option("--tags", options.tags_per_entry, "Tags of an entry")->capture_default_str();
}

}  // namespace
}  // namespace tc::bench

int main(int argc, char** argv) {
    using namespace tc::bench;
    return run_program<Options>(
        {"measure_overload", "Asks a server for twice what it can do"}, argc, argv, add_options,
        [](const CLI::App& /*app*/, const Options& options) { return measure(options); });
}
