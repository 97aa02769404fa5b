// SPDX-License-Identifier: MIT
//
// Pages of a stripe's keys, in the order of their slots.
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

std::uint32_t Stripe::scan(const KeyPattern& pattern, std::uint32_t slot, PageBudget& budget,
                           std::vector<std::string_view>& keys) noexcept {
    const MutexLock lock(mutex_);
    const std::uint64_t now_ms = shared_.now_ms();
    for (slot = slots_.next_used(slot); slot != Slots::none; slot = slots_.next_used(slot + 1)) {
        if (budget.is_spent()) {
            return slot;
        }
        --budget.places_left;
        const Entry& entry = entry_in(slot);
        if (is_live(entry, now_ms) && matches(pattern, entry.key(), budget)) {
            keys.push_back(entry.key());
            --budget.names_left;
        }
    }
    return Slots::none;
}

std::uint32_t Stripe::remove_prefix(Seat& seat, std::string_view prefix, std::uint32_t slot,
                                    PageBudget& budget) noexcept {
    const Visit visit(*this, seat);
    for (slot = slots_.next_used(slot); slot != Slots::none; slot = slots_.next_used(slot + 1)) {
        if (budget.is_spent()) {
            return slot;
        }
        --budget.places_left;
        const Entry& entry = entry_in(slot);
        if (is_live(entry, visit.now_ms()) && entry.key().starts_with(prefix)) {
            unlink(seat, slot, Reason::deleted);
            --budget.names_left;
        }
    }
    return Slots::none;
}

}  // namespace tc
