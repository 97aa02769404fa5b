// SPDX-License-Identifier: MIT
//
// Faults that the store can be built with, to see that its tests find them: each is one step of an
// operation left out, or done wrong or too early. There are none, and nothing is left of the
// question, but in the tests' own build of the store. What each does, and the test that finds it,
// is said in docs/guarantees.md, "Seeded faults".
#pragma once

#include <atomic>
#include <cstdint>

namespace tc {

enum class Fault : std::uint8_t {
    none,

    // Edges of tags
    overwrite_leaves_edges,
    unlink_leaves_edges,
    failed_link_leaves_edges,
    mask_cleared_in_use,
    dead_counted_again,
    dead_counted_after_the_tag_left,
    edges_removed_before_replaced,

    // Clocks and versions
    absent_delete_without_clock,
    delete_without_clock,
    removal_without_clock,
    removal_clock_set_back,
    tag_clock_set_back,
    tag_clock_after_visits,
    tag_clock_only_if_held,
    masks_before_clocks,
    flush_without_clock,
    rewrite_keeps_version,
    clock_goes_back,

    // Reads and what they may still see
    deadline_unchecked_in_get,
    dead_visible_in_get,
    dead_cleared_before_retired,
    block_freed_too_early,

    // Deadlines
    deadline_late,
    jitter_shortens,
    jitter_passes_maximum,
    wheel_trusts_its_record,
    wheel_drops_on_cascade,

    // Memory
    failed_put_keeps_old,
    removed_bytes_stay_counted,
    visit_forgets_the_account,
    fingerprint_left_on_erase,
    split_loses_a_key,
    evacuation_forgets_slot,
    evicts_without_need,
    evicts_main_queue_first,
    evicts_youngest,

    // Found over the wire, by what clients recorded (tests/histories): each is done now and then.
    put_answered_not_stored,
    increment_loses_update,
    invalidate_skips_stripe,
    invalidate_takes_all,
    published_before_edges,
    expires_early,
    count_one_too_many,
    requests_swapped,
};

#if defined(TC_SEEDED_FAULTS)

// Chosen before the first store is made, and then left.
inline Fault seeded_fault = Fault::none;

[[nodiscard]] inline bool seeded(Fault fault) noexcept {
    return seeded_fault == fault;
}

// Every so many times that somebody asks.
[[nodiscard]] inline bool seeded_now_and_then(Fault fault) noexcept {
    constexpr std::uint32_t times = 64;
    static std::atomic<std::uint32_t> asked{0};
    return seeded(fault) && asked.fetch_add(1, std::memory_order_relaxed) % times == times - 1;
}

#else

[[nodiscard, gnu::always_inline]] constexpr bool seeded(Fault /*fault*/) noexcept {
    return false;
}

[[nodiscard, gnu::always_inline]] constexpr bool seeded_now_and_then(Fault /*fault*/) noexcept {
    return false;
}

#endif

}  // namespace tc
