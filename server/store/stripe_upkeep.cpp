// SPDX-License-Identifier: MIT
//
// Work that nobody waits for, in slices: freeing, unlinking what is dead or expired, evicting, and
// moving entries together so that memory can go back to the system.
#include <algorithm>
#include <array>
#include <cassert>
#include <span>
#include <utility>

#include "store/seeded_fault.hpp"
#include "store/stripe.hpp"
#include "store/yield_point.hpp"

namespace tc {
namespace {

// What eviction frees of what was evicted before, at most: more than one eviction retires.
constexpr std::uint32_t freed_per_eviction = 1024;
constexpr std::uint32_t unlinked_per_round = 16;

// Leaving so many tags takes as long as everything else that unlinking is.
constexpr std::uint32_t tags_per_unlink = 2;

void take(std::uint32_t& budget, std::uint32_t cost) {
    budget -= std::min(budget, cost);
}

std::uint32_t unlink_cost(const Entry& entry) {
    return 1 + static_cast<std::uint32_t>(entry.tag_count()) / tags_per_unlink;
}

}  // namespace

bool Stripe::upkeep(Seat& seat, std::uint32_t& budget) noexcept {
    const Visit visit(*this, seat);
    const bool has_retired = free_retired(budget);
    const bool has_dead = unlink_dead(seat, budget);
    const bool has_expired = unlink_expired(seat, budget);
    const bool is_cluttered = compact_wheel(budget);
    const bool has_quick_blocks = heap_.settle(budget);
    const bool is_fragmented = evacuate(seat, budget, EntryHeap::idle_percent_max);
    if (slots_.used_count() == 0 && slots_.end() != 0 && !is_cluttered) {
        // Together: a slot's state says which records there are of it.
        slots_.clear();
        wheel_.clear();
        eviction_.clear();
        dead_hand_ = 0;
    }
    return has_retired || has_dead || has_expired || is_cluttered || has_quick_blocks ||
           is_fragmented;
}

std::uint64_t Stripe::evict(Seat& seat, std::uint64_t wanted_bytes,
                            std::uint32_t& budget) noexcept {
    const Visit visit(*this, seat);
    std::uint32_t freed = freed_per_eviction;
    static_cast<void>(free_retired(freed));
    const std::uint64_t bytes_before = kept_bytes();
    const auto evicted_bytes = [&]() TC_REQUIRES(mutex_) {
        return bytes_before - std::min(bytes_before, kept_bytes());
    };
    // Who has expired goes first, as far as the wheel knows; half of the budget is for others.
    std::uint32_t sweeps = budget / 2;
    budget -= sweeps;
    static_cast<void>(unlink_expired(seat, sweeps));
    budget += sweeps;
    while (evicted_bytes() < wanted_bytes && budget != 0) {
        if (slots_.has_dead()) {
            std::uint32_t round = std::min(budget, unlinked_per_round);
            budget -= round;
            static_cast<void>(unlink_dead(seat, round));
            budget += round;
            continue;
        }
        const std::uint32_t slot = eviction_.next_victim(budget);
        if (slot == Slots::none) {
            break;
        }
        Entry& entry = entry_in(slot);
        take(budget, unlink_cost(entry));
        const std::uint64_t hash = shared_.hash_of(entry.key());
        eviction_.remember(entry, hash);
        unlink(seat, hash, {.entry = &entry, .cell = index_.locate(hash, ref_of(entry))},
               Reason::evicted);
    }
    std::uint32_t moves = EntryHeap::evacuation_budget(wanted_bytes);
    static_cast<void>(evacuate(seat, moves, EntryHeap::idle_percent_max_tight));
    return evicted_bytes();
}

// Whether more could be freed right now.
bool Stripe::free_retired(std::uint32_t& budget) noexcept {
    while (budget != 0) {
        if (waiting_.is_empty() && !close_limbo()) {
            return false;
        }
        if (waiting_.epoch >= shared_.reclaimer.safe_epoch() &&
            !seeded(Fault::block_freed_too_early)) {
            return false;
        }
        for (; waiting_.first != no_entry && budget != 0; --budget) {
            free_block(waiting_.first);
        }
        if (waiting_.first == no_entry) {
            index_.free(std::exchange(waiting_.pages, {}));
        }
    }
    return !waiting_.is_empty();
}

// What was retired so far waits for the turns that are going on. False when there is nothing.
bool Stripe::close_limbo() noexcept {
    filling_.pages = index_.take_garbage();
    if (filling_.is_empty()) {
        return false;
    }
    // Whoever begins a turn in a later epoch than the one read here sees that all this is unlinked.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    waiting_ = std::exchange(filling_, {});
    yield_point(YieldPoint::limbo_taken);
    waiting_.epoch = shared_.reclaimer.epoch();
    return true;
}

void Stripe::free_block(EntryRef& ref) noexcept {
    Entry& entry = *entry_at(heap_.begin(), ref);
    const EntryRef freed = std::exchange(ref, entry.next_retired());
    __builtin_prefetch(entry_at(heap_.begin(), ref));
    const std::size_t bytes = entry.block_bytes();
    retired_bytes_ -= bytes;
    heap_.free(freed, bytes);
}

// In rounds of a few: their entries and then their buckets are asked of the memory all at once.
bool Stripe::unlink_dead(Seat& seat, std::uint32_t& budget) noexcept {
    while (budget != 0 && slots_.has_dead()) {
        std::array<std::uint32_t, unlinked_per_round> round{};
        std::uint32_t count = 0;
        for (; count < std::min<std::size_t>(round.size(), budget); ++count) {
            const std::uint32_t slot = slots_.next_dead(dead_hand_);
            if (slot == Slots::none) {
                dead_hand_ = 0;
                break;
            }
            dead_hand_ = slot + 1;
            __builtin_prefetch(&entry_in(slot));
            round.at(count) = slot;
        }
        const std::span<const std::uint32_t> dead{round.data(), count};
        for (const std::uint32_t slot : dead) {
            const Entry& entry = entry_in(slot);
            index_.prefetch_bucket(shared_.hash_of(entry.key()));
            take(budget, unlink_cost(entry));
        }
        for (const std::uint32_t slot : dead) {
            unlink(seat, slot, Reason::reclaimed);
        }
    }
    return slots_.has_dead();
}

bool Stripe::unlink_expired(Seat& seat, std::uint32_t& budget) noexcept {
    const std::uint64_t now_ms = shared_.now_ms();
    if (!wheel_.is_behind(now_ms)) {
        return false;
    }
    std::uint32_t left = budget;
    bool lacks_memory = false;
    static_cast<void>(
        wheel_.advance(now_ms, budget, [&](std::uint32_t slot, TimingWheel::Bucket bucket) {
            mutex_.is_held();
            lacks_memory = left != 0 && !settle_record(seat, slot, bucket, left);
            return left != 0 && !lacks_memory;
        }));
    budget = left;
    return !lacks_memory && wheel_.is_behind(now_ms);
}

// False when the record has to stay.
bool Stripe::settle_record(Seat& seat, std::uint32_t slot, TimingWheel::Bucket bucket,
                           std::uint32_t& budget) noexcept {
    take(budget, 1);
    const std::uint8_t state = slots_.state(slot);
    if ((state & wheel_bits) != bucket) {
        return true;  // the slot has another record, or none
    }
    slots_.set_state(slot, static_cast<std::uint8_t>(state & ~wheel_bits));
    if (!slots_.is_used(slot)) {
        return true;
    }
    const Entry& entry = entry_in(slot);
    if (entry.is_expired(shared_.now_ms()) || seeded(Fault::wheel_trusts_its_record)) {
        take(budget, unlink_cost(entry) - 1);
        unlink(seat, slot, Reason::expired);
        return true;
    }
    if (seeded(Fault::wheel_drops_on_cascade) || schedule(slot, entry.deadline_ms())) {
        return true;
    }
    slots_.set_state(slot, state);
    return false;
}

// Drops records that lost their entry, when there are many.
bool Stripe::compact_wheel(std::uint32_t& budget) noexcept {
    if (!wheel_.is_cluttered(slots_.used_count())) {
        return false;
    }
    const std::uint32_t gone_through = wheel_.compact(
        budget, [&](std::uint32_t slot, TimingWheel::Bucket from, TimingWheel::Bucket to) {
            mutex_.is_held();
            const std::uint8_t state = slots_.state(slot);
            if ((state & wheel_bits) != from) {
                return false;
            }
            const bool is_wanted = slots_.is_used(slot);
            slots_.set_state(slot, static_cast<std::uint8_t>((state & ~wheel_bits) |
                                                             (is_wanted ? to : TimingWheel::none)));
            return is_wanted;
        });
    const bool lacks_memory = gone_through == 0 && budget != 0;
    budget -= gone_through;
    return !lacks_memory && wheel_.is_cluttered(slots_.used_count());
}

// What has moved is there twice until all turns have ended that may see it where it was.
bool Stripe::evacuate(Seat& seat, std::uint32_t& budget, std::uint32_t idle_percent_max) noexcept {
    bool has_to_wait = false;
    const std::uint32_t cost = heap_.evacuate(budget, idle_percent_max, [&](EntryRef ref) {
        mutex_.is_held();
        has_to_wait = retired_bytes_ > shared_.retired_bytes_to_move_max || !move_entry(seat, ref);
        return !has_to_wait;
    });
    take(budget, cost);
    return !has_to_wait && cost != 0 && heap_.is_fragmented(idle_percent_max);
}

void Stripe::move_together(Seat& seat, std::size_t block_bytes) noexcept {
    if (heap_.is_fragmented()) {
        std::uint32_t moves = EntryHeap::evacuation_budget(block_bytes);
        static_cast<void>(evacuate(seat, moves, EntryHeap::idle_percent_max));
    }
}

// The same entry in another block; its slot, its edges and its place in the queues stay.
bool Stripe::move_entry(Seat& seat, EntryRef ref) noexcept {
    Entry& entry = *entry_at(heap_.begin(), ref);
    const EntryRef fresh = heap_.allocate(entry.block_bytes());
    if (fresh == no_entry) {
        return false;
    }
    KeyIndex::Cell* const cell = index_.locate(shared_.hash_of(entry.key()), ref);
    assert(cell != nullptr);
    Entry* const copy = Entry::make_copy(entry_at(heap_.begin(), fresh), entry);
    account_for(*copy, true);
    slots_.set_ref(entry.slot(), seeded(Fault::evacuation_forgets_slot) ? ref : fresh);
    yield_point(YieldPoint::before_entry_published);
    cell->store(fresh, std::memory_order_release);
    yield_point(YieldPoint::before_retire);
    retire(seat, entry, true);
    return true;
}

}  // namespace tc
