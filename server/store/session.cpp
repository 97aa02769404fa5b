// SPDX-License-Identifier: MIT
#include "store/session.hpp"

#include <cassert>

#include "store/live_check.hpp"
#include "store/seat.hpp"
#include "store/store.hpp"
#include "store/store_state.hpp"

namespace tc {

Session::Session(Store& store) : store_(store), seat_(store.state_->reclaimer.take_seat()) {}

Session::~Session() {
    assert(!is_inside_);
    store_.state_->reclaimer.give_back_seat(seat_);
}

void Session::enter(std::uint64_t now_ms) noexcept {
    if (!is_inside_) {
        before_turn();
        store_.state_->reclaimer.begin_turn(seat_);
        is_inside_ = true;
    }
    store_.state_->raise_clock(now_ms);
}

void Session::leave() noexcept {
    assert(is_inside_);
    is_inside_ = false;
    store_.state_->reclaimer.end_turn(seat_);
    after_turn();
}

bool Session::should_quiesce(bool holds_views) const noexcept {
    return seat_.has_retired_much(holds_views);
}

void Session::quiesce() noexcept {
    if (is_inside_) {
        store_.state_->reclaimer.end_turn(seat_);
        store_.state_->reclaimer.begin_turn(seat_);
    }
}

bool Session::should_wait_for_room(std::uint64_t bytes) const noexcept {
    return seat_.is_room_retired(bytes);
}

const SessionCounters& Session::counters() const noexcept {
    return seat_.counters;
}

}  // namespace tc
