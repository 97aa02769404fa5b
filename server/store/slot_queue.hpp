// SPDX-License-Identifier: MIT
//
// A first-in-first-out queue of slot numbers, in chunks of 512 bytes: about 4.1 bytes a number, no
// link per entry and no array to double. Guarded by the stripe's lock.
#pragma once

#include <cstdint>

namespace tc {

class SlotQueue {
 public:
    SlotQueue() = default;
    ~SlotQueue() { clear(); }
    SlotQueue(SlotQueue&& other) noexcept { swap(other); }
    // The old content of this queue is released with `other`.
    SlotQueue& operator=(SlotQueue&& other) noexcept {
        swap(other);
        return *this;
    }

    // False when there is no memory; then nothing has changed.
    [[nodiscard]] bool push_back(std::uint32_t slot) noexcept;
    // Makes sure that the next push_back() succeeds, whatever is popped before it.
    [[nodiscard]] bool ensure_room() noexcept;
    // REQUIRES of both: the queue is not empty.
    [[nodiscard]] std::uint32_t front() const noexcept;
    std::uint32_t pop_front() noexcept;
    void clear() noexcept;

    [[nodiscard]] bool is_empty() const noexcept { return count_ == 0; }
    [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
    // What the chunks take of the allocator; a queue that has run empty keeps one until clear().
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

 private:
    struct Chunk;

    void swap(SlotQueue& other) noexcept;
    void release_chunk(Chunk* chunk) noexcept;

    // From front_ to back_ they hold numbers; at most one behind back_ is there for ensure_room().
    Chunk* front_ = nullptr;
    Chunk* back_ = nullptr;
    std::uint64_t bytes_ = 0;
    std::uint32_t count_ = 0;
    std::uint16_t front_index_ = 0;
    std::uint16_t back_end_ = 0;
};

}  // namespace tc
