// SPDX-License-Identifier: MIT
#include "store/slot_container.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

#include "store/memory.hpp"

namespace tc {
namespace {

constexpr std::uint64_t bit_of(std::uint32_t low) {
    return std::uint64_t{1} << (low % 64);
}

}  // namespace

AddResult SlotContainer::add(std::uint16_t low, std::uint64_t& bytes) noexcept {
    if (!is_bitmap_) {
        const std::uint32_t at = lower_bound(low);
        if (at < count_ && array()[at] == low) {
            return AddResult::present;
        }
        if (count_ < array_count_max) {
            // Half as much again: memory matters more here than the copies do.
            if (count_ == capacity_ &&
                !resize_array(std::min(count_ + count_ / 2 + 2, array_count_max), bytes)) {
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
    if ((word & bit_of(low)) != 0) {
        return AddResult::present;
    }
    word |= bit_of(low);
    ++count_;
    return AddResult::added;
}

bool SlotContainer::remove(std::uint16_t low, std::uint64_t& bytes) noexcept {
    if (is_bitmap_) {
        std::uint64_t& word = words()[low / 64];
        if ((word & bit_of(low)) == 0) {
            return false;
        }
        word &= ~bit_of(low);
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
    if (count_ != 0 && count_ < capacity_ / 4) {
        // A failure leaves it as roomy as it is.
        static_cast<void>(resize_array(count_ * 2, bytes));
    }
    return true;
}

std::uint32_t SlotContainer::seek(std::uint32_t low) const noexcept {
    if (low > UINT16_MAX) {
        return none;
    }
    if (!is_bitmap_) {
        const std::uint32_t at = lower_bound(low);
        return at == count_ ? none : array()[at];
    }
    std::uint32_t at = low / 64;
    std::uint64_t word = words()[at] & ~(bit_of(low) - 1);
    while (word == 0) {
        if (++at == bitmap_words) {
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
    is_bitmap_ = false;
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
    capacity_ = static_cast<std::uint32_t>(
        std::min<std::size_t>(usable_bytes(fresh) / sizeof(std::uint16_t), array_count_max));
    return true;
}

bool SlotContainer::become_bitmap(std::uint64_t& bytes) noexcept {
    auto* const fresh = static_cast<std::uint64_t*>(allocate(sizeof(std::uint64_t) * bitmap_words));
    if (fresh == nullptr) {
        return false;
    }
    std::fill_n(fresh, bitmap_words, 0);
    std::for_each(array(), array() + count_,
                  [&](std::uint16_t low) { fresh[low / 64] |= bit_of(low); });
    exchange_storage(fresh, bytes);
    is_bitmap_ = true;
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
    for (std::uint32_t low = seek(0); low != none; low = seek(low + 1)) {
        fresh[at++] = static_cast<std::uint16_t>(low);
    }
    assert(at == count_);
    exchange_storage(fresh, bytes);
    is_bitmap_ = false;
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
