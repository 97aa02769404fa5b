// SPDX-License-Identifier: MIT
//
// What a FILL with a lease from before an invalidation would do, as far as it can be seen without
// leases: it stores, and it asks the tag's clock after it has linked the tag.
#include <catch2/catch.hpp>

#include "scheduled_store.hpp"
#include "store_probe.hpp"

namespace tc::test {
namespace {

void explore_fill(const Names& tags_before) {
    explore({}, [&](Schedule& schedule) {
        DrivenStore driven({.stripe_count = 2, .hash_seed = 1});
        const StoreProbe probe(driven.store);
        if (!tags_before.empty()) {
            REQUIRE(driven.put("other", "1", tags_before) == Outcome::ok);
        }
        const std::uint64_t lease = driven.store.sequence();
        Session invalidating(driven.store);
        std::uint64_t clock_seen = 0;
        schedule.run({
            [&] {
                static_cast<void>(driven.put("k", "read before", {"t"}));
                clock_seen = probe.tag_clock("t");
            },
            [&] {
                const Turn turn(invalidating, driven.now_ms);
                const Names tags{"t"};
                static_cast<void>(driven.store.invalidate(invalidating, tags, TagMatch::any));
            },
        });
        const bool is_accepted = clock_seen <= lease;
        REQUIRE_FALSE((is_accepted && driven.exists("k")));
        driven.store.check_invariants();
    });
}

}  // namespace

TEST_CASE("schedules: a fill || invalidate: what the tag's clock lets through is removed",
          "[store][schedule][clocks]") {
    SECTION("nobody carries the tag") {
        explore_fill({});
    }
    SECTION("another entry carries it") {
        explore_fill({"t"});
    }
}

}  // namespace tc::test
