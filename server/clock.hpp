// SPDX-License-Identifier: MIT
//
// The server's clock: monotonic, and going on while the machine is suspended, so that a TTL ends
// when its user expects it to and wall-clock jumps change nothing.
#pragma once

#include <time.h>

#include <cstdint>

namespace tc {

[[nodiscard]] inline std::uint64_t boot_time_ms() noexcept {
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000 +
           static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;
}

}  // namespace tc
