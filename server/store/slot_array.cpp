// SPDX-License-Identifier: MIT
#include "store/slot_array.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <new>

#include "store/memory.hpp"

namespace tc {
namespace {

// Without alignment between them: the slots begin right behind the counts.
static_assert(sizeof(SlotArray) == sizeof(std::uint32_t));

constexpr std::size_t block_bytes(std::size_t capacity) {
    return sizeof(SlotArray) + sizeof(std::uint32_t) * capacity;
}

}  // namespace

SlotArray* SlotArray::make(std::span<const std::uint32_t> slots, std::uint32_t capacity,
                           std::uint64_t& bytes) noexcept {
    assert(slots.size() <= capacity);
    void* const block = allocate(block_bytes(capacity));
    if (block == nullptr) {
        return nullptr;
    }
    const std::size_t usable = usable_bytes(block);
    bytes += usable;
    auto* const fresh = new (block) SlotArray;
    fresh->capacity_ = static_cast<std::uint16_t>(
        std::min<std::size_t>((usable - block_bytes(0)) / sizeof(std::uint32_t), count_max));
    fresh->count_ = static_cast<std::uint16_t>(slots.size());
    std::copy(slots.begin(), slots.end(), fresh->begin());
    return fresh;
}

void SlotArray::free(SlotArray* array, std::uint64_t& bytes) noexcept {
    bytes -= usable_bytes(array);
    release(array);
}

void SlotArray::add(std::uint32_t slot) noexcept {
    assert(!is_full());
    std::uint32_t* const at = std::lower_bound(begin(), end(), slot);
    std::copy_backward(at, end(), end() + 1);
    *at = slot;
    ++count_;
}

bool SlotArray::remove(std::uint32_t slot) noexcept {
    std::uint32_t* const at = std::lower_bound(begin(), end(), slot);
    if (at == end() || *at != slot) {
        return false;
    }
    std::copy(at + 1, end(), at);
    --count_;
    return true;
}

}  // namespace tc
