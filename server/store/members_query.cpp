// SPDX-License-Identifier: MIT
#include "store/members_query.hpp"

#include <algorithm>
#include <array>

namespace tc {
namespace {

// Up to here looking up one by one is cheaper than making a bitmap (1.5 us a block).
constexpr std::uint32_t few = 32;

}  // namespace

MembersQuery::MembersQuery(std::span<const Members* const> tags, TagMatch match) noexcept
    : tags_(tags), match_(match) {
    if (tags_.empty()) {
        return;
    }
    if (match_ == TagMatch::all) {
        rarest_ = *std::min_element(tags_.begin(), tags_.end(), [](const auto* a, const auto* b) {
            return a->count() < b->count();
        });
        count_max_ = rarest_->count();
        return;
    }
    for (const Members* const each : tags_) {
        count_max_ += each->count();
    }
}

std::uint32_t MembersQuery::mark(SlotBitmap* dead) const noexcept {
    if (match_ == TagMatch::any) {
        // What one tag has marked is not fresh for the next.
        std::uint32_t fresh_count = 0;
        for (const Members* const each : tags_) {
            fresh_count += each->mark(dead);
        }
        return fresh_count;
    }
    return sum([dead](auto slots) { return mark_slots(dead, slots); },
               [dead](std::uint32_t block, ConstBlockWords words) {
                   return mark_block(dead + std::size_t{block} * block_words, words);
               });
}

std::uint32_t MembersQuery::count_alive(const SlotBitmap* dead) const noexcept {
    if (tags_.size() == 1) {
        return tags_.front()->count_alive(dead);
    }
    if (dead == nullptr) {
        static constexpr std::array<SlotBitmap, block_words> nobody{};
        return sum([](auto slots) { return static_cast<std::uint32_t>(slots.size()); },
                   [](std::uint32_t /*block*/, ConstBlockWords words) {
                       return count_alive_block(nobody.data(), words);
                   });
    }
    return sum([dead](auto slots) { return count_alive_slots(dead, slots); },
               [dead](std::uint32_t block, ConstBlockWords words) {
                   return count_alive_block(dead + std::size_t{block} * block_words, words);
               });
}

std::uint32_t MembersQuery::candidate(std::uint32_t slot) const noexcept {
    if (match_ == TagMatch::all) {
        // What lies before any tag's next member cannot be one of them.
        for (const Members* const each : tags_) {
            slot = slot == Members::none ? slot : each->seek(slot);
        }
        return tags_.empty() ? Members::none : slot;
    }
    std::uint32_t first = Members::none;
    for (const Members* const each : tags_) {
        first = std::min(first, each->seek(slot));
    }
    return first;
}

bool MembersQuery::contains(std::uint32_t slot) const noexcept {
    const auto has_slot = [slot](const Members* each) { return each->contains(slot); };
    if (match_ == TagMatch::all) {
        return !tags_.empty() && std::all_of(tags_.begin(), tags_.end(), has_slot);
    }
    return std::any_of(tags_.begin(), tags_.end(), has_slot);
}

template <typename OfSlots, typename OfBlock>
std::uint32_t MembersQuery::sum(const OfSlots& of_slots, const OfBlock& of_block) const {
    if (count_max_ <= few) {
        std::array<std::uint32_t, few> slots;
        return of_slots(std::span<const std::uint32_t>{slots.data(), write_few(slots.data())});
    }
    std::uint32_t sum = 0;
    std::array<std::uint64_t, block_words> words;
    for (std::uint32_t block = next_block(0); block != Members::none;
         block = next_block(block + 1)) {
        write_block(block, words);
        sum += of_block(block, words);
    }
    return sum;
}

std::uint32_t* MembersQuery::write_few(std::uint32_t* slots) const noexcept {
    std::uint32_t* end = slots;
    const auto write = [&](const Members& members) {
        for (std::uint32_t slot = members.seek(0); slot != Members::none;
             slot = members.seek(slot + 1)) {
            *end++ = slot;
        }
    };
    if (match_ == TagMatch::all) {
        if (rarest_ != nullptr) {
            write(*rarest_);
        }
        return std::remove_if(slots, end, [this](std::uint32_t slot) { return !contains(slot); });
    }
    for (const Members* const each : tags_) {
        write(*each);
    }
    std::sort(slots, end);
    return std::unique(slots, end);
}

void MembersQuery::write_block(std::uint32_t block, BlockWords words) const noexcept {
    std::fill(words.begin(), words.end(), 0);
    if (match_ == TagMatch::all) {
        rarest_->unite(block, words);
    }
    for (const Members* const each : tags_) {
        if (match_ == TagMatch::any) {
            each->unite(block, words);
        } else if (each != rarest_) {
            each->intersect(block, words);
        }
    }
}

std::uint32_t MembersQuery::next_block(std::uint32_t block) const noexcept {
    std::uint32_t next = match_ == TagMatch::all ? block : Members::none;
    for (const Members* const each : tags_) {
        const std::uint32_t own = each->next_block(block);
        next = match_ == TagMatch::all ? std::max(next, own) : std::min(next, own);
    }
    return next;
}

}  // namespace tc
