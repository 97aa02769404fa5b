// SPDX-License-Identifier: MIT
//
// Operations on tags. What dies by them is only marked here, a word of 64 slots at a time; upkeep()
// unlinks it.
#include "store/members_query.hpp"
#include "store/seeded_fault.hpp"
#include "store/stripe.hpp"
#include "store/yield_point.hpp"

namespace tc {

std::uint64_t Stripe::invalidate(Seat& seat, const TagQuery& query,
                                 std::uint32_t& expired_budget) noexcept {
    const Visit visit(*this, seat);
    static_cast<void>(unlink_expired(seat, expired_budget));
    std::uint32_t died_count = 0;
    if (query.match == TagMatch::all && query.tags.size() > 1) {
        died_count = members_of(seat, query).mark(slots_.dead_words());
        slots_.add_dead(died_count);
    } else {
        for (const std::string_view tag : query.tags) {
            // The tag goes with its edges. Those that the dead have to other tags go with the dead.
            tags_.drop(seat, tag, [&](const Members& members) {
                const std::uint32_t fresh_count = members.mark(slots_.dead_words());
                slots_.add_dead(seeded(Fault::dead_counted_after_the_tag_left) ? 0 : fresh_count);
                yield_point(YieldPoint::before_edges_removed);
                died_count += seeded(Fault::dead_counted_again) ? members.count() : fresh_count;
            });
        }
    }
    slots_.add_dead(seeded(Fault::dead_counted_after_the_tag_left) ? died_count : 0);
    if (seeded_now_and_then(Fault::invalidate_takes_all)) {
        static_cast<void>(slots_.kill_all());
    }
    seat.counters.invalidated.add(died_count);
    return died_count;
}

std::uint64_t Stripe::count_tagged(Seat& seat, const TagQuery& query,
                                   std::uint32_t& expired_budget) noexcept {
    const Visit visit(*this, seat);
    static_cast<void>(unlink_expired(seat, expired_budget));
    return members_of(seat, query).count_alive(slots_.has_dead() ? slots_.dead_words() : nullptr);
}

std::uint64_t Stripe::flush(Seat& seat) noexcept {
    const Visit visit(*this, seat);
    const std::uint32_t died_count = slots_.kill_all();
    flush_clock_ = seeded(Fault::flush_without_clock) ? flush_clock_ : ++sequence_;
    seat.counters.deleted.add(died_count);
    return died_count;
}

std::uint32_t Stripe::keys_by_tag(Seat& seat, const TagQuery& query, std::uint32_t slot,
                                  PageBudget& budget,
                                  std::vector<std::string_view>& keys) noexcept {
    const MutexLock lock(mutex_);
    const std::uint64_t now_ms = shared_.now_ms();
    const MembersQuery members = members_of(seat, query);
    // Each candidate looks into every tag again.
    const auto price =
        static_cast<std::uint32_t>(1 + PageBudget::places_per_tag_look_up * query.tags.size());
    for (slot = members.candidate(slot); slot != Members::none;
         slot = members.candidate(slot + 1)) {
        if (budget.is_spent()) {
            return slot;
        }
        budget.charge(price);
        const Entry& entry = entry_in(slot);
        if (is_live(entry, now_ms) && members.contains(slot)) {
            keys.push_back(entry.key());
            --budget.names_left;
        }
    }
    return Slots::none;
}

MembersQuery Stripe::members_of(Seat& seat, const TagQuery& query) const noexcept {
    seat.members.clear();
    for (const std::string_view tag : query.tags) {
        if (const Members* const members = tags_.members(tag); members != nullptr) {
            seat.members.push_back(members);
        } else if (query.match == TagMatch::all) {
            seat.members.clear();
            break;
        }
    }
    return {seat.members, query.match};
}

}  // namespace tc
