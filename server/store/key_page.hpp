// SPDX-License-Identifier: MIT
//
// A page of the key index: 4096 bytes, a hash table of its own that never grows. It is 64 buckets
// of one cache line:
//
//   0                        12         13      16                                        64
//   +------------------------+----------+-------+------------------------------------------+
//   | 12 fingerprints, 8 bit | overflow | unused| 12 cells: references of entries, 32 bit  |
//   +------------------------+----------+-------+------------------------------------------+
//
// A key is put into the first bucket with an empty cell, of those that its hash leads through:
// its home, then on by a step of its own. `overflow` counts the keys that passed the bucket because
// it was full, so that a search ends at the first bucket which nobody has passed, and an erased key
// leaves no tombstone. (Both are F14's ideas: Bronson and Shi, "Open-sourcing F14 for faster, more
// memory-efficient hash tables", 2019.)
//
// Any thread may search while one thread, under a lock, changes the page. That is sound because
// - the cell alone decides: a key is there from the store of its reference to that of no_entry.
//   Its fingerprint, and its share of the overflow counts on its way, are there before and until
//   after that; a fingerprint without a reference is nothing.
// - a key stays in its cell until it is erased. A search that misses it passed its cell while it
//   was not there, or turned back before it because it had not been there at some moment since the
//   search began.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "store/entry.hpp"
#include "store/hash.hpp"
#include "store/seeded_fault.hpp"
#include "store/yield_point.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tc {

// The 16 bytes that say what is in a bucket's cells.
class BucketControls {
 public:
    static constexpr std::uint32_t cell_count = 12;
    static constexpr std::uint32_t cells_mask = (1U << cell_count) - 1;

    constexpr BucketControls(std::uint64_t low, std::uint64_t high) noexcept
        : low_(low), high_(high) {}

