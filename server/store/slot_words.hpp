// SPDX-License-Identifier: MIT
//
// Sets of slots as words of a bitmap: bit s % 64 of word s / 64 is slot s. What is done to many
// members at once is done word by word, whatever form they are kept in.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <span>

namespace tc {

// The slots of one container, and the words that they are in a bitmap.
inline constexpr std::uint32_t block_slots = 65536;
inline constexpr std::uint32_t block_words = block_slots / 64;

// A bitmap of a stripe. Written under the stripe's lock alone, and read without it too.
using SlotBitmap = std::atomic<std::uint64_t>;

[[nodiscard]] constexpr std::uint64_t word_bit(std::uint32_t slot) noexcept {
    return std::uint64_t{1} << (slot % 64);
}

// Calls visit(word, bits) for each word that has any of the slots. REQUIRES: they are sorted.
template <typename Slot, typename Visit>
void for_each_word(std::span<const Slot> slots, const Visit& visit) {
    for (auto at = slots.begin(); at != slots.end();) {
        const std::uint32_t word = std::uint32_t{*at} / 64;
        std::uint64_t bits = 0;
        do {
            bits |= word_bit(*at);
        } while (++at != slots.end() && std::uint32_t{*at} / 64 == word);
        visit(word, bits);
    }
}

// std::popcount() calls a function with a table unless the compiler may use the instruction, which
// not every processor of our baseline has; these dozen instructions take half the time (Warren,
// Hacker's Delight 5-1).
[[nodiscard]] constexpr std::uint32_t bit_count(std::uint64_t bits) noexcept {
    constexpr std::uint64_t ones = ~std::uint64_t{0};
    bits -= bits >> 1 & ones / 3;
    bits = (bits & ones / 5) + (bits >> 2 & ones / 5);
    bits = (bits + (bits >> 4)) & ones / 17;
    return static_cast<std::uint32_t>((bits * (ones / 255)) >> 56);
}

// How many of the bits were not dead before.
inline std::uint32_t mark_word(SlotBitmap& dead, std::uint64_t bits) noexcept {
    const std::uint64_t known = dead.load(std::memory_order_relaxed);
    const std::uint64_t fresh = bits & ~known;
    if (fresh == 0) {
        return 0;
    }
    dead.store(known | fresh, std::memory_order_relaxed);
    return bit_count(fresh);
}

[[nodiscard]] inline std::uint32_t count_alive_in_word(const SlotBitmap& dead,
                                                       std::uint64_t bits) noexcept {
    return bit_count(bits & ~dead.load(std::memory_order_relaxed));
}

}  // namespace tc
