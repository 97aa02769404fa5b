// SPDX-License-Identifier: MIT
#include "store/timing_wheel.hpp"

#include <algorithm>
#include <utility>

namespace tc {

TimingWheel::TimingWheel() noexcept {
    for (std::uint32_t i = 0; i < position_count; ++i) {
        buckets_[i] = static_cast<Bucket>(i + 1);
        positions_[i + 1] = static_cast<Position>(i);
    }
}

TimingWheel::Bucket TimingWheel::add(std::uint32_t slot, std::uint64_t deadline_ms) noexcept {
    const Bucket bucket = buckets_[place_of(deadline_ms).position];
    return push(bucket, slot) ? bucket : none;
}

bool TimingWheel::is_early_enough(Bucket bucket, std::uint64_t deadline_ms) const noexcept {
    if (bucket == none) {
        return false;
    }
    // The record is due when the position's next tick begins, if it is not due already.
    const std::uint32_t shift = positions_[bucket] / level_size * level_bits;
    const std::uint64_t level_tick = tick_ >> shift;
    const std::uint64_t ahead = (positions_[bucket] - level_tick - 1) % level_size + 1;
    return (level_tick + ahead) << shift <= place_of(deadline_ms).due_tick;
}

bool TimingWheel::is_behind(std::uint64_t now_ms) const noexcept {
    if (due_ != 0) {
        return true;
    }
    std::uint64_t passed = positions_passed_until(now_ms >> tick_bits);
    for (; passed != 0; passed &= passed - 1) {
        const auto position = static_cast<Position>(std::countr_zero(passed));
        const bool has_old = positions_[compacted_] == position && !queues_[compacted_].is_empty();
        if (has_old || !queues_[buckets_[position]].is_empty()) {
            return true;
        }
    }
    return false;
}

void TimingWheel::clear() noexcept {
    for (std::uint32_t bucket = 1; bucket <= bucket_max; ++bucket) {
        clear(static_cast<Bucket>(bucket));
    }
}

// The lowest level that reaches so far, since only level 0 is exact. A level reaches eight ticks
// ahead: the place of the current tick is free for the eighth, because what was there is due.
TimingWheel::Place TimingWheel::place_of(std::uint64_t deadline_ms) const noexcept {
    const std::uint64_t last_of_tick = (std::uint64_t{1} << tick_bits) - 1;
    const std::uint64_t due_tick = std::max((deadline_ms + last_of_tick) >> tick_bits, tick_ + 1);
    std::uint32_t level = 0;
    std::uint32_t shift = 0;
    while (level + 1 < level_count && (due_tick >> shift) - (tick_ >> shift) > level_size) {
        ++level;
        shift += level_bits;
    }
    const std::uint64_t level_tick = std::min(due_tick >> shift, (tick_ >> shift) + level_size);
    return {.position = static_cast<Position>(level * level_size + level_tick % level_size),
            .due_tick = level_tick << shift};
}

// The positions of the ticks that begin after tick_ and up to `tick`.
std::uint64_t TimingWheel::positions_passed_until(std::uint64_t tick) const noexcept {
    std::uint64_t passed = 0;
    for (std::uint32_t level = 0; level < level_count; ++level) {
        const std::uint64_t from = tick_ >> (level * level_bits);
        const std::uint64_t to = tick >> (level * level_bits);
        if (to <= from) {
            break;
        }
        const auto count =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(to - from, level_size));
        const auto first = static_cast<int>((from + 1) % level_size);
        const auto ticks = static_cast<std::uint8_t>((1U << count) - 1);
        passed |= std::uint64_t{std::rotl(ticks, first)} << (level * level_size);
    }
    return passed;
}

void TimingWheel::turn_to(std::uint64_t now_ms) noexcept {
    const std::uint64_t tick = now_ms >> tick_bits;
    if (tick <= tick_) {
        return;
    }
    std::uint64_t passed = record_count_ == 0 ? 0 : positions_passed_until(tick);
    for (; passed != 0; passed &= passed - 1) {
        const auto position = static_cast<Position>(std::countr_zero(passed));
        mark_due(buckets_[position]);
        if (positions_[compacted_] == position) {
            mark_due(compacted_);
        }
    }
    tick_ = tick;
}

void TimingWheel::mark_due(Bucket bucket) noexcept {
    due_counts_[bucket] = queues_[bucket].count();
    if (due_counts_[bucket] != 0) {
        due_ |= std::uint64_t{1} << bucket;
    }
}

bool TimingWheel::ensure_room(Bucket bucket) noexcept {
    SlotQueue& queue = queues_[bucket];
    const std::uint64_t bytes_before = queue.bytes();
    const bool has_room = queue.ensure_room();
    bytes_ += queue.bytes() - bytes_before;
    return has_room;
}

bool TimingWheel::push(Bucket bucket, std::uint32_t slot) noexcept {
    if (!ensure_room(bucket)) {
        return false;
    }
    static_cast<void>(queues_[bucket].push_back(slot));
    ++record_count_;
    return true;
}

void TimingWheel::pop(Bucket bucket) noexcept {
    SlotQueue& queue = queues_[bucket];
    const std::uint64_t bytes_before = queue.bytes();
    queue.pop_front();
    bytes_ -= bytes_before - queue.bytes();
    --record_count_;
    if (due_counts_[bucket] != 0 && --due_counts_[bucket] == 0) {
        due_ &= ~(std::uint64_t{1} << bucket);
    }
    if (queue.is_empty()) {
        clear(bucket);
    }
}

void TimingWheel::clear(Bucket bucket) noexcept {
    SlotQueue& queue = queues_[bucket];
    record_count_ -= queue.count();
    bytes_ -= queue.bytes();
    queue.clear();
    due_counts_[bucket] = 0;
    due_ &= ~(std::uint64_t{1} << bucket);
}

bool TimingWheel::begin_compaction() noexcept {
    for (std::uint32_t i = 0; i < position_count && !is_compacting(); ++i) {
        const Position position = next_compacted_;
        next_compacted_ = static_cast<Position>((position + 1) % position_count);
        if (!queues_[buckets_[position]].is_empty()) {
            compacted_ = std::exchange(buckets_[position], std::exchange(spare_, none));
            positions_[buckets_[position]] = position;
        }
    }
    // advance() is about to visit what is due, and only it knows which records these are.
    return is_compacting() && due_counts_[compacted_] == 0;
}

void TimingWheel::end_compaction() noexcept {
    spare_ = std::exchange(compacted_, none);
    if (const Bucket to = buckets_[positions_[spare_]]; queues_[to].is_empty()) {
        clear(to);  // of the room that was made for a record that was stale
    }
}

}  // namespace tc
