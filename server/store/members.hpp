// SPDX-License-Identifier: MIT
//
// The slots of one stripe's entries that carry one tag, in the manner of a roaring bitmap (Chambi,
// Lemire, Kaser, Godin: Better bitmap performance with Roaring bitmaps, 2016): for each 2^16 slots
// a sorted array of up to 4096 numbers, or else a bitmap of 8 KiB. Most tags have few members in a
// stripe, so one or two are kept in the word itself and cost no memory of their own, and up to 15
// are one array.
//
// What INVALIDATE and TAG_COUNT do with a million members takes a word of 64 at a time: `dead` is
// the stripe's bitmap of entries that wait to be removed, and has a bit for each member. Guarded by
// the stripe's lock. `bytes` is the owner's account; every call keeps it exact.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "store/slot_words.hpp"

namespace tc {

class SlotArray;
class SlotSet;

enum class AddResult : std::uint8_t { added, present, out_of_memory };

class Members {
 public:
    static constexpr std::uint32_t none = UINT32_MAX;

    // Slots are below Slots::count_limit. Out of memory changes nothing.
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

    // Makes all members dead; how many were not.
    std::uint32_t mark(SlotBitmap* dead) const noexcept;
    // How many are not dead; `dead` may be null when nobody is.
    [[nodiscard]] std::uint32_t count_alive(const SlotBitmap* dead) const noexcept;
    // count_alive() != 0, and sooner known when nobody has died.
    [[nodiscard]] bool has_alive(const SlotBitmap* dead) const noexcept;

    // For sets of several tags (members_query.hpp), one block of block_slots slots at a time: the
    // first block >= block that has members, or none; and a block's members added to those in
    // `words`, or all others taken out of there.
    [[nodiscard]] std::uint32_t next_block(std::uint32_t block) const noexcept;
    void unite(std::uint32_t block, BlockWords words) const noexcept;
    void intersect(std::uint32_t block, BlockWords words) const noexcept;

 private:
    // Forms: 0 = empty | bit 0 set: first member in bits 1..31, second in 32..62, bit 63: has two |
    // bit 1 set: SlotSet* + 2 | SlotArray*.
    static constexpr std::uint64_t inline_bit = 1;
    static constexpr std::uint64_t set_bit = 2;
    static constexpr std::uint64_t two_bit = std::uint64_t{1} << 63;

    [[nodiscard]] bool is_inline() const noexcept { return (word_ & inline_bit) != 0; }
    [[nodiscard]] bool is_set() const noexcept {
        return (word_ & (inline_bit | set_bit)) == set_bit;
    }
    [[nodiscard]] SlotSet* set() const noexcept;
    [[nodiscard]] SlotArray* array() const noexcept;
    void become(std::span<const std::uint32_t> one_or_two) noexcept;
    void become(SlotSet* set) noexcept;
    void become(SlotArray* array) noexcept;

    // The members in order, unless they are a set. One or two are put where the caller says.
    using Pair = std::array<std::uint32_t, 2>;
    [[nodiscard]] std::span<const std::uint32_t> few(Pair& inline_members) const noexcept;
    [[nodiscard]] static std::span<const std::uint32_t> in_block(
        std::span<const std::uint32_t> slots, std::uint32_t block) noexcept;

    [[nodiscard]] AddResult add_to_few(std::uint32_t slot, std::uint64_t& bytes) noexcept;
    [[nodiscard]] AddResult add_to_set(std::uint32_t slot, std::uint64_t& bytes) noexcept;
    bool remove_from_set(std::uint32_t slot, std::uint64_t& bytes) noexcept;
    void shrink_set(std::uint64_t& bytes) noexcept;
    void shrink_array(std::uint64_t& bytes) noexcept;

    std::uint64_t word_ = 0;
};

}  // namespace tc
