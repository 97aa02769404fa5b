// SPDX-License-Identifier: MIT
//
// A request that is answered later, because what it asks for would hold its reactor up: hashing a
// password, writing a file. Its way:
//
//     Command::defer()        the command function hands an errand over instead of answering. Its
//                             connection is suspended: it reads nothing and executes nothing behind
//                             the request, so replies stay in order
//     ErrandWorker            has a thread of its own, which run()s one errand after the other; so
//                             what only errands touch needs no lock. A full queue is BUSY
//     Reactor::deliver()      takes it back, and holds it for hold_ms()
//     Connection::answer()    answer() replies, as any command function does, and the connection
//                             goes on with what waits behind it
//
// A connection that has closed meanwhile is not found again, by its number, and the errand is
// forgotten; what it has run stays done. Server::stop() waits for errands as for unsent replies.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "protocol/frame.h"
#include "server/limits.hpp"

namespace tc {

class Command;
class Reactor;

class Errand {
 public:
    Errand() = default;
    Errand(const Errand&) = delete;
    Errand& operator=(const Errand&) = delete;
    virtual ~Errand() = default;

    // On the worker's thread.
    virtual void run() noexcept = 0;
    // On the connection's reactor, within a turn of the session.
    virtual void answer(Command& command) noexcept = 0;
    // It is refused when so many wait before it.
    [[nodiscard]] virtual std::size_t places_max() const noexcept { return limits::errands_max; }
    // How long the answer is held back after run().
    [[nodiscard]] virtual std::uint64_t hold_ms() const noexcept { return 0; }

 private:
    friend class Command;
    friend class ErrandList;
    friend class ErrandWorker;
    friend class Reactor;

    Reactor* reactor_ = nullptr;  // nullptr: nobody waits for the answer
    std::uint64_t connection_id_ = 0;
    wire_request request_{};  // its header; the body is gone
    std::uint64_t due_at_ms_ = 0;
    std::unique_ptr<Errand> next_;
};

// First in, first out, and linked through the errands themselves: it never allocates.
class ErrandList {
 public:
    ErrandList() = default;
    ErrandList(ErrandList&& other) noexcept
        : first_(std::move(other.first_)), last_(std::exchange(other.last_, nullptr)) {}
    ErrandList& operator=(ErrandList&&) = delete;
    ErrandList(const ErrandList&) = delete;
    ErrandList& operator=(const ErrandList&) = delete;
    ~ErrandList() {
        while (pop() != nullptr) {
        }
    }

    [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
    void push(std::unique_ptr<Errand> errand) noexcept {
        Errand* added = errand.get();
        (last_ == nullptr ? first_ : last_->next_) = std::move(errand);
        last_ = added;
    }
    // nullptr when there is none.
    std::unique_ptr<Errand> pop() noexcept {
        std::unique_ptr<Errand> popped = std::move(first_);
        if (popped != nullptr) {
            first_ = std::move(popped->next_);
            last_ = first_ == nullptr ? nullptr : last_;
        }
        return popped;
    }

 private:
    std::unique_ptr<Errand> first_;
    Errand* last_ = nullptr;
};

}  // namespace tc
