// SPDX-License-Identifier: MIT
//
// The store's figures, and whether its parts agree.
#include <algorithm>

#include "store/invariant.hpp"
#include "store/store.hpp"
#include "store/store_state.hpp"
#include "store/stripe.hpp"

namespace tc {

StoreStats Store::stats() const noexcept {
    StoreStats stats;
    for (const std::unique_ptr<Stripe>& stripe : stripes_) {
        stripe->add_stats(stats);
    }
    stats.tag_count = state_->names.count();
    stats.tag_bytes += state_->names.bytes();
    stats.idle_bytes += state_->blobs.warm_bytes();
    const std::uint64_t retired_blob_bytes = state_->account.retired_blob_bytes();
    stats.retired_bytes += retired_blob_bytes;
    std::uint64_t limbo_blob_bytes = 0;
    state_->reclaimer.for_each_seat([&](const Seat& seat) {
        stats.retired_bytes += seat.retired_name_bytes.load(std::memory_order_relaxed);
        limbo_blob_bytes += seat.limbo_blob_bytes.load(std::memory_order_relaxed);
        stats.hits += seat.counters.hits.value();
        stats.misses += seat.counters.misses.value();
        stats.expired += seat.counters.expired.value();
        stats.evicted += seat.counters.evicted.value();
        stats.invalidated += seat.counters.invalidated.value();
        stats.deleted += seat.counters.deleted.value();
        stats.stored += seat.counters.stored.value();
        stats.refused_out_of_memory += seat.counters.refused_out_of_memory.value();
    });
    // What has been retired and left the limbo is there for a pin's sake.
    stats.pinned_bytes = retired_blob_bytes - std::min(retired_blob_bytes, limbo_blob_bytes);
    stats.used_bytes =
        stats.entry_bytes + stats.index_bytes + stats.tag_bytes + stats.retired_bytes;
    return stats;
}

void Store::check_invariants() const {
    std::uint64_t tag_count = 0;
    for (const std::unique_ptr<Stripe>& stripe : stripes_) {
        stripe->check_invariants(tag_count);
    }
    require_invariant(state_->names.check_and_count_bits() == tag_count,
                      "a tag has a stripe bit for each stripe that holds it only");
    std::int64_t used_bytes = state_->account.used_bytes();
    state_->reclaimer.for_each_seat(
        [&](const Seat& seat) { used_bytes += seat.unreported_bytes(); });
    require_invariant(
        used_bytes >= 0 && static_cast<std::uint64_t>(used_bytes) == stats().used_bytes,
        "the account is the sum of its parts");
}

}  // namespace tc
