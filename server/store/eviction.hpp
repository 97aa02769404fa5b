// SPDX-License-Identifier: MIT
//
// Which entry of a stripe has to go when memory is short.
//
// S3-FIFO (Yang, Zhang, Qiu, Yue, Vigfusson: FIFO queues are all you need for cache eviction, SOSP
// 2023): new entries wait in a small queue, a tenth of the bytes; whoever was read there goes to
// the main queue, whoever was not leaves, and its hash is remembered for a while (the ghost), so
// that it enters the main queue when it comes back. A read only raises the entry's heat.
//
// Two things are ours. The main queue is no queue but a hand that goes round the slots, which costs
// no memory: FIFO with reinsertion and a clock visit entries in the same cycle. And while there is
// room, what overflows the small queue moves to the main queue instead of leaving.
//
// LRU is approximate, as in Redis: of some entries in the hand's way the one that was not read for
// longest goes; heat is a coarse time then. Guarded by the stripe's lock, but for on_read().
#pragma once

#include <atomic>
#include <cstdint>

#include "store/entry.hpp"
#include "store/ghost.hpp"
#include "store/slot_queue.hpp"
#include "store/slots.hpp"
#include "store/store.hpp"

namespace tc {

class Eviction {
 public:
    // The owner's bits of a slot's state that are ours.
    static constexpr std::uint8_t has_record_bit =
        0x40;  // the small queue has a record of the slot
    static constexpr std::uint8_t is_renewed_bit = 0x80;  // of an entry that is not there any more

    Eviction(EvictionPolicy policy, Slots& slots, char* heap_begin) noexcept
        : policy_(policy), slots_(slots), heap_begin_(heap_begin) {}

    // Any thread that has found the entry.
    void on_read(const Entry& entry) const noexcept {
        if (policy_ != EvictionPolicy::lru) {
            entry.warm();
        } else if (const std::uint8_t now = lru_clock_.load(std::memory_order_relaxed);
                   entry.heat() != now) {
            entry.set_heat(now);
        }
    }

    // An entry comes to a slot of its own, takes the place of another, goes. is_memory_short:
    // somebody has to leave for it, or for one of the next.
    void on_insert(Entry& entry, std::uint64_t hash, bool is_memory_short) noexcept;
    void on_replace(const Entry& old, Entry& fresh) noexcept;
    void on_remove(const Entry& entry) noexcept;

    // The slot of an entry to evict, or none when `steps` were spent or nothing is left. Each
    // record or slot that was looked at costs a step. The owner unlinks the entry, and says it to
    // remember() first.
    [[nodiscard]] std::uint32_t next_victim(std::uint32_t& steps) noexcept;
    void remember(const Entry& entry, std::uint64_t hash) noexcept;

    [[nodiscard]] std::uint64_t bytes() const noexcept { return small_.bytes() + ghost_.bytes(); }
    [[nodiscard]] std::uint64_t small_queue_bytes() const noexcept { return small_bytes_; }
    // Forgets everything. REQUIRES: no slot is in use.
    void clear() noexcept;

 private:
    static constexpr std::uint64_t small_percent = 10;
    // What has to be evicted for each page of the ghost, which would otherwise take at once the
    // room that was made for somebody else.
    static constexpr std::uint64_t evicted_bytes_per_page = Ghost::page_bytes;
    static constexpr std::uint32_t lru_sample = 8;
    static constexpr std::uint32_t lru_ticks_per_turnover = 128;

    [[nodiscard]] Entry& entry_in(std::uint32_t slot) const noexcept {
        return *entry_at(heap_begin_, slots_.ref(slot));
    }
    [[nodiscard]] bool is_small_over_its_share() const noexcept {
        return small_bytes_ * 100 > (small_bytes_ + main_bytes_) * small_percent;
    }
    [[nodiscard]] bool enter_small(std::uint32_t slot) noexcept;
    void move_to_main(Entry& entry) noexcept;
    // The entry whose record is the oldest of the small queue, or nothing if that record is void.
    [[nodiscard]] Entry* pop_small() noexcept;
    [[nodiscard]] std::uint32_t next_of_main(std::uint32_t& steps) noexcept;
    [[nodiscard]] std::uint32_t next_of_all(std::uint32_t& steps) noexcept;
    void tick_lru_clock() noexcept;

    const EvictionPolicy policy_;
    Slots& slots_;
    char* const heap_begin_;
    SlotQueue small_;
    Ghost ghost_;
    std::uint64_t small_bytes_ = 0;
    std::uint64_t main_bytes_ = 0;
    std::uint32_t main_count_ = 0;
    std::uint32_t hand_ = 0;
    std::uint32_t inserts_until_tick_ = 0;
    std::uint32_t inserts_since_eviction_ = 0;
    std::uint64_t evicted_bytes_for_ghost_ = 0;
    bool has_evicted_ = false;
    std::atomic<std::uint8_t> lru_clock_{0};
};

}  // namespace tc
