// SPDX-License-Identifier: MIT
//
// How long a reactor's connections had to wait for it, by cause: the longest since the start, in
// CPU time of its thread, so that what the system gave to others meanwhile does not count.
//
// Threads: the reactor's own; any thread may read.
#pragma once

#include <algorithm>
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
    // How long it took altogether, in nanoseconds.
    std::uint64_t end(PauseCause cause) noexcept {
        Pause& pause = pauses_[index_of(cause)];
        const std::uint64_t longest_ns = pause.longest_ns.load(std::memory_order_relaxed);
        const std::uint64_t passed_ns = monotonic_ns() - pause.began_ns;
        // CPU time is asked of the kernel, at ten times the price of the monotonic clock. Nothing
        // that took less than the longest pause altogether can have taken more CPU time than it.
        if (passed_ns > longest_ns) {
            pause.longest_ns.store(std::max(longest_ns, cpu_ns_of(cause)),
                                   std::memory_order_relaxed);
        }
        return passed_ns;
    }
    // Of the thread, since begin().
    [[nodiscard]] std::uint64_t cpu_ns_of(PauseCause cause) const noexcept {
        return thread_cpu_ns() - pauses_[index_of(cause)].began_cpu_ns;
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
