// SPDX-License-Identifier: MIT
//
// What the store asks of its tests' builds, for a server whose threads stop at random where it
// matters, and that has the fault which the environment names. Without a fault it has to be right.
#include <sched.h>
#include <time.h>

#include <atomic>
#include <cstdlib>
#include <string_view>

#include "histories/seeded_faults.hpp"
#include "store/memory.hpp"
#include "store/yield_point.hpp"

namespace tc {
namespace {

// One yield point in so many gives the processor away; one in so many sleeps.
constexpr std::uint64_t yield_interval = 32;
constexpr std::uint64_t sleep_interval = 4096;
constexpr std::uint64_t sleep_interval_before_publishing = 64;
constexpr std::uint64_t sleep_ns_max = 300'000;

[[maybe_unused]] const bool is_sown = [] {
    const char* const wanted = std::getenv(test::fault_variable);
    for (const test::HistoryFault& each : test::history_faults) {
        if (wanted != nullptr && each.name == wanted) {
            seeded_fault = each.fault;
        }
    }
    return seeded_fault != Fault::none;
}();

// A row of random numbers for each thread, by its number.
std::uint64_t first_random() noexcept {
    static std::atomic<std::uint64_t> thread_count{0};
    const char* const given = std::getenv(test::yield_seed_variable);
    const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
    return (seed + ++thread_count) * 0x9E3779B97F4A7C15;
}

// Marsaglia, Xorshift RNGs, 2003.
std::uint64_t next_random() noexcept {
    thread_local std::uint64_t state = first_random();
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

}  // namespace

void yield_point(YieldPoint point) noexcept {
    const std::uint64_t random = next_random();
    const std::uint64_t interval = point == YieldPoint::before_entry_published
                                       ? sleep_interval_before_publishing
                                       : sleep_interval;
    if (random % interval == 0) {
        const timespec pause{0, static_cast<long>((random >> 32) % sleep_ns_max)};
        nanosleep(&pause, nullptr);
    } else if (random % yield_interval == 0 || point == YieldPoint::waits_for_lock) {
        sched_yield();
    }
}

bool allocation_fault_is_due() noexcept {
    return false;
}

}  // namespace tc
