// SPDX-License-Identifier: MIT
//
// The places where it matters which thread goes on: between two steps of something that other
// threads see. They are nothing, not even a symbol, but in the tests' own build of the store, where
// a scheduler decides at each of them who goes on (tests/store/schedule.hpp).
#pragma once

#include <cstdint>
#include <mutex>

namespace tc {

enum class YieldPoint : std::uint8_t {
    before_lock,
    waits_for_lock,  // somebody else has it
    after_unlock,

    directory_read,  // of the index, by who looks for a key
    page_found,
    cell_read,
    entry_found,
    dead_count_read,
    dead_bit_read,
    clock_read,

    fingerprint_written,  // in a page of the index, but its cell is not
    cell_erased,
    before_page_published,
    before_directory_published,

    before_entry_published,
    before_edges_removed,
    before_retire,
    before_clear_dead,
    dead_bit_cleared,
    before_dead_counted,  // the bits are set
    before_deadline_set,

    before_turn_announced,
    turn_ended,
    seat_let_go,
    limbo_taken,
    epoch_raised,
    before_safe_epoch_raised,

    before_tag_clocks,
    tag_clocks_raised,
    between_stripes,

    test,  // of a test's own code
};

#if defined(TC_SCHEDULES)

void yield_point(YieldPoint point) noexcept;

inline void lock_at_yield_points(std::mutex& mutex) noexcept {
    yield_point(YieldPoint::before_lock);
    while (!mutex.try_lock()) {
        yield_point(YieldPoint::waits_for_lock);
    }
}

#else

[[gnu::always_inline]] constexpr void yield_point(YieldPoint /*point*/) noexcept {}

[[gnu::always_inline]] inline void lock_at_yield_points(std::mutex& mutex) noexcept {
    mutex.lock();
}

#endif

}  // namespace tc
