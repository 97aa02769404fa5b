// SPDX-License-Identifier: MIT
//
// The clocks, read only here and where threads wait; everything else is told the time. CPU time of
// the calling thread is what is trusted: on a shared machine wall time also tells when the machine
// was somebody else's.
#pragma once

#include <cstdint>
#include <ctime>

namespace tc::driver {

[[nodiscard]] inline std::uint64_t nanoseconds_of(clockid_t clock) noexcept {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
           static_cast<std::uint64_t>(time.tv_nsec);
}

[[nodiscard]] inline std::uint64_t now_ns() noexcept {
    return nanoseconds_of(CLOCK_MONOTONIC);
}
[[nodiscard]] inline std::uint64_t thread_cpu_ns() noexcept {
    return nanoseconds_of(CLOCK_THREAD_CPUTIME_ID);
}

}  // namespace tc::driver
