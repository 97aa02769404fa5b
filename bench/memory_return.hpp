// SPDX-License-Identifier: MIT
//
// How long it takes until the memory of removed entries is the system's again.
#pragma once

#include <chrono>
#include <cstdint>
#include <thread>

#include "driver/clocks.hpp"
#include "resident_memory.hpp"
#include "store/store.hpp"
#include "store_upkeep.hpp"

namespace tc::bench {

// What a store may keep when it is empty again: 64 MiB and 15 % beyond what there was before it.
[[nodiscard]] constexpr double allowed_bytes_after(double start_bytes) noexcept {
    return start_bytes * 1.15 + 64.0 * 1024 * 1024;
}

struct MemoryReturn {
    double end_bytes = 0;
    double cpu_seconds = 0;  // of this thread
    double wall_seconds = 0;
    bool is_back = false;
};

// Does a reactor's upkeep, whose clock begins at `now_ms`, until the store is empty and its memory
// is back, or for ten seconds. An idle thread sleeps a millisecond between turns.
inline MemoryReturn wait_for_memory(Store& store, StoreUpkeep& upkeep, double start_bytes,
                                    std::uint64_t now_ms) {
    constexpr std::uint64_t wait_ns_max = 10'000'000'000;
    constexpr std::uint64_t sample_ns = 20'000'000;
    const std::uint64_t begin_cpu_ns = driver::thread_cpu_ns();
    const std::uint64_t begin_ns = driver::now_ns();
    std::uint64_t next_sample_ns = begin_ns;
    MemoryReturn result;
    for (std::uint64_t wait_ns = 0; !result.is_back && wait_ns < wait_ns_max;
         wait_ns = driver::now_ns() - begin_ns) {
        upkeep.run_turn(now_ms + wait_ns / 1'000'000);
        const bool is_idle = store.stats().entry_count == 0 && !upkeep.has_backlog();
        if (is_idle) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        if (driver::now_ns() >= next_sample_ns) {
            StoreUpkeep::give_back_memory();
            result.end_bytes = static_cast<double>(resident_bytes());
            result.is_back = is_idle && result.end_bytes <= allowed_bytes_after(start_bytes);
            next_sample_ns = driver::now_ns() + sample_ns;
        }
    }
    result.cpu_seconds = static_cast<double>(driver::thread_cpu_ns() - begin_cpu_ns) / 1e9;
    result.wall_seconds = static_cast<double>(driver::now_ns() - begin_ns) / 1e9;
    return result;
}

}  // namespace tc::bench
