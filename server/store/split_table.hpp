// SPDX-License-Identifier: MIT
//
// A hash table that never stops to rehash: many small arrays, whose number grows and shrinks one at
// a time as the buckets do, by linear hashing (Litwin, Linear hashing: a new tool for file and
// table addressing, 1980). Array n, when it is added, takes from the one that bit_floor(n) below it
// those buckets whose hash has that bit; the last array is merged back the same way. So an
// insertion moves the buckets of two arrays at most, a few dozen, however many there are.
//
//   array 0 | 1 | 2  3 | 4  5  6  7 | 8 ...       segments, which double and never move
//
// An array is searched from its beginning: its hashes are a few cache lines that come together, and
// it needs neither order nor empty places, so that a bucket costs hardly more than its own bytes.
//
// A Bucket is a small trivially copyable struct with a field `hash` (32 bits). An empty table has
// no memory. Not thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>

#include "store/memory.hpp"

namespace tc {

template <typename Bucket>
class SplitTable {
    static_assert(std::is_trivially_copyable_v<Bucket>);

 public:
    // More buckets than this per array, on average, add one; less than this remove one. One that
    // waits to be split has up to twice the average.
    static constexpr std::uint32_t array_count_max = 16;
    static constexpr std::uint32_t array_count_min = 6;

    SplitTable() = default;
    SplitTable(const SplitTable&) = delete;
    SplitTable& operator=(const SplitTable&) = delete;
    ~SplitTable() { clear(); }

