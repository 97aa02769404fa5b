// SPDX-License-Identifier: MIT
#include "store/slots.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

#include "store/invariant.hpp"

namespace tc {
namespace {

constexpr std::size_t bitmap_bytes(std::size_t slot_count) {
    return (slot_count + 63) / 64 * sizeof(std::uint64_t);
}

constexpr std::uint64_t whole_pages(std::uint64_t bytes) {
    return (bytes + Reservation::page_bytes - 1) / Reservation::page_bytes *
           Reservation::page_bytes;
}

// The first bit set in words[0, word_count) at or after `from`, or Slots::none.
template <typename LoadWord>
std::uint32_t next_bit(std::uint32_t from, std::uint32_t word_count, const LoadWord& load_word) {
    std::uint64_t mask = ~std::uint64_t{0} << from % 64;
    for (std::uint32_t index = from / 64; index < word_count; ++index) {
        if (const std::uint64_t word = load_word(index) & mask; word != 0) {
            return index * 64 + static_cast<std::uint32_t>(std::countr_zero(word));
        }
        mask = ~std::uint64_t{0};
    }
    return Slots::none;
}

}  // namespace

Slots::Slots(std::uint32_t count_max)
    : count_max_(count_max),
      ref_memory_(count_max * sizeof(std::uint32_t)),
      state_memory_(count_max),
      used_memory_(bitmap_bytes(count_max)),
      dead_memory_(bitmap_bytes(count_max)),
      refs_(std::bit_cast<std::uint32_t*>(ref_memory_.begin())),
      states_(std::bit_cast<std::uint8_t*>(state_memory_.begin())),
      used_(std::bit_cast<std::uint64_t*>(used_memory_.begin())),
      dead_(std::bit_cast<std::atomic<std::uint64_t>*>(dead_memory_.begin())) {
    static_assert(sizeof(std::atomic<std::uint64_t>) == sizeof(std::uint64_t));
    assert(count_max <= count_limit);
}

std::uint32_t Slots::allocate() noexcept {
    std::uint32_t slot = first_free_;
    if (slot != none) {
        first_free_ = refs_[slot];
    } else if (grow()) {
        slot = end_++;
        bytes_ = bytes_below(end_);
        if (slot % word_bits == 0) {
            // Touched now, so that no page is faulted in while everything dies (31 for a million).
            dead_[slot / word_bits].store(0, std::memory_order_relaxed);
        }
    } else {
        return none;
    }
    refs_[slot] = no_entry;
    used_[slot / word_bits] |= bit_of(slot);
    ++used_count_;
    return slot;
}

// Commits what the slot end_ needs.
bool Slots::grow() noexcept {
    const std::size_t count = std::size_t{end_} + 1;
    return end_ < count_max_ && ref_memory_.commit(count * sizeof(std::uint32_t)) &&
           state_memory_.commit(count) && used_memory_.commit(bitmap_bytes(count)) &&
           dead_memory_.commit(bitmap_bytes(count));
}

void Slots::release(std::uint32_t slot) noexcept {
    assert(is_used(slot));
    assert(!is_dead(slot));
    used_[slot / word_bits] &= ~bit_of(slot);
    --used_count_;
    refs_[slot] = first_free_;
    first_free_ = slot;
}

EntryRef Slots::ref(std::uint32_t slot) const noexcept {
    assert(is_used(slot));
    return refs_[slot];
}

void Slots::set_ref(std::uint32_t slot, EntryRef ref) noexcept {
    assert(is_used(slot));
    refs_[slot] = ref;
}

std::uint8_t Slots::state(std::uint32_t slot) const noexcept {
    assert(slot < end_);
    return states_[slot];
}

void Slots::set_state(std::uint32_t slot, std::uint8_t state) noexcept {
    assert(slot < end_);
    states_[slot] = state;
}

bool Slots::is_used(std::uint32_t slot) const noexcept {
    return slot < end_ && (used_[slot / word_bits] & bit_of(slot)) != 0;
}

std::uint32_t Slots::next_used(std::uint32_t from) const noexcept {
    return next_bit(from, word_count(), [this](std::uint32_t index) { return used_[index]; });
}

// The count is published last: whoever sees it sees the bits.
void Slots::add_dead(std::uint32_t newly_dead_count) noexcept {
    yield_point(YieldPoint::before_dead_counted);
    dead_count_.store(dead_count() + newly_dead_count, std::memory_order_release);
    assert(dead_count() <= used_count_);
}

std::uint32_t Slots::kill_all() noexcept {
    const std::uint32_t newly_dead_count = used_count_ - dead_count();
    for (std::uint32_t index = 0; index < word_count(); ++index) {
        dead_[index].store(used_[index], std::memory_order_release);
    }
    add_dead(newly_dead_count);
    return newly_dead_count;
}

void Slots::clear_dead(std::uint32_t slot) noexcept {
    assert(is_used(slot));
    assert(is_dead(slot));
    std::atomic<std::uint64_t>& word = dead_[slot / word_bits];
    word.store(word.load(std::memory_order_relaxed) & ~bit_of(slot), std::memory_order_release);
    yield_point(YieldPoint::dead_bit_cleared);
    dead_count_.store(dead_count() - 1, std::memory_order_release);
}

std::uint32_t Slots::next_dead(std::uint32_t from) const noexcept {
    return next_bit(from, word_count(), [this](std::uint32_t index) {
        return dead_[index].load(std::memory_order_relaxed);
    });
}

std::uint64_t Slots::bytes_below(std::uint32_t end) noexcept {
    return whole_pages(std::uint64_t{end} * sizeof(std::uint32_t)) + whole_pages(end) +
           2 * whole_pages(bitmap_bytes(end));
}

void Slots::clear() noexcept {
    assert(used_count_ == 0);
    for (Reservation* const memory : {&ref_memory_, &state_memory_, &used_memory_, &dead_memory_}) {
        memory->give_back(0, memory->committed_bytes());
    }
    end_ = 0;
    bytes_ = 0;
    first_free_ = none;
}

std::uint32_t Slots::count_free_list() const noexcept {
    std::uint32_t length = 0;
    for (std::uint32_t slot = first_free_; slot != none && length <= end_; ++length) {
        slot = refs_[slot];
    }
    return length;
}

void Slots::check() const {
    std::uint32_t used = 0;
    std::uint32_t dead = 0;
    for (std::uint32_t index = 0; index < word_count(); ++index) {
        const std::uint64_t dead_word = dead_[index].load(std::memory_order_relaxed);
        require_invariant((dead_word & ~used_[index]) == 0, "what is dead is used");
        used += static_cast<std::uint32_t>(std::popcount(used_[index]));
        dead += static_cast<std::uint32_t>(std::popcount(dead_word));
    }
    require_invariant(used == used_count_, "the used slots are counted");
    require_invariant(dead == dead_count(), "the dead slots are counted");
    require_invariant(used + count_free_list() == end_, "a slot is used or in the free list");
}

}  // namespace tc
