// SPDX-License-Identifier: MIT
//
// When the entries of one stripe expire: a hierarchical timing wheel (Varghese and Lauck, Hashed
// and hierarchical timing wheels, SOSP 1987). Seven levels of eight buckets; a tick is 512 ms on
// level 0 and eight times the one below on every other, so that the levels span 4 s, 33 s, 4 min,
// 35 min, 4.7 h, 37 h and 12 days. A bucket is a queue of slot numbers: 4 bytes a record.
//
//   level 0   |0|1|2|3|4|5|6|7|          due when its tick begins, which is at the deadline or up
//   level 1   |0 . |1 . |2 . | ...       to 511 ms later; on level 1 and above the tick begins at
//   level 2   |0 .  .  . |1 . ...        the deadline or earlier, and the record moves down
//
// The wheel never searches. The owner keeps with each slot the bucket of its newest record; a
// record that comes due in another bucket is stale, and ignored. So an entry may go, or get a later
// deadline, without a word to the wheel: its record is looked at when it comes due, and the entry
// gets another one if it is still wanted. A slot that is used again should keep its bucket too, if
// is_early_enough() for the new entry: then records do not pile up when keys come and go. Those
// that pile up nevertheless are removed by compact().
//
// A record for a deadline within 12 days is due at most 7 times, and one for a later deadline once
// more for each 11 days. All calls are constant-time, apart from advance() and compact(), which
// have a budget. Guarded by the stripe's lock. Times are of the store's clock, in milliseconds.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "store/entry.hpp"
#include "store/slot_queue.hpp"

namespace tc {

class TimingWheel {
 public:
    // Fits 6 bits.
    using Bucket = std::uint8_t;
    static constexpr Bucket none = 0;
    static constexpr Bucket bucket_max = 57;
    // How long after the deadline a record is due, at most.
    static constexpr std::uint64_t late_ms_max = 511;

    TimingWheel() noexcept;

    // Makes a record of the slot, which is due at the deadline or up to late_ms_max later, or
    // earlier in order to be added again. none = no memory; then nothing has changed.
    [[nodiscard]] Bucket add(std::uint32_t slot, std::uint64_t deadline_ms) noexcept;
    // Whether a record in this bucket is due no later than a new one for the deadline would be, so
    // that none is needed. False for `none`.
    [[nodiscard]] bool is_early_enough(Bucket bucket, std::uint64_t deadline_ms) const noexcept;

    // Calls visit(slot, bucket) for due records, at most `budget` of them, and removes those for
    // which it returns true; at the first false it stops, and that record stays due. The owner
    // returns true if `bucket` is not that of the slot any more. Otherwise it clears the slot's
    // bucket and drops the entry if that has expired, or else calls add(); should that fail, it
    // puts the bucket back and returns false. It may add() other slots too. Returns how many
    // records were removed. Never looks at the empty ticks of a jump; an earlier time is ignored.
    template <typename Visit>
    std::uint32_t advance(std::uint64_t now_ms, std::uint32_t budget, const Visit& visit) noexcept;
    // Whether an advance() to this time has records to visit.
    [[nodiscard]] bool is_behind(std::uint64_t now_ms) const noexcept;

    // Goes through at most `budget` records of the bucket it was at, or of the next one that has
    // any, and removes the stale ones. For each it calls renumber(slot, from, to): if `from` is
    // the slot's bucket, and the slot is used, the owner makes it `to` and returns true; otherwise
    // the record is dropped, and `from` must not stay the slot's bucket. So a second record of a
    // slot in the same bucket is stale too, and after a round over all buckets there are no more
    // records than used slots and than were added meanwhile. Returns how many records were gone
    // through: fewer than `budget` at the end of a bucket, 0 without memory.
    template <typename Renumber>
    std::uint32_t compact(std::uint32_t budget, const Renumber& renumber) noexcept;

