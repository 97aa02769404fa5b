// SPDX-License-Identifier: MIT
//
// The store's operations on many entries: they visit stripe after stripe.
#include <algorithm>
#include <cassert>
#include <new>

#include "store/cursor.hpp"
#include "store/store.hpp"
#include "store/store_state.hpp"
#include "store/stripe.hpp"

namespace tc {
namespace {

// TAG_LIST counts at most so many tags a page, each in up to every stripe.
constexpr std::uint32_t counted_tags_max = 256;

// Room for a page, made before any lock is taken. The vector is the caller's, so it can throw.
template <typename Name>
bool reserve_page(std::vector<Name>& names, const PageBudget& budget) noexcept {
    try {
        names.reserve(names.size() + budget.names_left);
        return true;
    } catch (const std::bad_alloc&) {
        return false;
    }
}

// Scans the given stripes from a place on until the budget is spent. Where to go on, or nothing.
template <typename ScanStripe>
std::optional<ScanPlace> scan_stripes(const std::vector<std::unique_ptr<Stripe>>& stripes,
                                      std::uint64_t wanted, ScanPlace place,
                                      const ScanStripe& scan_stripe) noexcept {
    for (; place.part < stripes.size(); ++place.part, place.place = 0) {
        if ((wanted >> place.part & 1) == 0) {
            continue;
        }
        place.place = scan_stripe(*stripes[place.part], place.place);
        if (place.place != Slots::none) {
            return place;
        }
    }
    return std::nullopt;
}

Cursor next_cursor(CursorKind kind, const std::optional<ScanPlace>& place, const KeyHash& hash) {
    return place ? encode_cursor(kind, *place, hash) : Cursor{};
}

}  // namespace

PageResult Store::scan(Session& session, const KeyPattern& pattern, const Cursor& from,
                       std::uint32_t limit, std::vector<std::string_view>& keys) noexcept {
    assert(session.is_inside() && limit >= 1);
    static_cast<void>(session);
    const auto start = decode_cursor(from, CursorKind::scan, stripe_count_max, state_->hash_of);
    if (!start) {
        return {Outcome::invalid_cursor, {}, 0};
    }
    PageBudget budget(limit);
    if (!reserve_page(keys, budget)) {
        return {Outcome::out_of_memory, {}, 0};
    }
    const auto next = scan_stripes(stripes_, all_stripes, *start,
                                   [&](Stripe& stripe, std::uint32_t slot) noexcept {
                                       return stripe.scan(pattern, slot, budget, keys);
                                   });
    return {Outcome::ok, next_cursor(CursorKind::scan, next, state_->hash_of),
            budget.examined_count()};
}

PageResult Store::keys_by_tag(Session& session, std::span<const std::string_view> tags,
                              TagMatch match, const Cursor& from, std::uint32_t limit,
                              std::vector<std::string_view>& keys) noexcept {
    assert(session.is_inside() && limit >= 1);
    static_cast<void>(session);
    const auto start =
        decode_cursor(from, CursorKind::keys_by_tag, stripe_count_max, state_->hash_of);
    if (!start) {
        return {Outcome::invalid_cursor, {}, 0};
    }
    PageBudget budget(limit);
    if (!reserve_page(keys, budget)) {
        return {Outcome::out_of_memory, {}, 0};
    }
    const auto next = scan_stripes(
        stripes_, stripes_with(tags, match), *start,
        [&](Stripe& stripe, std::uint32_t slot) noexcept {
            return stripe.keys_by_tag(session.seat_, {tags, match}, slot, budget, keys);
        });
    return {Outcome::ok, next_cursor(CursorKind::keys_by_tag, next, state_->hash_of),
            budget.examined_count()};
}

RemovedPageResult Store::remove_prefix(Session& session, std::string_view prefix,
                                       const Cursor& from, std::uint32_t limit) noexcept {
    assert(session.is_inside() && limit >= 1);
    const auto start =
        decode_cursor(from, CursorKind::remove_prefix, stripe_count_max, state_->hash_of);
    if (!start) {
        return {Outcome::invalid_cursor, {}, 0};
    }
    PageBudget budget(limit);
    const std::uint32_t names_before = budget.names_left;
    const auto next = scan_stripes(
        stripes_, all_stripes, *start, [&](Stripe& stripe, std::uint32_t slot) noexcept {
            return stripe.remove_prefix(session.seat_, prefix, slot, budget);
        });
    return {Outcome::ok, next_cursor(CursorKind::remove_prefix, next, state_->hash_of),
            names_before - budget.names_left, budget.examined_count()};
}

PageResult Store::list_tags(Session& session, std::string_view prefix, const Cursor& from,
                            std::uint32_t limit, bool with_counts,
                            std::vector<TagCount>& tags) noexcept {
    assert(session.is_inside() && limit >= 1);
    const auto start =
        decode_cursor(from, CursorKind::list_tags, TagNames::shard_count, state_->hash_of);
    if (!start) {
        return {Outcome::invalid_cursor, {}, 0};
    }
    // Tags that only the dead carry are still in the table. Counting visits up to all stripes.
    const bool counts = with_counts || has_dead();
    PageBudget budget(counts ? std::min(limit, counted_tags_max) : limit);
    if (!reserve_page(tags, budget)) {
        return {Outcome::out_of_memory, {}, 0};
    }
    const std::size_t known_count = tags.size();
    ScanPlace place = *start;
    for (; place.part < TagNames::shard_count; ++place.part, place.place = 0) {
        place.place = state_->names.list(place.part, place.place, prefix, budget, tags);
        if (place.place != TagNames::end_of_shard) {
            break;
        }
    }
    if (counts) {
        const auto first = tags.begin() + static_cast<std::ptrdiff_t>(known_count);
        for (TagCount& tag : std::span{first, tags.end()}) {
            tag.entry_count = count_tagged(session, {&tag.name, 1}, TagMatch::any);
        }
        tags.erase(std::remove_if(first, tags.end(),
                                  [](const TagCount& tag) { return tag.entry_count == 0; }),
                   tags.end());
    }
    const bool is_end = place.part == TagNames::shard_count;
    return {Outcome::ok,
            next_cursor(CursorKind::list_tags, is_end ? std::nullopt : std::optional{place},
                        state_->hash_of),
            budget.examined_count()};
}

bool Store::has_dead() const noexcept {
    return std::any_of(stripes_.begin(), stripes_.end(),
                       [](const std::unique_ptr<Stripe>& stripe) { return stripe->has_dead(); });
}

}  // namespace tc
