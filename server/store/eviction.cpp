// SPDX-License-Identifier: MIT
#include "store/eviction.hpp"

#include <algorithm>

#include "store/seeded_fault.hpp"

namespace tc {

void Eviction::on_insert(Entry& entry, std::uint64_t hash, bool is_memory_short) noexcept {
    if (policy_ == EvictionPolicy::lru) {
        tick_lru_clock();
        entry.set_heat(lru_clock_.load(std::memory_order_relaxed));
    }
    const bool goes_to_main =
        policy_ != EvictionPolicy::s3_fifo || ghost_.take(hash) || !enter_small(entry.slot());
    entry.set_in_main_queue(goes_to_main);
    (goes_to_main ? main_bytes_ : small_bytes_) += entry.stored_bytes();
    main_count_ += goes_to_main ? 1 : 0;
    if (inserts_since_eviction_ != UINT32_MAX) {
        ++inserts_since_eviction_;
    }
    // Who evicts has made room before it inserts: it is still short of memory.
    is_memory_short = is_memory_short ||
                      (has_evicted_ && inserts_since_eviction_ < slots_.used_count() / 16 + 16);
    // Twice, so that the queue shrinks to its share again after a time without room.
    for (int round = 0; round < 2 && !is_memory_short && is_small_over_its_share(); ++round) {
        if (Entry* const oldest = pop_small(); oldest != nullptr) {
            move_to_main(*oldest);
        }
    }
}

void Eviction::on_replace(const Entry& old, Entry& fresh) noexcept {
    fresh.set_heat(old.heat());
    on_read(fresh);
    fresh.set_in_main_queue(old.is_in_main_queue());
    (old.is_in_main_queue() ? main_bytes_ : small_bytes_) +=
        fresh.stored_bytes() - old.stored_bytes();
}

void Eviction::on_remove(const Entry& entry) noexcept {
    (entry.is_in_main_queue() ? main_bytes_ : small_bytes_) -= entry.stored_bytes();
    main_count_ -= entry.is_in_main_queue() ? 1 : 0;
}

// A slot has one record at most. If it has one of an entry that is gone, that one is renewed: it
// goes to the end of the queue when its turn comes.
bool Eviction::enter_small(std::uint32_t slot) noexcept {
    const std::uint8_t state = slots_.state(slot);
    if ((state & has_record_bit) != 0) {
        slots_.set_state(slot, state | is_renewed_bit);
        return true;
    }
    if (!small_.push_back(slot)) {
        return false;
    }
    slots_.set_state(slot, state | has_record_bit);
    return true;
}

Entry* Eviction::pop_small() noexcept {
    if (small_.is_empty()) {
        return nullptr;
    }
    const std::uint32_t slot = small_.pop_front();
    const std::uint8_t state = slots_.state(slot);
    slots_.set_state(slot, state & static_cast<std::uint8_t>(~(has_record_bit | is_renewed_bit)));
    const bool is_there = slots_.is_used(slot) && !entry_in(slot).is_in_main_queue();
    if (!is_there) {
        return nullptr;
    }
    // What cannot be put back for want of memory has its turn now.
    if ((state & is_renewed_bit) != 0 && enter_small(slot)) {
        return nullptr;
    }
    return &entry_in(slot);
}

void Eviction::move_to_main(Entry& entry) noexcept {
    const std::uint64_t bytes = entry.stored_bytes();
    small_bytes_ -= bytes;
    main_bytes_ += bytes;
    ++main_count_;
    entry.set_in_main_queue(true);
}

std::uint32_t Eviction::next_victim(std::uint32_t& steps) noexcept {
    if (policy_ != EvictionPolicy::s3_fifo) {
        return policy_ == EvictionPolicy::lru ? next_of_all(steps) : Slots::none;
    }
    has_evicted_ = true;
    inserts_since_eviction_ = 0;
    while (steps != 0 && slots_.used_count() != 0) {
        if (main_count_ != 0 &&
            (!is_small_over_its_share() || seeded(Fault::evicts_main_queue_first))) {
            return next_of_main(steps);
        }
        --steps;
        Entry* const oldest = pop_small();
        if (oldest == nullptr) {
            if (small_.is_empty() && main_count_ == 0) {
                return Slots::none;
            }
            continue;
        }
        if (oldest->heat() <= 1) {
            return oldest->slot();
        }
        move_to_main(*oldest);
    }
    return Slots::none;
}

std::uint32_t Eviction::next_of_main(std::uint32_t& steps) noexcept {
    while (steps != 0) {
        --steps;
        std::uint32_t slot = slots_.next_used(hand_);
        if (slot == Slots::none) {
            slot = slots_.next_used(0);
            if (slot == Slots::none) {
                return Slots::none;
            }
        }
        hand_ = slot + 1;
        Entry& entry = entry_in(slot);
        if (!entry.is_in_main_queue()) {
            continue;
        }
        const std::uint8_t heat = entry.heat();
        if (heat == 0) {
            return slot;
        }
        entry.set_heat(heat - 1);
    }
    return Slots::none;
}

// The least recently read of the next few entries.
std::uint32_t Eviction::next_of_all(std::uint32_t& steps) noexcept {
    const std::uint8_t now = lru_clock_.load(std::memory_order_relaxed);
    std::uint32_t oldest = Slots::none;
    std::uint8_t oldest_age = 0;
    for (std::uint32_t sample = 0; sample < lru_sample && steps != 0; ++sample, --steps) {
        std::uint32_t slot = slots_.next_used(hand_);
        if (slot == Slots::none) {
            slot = slots_.next_used(0);
        }
        if (slot == Slots::none) {
            break;
        }
        hand_ = slot + 1;
        const auto age = static_cast<std::uint8_t>(now - entry_in(slot).heat());
        if (oldest == Slots::none ||
            (seeded(Fault::evicts_youngest) ? age < oldest_age : age > oldest_age)) {
            oldest = slot;
            oldest_age = age;
        }
    }
    return oldest;
}

void Eviction::tick_lru_clock() noexcept {
    if (inserts_until_tick_ != 0) {
        --inserts_until_tick_;
        return;
    }
    inserts_until_tick_ = slots_.used_count() / lru_ticks_per_turnover;
    lru_clock_.store(static_cast<std::uint8_t>(lru_clock_.load(std::memory_order_relaxed) + 1),
                     std::memory_order_relaxed);
}

void Eviction::remember(const Entry& entry, std::uint64_t hash) noexcept {
    if (policy_ == EvictionPolicy::s3_fifo && !entry.is_in_main_queue()) {
        // Without memory for it the ghost is shorter, and the queue a little less clever.
        static_cast<void>(ghost_.resize(std::max(main_count_, slots_.used_count() / 10 * 9)));
        const std::uint64_t bytes_before = ghost_.bytes();
        evicted_bytes_for_ghost_ += entry.stored_bytes();
        ghost_.insert(hash, evicted_bytes_for_ghost_ >= evicted_bytes_per_page);
        if (ghost_.bytes() > bytes_before) {
            evicted_bytes_for_ghost_ = 0;
        }
    }
}

void Eviction::clear() noexcept {
    small_.clear();
    small_bytes_ = 0;
    main_bytes_ = 0;
    main_count_ = 0;
    hand_ = 0;
    has_evicted_ = false;
    ghost_.clear();
    evicted_bytes_for_ghost_ = 0;
}

}  // namespace tc
