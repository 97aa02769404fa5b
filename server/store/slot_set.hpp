// SPDX-License-Identifier: MIT
//
// Many slots of a stripe: containers in the order of their upper bits, behind a header. A part of
// Members; `bytes` is the owner's account.
#pragma once

#include <bit>
#include <cstdint>
#include <span>

#include "store/slot_container.hpp"

namespace tc {

class SlotSet {
 public:
    static constexpr std::uint32_t none = UINT32_MAX;

    // Null when there is no memory. REQUIRES: the slots are sorted.
    [[nodiscard]] static SlotSet* make(std::span<const std::uint32_t> slots,
                                       std::uint64_t& bytes) noexcept;
    static void free(SlotSet* set, std::uint64_t& bytes) noexcept;

    // The set may move when it gets another container: `set` is where it is then.
    [[nodiscard]] static AddResult add(SlotSet*& set, std::uint32_t slot,
                                       std::uint64_t& bytes) noexcept;
    // Whether it was there.
    bool remove(std::uint32_t slot, std::uint64_t& bytes) noexcept;

    [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
    // The first slot >= slot, or none.
    [[nodiscard]] std::uint32_t seek(std::uint32_t slot) const noexcept;
    // The first block >= block that has slots, or none.
    [[nodiscard]] std::uint32_t next_block(std::uint32_t block) const noexcept;

    // What Members does.
    std::uint32_t mark(SlotBitmap* dead) const noexcept;
    [[nodiscard]] std::uint32_t count_alive(const SlotBitmap* dead) const noexcept;
    void unite(std::uint32_t block, BlockWords words) const noexcept;
    void intersect(std::uint32_t block, BlockWords words) const noexcept;

 private:
    [[nodiscard]] static SlotSet* make_empty(std::uint32_t capacity, std::uint64_t& bytes) noexcept;
    // Not the containers' storage: they have been moved or cleared.
    static void free_block(SlotSet* set, std::uint64_t& bytes) noexcept;
    [[nodiscard]] static SlotSet* make_larger(SlotSet* set, std::uint64_t& bytes) noexcept;

    [[nodiscard]] SlotContainer* begin() noexcept {
        return std::bit_cast<SlotContainer*>(this + 1);
    }
    [[nodiscard]] SlotContainer* end() noexcept { return begin() + container_count_; }
    [[nodiscard]] std::span<const SlotContainer> containers() const noexcept {
        return {std::bit_cast<const SlotContainer*>(this + 1), container_count_};
    }
    [[nodiscard]] const SlotContainer* end() const noexcept {
        return containers().data() + container_count_;
    }
    // The first container whose upper bits are >= high.
    [[nodiscard]] const SlotContainer* lower_bound(std::uint32_t high) const noexcept;
    [[nodiscard]] SlotContainer* lower_bound(std::uint32_t high) noexcept;
    // The one with these upper bits, or null.
    [[nodiscard]] const SlotContainer* find(std::uint32_t high) const noexcept;
    SlotContainer* insert(SlotContainer* at, std::uint16_t high) noexcept;
    void erase(SlotContainer* at, std::uint64_t& bytes) noexcept;

    std::uint32_t count_ = 0;
    std::uint16_t container_count_ = 0;
    std::uint16_t container_capacity_ = 0;
};

}  // namespace tc
