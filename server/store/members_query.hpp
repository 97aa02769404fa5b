// SPDX-License-Identifier: MIT
//
// The entries of one stripe that carry any, or all, of several tags. Sets are counted and marked a
// block of block_slots slots at a time, in a bitmap of 8 KiB on the stack, so that the work is one
// of words and not of members times tags; a few members are looked up one by one instead. Guarded
// by the stripe's lock.
#pragma once

#include <cstdint>
#include <span>

#include "store/members.hpp"
#include "store/store.hpp"

namespace tc {

class MembersQuery {
 public:
    // `tags` are the members of each tag that the stripe holds; the caller keeps them. A query for
    // all of several tags of which the stripe does not hold one has no tags.
    MembersQuery(std::span<const Members* const> tags, TagMatch match) noexcept;

    // Makes all of them dead; how many were not.
    [[nodiscard]] std::uint32_t mark(SlotBitmap* dead) const noexcept;
    // How many are not dead; `dead` may be null when nobody is.
    [[nodiscard]] std::uint32_t count_alive(const SlotBitmap* dead) const noexcept;

    // For scans: the first slot >= slot that may be one of them, or none; and whether it is one.
    // Both cost a look into each tag.
    [[nodiscard]] std::uint32_t candidate(std::uint32_t slot) const noexcept;
    [[nodiscard]] bool contains(std::uint32_t slot) const noexcept;

 private:
    // The sums of of_slots(slots) or of of_block(block, words), by how many there are.
    template <typename OfSlots, typename OfBlock>
    [[nodiscard]] std::uint32_t sum(const OfSlots& of_slots, const OfBlock& of_block) const;
    // Writes the slots there, sorted, and returns the end. REQUIRES: they are few.
    std::uint32_t* write_few(std::uint32_t* slots) const noexcept;
    void write_block(std::uint32_t block, BlockWords words) const noexcept;
    // The first block >= block that may have some, or Members::none.
    [[nodiscard]] std::uint32_t next_block(std::uint32_t block) const noexcept;

    std::span<const Members* const> tags_;
    TagMatch match_;
    // For all: the tag with the fewest members.
    const Members* rarest_ = nullptr;
    // Of the rarest one, or of all tags together: how many can be found at most.
    std::uint64_t count_max_ = 0;
};

}  // namespace tc
