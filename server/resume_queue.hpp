// SPDX-License-Identifier: MIT
//
// Connections of a reactor that have frames left over and wait for their turn, first come, first
// served. A list through the connections themselves: to wait takes no memory, and to leave, from
// wherever in the list, takes no time, however many others wait.
//
// Threads: the reactor's only.
#pragma once

#include <cstddef>

namespace tc {

class Connection;

class ResumeQueue;

// What a connection keeps for it: it waits in one queue at most.
struct ResumePlace {
    ResumeQueue* queue = nullptr;
    Connection* previous = nullptr;
    Connection* next = nullptr;
};

class ResumeQueue {
 public:
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    // Does nothing when it waits already, here or elsewhere.
    void push(Connection& connection) noexcept;
    // Takes out the one that has waited longest; there has to be one.
    [[nodiscard]] Connection& pop() noexcept;
    // From wherever it waits, if it does.
    static void remove(Connection& connection) noexcept;

 private:
    Connection* first_ = nullptr;
    Connection* last_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace tc
