// SPDX-License-Identifier: MIT
#include "store/slots.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

#include "store/memory.hpp"

namespace tc {

Slots::~Slots() {
    clear();
}

std::uint32_t Slots::allocate() noexcept {
    if (first_free_ != none) {
        const std::uint32_t slot = first_free_;
        first_free_ = static_cast<std::uint32_t>(word(slot) >> 1);
        --free_count_;
        word(slot) = 0;
        return slot;
    }
    if (end_ == count_max) {
        return none;
    }
    if (end_ == chunk_count_ * chunk_slots && !add_chunk()) {
        return none;
    }
    const std::uint32_t slot = end_++;
    word(slot) = 0;
    return slot;
}

void Slots::release(std::uint32_t slot) noexcept {
    assert(slot < end_ && (word(slot) & 1) == 0);
    word(slot) = Word{first_free_} << 1 | 1;
    first_free_ = slot;
    ++free_count_;
}

Entry* Slots::operator[](std::uint32_t slot) const noexcept {
    assert(slot < end_);
    const Word at_slot = word(slot);
    return (at_slot & 1) != 0 ? nullptr : std::bit_cast<Entry*>(at_slot);
}

void Slots::set(std::uint32_t slot, Entry* entry) noexcept {
    assert(slot < end_ && (word(slot) & 1) == 0);
    word(slot) = std::bit_cast<Word>(entry);
}

std::uint32_t Slots::count_free_list() const noexcept {
    std::uint32_t length = 0;
    for (std::uint32_t slot = first_free_; slot != none && length <= end_; ++length) {
        slot = static_cast<std::uint32_t>(word(slot) >> 1);
    }
    return length;
}

void Slots::clear() noexcept {
    std::for_each(chunks_, chunks_ + chunk_count_, tc::release);
    tc::release(chunks_);
    chunks_ = nullptr;
    chunk_count_ = 0;
    chunk_capacity_ = 0;
    end_ = 0;
    first_free_ = none;
    free_count_ = 0;
    bytes_ = 0;
}

bool Slots::add_chunk() noexcept {
    if (chunk_count_ == chunk_capacity_ && !grow_directory()) {
        return false;
    }
    auto* const chunk = static_cast<Word*>(tc::allocate(sizeof(Word) * chunk_slots));
    if (chunk == nullptr) {
        return false;
    }
    chunks_[chunk_count_++] = chunk;
    bytes_ += usable_bytes(chunk);
    return true;
}

bool Slots::grow_directory() noexcept {
    const std::uint32_t capacity = std::max(8U, chunk_capacity_ * 2);
    auto** const chunks = static_cast<Word**>(tc::allocate(sizeof(Word*) * capacity));
    if (chunks == nullptr) {
        return false;
    }
    std::copy(chunks_, chunks_ + chunk_count_, chunks);
    if (chunks_ != nullptr) {
        bytes_ -= usable_bytes(chunks_);
        tc::release(chunks_);
    }
    bytes_ += usable_bytes(chunks);
    chunks_ = chunks;
    chunk_capacity_ = capacity;
    return true;
}

}  // namespace tc
