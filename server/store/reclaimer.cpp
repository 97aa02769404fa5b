// SPDX-License-Identifier: MIT
#include "store/reclaimer.hpp"

#include <algorithm>
#include <cassert>
#include <memory>
#include <utility>

namespace tc {

Reclaimer::~Reclaimer() {
    for (Seat* seat = first_seat_.load(); seat != nullptr;) {
        free_waiting(*seat);
        seat->waiting = std::exchange(seat->filling, {});
        free_waiting(*seat);
        delete std::exchange(seat, seat->next);
    }
}

Seat& Reclaimer::take_seat() {
    for (Seat* seat = first_seat_.load(); seat != nullptr; seat = seat->next) {
        if (!seat->is_taken.exchange(true)) {
            return *seat;
        }
    }
    Seat* const seat = std::make_unique<Seat>(account_, tags_max_).release();
    seat->next = first_seat_.load();
    while (!first_seat_.compare_exchange_weak(seat->next, seat)) {
    }
    return *seat;
}

void Reclaimer::give_back_seat(Seat& seat) noexcept {
    end_turn(seat);
    let_go(seat);
}

// The seat first: whoever sees that there is something finds it free.
void Reclaimer::let_go(Seat& seat) noexcept {
    const bool has_more = !seat.waiting.is_empty() || !seat.filling.is_empty();
    seat.is_taken.store(false);
    yield_point(YieldPoint::seat_let_go);
    if (has_more) {
        has_abandoned_.store(true);
    }
}

void Reclaimer::end_turn(Seat& seat) noexcept {
    seat.epoch.store(0);
    seat.forget_retired_of_turn();
    yield_point(YieldPoint::turn_ended);
    settle(seat);
    if (has_abandoned_.load(std::memory_order_relaxed)) {
        settle_abandoned();
    }
}

void Reclaimer::settle(Seat& seat) noexcept {
    if (seat.waiting.is_empty() && !seat.filling.is_empty()) {
        seat.waiting = std::exchange(seat.filling, {});
        yield_point(YieldPoint::limbo_taken);
        std::atomic_thread_fence(std::memory_order_seq_cst);
        seat.waiting.epoch = epoch_.load();
    }
    if (seat.waits_for_turns || !seat.waiting.is_empty()) {
        seat.waits_for_turns = false;
        raise_safe_epoch();
    }
    if (!seat.waiting.is_empty() && seat.waiting.epoch < safe_epoch()) {
        free_waiting(seat);
    }
    seat.report();
}

void Reclaimer::settle_abandoned() noexcept {
    has_abandoned_.store(false);
    for (Seat* seat = first_seat_.load(); seat != nullptr; seat = seat->next) {
        if (!seat->is_taken.exchange(true)) {
            settle(*seat);
            let_go(*seat);
        }
    }
}

void Reclaimer::raise_safe_epoch() noexcept {
    std::uint64_t safe = epoch_.fetch_add(1) + 1;
    for (const Seat* seat = first_seat_.load(); seat != nullptr; seat = seat->next) {
        yield_point(YieldPoint::epoch_raised);
        const std::uint64_t epoch = seat->epoch.load();
        if (epoch != 0) {
            safe = std::min(safe, epoch);
        }
    }
    yield_point(YieldPoint::before_safe_epoch_raised);
    std::uint64_t known = safe_epoch_.load();
    while (known < safe && !safe_epoch_.compare_exchange_weak(known, safe)) {
    }
}

void Reclaimer::free_waiting(Seat& seat) noexcept {
    const SeatLimbo freed = std::exchange(seat.waiting, {});
    for (TagName* name = freed.names; name != nullptr;) {
        names_.free_retired(seat, std::exchange(name, name->next_retired));
    }
    for (Blob* blob = freed.blobs; blob != nullptr;) {
        std::exchange(blob, blob->next_retired)->drop();
    }
    seat.retired_name_bytes.store(seat.retired_name_bytes.load() - freed.name_bytes);
    seat.limbo_blob_bytes.store(seat.limbo_blob_bytes.load() - freed.blob_bytes);
    const auto change = -static_cast<std::int64_t>(freed.name_bytes);
    seat.charge({.used = change, .retired = change});
}

}  // namespace tc
