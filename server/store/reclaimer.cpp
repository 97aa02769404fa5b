// SPDX-License-Identifier: MIT
#include "store/reclaimer.hpp"

#include <algorithm>
#include <cassert>
#include <memory>
#include <utility>

namespace tc {
namespace {

// Each is a miss of the cache or two: some 0.1 ms.
constexpr std::uint32_t blobs_per_turn = 1024;

}  // namespace

Reclaimer::~Reclaimer() {
    for (Seat* seat = first_seat_.load(); seat != nullptr;) {
        free_waiting(*seat, UINT32_MAX);
        seat->waiting = std::exchange(seat->filling, {});
        free_waiting(*seat, UINT32_MAX);
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
    // More than is retired, however much that is.
    const std::uint32_t blob_count_max = std::max(blobs_per_turn, 2 * seat.blobs_retired_of_turn());
    seat.forget_retired_of_turn();
    yield_point(YieldPoint::turn_ended);
    settle(seat, blob_count_max);
    if (has_abandoned_.load(std::memory_order_relaxed)) {
        settle_abandoned();
    }
}

void Reclaimer::settle(Seat& seat, std::uint32_t blob_count_max) noexcept {
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
    if (is_safe(seat.waiting)) {
        free_waiting(seat, blob_count_max);
    }
    seat.report();
}

bool Reclaimer::free_safe(Seat& seat) noexcept {
    if (is_safe(seat.waiting)) {
        free_waiting(seat, blobs_per_turn);
    }
    return is_safe(seat.waiting);
}

void Reclaimer::settle_abandoned() noexcept {
    has_abandoned_.store(false);
    for (Seat* seat = first_seat_.load(); seat != nullptr; seat = seat->next) {
        if (!seat->is_taken.exchange(true)) {
            settle(*seat, blobs_per_turn);
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

void Reclaimer::free_waiting(Seat& seat, std::uint32_t blob_count_max) noexcept {
    SeatLimbo& waiting = seat.waiting;
    for (TagName* name = std::exchange(waiting.names, nullptr); name != nullptr;) {
        names_.free_retired(seat, std::exchange(name, name->next_retired));
    }
    const std::uint64_t name_bytes = std::exchange(waiting.name_bytes, 0);
    std::uint64_t blob_bytes = 0;
    for (; waiting.blobs != nullptr && blob_count_max != 0; --blob_count_max) {
        Blob* const blob = std::exchange(waiting.blobs, waiting.blobs->next_retired);
        blob_bytes += usable_bytes(blob);
        blob->drop();
    }
    seat.retired_name_bytes.store(seat.retired_name_bytes.load() - name_bytes);
    seat.limbo_blob_bytes.store(seat.limbo_blob_bytes.load() - blob_bytes);
    const auto change = -static_cast<std::int64_t>(name_bytes);
    seat.charge({.used = change, .retired = change});
}

}  // namespace tc
