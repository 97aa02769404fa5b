// SPDX-License-Identifier: MIT
#include "store/members.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <new>

#include "store/memory.hpp"
#include "store/slot_container.hpp"

namespace tc {

// The containers in order of their upper bits, behind the header.
struct Members::Set {
    std::uint32_t count = 0;
    std::uint16_t container_count = 0;
    std::uint16_t container_capacity = 0;

    [[nodiscard]] static Set* make(std::uint32_t capacity, std::uint64_t& bytes) noexcept {
        void* const block = allocate(sizeof(Set) + sizeof(SlotContainer) * capacity);
        if (block == nullptr) {
            return nullptr;
        }
        bytes += usable_bytes(block);
        Set* const set = new (block) Set;
        set->container_capacity = static_cast<std::uint16_t>(capacity);
        return set;
    }

    // Not the containers' storage: they have been moved or cleared.
    static void free_block(Set* set, std::uint64_t& bytes) noexcept {
        bytes -= usable_bytes(set);
        release(set);
    }

    [[nodiscard]] SlotContainer* begin() noexcept {
        return std::bit_cast<SlotContainer*>(this + 1);
    }
    [[nodiscard]] SlotContainer* end() noexcept { return begin() + container_count; }

    // The first container whose upper bits are >= high.
    [[nodiscard]] SlotContainer* lower_bound(std::uint32_t high) noexcept {
        return std::lower_bound(begin(), end(), high, [](const SlotContainer& each, auto value) {
            return each.high() < value;
        });
    }

    void clear(std::uint64_t& bytes) noexcept {
        std::for_each(begin(), end(), [&](SlotContainer& each) { each.clear(bytes); });
        container_count = 0;
        count = 0;
    }

    // REQUIRES: container_count < container_capacity.
    SlotContainer* insert(SlotContainer* at, std::uint16_t high) noexcept {
        std::copy_backward(at, end(), end() + 1);
        *at = SlotContainer{high};
        ++container_count;
        return at;
    }

    void erase(SlotContainer* at, std::uint64_t& bytes) noexcept {
        at->clear(bytes);
        std::copy(at + 1, end(), at);
        --container_count;
    }
};

namespace {

constexpr std::uint16_t high_half(std::uint32_t slot) {
    return static_cast<std::uint16_t>(slot >> 16);
}
constexpr std::uint16_t low_half(std::uint32_t slot) {
    return static_cast<std::uint16_t>(slot);
}

}  // namespace

AddResult Members::add(std::uint32_t slot, std::uint64_t& bytes) noexcept {
    if (word_ == 0) {
        set_one(slot);
        return AddResult::added;
    }
    if (is_inline()) {
        if (contains(slot)) {
            return AddResult::present;
        }
        if (has_two()) {
            return spill(slot, bytes);
        }
        set_two(first(), slot);
        return AddResult::added;
    }
    return add_to_set(slot, bytes);
}

AddResult Members::add_to_set(std::uint32_t slot, std::uint64_t& bytes) noexcept {
    Set* target = set();
    SlotContainer* container = target->lower_bound(high_half(slot));
    const bool is_new = container == target->end() || container->high() != high_half(slot);
    if (is_new) {
        if (target->container_count == target->container_capacity) {
            Set* const larger = Set::make(target->container_capacity * 2U, bytes);
            if (larger == nullptr) {
                return AddResult::out_of_memory;
            }
            std::copy(target->begin(), target->end(), larger->begin());
            larger->count = target->count;
            larger->container_count = target->container_count;
            Set::free_block(target, bytes);
            word_ = std::bit_cast<std::uintptr_t>(larger);
            target = larger;
            container = target->lower_bound(high_half(slot));
        }
        container = target->insert(container, high_half(slot));
    }
    const AddResult result = container->add(low_half(slot), bytes);
    if (result == AddResult::added) {
        ++target->count;
    } else if (is_new) {
        target->erase(container, bytes);
    }
    return result;
}

bool Members::remove(std::uint32_t slot, std::uint64_t& bytes) noexcept {
    if (word_ == 0) {
        return false;
    }
    if (is_inline()) {
        if (!contains(slot)) {
            return false;
        }
        if (has_two()) {
            set_one(first() == slot ? second() : first());
        } else {
            word_ = 0;
        }
        return true;
    }
    Set* const source = set();
    SlotContainer* const container = source->lower_bound(high_half(slot));
    if (container == source->end() || container->high() != high_half(slot) ||
        !container->remove(low_half(slot), bytes)) {
        return false;
    }
    --source->count;
    if (container->count() == 0) {
        source->erase(container, bytes);
    }
    // One below the two that fit, so that a tag between two and three members does not allocate
    // with every change.
    if (source->count == 1) {
        const std::uint32_t last = seek(0);
        clear(bytes);
        set_one(last);
    }
    return true;
}

void Members::clear(std::uint64_t& bytes) noexcept {
    if (word_ != 0 && !is_inline()) {
        set()->clear(bytes);
        Set::free_block(set(), bytes);
    }
    word_ = 0;
}

std::uint32_t Members::count() const noexcept {
    if (word_ == 0) {
        return 0;
    }
    if (is_inline()) {
        return has_two() ? 2 : 1;
    }
    return set()->count;
}

std::uint32_t Members::seek(std::uint32_t slot) const noexcept {
    if (word_ == 0) {
        return none;
    }
    if (is_inline()) {
        if (first() >= slot) {
            return first();
        }
        return has_two() && second() >= slot ? second() : none;
    }
    Set* const source = set();
    SlotContainer* container = source->lower_bound(high_half(slot));
    for (; container != source->end(); ++container) {
        const std::uint32_t from = container->high() == high_half(slot) ? low_half(slot) : 0;
        const std::uint32_t found = container->seek(from);
        if (found != SlotContainer::none) {
            return std::uint32_t{container->high()} << 16 | found;
        }
    }
    return none;
}

std::uint32_t Members::first() const noexcept {
    return static_cast<std::uint32_t>(word_ >> 1) & 0x7FFFFFFFU;
}

std::uint32_t Members::second() const noexcept {
    return static_cast<std::uint32_t>(word_ >> 32) & 0x7FFFFFFFU;
}

void Members::set_one(std::uint32_t slot) noexcept {
    word_ = std::uint64_t{slot} << 1 | 1;
}

void Members::set_two(std::uint32_t slot, std::uint32_t other) noexcept {
    word_ = std::uint64_t{1} << 63 | std::uint64_t{std::max(slot, other)} << 32 |
            std::uint64_t{std::min(slot, other)} << 1 | 1;
}

Members::Set* Members::set() const noexcept {
    return std::bit_cast<Set*>(word_);
}

// Two members in the word become three in a set.
AddResult Members::spill(std::uint32_t slot, std::uint64_t& bytes) noexcept {
    Members larger;
    Set* const target = Set::make(1, bytes);
    if (target == nullptr) {
        return AddResult::out_of_memory;
    }
    larger.word_ = std::bit_cast<std::uintptr_t>(target);
    for (const std::uint32_t each : {first(), second(), slot}) {
        if (larger.add_to_set(each, bytes) == AddResult::out_of_memory) {
            larger.clear(bytes);
            return AddResult::out_of_memory;
        }
    }
    word_ = larger.word_;
    return AddResult::added;
}

}  // namespace tc
