// SPDX-License-Identifier: MIT
//
// The slots of one stripe's entries that carry one tag, in the manner of a roaring bitmap (Chambi,
// Lemire, Kaser, Godin: Better bitmap performance with Roaring bitmaps, 2016): for each 2^16 slots
// a sorted array of up to 4096 numbers, or else a bitmap of 8 KiB. Most tags have few members in a
// stripe, so one or two are kept in the word itself and cost no memory of their own.
//
// Guarded by the stripe's lock. `bytes` is the owner's account; every call keeps it exact.
#pragma once

#include <cstdint>

namespace tc {

enum class AddResult : std::uint8_t { added, present, out_of_memory };

class Members {
 public:
    static constexpr std::uint32_t none = UINT32_MAX;

    // Slots are below Slots::count_max. Out of memory changes nothing.
    [[nodiscard]] AddResult add(std::uint32_t slot, std::uint64_t& bytes) noexcept;
    // Whether it was there.
    bool remove(std::uint32_t slot, std::uint64_t& bytes) noexcept;
    // Frees everything. A copy of the word must not be used any more.
    void clear(std::uint64_t& bytes) noexcept;

    [[nodiscard]] std::uint32_t count() const noexcept;
    [[nodiscard]] bool is_empty() const noexcept { return word_ == 0; }
    [[nodiscard]] bool contains(std::uint32_t slot) const noexcept { return seek(slot) == slot; }
    // The first member >= slot, or none; logarithmic.
    [[nodiscard]] std::uint32_t seek(std::uint32_t slot) const noexcept;

 private:
    struct Set;

    [[nodiscard]] bool is_inline() const noexcept { return (word_ & 1) != 0; }
    [[nodiscard]] bool has_two() const noexcept { return (word_ >> 63) != 0; }
    // Of an inline word: the lower one, and the higher one when there are two.
    [[nodiscard]] std::uint32_t first() const noexcept;
    [[nodiscard]] std::uint32_t second() const noexcept;
    void set_one(std::uint32_t slot) noexcept;
    void set_two(std::uint32_t slot, std::uint32_t other) noexcept;

    [[nodiscard]] Set* set() const noexcept;
    [[nodiscard]] AddResult add_to_set(std::uint32_t slot, std::uint64_t& bytes) noexcept;
    [[nodiscard]] AddResult spill(std::uint32_t slot, std::uint64_t& bytes) noexcept;

    // 0 = empty | Set* | bit 0 set: first member in bits 1..31, second in 32..62, bit 63: has two.
    std::uint64_t word_ = 0;
};

}  // namespace tc
