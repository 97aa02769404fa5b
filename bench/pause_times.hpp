// SPDX-License-Identifier: MIT
//
// How long calls of one kind kept their thread: in its CPU time, which is what a pause is judged
// by, and in wall time, which also has what others did to it. Reading the clocks costs about half a
// microsecond of both.
#pragma once

#include <cstdint>
#include <cstdio>

#include "driver/clocks.hpp"
#include "driver/latency_histogram.hpp"

namespace tc::bench {

struct PauseTimes {
    driver::LatencyHistogram cpu;
    driver::LatencyHistogram wall;

    // Calls call() and returns what it returns.
    template <typename Call>
    decltype(auto) measure(Call call) {
        const Timing timing(*this);
        return call();
    }

    class Timing {
     public:
        explicit Timing(PauseTimes& times) noexcept : times_(times) {}
        Timing(const Timing&) = delete;
        Timing& operator=(const Timing&) = delete;
        ~Timing() {
            times_.wall.record(driver::now_ns() - begin_ns_);
            times_.cpu.record(driver::thread_cpu_ns() - begin_cpu_ns_);
        }

     private:
        PauseTimes& times_;
        std::uint64_t begin_cpu_ns_ = driver::thread_cpu_ns();
        std::uint64_t begin_ns_ = driver::now_ns();
    };
};

inline void print_pause_header(const char* title, std::uint64_t count,
                               const char* unit = "entries") {
    std::printf(
        "\n## %s (%llu %s)\n\n| microseconds of | calls | CPU p50 | p99 | p99.9 | max | over "
        "1 ms "
        "| wall p50 | p99 | p99.9 | max |\n|---|---|---|---|---|---|---|---|---|---|---|\n",
        title, static_cast<unsigned long long>(count), unit);
}

// Nothing for calls that were not made.
inline void print_pauses(const char* what, const PauseTimes& times) {
    if (times.cpu.count() == 0) {
        return;
    }
    const auto us = [](std::uint64_t ns) { return static_cast<double>(ns) / 1e3; };
    std::printf(
        "| %s | %llu | %.1f | %.1f | %.1f | **%.1f** | %llu | %.1f | %.1f | %.1f | %.1f |\n", what,
        static_cast<unsigned long long>(times.cpu.count()), us(times.cpu.quantile_ns(0.5)),
        us(times.cpu.quantile_ns(0.99)), us(times.cpu.quantile_ns(0.999)), us(times.cpu.max_ns()),
        static_cast<unsigned long long>(times.cpu.over_1_ms_count()),
        us(times.wall.quantile_ns(0.5)), us(times.wall.quantile_ns(0.99)),
        us(times.wall.quantile_ns(0.999)), us(times.wall.max_ns()));
    std::fflush(stdout);
}

}  // namespace tc::bench
