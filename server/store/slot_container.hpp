// SPDX-License-Identifier: MIT
//
// Up to 2^16 numbers of 16 bits: a sorted array while there are few, a bitmap when there are many.
// A part of Members; `bytes` is the owner's account.
#pragma once

#include <cstdint>
#include <span>

#include "store/members.hpp"
#include "store/slot_words.hpp"

namespace tc {

class SlotContainer {
 public:
    static constexpr std::uint32_t none = UINT32_MAX;
    static constexpr std::uint32_t array_count_max = 4096;
    // A bitmap becomes an array again only below this, so that nobody can make it flip per call.
    static constexpr std::uint32_t bitmap_count_min = 3072;

    explicit SlotContainer(std::uint16_t high) noexcept : high_(high) {}

    // The upper 16 bits that all its slots have in common.
    [[nodiscard]] std::uint16_t high() const noexcept { return high_; }
    [[nodiscard]] std::uint32_t count() const noexcept { return count_; }

    [[nodiscard]] AddResult add(std::uint16_t low, std::uint64_t& bytes) noexcept;
    bool remove(std::uint16_t low, std::uint64_t& bytes) noexcept;
    // The first number >= low, or none.
    [[nodiscard]] std::uint32_t seek(std::uint32_t low) const noexcept;
    // Not a destructor: containers are moved as plain bytes.
    void clear(std::uint64_t& bytes) noexcept;

    // What Members does, for this block; `dead` begins with the block's first word.
    std::uint32_t mark(SlotBitmap* dead) const noexcept;
    [[nodiscard]] std::uint32_t count_alive(const SlotBitmap* dead) const noexcept;
    void unite(BlockWords words) const noexcept;
    void intersect(BlockWords words) const noexcept;

 private:
    // In place of the capacity, which is at most array_count_max.
    static constexpr std::uint16_t bitmap_mark = UINT16_MAX;

    [[nodiscard]] bool is_bitmap() const noexcept { return capacity_ == bitmap_mark; }
    [[nodiscard]] std::uint32_t lower_bound(std::uint32_t low) const noexcept;
    [[nodiscard]] bool resize_array(std::uint32_t capacity, std::uint64_t& bytes) noexcept;
    [[nodiscard]] bool become_bitmap(std::uint64_t& bytes) noexcept;
    void try_become_array(std::uint64_t& bytes) noexcept;
    void exchange_storage(void* storage, std::uint64_t& bytes) noexcept;

    [[nodiscard]] std::uint16_t* array() const noexcept {
        return static_cast<std::uint16_t*>(storage_);
    }
    [[nodiscard]] std::span<const std::uint16_t> slots() const noexcept {
        return {array(), count_};
    }
    [[nodiscard]] BlockWords words() const noexcept {
        return BlockWords{static_cast<std::uint64_t*>(storage_), block_words};
    }

    void* storage_ = nullptr;
    std::uint32_t count_ = 0;
    std::uint16_t high_;
    std::uint16_t capacity_ = 0;  // of the array
};
static_assert(sizeof(SlotContainer) == 16);

}  // namespace tc
