// SPDX-License-Identifier: MIT
//
// A hash table that never stops to rehash: many small ProbeTables, whose number grows and shrinks
// one at a time as the buckets do, by linear hashing (Litwin, Linear hashing: a new tool for file
// and table addressing, 1980). Table n, when it is added, takes from the table that bit_floor(n)
// below it those buckets whose hash has that bit; the last table is merged back the same way. So an
// insertion moves the buckets of two tables at most, a few hundred, however many there are.
//
//   table 0 | 1 | 2  3 | 4  5  6  7 | 8 ...       segments, which double and never move
//
// Buckets are those of ProbeTable. An empty table has no memory. Not thread-safe.
#pragma once

#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <new>

#include "store/memory.hpp"
#include "store/probe_table.hpp"

namespace tc {

template <typename Bucket>
class SplitTable {
 public:
    // More buckets than this per table, on average, add one; less than this remove one. A table
    // that was split last has half of what the others have.
    static constexpr std::uint32_t table_count_max = 128;
    static constexpr std::uint32_t table_count_min = 48;

    SplitTable() = default;
    SplitTable(const SplitTable&) = delete;
    SplitTable& operator=(const SplitTable&) = delete;
    ~SplitTable() { clear(); }

    [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

    // The bucket of this hash that `matches`, or nullptr. Insertions and erasures move buckets.
    template <typename Matches>
    [[nodiscard]] Bucket* find(std::uint32_t hash, const Matches& matches) const noexcept {
        return count_ == 0 ? nullptr : table_of(hash).find(hash, matches);
    }

    // Makes room for one more insert() of this hash. False when there is no memory; then nothing
    // has changed.
    [[nodiscard]] bool reserve_one(std::uint32_t hash) noexcept {
        if (table_count_ == 0) {
            if (add_table() && table(0).reserve(1, bytes_)) {
                return true;
            }
            clear();
            return false;
        }
        if (count_ >= std::uint64_t{table_count_} * table_count_max) {
            split();
        }
        Table& table = table_of(hash);
        return table.reserve(table.count() + 1, bytes_);
    }

    // REQUIRES: reserve_one() of its hash was true since the last insertion; no equal bucket is
    // there.
    void insert(const Bucket& fresh) noexcept {
        table_of(fresh.hash).insert(fresh);
        ++count_;
    }

    void erase(Bucket* erased) noexcept {
        Table& table = table_of(erased->hash);
        table.erase(erased);
        table.shrink(bytes_);
        --count_;
        if (count_ == 0) {
            clear();
        } else if (table_count_ > 1 && count_ < std::uint64_t{table_count_} * table_count_min) {
            merge();
        }
    }

    // Forgets all buckets and gives their memory back.
    void clear() noexcept {
        while (table_count_ != 0) {
            table(table_count_ - 1).clear(bytes_);
            remove_table();
        }
        count_ = 0;
    }

    template <typename Visit>
    void for_each(const Visit& visit) const {
        for (std::uint32_t number = 0; number < table_count_; ++number) {
            table(number).for_each(visit);
        }
    }

 private:
    using Table = ProbeTable<Bucket>;

    // Segment 0 has table 0, and segment n the 2^(n-1) tables from 2^(n-1) on.
    static constexpr std::uint32_t segment_count = 26;

    [[nodiscard]] Table& table(std::uint32_t number) const noexcept {
        return segments_[std::bit_width(number)][number - std::bit_floor(number)];
    }

    [[nodiscard]] Table& table_of(std::uint32_t hash) const noexcept {
        const std::uint32_t mask = std::bit_ceil(table_count_) - 1;
        const std::uint32_t number = hash & mask;
        return table(number < table_count_ ? number : number & (mask >> 1));
    }

    // The table that shared the hashes of the last one before there was the last one.
    [[nodiscard]] Table& sibling_of_last() const noexcept {
        const std::uint32_t last = table_count_ - 1;
        return table(last - std::bit_floor(last));
    }

    [[nodiscard]] bool add_table() noexcept {
        const std::uint32_t number = table_count_;
        const std::uint32_t segment = std::bit_width(number);
        if (segment == segment_count) {
            return false;
        }
        if (segments_[segment] == nullptr) {
            const std::size_t size = std::bit_floor(number | 1U);
            auto* const tables = static_cast<Table*>(allocate(sizeof(Table) * size));
            if (tables == nullptr) {
                return false;
            }
            segments_[segment] = tables;
            bytes_ += usable_bytes(tables);
        }
        ++table_count_;
        new (&table(number)) Table;
        return true;
    }

    // REQUIRES: the last table is empty.
    void remove_table() noexcept {
        const std::uint32_t number = --table_count_;
        if (number == std::bit_floor(number)) {
            Table*& tables = segments_[std::bit_width(number)];
            bytes_ -= usable_bytes(tables);
            release(tables);
            tables = nullptr;
        }
    }

    // Without memory the tables only grow larger, until the next attempt.
    void split() noexcept {
        if (!add_table()) {
            return;
        }
        const std::uint32_t bit = std::bit_floor(table_count_ - 1);
        Table& source = sibling_of_last();
        std::uint32_t moved_count = 0;
        source.for_each(
            [&](const Bucket& bucket) { moved_count += (bucket.hash & bit) != 0 ? 1 : 0; });
        Table kept;
        Table& fresh = table(table_count_ - 1);
        if (!kept.reserve(source.count() - moved_count, bytes_) ||
            !fresh.reserve(moved_count, bytes_)) {
            kept.clear(bytes_);
            remove_table();
            return;
        }
        typename Table::Filler kept_filler(kept);
        typename Table::Filler fresh_filler(fresh);
        source.for_each([&](const Bucket& bucket) {
            ((bucket.hash & bit) != 0 ? fresh_filler : kept_filler).add(bucket);
        });
        source.swap(kept);
        kept.clear(bytes_);
    }

    // Without memory the tables stay as light as they are.
    void merge() noexcept {
        Table& last = table(table_count_ - 1);
        Table& target = sibling_of_last();
        if (!target.reserve(target.count() + last.count(), bytes_)) {
            return;
        }
        last.for_each([&](const Bucket& bucket) { target.insert(bucket); });
        last.clear(bytes_);
        remove_table();
    }

    std::array<Table*, segment_count> segments_{};
    std::uint32_t table_count_ = 0;
    std::uint32_t count_ = 0;
    std::uint64_t bytes_ = 0;
};

}  // namespace tc
