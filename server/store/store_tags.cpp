// SPDX-License-Identifier: MIT
//
// The store's operations on tags, and FLUSH. The order in which sequence, clocks, masks and stripes
// are touched is a rule (docs/decisions.md): it keeps a value that was read from a database before
// an invalidation from being stored after it.
#include <bit>
#include <cassert>

#include "store/cursor.hpp"
#include "store/seeded_fault.hpp"
#include "store/store.hpp"
#include "store/store_state.hpp"
#include "store/stripe.hpp"
#include "store/yield_point.hpp"

namespace tc {
namespace {

// What an operation on tags does for the wheels of the stripes that it visits, in all.
constexpr std::uint32_t expired_per_operation = 1024;

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
    // Also for a tag that nobody carries: a fill that is under way has to hear of it. Every clock
    // is raised before any mask is read, so that whoever checks a clock after setting its bit in
    // the mask is either seen here or sees it.
    const std::uint64_t sequence = state_->sequence.fetch_add(1) + 1;
    const std::uint64_t early_mask =
        seeded(Fault::masks_before_clocks) ? stripes_with(tags, match) : all_stripes;
    yield_point(YieldPoint::before_tag_clocks);
    const auto raise_clocks = [&] {
        for (const std::string_view tag : tags) {
            state_->tag_clocks.raise(state_->hash_of(tag), sequence);
        }
    };
    if (!seeded(Fault::tag_clock_after_visits) &&
        (!seeded(Fault::tag_clock_only_if_held) || stripes_with(tags, match) != 0)) {
        raise_clocks();
    }
    std::atomic_thread_fence(std::memory_order_seq_cst);
    yield_point(YieldPoint::tag_clocks_raised);
    std::uint64_t removed_count = 0;
    std::uint32_t expired_budget = expired_per_operation;
    for (std::uint64_t left = stripes_with(tags, match) & early_mask; left != 0; left &= left - 1) {
        Stripe& stripe = *stripes_[static_cast<std::size_t>(std::countr_zero(left))];
        if (seeded_now_and_then(Fault::invalidate_skips_stripe)) {
            continue;
        }
        removed_count += stripe.invalidate(session.seat_, {tags, match}, expired_budget);
        yield_point(YieldPoint::between_stripes);
    }
    if (seeded(Fault::tag_clock_after_visits)) {
        raise_clocks();
    }
    state_->sequence.fetch_add(1, std::memory_order_acq_rel);
    return removed_count + (seeded_now_and_then(Fault::count_one_too_many) ? 1 : 0);
}

std::uint64_t Store::count_tagged(Session& session, std::span<const std::string_view> tags,
                                  TagMatch match) noexcept {
    assert(session.is_inside());
    std::uint64_t count = 0;
    std::uint32_t expired_budget = expired_per_operation;
    for (std::uint64_t left = stripes_with(tags, match); left != 0; left &= left - 1) {
        Stripe& stripe = *stripes_[static_cast<std::size_t>(std::countr_zero(left))];
        count += stripe.count_tagged(session.seat_, {tags, match}, expired_budget);
    }
    return count;
}

std::uint64_t Store::flush(Session& session) noexcept {
    assert(session.is_inside());
    state_->sequence.fetch_add(1);
    std::uint64_t removed_count = 0;
    for (const std::unique_ptr<Stripe>& stripe : stripes_) {
        removed_count += stripe->flush(session.seat_);
        yield_point(YieldPoint::between_stripes);
    }
    state_->sequence.fetch_add(1, std::memory_order_acq_rel);
    return removed_count;
}

}  // namespace tc
