// SPDX-License-Identifier: MIT
//
// Operations on many entries of a stripe: by tag, by slot.
#include <algorithm>
#include <cassert>

#include "store/glob.hpp"
#include "store/stripe.hpp"

namespace tc {
namespace {

bool matches(const KeyPattern& pattern, std::string_view key, PageBudget& budget) {
    if (!pattern.is_glob) {
        return key.starts_with(pattern.text);
    }
    const GlobMatch match = match_glob(pattern.text, key);
    budget.charge(match.step_count / PageBudget::glob_steps_per_place);
    return match.is_match;
}

}  // namespace

std::uint64_t Stripe::invalidate(Seat& seat, const TagQuery& query) noexcept {
    const Visit visit(*this, seat);
    std::uint64_t removed_count = 0;
    if (query.match == TagMatch::any || query.tags.size() == 1) {
        // What an earlier tag has removed is not there any more for a later one.
        for (const std::string_view tag : query.tags) {
            removed_count += invalidate_tag(seat, tag);
        }
    } else {
        std::uint32_t slot = candidate(query, 0);
        for (; slot != Slots::none; slot = candidate(query, slot + 1)) {
            if (carries_all(query.tags, slot)) {
                unlink(seat, {slots_[slot], slot});
                ++removed_count;
            }
        }
    }
    seat.counters.invalidated.add(removed_count);
    return removed_count;
}

std::uint64_t Stripe::invalidate_tag(Seat& seat, std::string_view tag) noexcept {
    TagIndex::Detached detached = tags_.detach(seat, tag);
    const Members& members = detached.members;
    for (std::uint32_t slot = members.seek(0); slot != Members::none;
         slot = members.seek(slot + 1)) {
        unlink(seat, {slots_[slot], slot}, detached.id);
    }
    const std::uint64_t removed_count = members.count();
    tags_.free_members(detached.members);
    return removed_count;
}

std::uint64_t Stripe::count_tagged(const TagQuery& query) noexcept {
    const MutexLock lock(mutex_);
    return query.match == TagMatch::all ? count_all(query) : count_any(query.tags);
}

std::uint64_t Stripe::count_all(const TagQuery& query) const noexcept {
    const Members* const members = rarest(query);
    if (members == nullptr) {
        return 0;
    }
    if (query.tags.size() == 1) {
        return members->count();
    }
    std::uint64_t count = 0;
    for (std::uint32_t slot = members->seek(0); slot != Members::none;
         slot = members->seek(slot + 1)) {
        count += carries_all(query.tags, slot) ? 1 : 0;
    }
    return count;
}

// An entry counts for the first tag that it carries.
std::uint64_t Stripe::count_any(std::span<const std::string_view> tags) const noexcept {
    std::uint64_t count = 0;
    for (std::size_t index = 0; index < tags.size(); ++index) {
        const Members* const members = tags_.members(tags[index]);
        if (members == nullptr) {
            continue;
        }
        if (index == 0) {
            count += members->count();
            continue;
        }
        for (std::uint32_t slot = members->seek(0); slot != Members::none;
             slot = members->seek(slot + 1)) {
            count += carries_any(tags.first(index), slot) ? 0 : 1;
        }
    }
    return count;
}

std::uint64_t Stripe::flush(Seat& seat) noexcept {
    const Visit visit(*this, seat);
    const std::uint64_t removed_count = index_.count();
    for (std::uint32_t slot = slots_.end(); slot-- > 0;) {
        if (Entry* const entry = slots_[slot]; entry != nullptr) {
            unlink(seat, {entry, slot});
        }
    }
    index_.clear();
    slots_.clear();
    tags_.clear();
    seat.counters.deleted.add(removed_count);
    return removed_count;
}

std::uint32_t Stripe::scan(const KeyPattern& pattern, std::uint32_t slot, PageBudget& budget,
                           std::vector<std::string_view>& keys) noexcept {
    const MutexLock lock(mutex_);
    const std::uint64_t now_ms = shared_.now_ms();
    for (; slot < slots_.end(); ++slot) {
        if (budget.is_spent()) {
            return slot;
        }
        --budget.places_left;
        const Entry* const entry = slots_[slot];
        if (entry != nullptr && !entry->is_expired(now_ms) &&
            matches(pattern, entry->key(), budget)) {
            keys.push_back(entry->key());
            --budget.names_left;
        }
    }
    return Slots::none;
}

std::uint32_t Stripe::keys_by_tag(const TagQuery& query, std::uint32_t slot, PageBudget& budget,
                                  std::vector<std::string_view>& keys) noexcept {
    const MutexLock lock(mutex_);
    const std::uint64_t now_ms = shared_.now_ms();
    // Each candidate looks for every tag again.
    const auto price =
        static_cast<std::uint32_t>(1 + PageBudget::places_per_tag_look_up * query.tags.size());
    for (slot = candidate(query, slot); slot != Slots::none; slot = candidate(query, slot + 1)) {
        if (budget.is_spent()) {
            return slot;
        }
        budget.charge(price);
        const Entry* const entry = slots_[slot];
        const bool is_meant = query.match == TagMatch::any || carries_all(query.tags, slot);
        if (is_meant && !entry->is_expired(now_ms)) {
            keys.push_back(entry->key());
            --budget.names_left;
        }
    }
    return Slots::none;
}

std::uint32_t Stripe::remove_prefix(Seat& seat, std::string_view prefix, std::uint32_t slot,
                                    PageBudget& budget) noexcept {
    const Visit visit(*this, seat);
    const std::uint64_t now_ms = shared_.now_ms();
    for (; slot < slots_.end(); ++slot) {
        if (budget.is_spent()) {
            return slot;
        }
        --budget.places_left;
        Entry* const entry = slots_[slot];
        if (entry != nullptr && !entry->is_expired(now_ms) && entry->key().starts_with(prefix)) {
            unlink(seat, {entry, slot});
            --budget.names_left;
            seat.counters.deleted.add();
        }
    }
    return Slots::none;
}

std::uint32_t Stripe::sweep_expired(Seat& seat, std::uint32_t slot,
                                    std::uint32_t& budget) noexcept {
    const Visit visit(*this, seat);
    const std::uint64_t now_ms = shared_.now_ms();
    for (; slot < slots_.end(); ++slot) {
        if (budget == 0) {
            return slot;
        }
        --budget;
        Entry* const entry = slots_[slot];
        if (entry != nullptr && entry->is_expired(now_ms)) {
            unlink(seat, {entry, slot});
            seat.counters.expired.add();
        }
    }
    return Slots::none;
}

const Members* Stripe::rarest(const TagQuery& query) const noexcept {
    const Members* rarest = nullptr;
    for (const std::string_view tag : query.tags) {
        const Members* const members = tags_.members(tag);
        if (members == nullptr) {
            return nullptr;
        }
        if (rarest == nullptr || members->count() < rarest->count()) {
            rarest = members;
        }
    }
    return rarest;
}

bool Stripe::carries_all(std::span<const std::string_view> tags,
                         std::uint32_t slot) const noexcept {
    const TagIndex* const index = &tags_;
    return std::all_of(tags.begin(), tags.end(),
                       [&](std::string_view tag) { return index->carries(tag, slot); });
}

bool Stripe::carries_any(std::span<const std::string_view> tags,
                         std::uint32_t slot) const noexcept {
    const TagIndex* const index = &tags_;
    return std::any_of(tags.begin(), tags.end(),
                       [&](std::string_view tag) { return index->carries(tag, slot); });
}

std::uint32_t Stripe::candidate(const TagQuery& query, std::uint32_t slot) const noexcept {
    if (query.match == TagMatch::all) {
        const Members* const members = rarest(query);
        return members == nullptr ? Slots::none : members->seek(slot);
    }
    std::uint32_t first = Slots::none;
    for (const std::string_view tag : query.tags) {
        if (const Members* const members = tags_.members(tag); members != nullptr) {
            first = std::min(first, members->seek(slot));
        }
    }
    return first;
}

}  // namespace tc
