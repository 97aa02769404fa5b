// SPDX-License-Identifier: MIT
#include "store/slot_set.hpp"

#include <algorithm>
#include <cassert>
#include <new>
#include <utility>

#include "store/memory.hpp"

namespace tc {
namespace {

constexpr std::uint16_t high_half(std::uint32_t slot) {
    return static_cast<std::uint16_t>(slot >> 16);
}
constexpr std::uint16_t low_half(std::uint32_t slot) {
    return static_cast<std::uint16_t>(slot);
}

}  // namespace

SlotSet* SlotSet::make(std::span<const std::uint32_t> slots, std::uint64_t& bytes) noexcept {
    std::uint32_t container_count = 0;
    for (std::size_t index = 0; index < slots.size(); ++index) {
        const bool is_first = index == 0 || high_half(slots[index - 1]) != high_half(slots[index]);
        container_count += is_first ? 1 : 0;
    }
    SlotSet* set = make_empty(container_count, bytes);
    if (set == nullptr) {
        return nullptr;
    }
    for (const std::uint32_t slot : slots) {
        if (add(set, slot, bytes) == AddResult::out_of_memory) {
            free(set, bytes);
            return nullptr;
        }
    }
    return set;
}

SlotSet* SlotSet::make_empty(std::uint32_t capacity, std::uint64_t& bytes) noexcept {
    void* const block = allocate(sizeof(SlotSet) + sizeof(SlotContainer) * capacity);
    if (block == nullptr) {
        return nullptr;
    }
    const std::size_t usable = usable_bytes(block);
    bytes += usable;
    auto* const set = new (block) SlotSet;
    set->container_capacity_ = static_cast<std::uint16_t>(
        std::min<std::size_t>((usable - sizeof(SlotSet)) / sizeof(SlotContainer), UINT16_MAX));
    return set;
}

void SlotSet::free(SlotSet* set, std::uint64_t& bytes) noexcept {
    std::for_each(set->begin(), set->end(), [&](SlotContainer& each) { each.clear(bytes); });
    free_block(set, bytes);
}

void SlotSet::free_block(SlotSet* set, std::uint64_t& bytes) noexcept {
    bytes -= usable_bytes(set);
    release(set);
}

SlotSet* SlotSet::make_larger(SlotSet* set, std::uint64_t& bytes) noexcept {
    const std::uint32_t capacity = set->container_capacity_;
    SlotSet* const larger = make_empty(capacity + capacity / 4 + 1, bytes);
    if (larger == nullptr) {
        return nullptr;
    }
    std::copy(set->begin(), set->end(), larger->begin());
    larger->count_ = set->count_;
    larger->container_count_ = set->container_count_;
    free_block(set, bytes);
    return larger;
}

AddResult SlotSet::add(SlotSet*& set, std::uint32_t slot, std::uint64_t& bytes) noexcept {
    SlotContainer* container = set->lower_bound(high_half(slot));
    const bool is_new = container == set->end() || container->high() != high_half(slot);
    if (is_new) {
        if (set->container_count_ == set->container_capacity_) {
            SlotSet* const larger = make_larger(set, bytes);
            if (larger == nullptr) {
                return AddResult::out_of_memory;
            }
            set = larger;
            container = set->lower_bound(high_half(slot));
        }
        container = set->insert(container, high_half(slot));
    }
    const AddResult result = container->add(low_half(slot), bytes);
    if (result == AddResult::added) {
        ++set->count_;
    } else if (is_new) {
        set->erase(container, bytes);
    }
    return result;
}

bool SlotSet::remove(std::uint32_t slot, std::uint64_t& bytes) noexcept {
    SlotContainer* const container = lower_bound(high_half(slot));
    if (container == end() || container->high() != high_half(slot) ||
        !container->remove(low_half(slot), bytes)) {
        return false;
    }
    --count_;
    if (container->count() == 0) {
        erase(container, bytes);
    }
    return true;
}

std::uint32_t SlotSet::seek(std::uint32_t slot) const noexcept {
    for (const SlotContainer* each = lower_bound(high_half(slot)); each != end(); ++each) {
        const std::uint32_t from = each->high() == high_half(slot) ? low_half(slot) : 0;
        const std::uint32_t found = each->seek(from);
        if (found != SlotContainer::none) {
            return std::uint32_t{each->high()} << 16 | found;
        }
    }
    return none;
}

std::uint32_t SlotSet::next_block(std::uint32_t block) const noexcept {
    const SlotContainer* const found = lower_bound(block);
    return found == end() ? none : found->high();
}

std::uint32_t SlotSet::mark(SlotBitmap* dead) const noexcept {
    std::uint32_t fresh_count = 0;
    for (const SlotContainer& each : containers()) {
        fresh_count += each.mark(dead + std::size_t{each.high()} * block_words);
    }
    return fresh_count;
}

std::uint32_t SlotSet::count_alive(const SlotBitmap* dead) const noexcept {
    std::uint32_t alive_count = 0;
    for (const SlotContainer& each : containers()) {
        alive_count += each.count_alive(dead + std::size_t{each.high()} * block_words);
    }
    return alive_count;
}

void SlotSet::unite(std::uint32_t block, BlockWords words) const noexcept {
    if (const SlotContainer* const container = find(block); container != nullptr) {
        container->unite(words);
    }
}

void SlotSet::intersect(std::uint32_t block, BlockWords words) const noexcept {
    if (const SlotContainer* const container = find(block); container != nullptr) {
        container->intersect(words);
    } else {
        std::fill(words.begin(), words.end(), 0);
    }
}

const SlotContainer* SlotSet::find(std::uint32_t high) const noexcept {
    const SlotContainer* const found = lower_bound(high);
    return found == end() || found->high() != high ? nullptr : found;
}

const SlotContainer* SlotSet::lower_bound(std::uint32_t high) const noexcept {
    const std::span<const SlotContainer> all = containers();
    return std::lower_bound(
        all.data(), all.data() + all.size(), high,
        [](const SlotContainer& each, std::uint32_t value) { return each.high() < value; });
}

SlotContainer* SlotSet::lower_bound(std::uint32_t high) noexcept {
    return const_cast<SlotContainer*>(std::as_const(*this).lower_bound(high));
}

// REQUIRES: there is room for one more.
SlotContainer* SlotSet::insert(SlotContainer* at, std::uint16_t high) noexcept {
    assert(container_count_ < container_capacity_);
    std::copy_backward(at, end(), end() + 1);
    *at = SlotContainer{high};
    ++container_count_;
    return at;
}

void SlotSet::erase(SlotContainer* at, std::uint64_t& bytes) noexcept {
    at->clear(bytes);
    std::copy(at + 1, end(), at);
    --container_count_;
}

}  // namespace tc
