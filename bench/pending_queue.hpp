// SPDX-License-Identifier: MIT
//
// What a connection is waiting for, in the order of the answers: a ring that grows to the depth of
// the pipeline and then allocates no more.
#pragma once

#include <cassert>
#include <cstddef>
#include <vector>

namespace tc::bench {

template <typename Item>
class PendingQueue {
 public:
    [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
    [[nodiscard]] const Item& front() const noexcept {
        assert(count_ != 0);
        return items_[first_];
    }
    void pop() noexcept {
        assert(count_ != 0);
        first_ = (first_ + 1) & (items_.size() - 1);
        --count_;
    }
    void push(const Item& item) noexcept {
        if (count_ == items_.size()) {
            grow();
        }
        items_[(first_ + count_) & (items_.size() - 1)] = item;
        ++count_;
    }

 private:
    void grow() noexcept {
        std::vector<Item> larger(items_.size() * 2);
        for (std::size_t i = 0; i < count_; ++i) {
            larger[i] = items_[(first_ + i) & (items_.size() - 1)];
        }
        items_.swap(larger);
        first_ = 0;
    }

    std::vector<Item> items_ = std::vector<Item>(64);  // a power of two
    std::size_t first_ = 0;
    std::size_t count_ = 0;
};

}  // namespace tc::bench
