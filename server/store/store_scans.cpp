// SPDX-License-Identifier: MIT
//
// The store's operations on many entries: they visit stripe after stripe.
#include <cassert>
#include <new>

#include "store/cursor.hpp"
#include "store/store.hpp"
#include "store/store_state.hpp"
#include "store/stripe.hpp"

namespace tc {
namespace {

constexpr std::uint64_t all_stripes = UINT64_MAX;

// A stripe is not locked for longer than this many slots at a time by the sweep.
constexpr std::uint32_t sweep_slots_per_lock = 256;

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

std::uint64_t Store::stripes_with(std::span<const std::string_view> tags,
                                  TagMatch match) const noexcept {
    if (tags.empty()) {
        return 0;
    }
    std::uint64_t stripes = match == TagMatch::any ? 0 : all_stripes;
    for (const std::string_view tag : tags) {
        const std::uint64_t with_tag = state_->names.stripes(tag, state_->hash_of(tag));
        stripes = match == TagMatch::any ? stripes | with_tag : stripes & with_tag;
    }
    return stripes;
}

std::uint64_t Store::invalidate(Session& session, std::span<const std::string_view> tags,
                                TagMatch match) noexcept {
    assert(session.is_inside());
    // Also for a tag that nobody carries: a fill that is under way has to hear of it.
    state_->sequence.fetch_add(1);
    std::uint64_t removed_count = 0;
    for (std::uint64_t left = stripes_with(tags, match); left != 0; left &= left - 1) {
        Stripe& stripe = *stripes_[static_cast<std::size_t>(std::countr_zero(left))];
        removed_count += stripe.invalidate(session.seat_, {tags, match});
    }
    return removed_count;
}

std::uint64_t Store::count_tagged(Session& session, std::span<const std::string_view> tags,
                                  TagMatch match) noexcept {
    assert(session.is_inside());
    static_cast<void>(session);
    std::uint64_t count = 0;
    for (std::uint64_t left = stripes_with(tags, match); left != 0; left &= left - 1) {
        count +=
            stripes_[static_cast<std::size_t>(std::countr_zero(left))]->count_tagged({tags, match});
    }
    return count;
}

std::uint64_t Store::flush(Session& session) noexcept {
    assert(session.is_inside());
    state_->sequence.fetch_add(1);
    std::uint64_t removed_count = 0;
    for (const std::unique_ptr<Stripe>& stripe : stripes_) {
        removed_count += stripe->flush(session.seat_);
    }
    return removed_count;
}

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
    const auto next = scan_stripes(stripes_, stripes_with(tags, match), *start,
                                   [&](Stripe& stripe, std::uint32_t slot) noexcept {
                                       return stripe.keys_by_tag({tags, match}, slot, budget, keys);
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
    // Counting a tag visits up to all stripes.
    PageBudget budget(with_counts ? std::min(limit, counted_tags_max) : limit);
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
    if (with_counts) {
        for (TagCount& tag : std::span{tags}.subspan(known_count)) {
            tag.entry_count = count_tagged(session, {&tag.name, 1}, TagMatch::any);
        }
    }
    const bool is_end = place.part == TagNames::shard_count;
    return {Outcome::ok,
            next_cursor(CursorKind::list_tags, is_end ? std::nullopt : std::optional{place},
                        state_->hash_of),
            budget.examined_count()};
}

void Store::sweep_expired(Session& session, std::uint32_t worker, std::uint32_t worker_count,
                          std::uint32_t budget) noexcept {
    assert(session.is_inside() && worker < worker_count);
    Seat& seat = session.seat_;
    // One round at most, from where the last call stopped. The first stripe may be seen twice, in
    // two parts.
    const std::size_t stripes_to_visit = stripes_.size() / worker_count + 2;
    for (std::size_t visited = 0; visited < stripes_to_visit && budget != 0;) {
        if (seat.sweep_stripe >= stripes_.size() || seat.sweep_stripe % worker_count != worker) {
            seat.sweep_stripe = worker;
            seat.sweep_slot = 0;
        }
        if (seat.sweep_stripe >= stripes_.size()) {
            return;  // more workers than stripes
        }
        std::uint32_t part = std::min(budget, sweep_slots_per_lock);
        budget -= part;
        seat.sweep_slot = stripes_[seat.sweep_stripe]->sweep_expired(seat, seat.sweep_slot, part);
        budget += part;
        if (seat.sweep_slot == Slots::none) {
            seat.sweep_stripe += worker_count;
            seat.sweep_slot = 0;
            ++visited;
        }
    }
}

}  // namespace tc
