// SPDX-License-Identifier: MIT
#include "server/resume_queue.hpp"

#include <cassert>

#include "server/connection.hpp"

namespace tc {

void ResumeQueue::push(Connection& connection) noexcept {
    if (connection.resume_place.queue != nullptr) {
        return;
    }
    connection.resume_place = {.queue = this, .previous = last_, .next = nullptr};
    (last_ != nullptr ? last_->resume_place.next : first_) = &connection;
    last_ = &connection;
    ++size_;
}

Connection& ResumeQueue::pop() noexcept {
    assert(first_ != nullptr);
    Connection& connection = *first_;
    remove(connection);
    return connection;
}

void ResumeQueue::remove(Connection& connection) noexcept {
    const ResumePlace place = connection.resume_place;
    if (place.queue == nullptr) {
        return;
    }
    ResumeQueue& queue = *place.queue;
    (place.previous != nullptr ? place.previous->resume_place.next : queue.first_) = place.next;
    (place.next != nullptr ? place.next->resume_place.previous : queue.last_) = place.previous;
    connection.resume_place = {};
    --queue.size_;
}

}  // namespace tc
