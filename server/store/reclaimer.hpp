// SPDX-License-Identifier: MIT
//
// Quiescent-state reclamation (McKenney and Slingwine, Read-copy update: using execution history to
// solve concurrency problems, 1998). A thread announces the epoch in which its turn begins. Memory
// that was unlinked is set aside, together with the epoch read after that; it is free once the safe
// epoch is later: once no turn is left that began in that epoch or before.
//
// Everything is sequentially consistent. Whoever begins a turn in a later epoch than the one that
// was read sees that the memory is unlinked, so it cannot find it; whoever began before is seen by
// those who raise the safe epoch. Between unlinking and reading the epoch stands a fence.
#pragma once

#include <atomic>
#include <cstdint>

#include "store/memory_account.hpp"
#include "store/seat.hpp"
#include "store/tag_names.hpp"
#include "store/yield_point.hpp"

namespace tc {

class Reclaimer {
 public:
    Reclaimer(MemoryAccount& account, TagNames& names, std::uint32_t tags_max) noexcept
        : account_(account), names_(names), tags_max_(tags_max) {}
    // REQUIRES: no session is left.
    ~Reclaimer();
    Reclaimer(const Reclaimer&) = delete;
    Reclaimer& operator=(const Reclaimer&) = delete;

    // Throws std::bad_alloc.
    [[nodiscard]] Seat& take_seat();
    // What cannot be freed yet stays with the seat, and is freed by those who end turns later.
    void give_back_seat(Seat& seat) noexcept;

    void begin_turn(Seat& seat) noexcept {
        const std::uint64_t now = epoch_.load();
        yield_point(YieldPoint::before_turn_announced);
        seat.epoch.store(now, std::memory_order_relaxed);
        // Nothing of the turn may be read before it is announced.
        std::atomic_thread_fence(std::memory_order_seq_cst);
    }
    void end_turn(Seat& seat) noexcept;
    // Goes on with what the ends of turns left over, because each frees so much only; whether there
    // is more.
    bool free_safe(Seat& seat) noexcept;

    // The epoch of now, to be kept with what was unlinked before.
    [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_.load(); }
    // What was kept with an earlier epoch than this one can be freed. It only grows.
    [[nodiscard]] std::uint64_t safe_epoch() const noexcept {
        return safe_epoch_.load(std::memory_order_acquire);
    }

    template <typename Visit>
    void for_each_seat(const Visit& visit) const {
        for (const Seat* seat = first_seat_.load(); seat != nullptr; seat = seat->next) {
            visit(*seat);
        }
    }

 private:
    void raise_safe_epoch() noexcept;
    // Frees the names that can be freed, and closes what was retired since.
    void settle(Seat& seat, std::uint32_t blob_count_max) noexcept;
    void settle_abandoned() noexcept;
    void let_go(Seat& seat) noexcept;
    [[nodiscard]] bool is_safe(const SeatLimbo& limbo) const noexcept {
        return !limbo.is_empty() && limbo.epoch < safe_epoch();
    }
    // All names, and so many blobs.
    void free_waiting(Seat& seat, std::uint32_t blob_count_max) noexcept;

    MemoryAccount& account_;
    TagNames& names_;
    const std::uint32_t tags_max_;
    std::atomic<Seat*> first_seat_{nullptr};  // seats are added in front and never removed
    // A seat that nobody sits on may hold retired memory.
    std::atomic<bool> has_abandoned_{false};
    alignas(64) std::atomic<std::uint64_t> epoch_{1};
    std::atomic<std::uint64_t> safe_epoch_{1};
};

}  // namespace tc
