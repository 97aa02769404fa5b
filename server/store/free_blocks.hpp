// SPDX-License-Identifier: MIT
//
// The free blocks of an EntryHeap by size: a list for each size up to 2 KiB, and 32 lists for each
// doubling above. The blocks are the list elements themselves. Guarded by the stripe's lock.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "store/heap_block.hpp"

namespace tc {

class FreeBlocks {
 public:
    // Below the largest size, in steps.
    explicit FreeBlocks(char* heap_begin) noexcept : heap_begin_(heap_begin) {}

    void add(EntryRef ref, std::uint32_t steps) noexcept;
    void remove(EntryRef ref) noexcept;

    // The smallest block, or nearly so, that has exactly so many steps, or enough more for a free
    // block; none when there is no such block.
    [[nodiscard]] EntryRef find(std::uint32_t steps) const noexcept;

    [[nodiscard]] std::uint64_t steps() const noexcept { return steps_; }
    // Parses every list, and says how many blocks there are.
    [[nodiscard]] std::uint32_t check() const;

    static constexpr std::uint32_t block_steps_max = 1U << 15;

 private:
    static constexpr std::uint32_t exact_steps_end = 256;
    static constexpr std::uint32_t bins_per_doubling = 32;
    static constexpr std::uint32_t doubling_count = 7;  // 2^8 to 2^15 steps
    static constexpr std::uint32_t bin_count =
        exact_steps_end + doubling_count * bins_per_doubling + 1;
    // How many blocks of a list with several sizes are looked at.
    static constexpr std::uint32_t look_count_max = 8;

    [[nodiscard]] static std::uint32_t bin_of(std::uint32_t steps) noexcept;
    // The first list that is not empty from this one on, or bin_count.
    [[nodiscard]] std::uint32_t next_bin(std::uint32_t bin) const noexcept;
    [[nodiscard]] EntryRef find_in(std::uint32_t bin, std::uint32_t steps) const noexcept;
    [[nodiscard]] HeapBlock at(EntryRef ref) const noexcept { return {heap_begin_, ref}; }

    char* const heap_begin_;
    std::uint64_t steps_ = 0;
    std::array<std::uint64_t, (bin_count + 63) / 64> is_filled_{};
    std::array<EntryRef, bin_count> first_{};
};

}  // namespace tc
