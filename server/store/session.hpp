// SPDX-License-Identifier: MIT
//
// A thread's seat at the store: its place in the quiescent-state protocol, the memory it has
// retired, its counters. One thread uses a Session; other threads only read its atomics.
#pragma once

#include <atomic>
#include <cstdint>

namespace tc {

class Seat;
class Store;

// Written by the owner alone with relaxed stores, read by anybody: no read-modify-write is needed.
class Counter {
 public:
    void add(std::uint64_t amount = 1) noexcept {
        value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t value() const noexcept {
        return value_.load(std::memory_order_relaxed);
    }

 private:
    std::atomic<std::uint64_t> value_{0};
};

struct alignas(64) SessionCounters {
    Counter hits;
    Counter misses;
    Counter expired;      // entries removed because their deadline had passed
    Counter invalidated;  // entries removed by tag
    Counter deleted;      // entries removed by key, prefix or flush
    Counter evicted;      // entries removed because memory was short
    Counter stored;       // entries written
    Counter refused_out_of_memory;
};

class Session {
 public:
    // Throws std::bad_alloc. The store must outlive the session.
    explicit Session(Store& store);
    // REQUIRES: not inside a turn.
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // Begins a turn at `now_ms` of a monotonic clock that goes on during suspend (BOOTTIME).
    // Entering again within a turn only brings a fresher clock.
    void enter(std::uint64_t now_ms) noexcept;
    // Ends the turn: views taken in it must not be read any more. Frees what no thread can see.
    void leave() noexcept;
    // Between two operations: whether the turn has retired so much that it should not wait for its
    // end. Ask often: it is one comparison. Whoever holds views would rather keep them, and does so
    // until memory could run short.
    [[nodiscard]] bool should_quiesce(bool holds_views = false) const noexcept;
    // Ends the turn and begins it again, at the same time. REQUIRES: no view is held.
    void quiesce() noexcept;
    // Whether a write of so much would be refused now, because of memory that turns may still see,
    // but not when they have ended: then it is better to end one's own, and to ask again.
    [[nodiscard]] bool should_wait_for_room(std::uint64_t bytes) const noexcept;
    [[nodiscard]] bool is_inside() const noexcept { return is_inside_; }

    // Of the seat: a session that takes the seat of an earlier one goes on counting from there.
    [[nodiscard]] const SessionCounters& counters() const noexcept;

 private:
    friend class Store;

    Store& store_;
    Seat& seat_;
    bool is_inside_ = false;
};

}  // namespace tc
