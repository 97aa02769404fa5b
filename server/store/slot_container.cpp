// SPDX-License-Identifier: MIT
#include "store/slot_container.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <functional>

#include "store/memory.hpp"

namespace tc {

AddResult SlotContainer::add(std::uint16_t low, std::uint64_t& bytes) noexcept {
    if (!is_bitmap()) {
        const std::uint32_t at = lower_bound(low);
        if (at < count_ && array()[at] == low) {
            return AddResult::present;
        }
        if (count_ < array_count_max) {
            // By an eighth: memory matters more here than the copies do.
            if (count_ == capacity_ &&
                !resize_array(std::min(count_ + count_ / 8 + 1, array_count_max), bytes)) {
                return AddResult::out_of_memory;
            }
            std::copy_backward(array() + at, array() + count_, array() + count_ + 1);
            array()[at] = low;
            ++count_;
            return AddResult::added;
        }
        if (!become_bitmap(bytes)) {
            return AddResult::out_of_memory;
        }
    }
    std::uint64_t& word = words()[low / 64];
    if ((word & word_bit(low)) != 0) {
        return AddResult::present;
    }
    word |= word_bit(low);
    ++count_;
    return AddResult::added;
}

bool SlotContainer::remove(std::uint16_t low, std::uint64_t& bytes) noexcept {
    if (is_bitmap()) {
        std::uint64_t& word = words()[low / 64];
        if ((word & word_bit(low)) == 0) {
            return false;
        }
        word &= ~word_bit(low);
        --count_;
        if (count_ < bitmap_count_min) {
            try_become_array(bytes);
        }
        return true;
    }
    const std::uint32_t at = lower_bound(low);
    if (at == count_ || array()[at] != low) {
        return false;
    }
    std::copy(array() + at + 1, array() + count_, array() + at);
    --count_;
    if (count_ != 0 && count_ < capacity_ / 2U) {
        // A failure leaves it as roomy as it is.
        static_cast<void>(resize_array(count_ + count_ / 4, bytes));
    }
    return true;
}

std::uint32_t SlotContainer::seek(std::uint32_t low) const noexcept {
    if (low > UINT16_MAX) {
        return none;
    }
    if (!is_bitmap()) {
        const std::uint32_t at = lower_bound(low);
        return at == count_ ? none : array()[at];
    }
    std::uint32_t at = low / 64;
    std::uint64_t word = words()[at] & ~(word_bit(low) - 1);
    while (word == 0) {
        if (++at == block_words) {
            return none;
        }
        word = words()[at];
    }
    return at * 64 + static_cast<std::uint32_t>(std::countr_zero(word));
}

void SlotContainer::clear(std::uint64_t& bytes) noexcept {
    exchange_storage(nullptr, bytes);
    count_ = 0;
    capacity_ = 0;
}

std::uint32_t SlotContainer::mark(SlotBitmap* dead) const noexcept {
    return is_bitmap() ? mark_block(dead, words()) : mark_slots(dead, slots());
}

std::uint32_t SlotContainer::count_alive(const SlotBitmap* dead) const noexcept {
    return is_bitmap() ? count_alive_block(dead, words()) : count_alive_slots(dead, slots());
}

void SlotContainer::unite(BlockWords words) const noexcept {
    if (!is_bitmap()) {
        unite_slots(words, slots());
        return;
    }
    std::transform(words.begin(), words.end(), this->words().begin(), words.begin(), std::bit_or{});
}

void SlotContainer::intersect(BlockWords words) const noexcept {
    if (!is_bitmap()) {
        intersect_slots(words, slots());
        return;
    }
    std::transform(words.begin(), words.end(), this->words().begin(), words.begin(),
                   std::bit_and{});
}

std::uint32_t SlotContainer::lower_bound(std::uint32_t low) const noexcept {
    return static_cast<std::uint32_t>(std::lower_bound(array(), array() + count_, low) - array());
}

bool SlotContainer::resize_array(std::uint32_t capacity, std::uint64_t& bytes) noexcept {
    auto* const fresh = static_cast<std::uint16_t*>(allocate(sizeof(std::uint16_t) * capacity));
    if (fresh == nullptr) {
        return false;
    }
    std::copy(array(), array() + count_, fresh);
    exchange_storage(fresh, bytes);
    capacity_ = static_cast<std::uint16_t>(
        std::min<std::size_t>(usable_bytes(fresh) / sizeof(std::uint16_t), array_count_max));
    return true;
}

bool SlotContainer::become_bitmap(std::uint64_t& bytes) noexcept {
    auto* const fresh = static_cast<std::uint64_t*>(allocate(sizeof(std::uint64_t) * block_words));
    if (fresh == nullptr) {
        return false;
    }
    std::fill_n(fresh, block_words, 0);
    std::for_each(array(), array() + count_,
                  [&](std::uint16_t low) { fresh[low / 64] |= word_bit(low); });
    exchange_storage(fresh, bytes);
    capacity_ = bitmap_mark;
    return true;
}

// Without memory it stays a bitmap, which is only larger.
void SlotContainer::try_become_array(std::uint64_t& bytes) noexcept {
    auto* const fresh =
        static_cast<std::uint16_t*>(allocate(sizeof(std::uint16_t) * bitmap_count_min));
    if (fresh == nullptr) {
        return;
    }
    std::uint32_t at = 0;
    for (std::uint32_t word = 0; word < block_words; ++word) {
        for (std::uint64_t bits = words()[word]; bits != 0; bits &= bits - 1) {
            fresh[at++] = static_cast<std::uint16_t>(
                word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits)));
        }
    }
    assert(at == count_);
    exchange_storage(fresh, bytes);
    capacity_ = bitmap_count_min;
}

void SlotContainer::exchange_storage(void* storage, std::uint64_t& bytes) noexcept {
    if (storage_ != nullptr) {
        bytes -= usable_bytes(storage_);
        release(storage_);
    }
    if (storage != nullptr) {
        bytes += usable_bytes(storage);
    }
    storage_ = storage;
}

}  // namespace tc
