// SPDX-License-Identifier: MIT
#include "store/slot_queue.hpp"

#include <cassert>
#include <new>
#include <utility>

#include "store/memory.hpp"

namespace tc {

struct SlotQueue::Chunk {
    static constexpr std::uint16_t capacity = 126;

    Chunk* next = nullptr;
    std::uint32_t slots[capacity];
};

bool SlotQueue::push_back(std::uint32_t slot) noexcept {
    static_assert(sizeof(Chunk) == 512, "a size class of the allocator");
    if (!ensure_room()) {
        return false;
    }
    if (back_end_ == Chunk::capacity) {
        back_ = back_->next;
        back_end_ = 0;
    }
    back_->slots[back_end_++] = slot;
    ++count_;
    return true;
}

bool SlotQueue::ensure_room() noexcept {
    if (back_ != nullptr && (back_end_ < Chunk::capacity || back_->next != nullptr)) {
        return true;
    }
    void* const block = allocate(sizeof(Chunk));
    if (block == nullptr) {
        return false;
    }
    bytes_ += usable_bytes(block);
    auto* const chunk = new (block) Chunk;
    if (back_ == nullptr) {
        front_ = back_ = chunk;
    } else {
        back_->next = chunk;
    }
    return true;
}

std::uint32_t SlotQueue::front() const noexcept {
    assert(count_ > 0);
    return front_->slots[front_index_];
}

std::uint32_t SlotQueue::pop_front() noexcept {
    const std::uint32_t slot = front();
    ++front_index_;
    if (--count_ == 0) {
        front_index_ = 0;
        back_end_ = 0;
    } else if (front_index_ == Chunk::capacity) {
        release_chunk(std::exchange(front_, front_->next));
        front_index_ = 0;
    }
    return slot;
}

void SlotQueue::clear() noexcept {
    while (front_ != nullptr) {
        release_chunk(std::exchange(front_, front_->next));
    }
    back_ = nullptr;
    count_ = 0;
    front_index_ = 0;
    back_end_ = 0;
}

void SlotQueue::release_chunk(Chunk* chunk) noexcept {
    bytes_ -= usable_bytes(chunk);
    release(chunk);
}

void SlotQueue::swap(SlotQueue& other) noexcept {
    std::swap(front_, other.front_);
    std::swap(back_, other.back_);
    std::swap(bytes_, other.bytes_);
    std::swap(count_, other.count_);
    std::swap(front_index_, other.front_index_);
    std::swap(back_end_, other.back_end_);
}

}  // namespace tc