    // One bit for each cell with this fingerprint; those with 0 are empty.
    [[nodiscard]] std::uint32_t cells_with(std::uint8_t sought) const noexcept {
#if defined(__SSE2__)
        const __m128i bytes = _mm_set_epi64x(static_cast<long long>(high_),  //
                                             static_cast<long long>(low_));
        const __m128i equal = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(static_cast<char>(sought)));
        return static_cast<std::uint32_t>(_mm_movemask_epi8(equal)) & cells_mask;
#else
        return portable_cells_with(sought);
#endif
    }
    [[nodiscard]] constexpr std::uint32_t portable_cells_with(std::uint8_t sought) const noexcept {
        return (bytes_equal(low_, sought) | bytes_equal(high_, sought) << 8) & cells_mask;
    }

    [[nodiscard]] constexpr std::uint32_t overflow_count() const noexcept {
        return static_cast<std::uint32_t>(high_ >> 32) & 0xFF;
    }

 private:
    // One bit for each of the eight bytes of the word that equals the one sought.
    static constexpr std::uint32_t bytes_equal(std::uint64_t word, std::uint8_t sought) noexcept {
        constexpr std::uint64_t low_bits = 0x7F7F'7F7F'7F7F'7F7F;
        const std::uint64_t difference = word ^ (std::uint64_t{0x0101'0101'0101'0101} * sought);
        // The high bit of each byte that is 0: no carry crosses bytes, so that it is exact.
        const std::uint64_t zeros = ~(((difference & low_bits) + low_bits) | difference | low_bits);
        // Gathers the high bits in the top byte: all the partial products are disjoint.
        return static_cast<std::uint32_t>((zeros >> 7) * 0x0102'0408'1020'4080 >> 56);
    }

    std::uint64_t low_;
    std::uint64_t high_;
};

class alignas(64) KeyBucket {
 public:
    using Cell = std::atomic<EntryRef>;

    [[nodiscard]] BucketControls controls() const noexcept {
        return {controls_[0].load(std::memory_order_acquire),
                controls_[1].load(std::memory_order_acquire)};
    }
    [[nodiscard]] const Cell& cell(std::uint32_t index) const noexcept { return cells_[index]; }
    [[nodiscard]] Cell& cell(std::uint32_t index) noexcept { return cells_[index]; }

    [[nodiscard]] bool is_full() const noexcept { return controls().cells_with(0) == 0; }
    [[nodiscard]] bool has(const Cell* cell) const noexcept {
        return index_of(cell) < BucketControls::cell_count;
    }

    // The rest under the lock. REQUIRES: !is_full().
    void fill_cell(std::uint8_t fingerprint, EntryRef ref) noexcept {
        const auto index = static_cast<std::uint32_t>(std::countr_zero(controls().cells_with(0)));
        set_byte(index, fingerprint);
        yield_point(YieldPoint::fingerprint_written);
        cells_[index].store(ref, std::memory_order_release);
    }
    // REQUIRES: has(cell), and it is no_entry already.
    void forget_cell(const Cell* cell) noexcept { set_byte(index_of(cell), 0); }

    // A count that has reached the most it can hold stays there: searches then go on in vain, until
    // the page is replaced.
    void add_overflow() noexcept {
        if (const std::uint32_t count = controls().overflow_count(); count < overflow_max) {
            set_byte(overflow_byte, count + 1);
        }
    }
    void remove_overflow() noexcept {
        if (const std::uint32_t count = controls().overflow_count(); count < overflow_max) {
            assert(count > 0);
            set_byte(overflow_byte, count - 1);
        }
    }

    static constexpr std::uint32_t overflow_max = UINT8_MAX;

 private:
    static constexpr std::uint32_t overflow_byte = BucketControls::cell_count;

    void set_byte(std::uint32_t index, std::uint32_t value) noexcept {
        std::atomic<std::uint64_t>& word = controls_[index / 8];
        const std::uint32_t shift = index % 8 * 8;
        word.store((word.load(std::memory_order_relaxed) & ~(std::uint64_t{0xFF} << shift)) |
                       std::uint64_t{value} << shift,
                   std::memory_order_release);
    }
    // Far out of range for the cell of another bucket.
    [[nodiscard]] std::uint32_t index_of(const Cell* cell) const noexcept {
        return static_cast<std::uint32_t>(
            (std::bit_cast<std::uintptr_t>(cell) - std::bit_cast<std::uintptr_t>(cells_.data())) /
            sizeof(Cell));
    }

    std::array<std::atomic<std::uint64_t>, 2> controls_;
    std::array<Cell, BucketControls::cell_count> cells_;
};
static_assert(sizeof(KeyBucket) == 64);

// A page of zeros is an empty one.
class KeyPage {
 public:
    using Cell = KeyBucket::Cell;

    static constexpr std::uint32_t bucket_count = 64;
    static constexpr std::uint32_t cell_count = bucket_count * BucketControls::cell_count;

    // Calls visit(cell) for the cells which may have a key of this hash, until it returns true;
    // then this was found. Any thread; the cell may be no_entry.
    template <typename Visit>
    bool search(std::uint64_t hash, const Visit& visit) const noexcept {
        const std::uint8_t sought = fingerprint(hash);
        std::uint32_t at = bucket_bits(hash);
        for (std::uint32_t passed = 0; passed < bucket_count; ++passed) {
            const KeyBucket& bucket = buckets_[at];
            const BucketControls controls = bucket.controls();
            for (std::uint32_t left = controls.cells_with(sought); left != 0; left &= left - 1) {
                if (visit(bucket.cell(static_cast<std::uint32_t>(std::countr_zero(left))))) {
                    return true;
                }
            }
            if (controls.overflow_count() == 0) {
                return false;
            }
            at = next(at, hash);
        }
        return false;
    }

    [[nodiscard]] const KeyBucket& home(std::uint64_t hash) const noexcept {
        return buckets_[bucket_bits(hash)];
    }

    // The full buckets that an insertion would pass; bucket_count when there is no empty cell.
    [[nodiscard]] std::uint32_t full_buckets_from(std::uint64_t hash) const noexcept {
        std::uint32_t passed = 0;
        for (std::uint32_t at = bucket_bits(hash); passed < bucket_count && buckets_[at].is_full();
             at = next(at, hash)) {
            ++passed;
        }
        return passed;
    }

    // Under the lock. REQUIRES: an empty cell.
    void insert(std::uint64_t hash, EntryRef ref) noexcept {
        assert(full_buckets_from(hash) < bucket_count);
        std::uint32_t at = bucket_bits(hash);
        for (; buckets_[at].is_full(); at = next(at, hash)) {
            buckets_[at].add_overflow();
        }
        buckets_[at].fill_cell(fingerprint(hash), ref);
    }

    // Under the lock. REQUIRES: a cell of this page, of a key with this hash.
    void erase(std::uint64_t hash, Cell* cell) noexcept {
        cell->store(no_entry, std::memory_order_release);
        yield_point(YieldPoint::cell_erased);
        std::uint32_t at = bucket_bits(hash);
        for (; !buckets_[at].has(cell); at = next(at, hash)) {
            buckets_[at].remove_overflow();
        }
        if (!seeded(Fault::fingerprint_left_on_erase)) {
            buckets_[at].forget_cell(cell);
        }
    }

    // Under the lock, or when nobody changes the page.
    template <typename Visit>
    void for_each(const Visit& visit) const noexcept {
        for (const KeyBucket& bucket : buckets_) {
            for (std::uint32_t index = 0; index < BucketControls::cell_count; ++index) {
                const EntryRef ref = bucket.cell(index).load(std::memory_order_relaxed);
                if (ref != no_entry) {
                    visit(ref);
                }
            }
        }
    }

    [[nodiscard]] const KeyBucket& bucket(std::uint32_t at) const noexcept { return buckets_[at]; }
    // An odd step leads through all buckets. Keys that meet in a full one part again: with a step
    // of 1 a miss in a full page would look at 4.3 buckets, not 2.1 (measured).
    [[nodiscard]] static constexpr std::uint32_t next(std::uint32_t at,
                                                      std::uint64_t hash) noexcept {
        return (at + (bucket_step_bits(hash) | 1)) % bucket_count;
    }

 private:
    std::array<KeyBucket, bucket_count> buckets_;
};
static_assert(sizeof(KeyPage) == 4096);

}  // namespace tc
