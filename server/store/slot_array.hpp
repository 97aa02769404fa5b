// SPDX-License-Identifier: MIT
//
// A few slots of a stripe, sorted, in one block that is hardly larger than they are. A part of
// Members; `bytes` is the owner's account.
#pragma once

#include <bit>
#include <cstdint>
#include <span>

namespace tc {

class SlotArray {
 public:
    // With its header this is a cache line. More slots are smaller in a SlotSet.
    static constexpr std::uint32_t count_max = 15;

    // A copy of the slots, with room for as many as the caller asks for; null when there is no
    // memory. REQUIRES: they are sorted; slots.size() <= capacity.
    [[nodiscard]] static SlotArray* make(std::span<const std::uint32_t> slots,
                                         std::uint32_t capacity, std::uint64_t& bytes) noexcept;
    static void free(SlotArray* array, std::uint64_t& bytes) noexcept;

    [[nodiscard]] std::span<const std::uint32_t> slots() const noexcept {
        return {std::bit_cast<const std::uint32_t*>(this + 1), count_};
    }
    [[nodiscard]] bool is_full() const noexcept { return count_ == capacity_; }
    // Whether it would be worth a smaller block.
    [[nodiscard]] bool is_roomy() const noexcept { return count_ * 2U < capacity_; }

    // REQUIRES: it is not full, and the slot is not there.
    void add(std::uint32_t slot) noexcept;
    // Whether it was there.
    bool remove(std::uint32_t slot) noexcept;

 private:
    [[nodiscard]] std::uint32_t* begin() noexcept {
        return std::bit_cast<std::uint32_t*>(this + 1);
    }
    [[nodiscard]] std::uint32_t* end() noexcept { return begin() + count_; }

    std::uint16_t count_ = 0;
    std::uint16_t capacity_ = 0;
};

}  // namespace tc
