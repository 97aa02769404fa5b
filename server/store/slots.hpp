// SPDX-License-Identifier: MIT
//
// The entries of one stripe by slot number. A slot number is dense, and a key keeps its own as long
// as it has an entry, also over rewrites: the members of tags, cursors, the wheel and the queues
// are slot numbers.
//
// A slot whose entry was invalidated is dead: it still holds the entry, until somebody has the time
// to take it apart, but no reader may see it. A reader has no lock; it asks in this order:
//
//   1. the index for the entry, 2. has_dead() and is_dead(its slot), 3. the entry's deadline.
//
// An entry that is taken apart is retired, which makes it look expired, before its slot stops being
// dead: whoever finds the slot alive again at 2 sees at 3 that the entry is not.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "store/entry.hpp"
#include "store/reservation.hpp"
#include "store/yield_point.hpp"

namespace tc {

class Slots {
 public:
    static constexpr std::uint32_t none = UINT32_MAX;
    // Slot numbers are below this: two of them and two marks fit into a word of Members.
    static constexpr std::uint32_t count_limit = (1U << 31) - 1;

    // Reserves addresses. REQUIRES: count_max <= count_limit. Throws std::bad_alloc.
    explicit Slots(std::uint32_t count_max);
    Slots(const Slots&) = delete;
    Slots& operator=(const Slots&) = delete;

    // Any thread.

    [[nodiscard]] bool has_dead() const noexcept {
        return dead_count_.load(std::memory_order_acquire) != 0;
    }
    // REQUIRES: slot is the one of an entry that was found.
    [[nodiscard]] bool is_dead(std::uint32_t slot) const noexcept {
        yield_point(YieldPoint::dead_count_read);
        return (dead_words()[slot / word_bits].load(std::memory_order_acquire) & bit_of(slot)) != 0;
    }

    // What a write over the slot's entry will touch; a hint. Any slot number.
    void prefetch(std::uint32_t slot) const noexcept {
        __builtin_prefetch(refs_ + slot, 1);
        __builtin_prefetch(states_ + slot);
    }

    // Under the stripe's lock, from here on.

    // A slot whose ref() is no_entry, or none when there is no memory or no number left.
    [[nodiscard]] std::uint32_t allocate() noexcept;
    // REQUIRES: slot is used and not dead.
    void release(std::uint32_t slot) noexcept;

    // REQUIRES: slot is used.
    [[nodiscard]] EntryRef ref(std::uint32_t slot) const noexcept;
    void set_ref(std::uint32_t slot, EntryRef ref) noexcept;

    // One byte that is the owner's, 0 at first. It survives release(), because the records that
    // others keep of a slot outlive its entry. REQUIRES: slot < end().
    [[nodiscard]] std::uint8_t state(std::uint32_t slot) const noexcept;
    void set_state(std::uint32_t slot, std::uint8_t state) noexcept;

    [[nodiscard]] bool is_used(std::uint32_t slot) const noexcept;
    // The first used slot >= from, or none; 64 slots at a time.
    [[nodiscard]] std::uint32_t next_used(std::uint32_t from) const noexcept;
    // Every slot that was ever used is below.
    [[nodiscard]] std::uint32_t end() const noexcept { return end_; }
    [[nodiscard]] std::uint32_t used_count() const noexcept { return used_count_; }

    // Bit s % 64 of word s / 64 says whether slot s is dead. Members sets bits of used slots, and
    // the owner tells add_dead() how many are new; both before the lock is released.
    [[nodiscard]] std::atomic<std::uint64_t>* dead_words() noexcept { return dead_; }
    [[nodiscard]] const std::atomic<std::uint64_t>* dead_words() const noexcept { return dead_; }
    void add_dead(std::uint32_t newly_dead_count) noexcept;
    // Makes all used slots dead, and returns how many were not before.
    [[nodiscard]] std::uint32_t kill_all() noexcept;
    // REQUIRES: slot is dead, and its entry retired.
    void clear_dead(std::uint32_t slot) noexcept;
    [[nodiscard]] std::uint32_t dead_count() const noexcept {
        return dead_count_.load(std::memory_order_relaxed);
    }
    // The first dead slot >= from, or none; 64 slots at a time.
    [[nodiscard]] std::uint32_t next_dead(std::uint32_t from) const noexcept;

    // The pages of the four tables up to end(). Only clear() makes it less.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
    // Gives all memory back, and forgets the states. REQUIRES: used_count() == 0, and no reader
    // still looks at a slot's bit.
    void clear() noexcept;

    // The length of the free list, found by walking it.
    [[nodiscard]] std::uint32_t count_free_list() const noexcept;
    // Aborts unless bits, counts and the free list agree.
    void check() const;

 private:
    static constexpr std::uint32_t word_bits = 64;

    [[nodiscard]] static std::uint64_t bit_of(std::uint32_t slot) noexcept {
        return std::uint64_t{1} << slot % word_bits;
    }
    [[nodiscard]] std::uint32_t word_count() const noexcept {
        return (end_ + word_bits - 1) / word_bits;
    }
    [[nodiscard]] bool grow() noexcept;

    const std::uint32_t count_max_;
    Reservation ref_memory_;
    Reservation state_memory_;
    Reservation used_memory_;
    Reservation dead_memory_;
    // A used slot's entry; a free one's next in the free list.
    std::uint32_t* const refs_;
    std::uint8_t* const states_;
    std::uint64_t* const used_;
    std::atomic<std::uint64_t>* const dead_;

    [[nodiscard]] static std::uint64_t bytes_below(std::uint32_t end) noexcept;

    std::uint64_t bytes_ = 0;
    std::uint32_t end_ = 0;
    std::uint32_t used_count_ = 0;
    std::uint32_t first_free_ = none;
    // Written under the lock.
    std::atomic<std::uint32_t> dead_count_{0};
};

}  // namespace tc
