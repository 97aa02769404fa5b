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
    std::uint32_t fresh_count = 0;
    if (match_ == TagMatch::any) {
        // What one tag has marked is not fresh for the next.
        for (const Members* const each : tags_) {
            fresh_count += each->mark(dead);
        }
        return fresh_count;
    }
    for_each_word([&](std::uint32_t word, std::uint64_t bits) {
        fresh_count += mark_word(dead[word], bits);
    });
    return fresh_count;
}

std::uint32_t MembersQuery::count_alive(const SlotBitmap* dead) const noexcept {
    std::uint32_t alive_count = 0;
    if (tags_.size() == 1) {
        return tags_.front()->count_alive(dead);
    }
    for_each_word([&](std::uint32_t word, std::uint64_t bits) {
        alive_count += dead == nullptr ? bit_count(bits) : count_alive_in_word(dead[word], bits);
    });
    return alive_count;
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

template <typename Visit>
void MembersQuery::for_each_word(const Visit& visit) const {
    if (count_max_ <= few) {
        for_each_word_of_few(visit);
    } else {
        for_each_word_of_many(visit);
    }
}

template <typename Visit>
void MembersQuery::for_each_word_of_few(const Visit& visit) const {
    std::array<std::uint32_t, few> found;
    auto end = found.begin();
    const auto add_from = [&](const Members& from) {
        for (std::uint32_t slot = from.seek(0); slot != Members::none; slot = from.seek(slot + 1)) {
            *end++ = slot;
        }
    };
    if (match_ == TagMatch::all) {
        if (rarest_ != nullptr) {
            add_from(*rarest_);
            end = std::remove_if(found.begin(), end,
                                 [this](std::uint32_t slot) { return !contains(slot); });
        }
    } else {
        for (const Members* const each : tags_) {
            add_from(*each);
        }
        std::sort(found.begin(), end);
        end = std::unique(found.begin(), end);
    }
    tc::for_each_word(std::span<const std::uint32_t>{found.begin(), end}, visit);
}

template <typename Visit>
void MembersQuery::for_each_word_of_many(const Visit& visit) const {
    std::array<std::uint64_t, block_words> words;
    for (std::uint32_t block = next_block(0); block != Members::none;
         block = next_block(block + 1)) {
        words.fill(0);
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
        for (std::uint32_t word = 0; word < block_words; ++word) {
            if (words.at(word) != 0) {
                visit(block * block_words + word, words.at(word));
            }
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
