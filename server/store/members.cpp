// SPDX-License-Identifier: MIT
#include "store/members.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

#include "store/slot_array.hpp"
#include "store/slot_set.hpp"

namespace tc {
namespace {

constexpr std::uint32_t slot_mask = (1U << 31) - 1;

// A set becomes an array again only below this, so that nobody can make it flip per call.
constexpr std::uint32_t set_count_min = 9;

}  // namespace

AddResult Members::add(std::uint32_t slot, std::uint64_t& bytes) noexcept {
    return is_set() ? add_to_set(slot, bytes) : add_to_few(slot, bytes);
}

AddResult Members::add_to_few(std::uint32_t slot, std::uint64_t& bytes) noexcept {
    Pair pair;
    const std::span<const std::uint32_t> known = few(pair);
    if (std::binary_search(known.begin(), known.end(), slot)) {
        return AddResult::present;
    }
    if (known.size() < pair.size()) {
        const Pair grown =
            known.empty() ? Pair{slot} : Pair{std::min(known[0], slot), std::max(known[0], slot)};
        become(std::span{grown}.first(known.size() + 1));
        return AddResult::added;
    }
    if (known.size() == SlotArray::count_max) {
        SlotSet* const fresh = SlotSet::make(known, bytes);
        if (fresh == nullptr) {
            return AddResult::out_of_memory;
        }
        SlotArray::free(array(), bytes);
        become(fresh);
        return add_to_set(slot, bytes);
    }
    if (is_inline() || array()->is_full()) {
        const auto capacity = static_cast<std::uint32_t>(known.size() + 1);
        SlotArray* const fresh = SlotArray::make(known, capacity, bytes);
        if (fresh == nullptr) {
            return AddResult::out_of_memory;
        }
        clear(bytes);
        become(fresh);
    }
    array()->add(slot);
    return AddResult::added;
}

AddResult Members::add_to_set(std::uint32_t slot, std::uint64_t& bytes) noexcept {
    SlotSet* grown = set();
    const AddResult result = SlotSet::add(grown, slot, bytes);
    become(grown);
    return result;
}

bool Members::remove(std::uint32_t slot, std::uint64_t& bytes) noexcept {
    if (is_set()) {
        return remove_from_set(slot, bytes);
    }
    if (word_ != 0 && !is_inline()) {
        const bool was_there = array()->remove(slot);
        if (was_there) {
            shrink_array(bytes);
        }
        return was_there;
    }
    Pair pair;
    const std::span<const std::uint32_t> known = few(pair);
    const auto found = std::find(known.begin(), known.end(), slot);
    if (found == known.end()) {
        return false;
    }
    const std::uint32_t other = known.size() == 2 ? pair[0] ^ pair[1] ^ slot : 0;
    word_ = 0;
    if (known.size() == 2) {
        become(std::span{&other, 1});
    }
    return true;
}

bool Members::remove_from_set(std::uint32_t slot, std::uint64_t& bytes) noexcept {
    const bool was_there = set()->remove(slot, bytes);
    if (was_there && set()->count() < set_count_min) {
        shrink_set(bytes);
    }
    return was_there;
}

// Without memory it stays a set, until the last one goes.
void Members::shrink_set(std::uint64_t& bytes) noexcept {
    std::array<std::uint32_t, set_count_min> kept;
    std::uint32_t count = 0;
    for (std::uint32_t slot = seek(0); slot != none; slot = seek(slot + 1)) {
        kept.at(count++) = slot;
    }
    if (count <= 1) {
        clear(bytes);
        become(std::span{kept}.first(count));
        return;
    }
    SlotArray* const fresh = SlotArray::make(std::span{kept}.first(count), count, bytes);
    if (fresh != nullptr) {
        clear(bytes);
        become(fresh);
    }
}

// One member goes back into the word, but two stay in the array, so that a tag between two and
// three members does not allocate with every change.
void Members::shrink_array(std::uint64_t& bytes) noexcept {
    const std::span<const std::uint32_t> kept = array()->slots();
    if (kept.size() == 1) {
        const std::uint32_t last = kept[0];
        clear(bytes);
        become(std::span{&last, 1});
        return;
    }
    if (array()->is_roomy()) {
        const auto count = static_cast<std::uint32_t>(kept.size());
        if (SlotArray* const fresh = SlotArray::make(kept, count, bytes); fresh != nullptr) {
            clear(bytes);
            become(fresh);
        }
    }
}

void Members::clear(std::uint64_t& bytes) noexcept {
    if (is_set()) {
        SlotSet::free(set(), bytes);
    } else if (word_ != 0 && !is_inline()) {
        SlotArray::free(array(), bytes);
    }
    word_ = 0;
}

std::uint32_t Members::count() const noexcept {
    if (is_set()) {
        return set()->count();
    }
    Pair pair;
    return static_cast<std::uint32_t>(few(pair).size());
}

std::uint32_t Members::seek(std::uint32_t slot) const noexcept {
    if (is_set()) {
        return set()->seek(slot);
    }
    Pair pair;
    const std::span<const std::uint32_t> known = few(pair);
    const auto found = std::lower_bound(known.begin(), known.end(), slot);
    return found == known.end() ? none : *found;
}

std::uint32_t Members::mark(SlotBitmap* dead) const noexcept {
    if (is_set()) {
        return set()->mark(dead);
    }
    Pair pair;
    return mark_slots(dead, few(pair));
}

std::uint32_t Members::count_alive(const SlotBitmap* dead) const noexcept {
    if (dead == nullptr) {
        return count();
    }
    if (is_set()) {
        return set()->count_alive(dead);
    }
    Pair pair;
    return count_alive_slots(dead, few(pair));
}

bool Members::has_alive(const SlotBitmap* dead) const noexcept {
    const std::uint32_t first = seek(0);
    if (first == none) {
        return false;
    }
    return dead == nullptr || !is_dead(dead, first) || count_alive(dead) != 0;
}

std::uint32_t Members::next_block(std::uint32_t block) const noexcept {
    if (is_set()) {
        return set()->next_block(block);
    }
    const std::uint32_t slot = seek(block * block_slots);
    return slot == none ? none : slot / block_slots;
}

void Members::unite(std::uint32_t block, BlockWords words) const noexcept {
    if (is_set()) {
        set()->unite(block, words);
        return;
    }
    Pair pair;
    unite_slots(words, in_block(few(pair), block));
}

void Members::intersect(std::uint32_t block, BlockWords words) const noexcept {
    if (is_set()) {
        set()->intersect(block, words);
        return;
    }
    Pair pair;
    intersect_slots(words, in_block(few(pair), block));
}

SlotSet* Members::set() const noexcept {
    return std::bit_cast<SlotSet*>(word_ - set_bit);
}

SlotArray* Members::array() const noexcept {
    return std::bit_cast<SlotArray*>(word_);
}

void Members::become(std::span<const std::uint32_t> one_or_two) noexcept {
    if (one_or_two.empty()) {
        word_ = 0;
        return;
    }
    word_ = std::uint64_t{one_or_two.front()} << 1 | inline_bit;
    if (one_or_two.size() == 2) {
        word_ |= std::uint64_t{one_or_two.back()} << 32 | two_bit;
    }
}

void Members::become(SlotSet* set) noexcept {
    word_ = std::bit_cast<std::uintptr_t>(set) + set_bit;
}

void Members::become(SlotArray* array) noexcept {
    word_ = std::bit_cast<std::uintptr_t>(array);
}

std::span<const std::uint32_t> Members::few(Pair& inline_members) const noexcept {
    if (word_ == 0) {
        return {};
    }
    if (!is_inline()) {
        return array()->slots();
    }
    inline_members = {static_cast<std::uint32_t>(word_ >> 1) & slot_mask,
                      static_cast<std::uint32_t>(word_ >> 32) & slot_mask};
    return std::span{inline_members}.first((word_ & two_bit) != 0 ? 2 : 1);
}

std::span<const std::uint32_t> Members::in_block(std::span<const std::uint32_t> slots,
                                                 std::uint32_t block) noexcept {
    const auto begin = std::lower_bound(slots.begin(), slots.end(), block * block_slots);
    const auto end = std::find_if(begin, slots.end(),
                                  [&](std::uint32_t slot) { return slot / block_slots != block; });
    return {begin, end};
}

}  // namespace tc
