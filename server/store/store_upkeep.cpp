// SPDX-License-Identifier: MIT
//
// How the store keeps within its memory, and the work that nobody waits for.
#include <algorithm>
#include <cassert>

#include "store/live_check.hpp"
#include "store/seeded_fault.hpp"
#include "store/store.hpp"
#include "store/store_state.hpp"
#include "store/stripe.hpp"

namespace tc {
namespace {

// What one write looks at, at most, to make room for itself: enough to evict what is half as large
// on average, and as much as a millisecond for the largest value.
constexpr std::uint32_t eviction_steps_min = 512;
constexpr std::uint64_t bytes_per_eviction_step = 256;
// How many stripes it visits, at most, that have nothing to evict but may have something to free.
constexpr std::uint32_t visits_to_free_max = 4;
// A stripe is not locked for longer than so much upkeep takes.
constexpr std::uint32_t upkeep_per_lock = 64;
// What free large values had, and goes back to the system in one slice: some 50 us, and ten times
// that when the kernel happens to sort the pages of many.
constexpr std::size_t blob_bytes_per_upkeep = std::size_t{256} * 1024;

// What an entry takes beyond its key, its value and its tags, about.
constexpr std::uint64_t entry_overhead_bytes = 64;

// Beyond four times its share of the memory a stripe may have this much of address space.
constexpr std::uint64_t heap_bytes_spare = std::uint64_t{256} * 1024 * 1024;
// An entry takes 32 bytes at least, and a page of the index has about 500 entries, at least a
// fourth of that.
constexpr std::uint64_t entry_bytes_min = 32;
constexpr std::uint32_t keys_per_page_min = 128;

}  // namespace

StripeLimits StripeLimits::of(const StoreOptions& options) noexcept {
    // Keys spread evenly, so that no stripe comes near four times its share.
    const std::uint64_t heap_bytes =
        memory_bytes_of(options) / options.stripe_count * 4 + heap_bytes_spare;
    StripeLimits limits;
    limits.heap_bytes_max = std::min<std::uint64_t>(heap_bytes, EntryHeap::bytes_limit);
    limits.slots_max = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(limits.heap_bytes_max / entry_bytes_min, Slots::count_limit));
    limits.index_pages_max = limits.slots_max / keys_per_page_min + 64;
    return limits;
}

// Of its own stripe and another one a write evicts in the one that has more, so that it does not
// matter how bytes are spread (Mitzenmacher, The power of two choices, 2001); if that is not
// enough, it goes on to the others.
void Store::make_room(Seat& seat, Stripe& own, std::uint64_t bytes) noexcept {
    bytes += entry_overhead_bytes;
    if (seat.has_plenty(bytes) && !seeded(Fault::evicts_without_need)) {
        return;
    }
    auto steps = static_cast<std::uint32_t>(eviction_steps_min + bytes / bytes_per_eviction_step);
    std::uint32_t frees = visits_to_free_max;
    for (std::size_t visited = 0; visited < stripes_.size() && steps != 0; ++visited) {
        const std::uint64_t wanted =
            seat.bytes_to_evict(bytes) + (seeded(Fault::evicts_without_need) ? 1 : 0);
        // What has no room although nobody has to go comes in place of what is retired. A visit
        // frees that, as far as no turn sees it.
        if (wanted == 0 && (seat.has_room(bytes) || frees-- == 0)) {
            return;
        }
        seat.eviction_stripe = (seat.eviction_stripe + 1) % options_.stripe_count;
        Stripe& other = *stripes_[seat.eviction_stripe];
        const bool is_own = visited == 0 && own.evictable_bytes() >= other.evictable_bytes();
        --steps;
        static_cast<void>((is_own ? own : other).evict(seat, wanted, steps));
    }
}

bool Store::upkeep(Session& session, std::uint32_t worker, std::uint32_t worker_count,
                   std::uint32_t budget) noexcept {
    assert(session.is_inside() && worker < worker_count);
    check_if_asked(*this);
    Seat& seat = session.seat_;
    const std::size_t own_count = (stripes_.size() + worker_count - 1 - worker) / worker_count;
    std::size_t idle_count = 0;
    while (budget != 0 && idle_count < own_count) {
        if (seat.upkeep_stripe >= stripes_.size() || seat.upkeep_stripe % worker_count != worker) {
            seat.upkeep_stripe = worker;
        }
        Stripe& stripe = *stripes_[seat.upkeep_stripe];
        seat.upkeep_stripe += worker_count;
        std::uint32_t part = std::min(--budget, upkeep_per_lock);
        budget -= part;
        const bool has_more = stripe.upkeep(seat, part);
        if (const std::uint64_t wanted = seat.bytes_to_evict(0); wanted != 0 && part != 0) {
            static_cast<void>(stripe.evict(seat, wanted, part));
        }
        budget += part;
        idle_count = has_more ? 0 : idle_count + 1;
    }
    const bool has_blobs = state_->reclaimer.free_safe(seat);
    const bool has_surplus = state_->blobs.give_back_surplus(blob_bytes_per_upkeep);
    return idle_count < own_count || has_blobs || has_surplus;
}

}  // namespace tc
