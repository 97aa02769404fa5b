// SPDX-License-Identifier: MIT
//
// Clocks. The server's is monotonic, and goes on while the machine is suspended, so that a TTL ends
// when its user expects it to and wall-clock jumps change nothing. The others measure.
#pragma once

#include <time.h>

#include <cstdint>

namespace tc {

[[nodiscard]] inline std::uint64_t nanoseconds_of(clockid_t clock) noexcept {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
           static_cast<std::uint64_t>(now.tv_nsec);
}

[[nodiscard]] inline std::uint64_t boot_time_ns() noexcept {
    return nanoseconds_of(CLOCK_BOOTTIME);
}

[[nodiscard]] inline std::uint64_t boot_time_ms() noexcept {
    return boot_time_ns() / 1'000'000;
}

// For dates that people read, and that outlive the process: it may jump.
[[nodiscard]] inline std::int64_t wall_clock_s() noexcept {
    return static_cast<std::int64_t>(nanoseconds_of(CLOCK_REALTIME) / 1'000'000'000);
}

[[nodiscard]] inline std::uint64_t monotonic_ns() noexcept {
    return nanoseconds_of(CLOCK_MONOTONIC);
}

// CPU time of the calling thread.
[[nodiscard]] inline std::uint64_t thread_cpu_ns() noexcept {
    return nanoseconds_of(CLOCK_THREAD_CPUTIME_ID);
}

}  // namespace tc
