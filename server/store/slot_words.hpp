// SPDX-License-Identifier: MIT
//
// Sets of slots against a bitmap of their stripe: bit s % 64 of word s / 64 is slot s. What is done
// to many members at once is done here, a word of 64 at a time where they are a bitmap themselves.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <span>

namespace tc {

// The slots of one container, and the words that they are in a bitmap.
inline constexpr std::uint32_t block_slots = 65536;
inline constexpr std::uint32_t block_words = block_slots / 64;

// A bitmap of a stripe. Written under the stripe's lock alone, and read without it too. It need not
// have words behind that of the last slot in use.
using SlotBitmap = std::atomic<std::uint64_t>;

[[nodiscard]] constexpr std::uint64_t word_bit(std::uint32_t slot) noexcept {
    return std::uint64_t{1} << (slot % 64);
}

[[nodiscard]] inline bool is_dead(const SlotBitmap* dead, std::uint32_t slot) noexcept {
    return (dead[slot / 64].load(std::memory_order_relaxed) & word_bit(slot)) != 0;
}

// Makes the slots dead; how many were not. Stores release, so that whoever reads from them that
// some other slot is alive sees what was done before that was made alive.
template <typename Slot>
std::uint32_t mark_slots(SlotBitmap* dead, std::span<const Slot> slots) noexcept {
    std::uint32_t fresh_count = 0;
    for (const std::uint32_t slot : slots) {
        SlotBitmap& word = dead[slot / 64];
        const std::uint64_t known = word.load(std::memory_order_relaxed);
        word.store(known | word_bit(slot), std::memory_order_release);
        fresh_count += (known & word_bit(slot)) == 0 ? 1 : 0;
    }
    return fresh_count;
}

template <typename Slot>
[[nodiscard]] std::uint32_t count_alive_slots(const SlotBitmap* dead,
                                              std::span<const Slot> slots) noexcept {
    std::uint32_t alive_count = 0;
    for (const std::uint32_t slot : slots) {
        alive_count += is_dead(dead, slot) ? 0 : 1;
    }
    return alive_count;
}

// A block of slots as a bitmap of its own.
using BlockWords = std::span<std::uint64_t, block_words>;
using ConstBlockWords = std::span<const std::uint64_t, block_words>;

// The slots added to those of their block, and all others taken out of it. REQUIRES: they are
// sorted.
template <typename Slot>
void unite_slots(BlockWords words, std::span<const Slot> slots) noexcept {
    for (const std::uint32_t slot : slots) {
        words[slot % block_slots / 64] |= word_bit(slot);
    }
}

template <typename Slot>
void intersect_slots(BlockWords words, std::span<const Slot> slots) noexcept {
    auto done = words.begin();
    for (auto at = slots.begin(); at != slots.end();) {
        const auto word = words.begin() + *at % block_slots / 64;
        std::uint64_t bits = 0;
        for (; at != slots.end() && words.begin() + *at % block_slots / 64 == word; ++at) {
            bits |= word_bit(*at);
        }
        std::fill(done, word, 0);
        *word &= bits;
        done = word + 1;
    }
    std::fill(done, words.end(), 0);
}

// The first two for a block; `dead` begins with the block's first word.
std::uint32_t mark_block(SlotBitmap* dead, ConstBlockWords words) noexcept;
[[nodiscard]] std::uint32_t count_alive_block(const SlotBitmap* dead,
                                              ConstBlockWords words) noexcept;

}  // namespace tc