    [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

    // The bucket of this hash that `matches`, or nullptr. Insertions and erasures move buckets.
    template <typename Matches>
    [[nodiscard]] Bucket* find(std::uint32_t hash, const Matches& matches) const noexcept {
        if (count_ == 0) {
            return nullptr;
        }
        const Array& array = array_of(hash);
        Bucket* const end = array.end();
        for (Bucket* bucket = array.begin(); bucket != end; ++bucket) {
            if (bucket->hash == hash && matches(*bucket)) {
                return bucket;
            }
        }
        return nullptr;
    }

    // Makes room for one more insert() of this hash. False when there is no memory; then nothing
    // has changed.
    [[nodiscard]] bool reserve_one(std::uint32_t hash) noexcept {
        if (array_count_ == 0) {
            if (add_array() && array(0).reserve(1, bytes_)) {
                return true;
            }
            clear();
            return false;
        }
        if (count_ >= std::uint64_t{array_count_} * array_count_max) {
            split();
        }
        Array& array = array_of(hash);
        return array.reserve(array.count() + 1, bytes_);
    }

    // REQUIRES: reserve_one() of its hash was true since the last insertion; no equal bucket is
    // there.
    void insert(const Bucket& fresh) noexcept {
        array_of(fresh.hash).push_back(fresh);
        ++count_;
    }

    void erase(Bucket* erased) noexcept {
        Array& array = array_of(erased->hash);
        array.erase(erased);
        array.shrink(bytes_);
        --count_;
        if (count_ == 0) {
            clear();
        } else if (array_count_ > 1 && count_ < std::uint64_t{array_count_} * array_count_min) {
            merge();
        }
    }

    // Forgets all buckets and gives their memory back.
    void clear() noexcept {
        while (array_count_ != 0) {
            array(array_count_ - 1).clear(bytes_);
            remove_array();
        }
        count_ = 0;
    }

    template <typename Visit>
    void for_each(const Visit& visit) const {
        for (std::uint32_t number = 0; number < array_count_; ++number) {
            std::for_each(array(number).begin(), array(number).end(), visit);
        }
    }

 private:
    // Moved as plain bytes; whoever drops one clears it first.
    class Array {
     public:
        [[nodiscard]] Bucket* begin() const noexcept { return buckets_; }
        [[nodiscard]] Bucket* end() const noexcept { return buckets_ + count_; }
        [[nodiscard]] std::uint32_t count() const noexcept { return count_; }

        // Makes room for so many in all.
        [[nodiscard]] bool reserve(std::uint32_t count, std::uint64_t& bytes) noexcept {
            return count <= capacity_ || resize(std::max(count, count_ + count_ / 8), bytes);
        }
        void push_back(const Bucket& bucket) noexcept {
            assert(count_ < capacity_);
            new (end()) Bucket{bucket};
            ++count_;
        }
        void erase(Bucket* erased) noexcept {
            *erased = *(end() - 1);
            --count_;
        }
        // Without memory it stays as roomy as it is.
        void shrink(std::uint64_t& bytes) noexcept {
            if (count_ == 0) {
                clear(bytes);
            } else if (count_ < capacity_ / 2) {
                static_cast<void>(resize(count_ + count_ / 8, bytes));
            }
        }
        void clear(std::uint64_t& bytes) noexcept {
            if (buckets_ != nullptr) {
                bytes -= usable_bytes(buckets_);
                release(buckets_);
            }
            *this = {};
        }

     private:
        [[nodiscard]] bool resize(std::uint32_t capacity, std::uint64_t& bytes) noexcept {
            auto* const block = static_cast<Bucket*>(allocate(sizeof(Bucket) * capacity));
            if (block == nullptr) {
                return false;
            }
            Array fresh;
            fresh.buckets_ = std::copy(begin(), end(), block) - count_;
            fresh.count_ = count_;
            const std::size_t usable = usable_bytes(block);
            fresh.capacity_ = static_cast<std::uint32_t>(usable / sizeof(Bucket));
            clear(bytes);
            bytes += usable;
            *this = fresh;
            return true;
        }

        Bucket* buckets_ = nullptr;
        std::uint32_t count_ = 0;
        std::uint32_t capacity_ = 0;
    };

    // Segment 0 has array 0, and segment n the 2^(n-1) arrays from 2^(n-1) on.
    static constexpr std::uint32_t segment_count = 29;

    [[nodiscard]] Array& array(std::uint32_t number) const noexcept {
        return segments_[std::bit_width(number)][number - std::bit_floor(number)];
    }

    [[nodiscard]] Array& array_of(std::uint32_t hash) const noexcept {
        const std::uint32_t mask = std::bit_ceil(array_count_) - 1;
        const std::uint32_t number = hash & mask;
        return array(number < array_count_ ? number : number & (mask >> 1));
    }

    // The array that had the hashes of the last one before there was the last one.
    [[nodiscard]] Array& sibling_of_last() const noexcept {
        const std::uint32_t last = array_count_ - 1;
        return array(last - std::bit_floor(last));
    }

    [[nodiscard]] bool add_array() noexcept {
        const std::uint32_t number = array_count_;
        const auto segment = static_cast<std::uint32_t>(std::bit_width(number));
        if (segment == segment_count) {
            return false;
        }
        if (segments_[segment] == nullptr) {
            const std::size_t size = std::bit_floor(number | 1U);
            auto* const arrays = static_cast<Array*>(allocate(sizeof(Array) * size));
            if (arrays == nullptr) {
                return false;
            }
            segments_[segment] = arrays;
            bytes_ += usable_bytes(arrays);
        }
        ++array_count_;
        new (&array(number)) Array;
        return true;
    }

    // REQUIRES: the last array is cleared.
    void remove_array() noexcept {
        const std::uint32_t number = --array_count_;
        if (number == std::bit_floor(number)) {
            Array*& arrays = segments_[std::bit_width(number)];
            bytes_ -= usable_bytes(arrays);
            release(arrays);
            arrays = nullptr;
        }
    }

    // Without memory the arrays only grow longer, until the next attempt.
    void split() noexcept {
        if (!add_array()) {
            return;
        }
        const std::uint32_t bit = std::bit_floor(array_count_ - 1);
        const auto moves = [bit](const Bucket& bucket) { return (bucket.hash & bit) != 0; };
        Array& source = sibling_of_last();
        Array& target = array(array_count_ - 1);
        const auto moving_count =
            static_cast<std::uint32_t>(std::count_if(source.begin(), source.end(), moves));
        if (!target.reserve(moving_count, bytes_)) {
            remove_array();
            return;
        }
        for (Bucket* bucket = source.end(); bucket != source.begin();) {
            if (moves(*--bucket)) {
                target.push_back(*bucket);
                source.erase(bucket);
            }
        }
        source.shrink(bytes_);
    }

    // Without memory the arrays stay as short as they are.
    void merge() noexcept {
        Array& last = array(array_count_ - 1);
        Array& target = sibling_of_last();
        if (!target.reserve(target.count() + last.count(), bytes_)) {
            return;
        }
        std::for_each(last.begin(), last.end(),
                      [&](const Bucket& bucket) { target.push_back(bucket); });
        last.clear(bytes_);
        remove_array();
    }

    std::uint32_t count_ = 0;
    std::uint32_t array_count_ = 0;
    std::uint64_t bytes_ = 0;
    std::array<Array*, segment_count> segments_{};
};

}  // namespace tc
