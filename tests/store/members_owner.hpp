// SPDX-License-Identifier: MIT
//
// Members with an account that must come out even, and the slots of a stripe that are dead.
#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <set>
#include <vector>

#include "store/members.hpp"

namespace tc::test {

using SlotModel = std::set<std::uint32_t>;

struct MembersOwner {
    MembersOwner() = default;
    MembersOwner(const MembersOwner&) = delete;
    MembersOwner& operator=(const MembersOwner&) = delete;
    ~MembersOwner() {
        members.clear(bytes);
        CHECK(bytes == 0);
    }

    AddResult add(std::uint32_t slot) { return members.add(slot, bytes); }
    bool remove(std::uint32_t slot) { return members.remove(slot, bytes); }
    [[nodiscard]] SlotModel all() const {
        SlotModel slots;
        for (std::uint32_t slot = members.seek(0); slot != Members::none;
             slot = members.seek(slot + 1)) {
            slots.insert(slot);
        }
        return slots;
    }

    Members members;
    std::uint64_t bytes = 0;
};

class DeadSlots {
 public:
    explicit DeadSlots(std::uint32_t slot_end) : words_(slot_end / 64 + 1) {}

    void kill(std::uint32_t slot) { words_[slot / 64] |= word_bit(slot); }
    [[nodiscard]] SlotBitmap* words() { return words_.data(); }
    [[nodiscard]] SlotModel all() const {
        SlotModel slots;
        for (std::uint32_t slot = 0; slot < words_.size() * 64; ++slot) {
            if ((words_[slot / 64].load() & word_bit(slot)) != 0) {
                slots.insert(slot);
            }
        }
        return slots;
    }

 private:
    std::vector<SlotBitmap> words_;
};

}  // namespace tc::test
