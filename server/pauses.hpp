// SPDX-License-Identifier: MIT
//
// How long a reactor's connections had to wait for it, by cause: the longest since the start, in
// CPU time of its thread, so that what the system gave to others meanwhile does not count.
//
// Threads: the reactor's own; any thread may read.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "server/clock.hpp"

namespace tc {

enum class PauseCause : std::uint8_t {
    turn,       // everything between two polls, the others included
    reclaim,    // a slice of the store's background work
    allocator,  // giving freed memory back to the system
    deadlines,  // looking for connections that are too slow
};

class Pauses {
 public:
    void begin(PauseCause cause) noexcept {
        Pause& pause = pauses_[index_of(cause)];
        pause.began_ns = monotonic_ns();
        pause.began_cpu_ns = thread_cpu_ns();
    }
    void end(PauseCause cause) noexcept {
        Pause& pause = pauses_[index_of(cause)];
        const std::uint64_t longest_ns = pause.longest_ns.load(std::memory_order_relaxed);
        // CPU time is asked of the kernel, at ten times the price of the monotonic clock. Nothing
        // that took less than the longest pause altogether can have taken more CPU time than it.
        if (monotonic_ns() - pause.began_ns <= longest_ns) {
            return;
        }
        const std::uint64_t cpu_ns = thread_cpu_ns() - pause.began_cpu_ns;
        if (cpu_ns > longest_ns) {
            pause.longest_ns.store(cpu_ns, std::memory_order_relaxed);
        }
    }
    [[nodiscard]] std::uint64_t longest_us(PauseCause cause) const noexcept {
        return pauses_[index_of(cause)].longest_ns.load(std::memory_order_relaxed) / 1'000;
    }

 private:
    struct Pause {
        std::uint64_t began_ns = 0;
        std::uint64_t began_cpu_ns = 0;
        std::atomic<std::uint64_t> longest_ns{0};
    };

    static std::size_t index_of(PauseCause cause) noexcept {
        return static_cast<std::size_t>(cause);
    }

    std::array<Pause, 4> pauses_;
};

}  // namespace tc