    // Whether it is time for a round of compact(), which then removes half of what it goes through.
    [[nodiscard]] bool is_cluttered(std::uint64_t used_slot_count) const noexcept {
        return record_count_ > 2 * used_slot_count + 1024;
    }

    [[nodiscard]] std::uint64_t record_count() const noexcept { return record_count_; }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
    // Removes all records: the owner's buckets must be none.
    void clear() noexcept;

 private:
    static constexpr std::uint32_t level_count = 7;
    static constexpr std::uint32_t level_bits = 3;
    static constexpr std::uint32_t tick_bits = 9;
    static constexpr std::uint32_t position_count = level_count << level_bits;
    static constexpr std::uint32_t level_size = 1U << level_bits;

    // Level and place on it.
    using Position = std::uint8_t;

    struct Place {
        Position position;
        std::uint64_t due_tick;  // of level 0
    };
    [[nodiscard]] Place place_of(std::uint64_t deadline_ms) const noexcept;
    [[nodiscard]] std::uint64_t positions_passed_until(std::uint64_t tick) const noexcept;
    void turn_to(std::uint64_t now_ms) noexcept;
    void mark_due(Bucket bucket) noexcept;
    // A queue's changes, with the sums of all.
    [[nodiscard]] bool ensure_room(Bucket bucket) noexcept;
    [[nodiscard]] bool push(Bucket bucket, std::uint32_t slot) noexcept;
    void pop(Bucket bucket) noexcept;
    void clear(Bucket bucket) noexcept;

    // What compact() goes through: false = nothing, or its records are due anyway.
    [[nodiscard]] bool begin_compaction() noexcept;
    void end_compaction() noexcept;
    [[nodiscard]] bool is_compacting() const noexcept { return compacted_ != none; }

    // Of level 0; those of the others are its upper bits.
    std::uint64_t tick_ = clock_start_ms >> tick_bits;
    std::uint64_t due_ = 0;  // a bit for each bucket with due records
    std::uint64_t record_count_ = 0;
    std::uint64_t bytes_ = 0;
    // By bucket, and 0 is none. The first due_count of a queue are due, those behind came later.
    std::array<SlotQueue, bucket_max + 1> queues_;
    std::array<std::uint32_t, bucket_max + 1> due_counts_{};
    std::array<Position, bucket_max + 1> positions_{};
    // By position, the one into which new records go. There is one bucket more than positions.
    std::array<Bucket, position_count> buckets_{};
    // Between compactions, the one that no position has. A compaction gives it to the position, and
    // moves the records of the one it had, which is the spare one when it is empty. Queue 0 (none)
    // is always empty, so that it may be asked like any other.
    Bucket spare_ = bucket_max;
    Bucket compacted_ = none;
    Position next_compacted_ = 0;
};

template <typename Visit>
std::uint32_t TimingWheel::advance(std::uint64_t now_ms, std::uint32_t budget,
                                   const Visit& visit) noexcept {
    turn_to(now_ms);
    std::uint32_t visited_count = 0;
    while (due_ != 0 && visited_count < budget) {
        const auto bucket = static_cast<Bucket>(std::countr_zero(due_));
        if (!visit(queues_[bucket].front(), bucket)) {
            break;
        }
        pop(bucket);
        ++visited_count;
    }
    return visited_count;
}

template <typename Renumber>
std::uint32_t TimingWheel::compact(std::uint32_t budget, const Renumber& renumber) noexcept {
    if (!begin_compaction()) {
        return 0;
    }
    const Bucket to = buckets_[positions_[compacted_]];
    std::uint32_t visited_count = 0;
    while (visited_count < budget && !queues_[compacted_].is_empty() && ensure_room(to)) {
        const std::uint32_t slot = queues_[compacted_].front();
        if (renumber(slot, compacted_, to)) {
            static_cast<void>(push(to, slot));
        }
        pop(compacted_);
        ++visited_count;
    }
    if (queues_[compacted_].is_empty()) {
        end_compaction();
    }
    return visited_count;
}

}  // namespace tc
