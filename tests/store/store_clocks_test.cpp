// SPDX-License-Identifier: MIT
//
// The clocks that keep a FILL from storing what was read too early, as the store's operations leave
// them. A lease holds its stripe's sequence b; a FILL is refused when its key's clock is greater.
#include <catch2/catch.hpp>
#include <string>

#include "driven_store.hpp"
#include "store_probe.hpp"

namespace tc::test {
namespace {

// One stripe, and no memory to spare once a few hundred entries are there.
constexpr StoreOptions small_cache{.memory_bytes_max = 1024 * 1024,
                                   .eviction_policy = EvictionPolicy::lru,
                                   .stripe_count = 1,
                                   .value_bytes_max = 4096};

// Puts other keys until the key is gone.
void evict(DrivenStore& cache, const StoreProbe& probe, std::string_view key) {
    const std::string value(1000, 'v');
    for (int number = 0; probe.holds(key); ++number) {
        const std::string other = "other" + std::to_string(number);
        if (probe.shares_key_clock(key, other)) {
            continue;
        }
        REQUIRE(cache.put(other, value) == Outcome::ok);
        REQUIRE(number < 100'000);
    }
}

}  // namespace

TEST_CASE("a delete raises its key's clock, whether the key was there or not", "[store][clocks]") {
    DrivenStore cache({.stripe_count = 4});
    const StoreProbe probe(cache.store);
    const auto raises_clock = [&](const auto& operate) {
        const std::uint64_t lease = probe.sequence("k");
        operate();
        return probe.key_clock("k") > lease && probe.key_clock("k") <= probe.sequence("k");
    };
    CHECK(raises_clock([&] { CHECK(cache.remove("k") == Outcome::not_found); }));
    CHECK(raises_clock([&] { CHECK_FALSE(cache.get_and_remove("k")); }));
    REQUIRE(cache.put("k", "1") == Outcome::ok);
    CHECK(raises_clock([&] { CHECK(cache.remove("k") == Outcome::ok); }));
    REQUIRE(cache.put("k", "1") == Outcome::ok);
    CHECK(raises_clock([&] { CHECK(cache.get_and_remove("k")); }));
    REQUIRE(cache.put("k", "1", {"t"}) == Outcome::ok);
    CHECK(cache.invalidate({"t"}) == 1);
    CHECK(raises_clock([&] { CHECK(cache.remove("k") == Outcome::not_found); }));
    REQUIRE(cache.put("k", "1", {}, 5) == Outcome::ok);
    cache.now_ms += 5;
    CHECK(raises_clock([&] { CHECK(cache.remove("k") == Outcome::not_found); }));
    // A lease that is younger than all that may fill.
    CHECK(probe.key_clock("k") <= probe.sequence("k"));
}

TEST_CASE("an entry that goes by itself leaves its version on its key's clock", "[store][clocks]") {
    DrivenStore cache(small_cache);
    const StoreProbe probe(cache.store);
    const std::uint64_t lease_before = probe.sequence("k");
    REQUIRE(cache.put("k", "1", {"t"}, 5) == Outcome::ok);
    const std::uint64_t lease_after = probe.sequence("k");
    REQUIRE(lease_after > lease_before);
    SECTION("by eviction") {
        REQUIRE(cache.touch("k", 0) == Outcome::ok);
        evict(cache, probe, "k");
    }
    SECTION("by the wheel") {
        cache.now_ms += 5 + sweep_delay_ms;
        cache.upkeep();
        CHECK(cache.store.stats().expired == 1);
    }
    SECTION("by a write that found it expired, and was refused") {
        cache.now_ms += 5;
        CHECK(cache.append("k", "2").outcome == Outcome::not_found);
    }
    SECTION("by an invalidation, once it is taken apart") {
        CHECK(cache.invalidate({"t"}) == 1);
        cache.upkeep();
    }
    CHECK_FALSE(probe.holds("k"));
    CHECK(probe.key_clock("k") > lease_before);
    // What was read after the entry was stored is not older than it.
    CHECK(probe.key_clock("k") <= lease_after);
}

TEST_CASE("a key's clock is not set back by an older entry that goes", "[store][clocks]") {
    DrivenStore cache(small_cache);
    const StoreProbe probe(cache.store);
    std::string other;
    for (int number = 0; other.empty() || !probe.shares_key_clock("k", other); ++number) {
        other = "other" + std::to_string(number);
    }
    REQUIRE(cache.put("k", "1", {}, 5) == Outcome::ok);
    const std::uint64_t lease = probe.sequence(other);
    CHECK(cache.remove(other) == Outcome::not_found);
    cache.now_ms += 5 + sweep_delay_ms;
    cache.upkeep();
    REQUIRE_FALSE(probe.holds("k"));
    CHECK(probe.key_clock(other) > lease);
}

TEST_CASE("a flush raises the flush clock of every stripe", "[store][clocks]") {
    DrivenStore cache({.stripe_count = 8});
    const StoreProbe probe(cache.store);
    std::vector<std::string> keys;
    for (int number = 0; number < 100; ++number) {
        keys.push_back("k" + std::to_string(number));
    }
    std::vector<std::uint64_t> leases;
    for (const std::string& key : keys) {
        leases.push_back(probe.sequence(key));
    }
    CHECK(cache.flush() == 0);
    for (std::size_t index = 0; index < keys.size(); ++index) {
        CHECK(probe.flush_clock(keys[index]) > leases[index]);
        CHECK(probe.flush_clock(keys[index]) <= probe.sequence(keys[index]));
    }
}

TEST_CASE("an invalidation raises its tags' clocks, whoever carries them", "[store][clocks]") {
    DrivenStore cache;
    const StoreProbe probe(cache.store);
    REQUIRE(cache.put("k", "1", {"held"}) == Outcome::ok);
    for (const TagMatch match : {TagMatch::any, TagMatch::all}) {
        const std::uint64_t lease = cache.store.sequence();
        static_cast<void>(cache.invalidate({"held", "never seen"}, match));
        CHECK(probe.tag_clock("held") > lease);
        CHECK(probe.tag_clock("never seen") > lease);
        CHECK(probe.tag_clock("held") <= cache.store.sequence());
    }
}

}  // namespace tc::test
