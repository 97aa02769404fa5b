// SPDX-License-Identifier: MIT
//
// A block of an EntryHeap as the heap sees it. A block in use holds an entry; a free one is
//
//   0                    8          12     16            23            size - 8   size - 6
//   +--------------------+----------+------+-------------+-------------+----------+-----+
//   | size in steps, u64 | previous | next |             | block bits  | ...size  |     |
//   +--------------------+----------+------+-------------+-------------+----------+-----+
//
// so that it has no version, and the block behind it finds its beginning from its last word. In
// the smallest free block that word is the one that ends with the block bits.
//
// Under AddressSanitizer the middle of a free block is poisoned, which finds who still uses it.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "store/entry.hpp"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace tc {

class HeapBlock {
 public:
    static constexpr std::uint32_t steps_min = sizeof(Entry) / ref_step_bytes;

    HeapBlock(char* heap_begin, EntryRef ref) noexcept
        : begin_(heap_begin + std::size_t{ref} * ref_step_bytes) {}

    [[nodiscard]] bool is_free() const noexcept { return has(BlockBits::is_free); }
    [[nodiscard]] bool is_listed() const noexcept { return has(BlockBits::is_listed); }
    [[nodiscard]] bool is_after_free() const noexcept { return has(BlockBits::is_after_free); }
    void set_listed(bool is_listed) noexcept { set(BlockBits::is_listed, is_listed); }
    void set_after_free(bool is_after) noexcept { set(BlockBits::is_after_free, is_after); }

    // Of a free block, or of an entry that has been made.
    [[nodiscard]] std::uint32_t steps() const noexcept {
        return is_free() ? free_steps()
                         : static_cast<std::uint32_t>(entry().block_bytes() / ref_step_bytes);
    }
    // REQUIRES: it is free.
    [[nodiscard]] std::uint32_t free_steps() const noexcept {
        return static_cast<std::uint32_t>(load<std::uint64_t>(0));
    }
    // REQUIRES: it holds an entry.
    [[nodiscard]] const Entry& entry() const noexcept {
        return *std::bit_cast<const Entry*>(begin_);
    }
    // REQUIRES: is_after_free().
    [[nodiscard]] std::uint32_t steps_before() const noexcept {
        std::uint16_t steps = 0;
        std::memcpy(&steps, begin_ - ref_step_bytes, sizeof steps);
        return steps;
    }

    [[nodiscard]] EntryRef previous() const noexcept { return load<EntryRef>(previous_offset); }
    [[nodiscard]] EntryRef next() const noexcept { return load<EntryRef>(next_offset); }
    void set_previous(EntryRef ref) noexcept { store(previous_offset, ref); }
    void set_next(EntryRef ref) noexcept { store(next_offset, ref); }

    // Free, not listed, not after a free one.
    void make_free(std::uint32_t steps) noexcept {
        const std::size_t bytes = std::size_t{steps} * ref_step_bytes;
        unpoison(bytes);
        store(0, std::uint64_t{steps});
        store(BlockBits::offset, BlockBits::is_free);
        store(bytes - ref_step_bytes, static_cast<std::uint16_t>(steps));
        poison(sizeof(Entry), bytes - ref_step_bytes);
    }
    // For an entry; not after a free one.
    void make_used(std::uint32_t steps) noexcept {
        unpoison(std::size_t{steps} * ref_step_bytes);
        store(BlockBits::offset, std::uint8_t{0});
    }

    // Of an entry that is gone, all but what says how large it was.
    void poison_entry([[maybe_unused]] std::size_t bytes) noexcept { poison(sizeof(Entry), bytes); }
    // Of nothing, for a heap that goes and for memory that was given back.
    void poison_all([[maybe_unused]] std::size_t bytes) noexcept { poison(0, bytes); }
    void unpoison([[maybe_unused]] std::size_t bytes) noexcept {
#if defined(__SANITIZE_ADDRESS__)
        ASAN_UNPOISON_MEMORY_REGION(begin_, bytes);
#endif
    }

 private:
    static constexpr std::size_t previous_offset = 8;
    static constexpr std::size_t next_offset = 12;

    void poison([[maybe_unused]] std::size_t from, [[maybe_unused]] std::size_t to) noexcept {
#if defined(__SANITIZE_ADDRESS__)
        if (from < to) {
            ASAN_POISON_MEMORY_REGION(begin_ + from, to - from);
        }
#endif
    }

    [[nodiscard]] bool has(std::uint8_t bit) const noexcept {
        return (load<std::uint8_t>(BlockBits::offset) & bit) != 0;
    }
    void set(std::uint8_t bit, bool is_set) noexcept {
        const auto bits = load<std::uint8_t>(BlockBits::offset);
        store(BlockBits::offset, static_cast<std::uint8_t>(is_set ? bits | bit : bits & ~bit));
    }
    template <typename Field>
    [[nodiscard]] Field load(std::size_t offset) const noexcept {
        Field field;
        std::memcpy(&field, begin_ + offset, sizeof field);
        return field;
    }
    template <typename Field>
    void store(std::size_t offset, Field field) noexcept {
        std::memcpy(begin_ + offset, &field, sizeof field);
    }

    char* begin_;
};

}  // namespace tc
