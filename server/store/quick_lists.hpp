// SPDX-License-Identifier: MIT
//
// Blocks of an EntryHeap that were freed a moment ago and will be wanted again in a moment, because
// a write that replaces an entry needs a block just as large as the one it frees (Weinstock and
// Wulf, Quick Fit: an efficient algorithm for heap storage allocation, 1988). They are left as they
// are: to their neighbours they are in use, so that giving one out touches no other block, and it
// is the one that was in a cache last. Each is still the retired entry that was in it, which links
// it to the next. Guarded by the stripe's lock.
#pragma once

#include <array>
#include <cstdint>

#include "store/entry.hpp"

namespace tc {

class QuickLists {
 public:
    // Above it a block is no longer cheap to fill.
    static constexpr std::uint32_t block_steps_max = 256;

    explicit QuickLists(char* heap_begin) noexcept : heap_begin_(heap_begin) {}

    // REQUIRES: steps <= block_steps_max.
    void push(EntryRef ref, std::uint32_t steps) noexcept {
        entry_at(heap_begin_, ref)->retire(first_[steps]);
        first_[steps] = ref;
        steps_ += steps;
    }
    // The last one of exactly that size, or no_entry.
    [[nodiscard]] EntryRef pop(std::uint32_t steps) noexcept {
        const EntryRef ref = first_[steps];
        if (ref != no_entry) {
            first_[steps] = entry_at(heap_begin_, ref)->next_retired();
            steps_ -= steps;
        }
        return ref;
    }
    // Any, and its size; no_entry when there is none. Looks at every size in turn, so that taking
    // them all looks at each list once.
    struct Block {
        EntryRef ref = no_entry;
        std::uint32_t steps = 0;
    };
    [[nodiscard]] Block pop_any() noexcept {
        while (steps_ != 0) {
            if (const EntryRef ref = pop(hand_); ref != no_entry) {
                return {ref, hand_};
            }
            hand_ = hand_ == block_steps_max ? 0 : hand_ + 1;
        }
        return {};
    }

    [[nodiscard]] std::uint64_t steps() const noexcept { return steps_; }

 private:
    char* const heap_begin_;
    std::uint64_t steps_ = 0;
    std::uint32_t hand_ = 0;
    std::array<EntryRef, block_steps_max + 1> first_{};
};

}  // namespace tc
