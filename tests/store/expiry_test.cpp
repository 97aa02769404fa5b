// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "driven_store.hpp"

namespace tc::test {

TEST_CASE("an entry lives for its TTL, not a tick more or less", "[store][expiry]") {
    DrivenStore cache;
    for (const std::uint64_t ttl_ms : {1, 2, 1000}) {
        REQUIRE(cache.put("k", "1", {}, ttl_ms) == Outcome::ok);
        CHECK(cache.ttl_of("k") == ttl_ms);
        cache.now_ms += ttl_ms - 1;
        CHECK(cache.ttl_of("k") == 1);
        cache.now_ms += 1;
        CHECK_FALSE(cache.get("k"));
    }
}

TEST_CASE("a TTL of 0 is for ever, and the longest ones end in 8900 years", "[store][expiry]") {
    DrivenStore cache;
    REQUIRE(cache.put("never", "1", {}, 0) == Outcome::ok);
    REQUIRE(cache.put("i64", "1", {}, INT64_MAX) == Outcome::ok);
    REQUIRE(cache.put("u64", "1", {}, UINT64_MAX) == Outcome::ok);
    CHECK(cache.ttl_of("never") == 0);
    constexpr std::uint64_t last_ms = never_ms - 1 - clock_start_ms;
    CHECK(cache.ttl_of("i64") == last_ms - cache.now_ms);
    CHECK(cache.ttl_of("u64") == last_ms - cache.now_ms);
    cache.now_ms += 200'000'000'000'000;
    for (const std::string_view key : {"never", "i64", "u64"}) {
        CHECK(cache.exists(key));
    }
    cache.now_ms = last_ms - 1;
    CHECK(cache.exists("never"));
    CHECK(cache.ttl_of("u64") == 1);
    cache.now_ms = UINT64_MAX;
    CHECK(cache.exists("never"));
    CHECK_FALSE(cache.exists("u64"));
    REQUIRE(cache.put("late", "1", {}, 5) == Outcome::ok);
    CHECK_FALSE(cache.exists("late"));
}

TEST_CASE("an absent TTL is the default for a new entry, and stays for a changed one",
          "[store][expiry]") {
    DrivenStore cache({.ttl_default_ms = 50});
    REQUIRE(cache.put("k", "1") == Outcome::ok);
    CHECK(cache.ttl_of("k") == 50);
    REQUIRE(cache.put("k", "1", {}, 80) == Outcome::ok);
    CHECK(cache.append("k", "2").outcome == Outcome::ok);
    CHECK(cache.increment("k", 1).value == 13);
    CHECK(cache.add_tags("k", {"t"}).outcome == Outcome::ok);
    CHECK(cache.remove_tags("k", {"t"}).outcome == Outcome::ok);
    CHECK(cache.ttl_of("k") == 80);
    CHECK(cache.write({.key = "k", .value = "3", .keeps_ttl = true}).outcome == Outcome::ok);
    CHECK(cache.ttl_of("k") == 80);
    REQUIRE(cache.put("k", "4") == Outcome::ok);
    CHECK(cache.ttl_of("k") == 50);
    CHECK(cache.increment("n", 1).value == 1);
    CHECK(cache.ttl_of("n") == 50);
    CHECK(cache.write({.key = "new", .value = "3", .keeps_ttl = true}).outcome == Outcome::ok);
    CHECK(cache.ttl_of("new") == 50);
}

TEST_CASE("an expired entry is absent for every operation", "[store][expiry]") {
    DrivenStore cache;
    const auto expire = [&] {
        REQUIRE(cache.put("k", "1", {"t"}, 5) == Outcome::ok);
        cache.now_ms += 5;
    };
    expire();
    CHECK(cache.write({.mode = WriteMode::replace, .key = "k", .value = "2"}).outcome ==
          Outcome::not_found);
    expire();
    CHECK(cache.append("k", "2").outcome == Outcome::not_found);
    expire();
    CHECK(cache.touch("k", 100) == Outcome::not_found);
    expire();
    CHECK(cache.add_tags("k", {"u"}).outcome == Outcome::not_found);
    expire();
    CHECK(cache.remove_tags("k", {"t"}).outcome == Outcome::not_found);
    expire();
    CHECK(cache.remove("k") == Outcome::not_found);
    expire();
    CHECK_FALSE(cache.get_and_remove("k"));
    expire();
    CHECK(cache.write({.key = "k", .value = "2", .if_version = cache.version_of("k")}).outcome ==
          Outcome::not_found);
    expire();
    CHECK(cache.scan({.text = ""}).empty());
    CHECK(cache.keys_by_tag({"t"}).empty());
    expire();
    CHECK(cache.increment("k", 5).value == 5);
    CHECK(cache.tags_of("k").empty());
    expire();
    CHECK(cache.write({.mode = WriteMode::add, .key = "k", .value = "2"}).outcome == Outcome::ok);
    CHECK(cache.ttl_of("k") == 0);
    expire();
    CHECK(cache.write({.key = "k", .value = "2", .keeps_ttl = true, .keeps_tags = true}).outcome ==
          Outcome::ok);
    CHECK(cache.tags_of("k").empty());
    CHECK(cache.ttl_of("k") == 0);
    cache.store.check_invariants();
}

TEST_CASE("an expired entry counts until it is swept", "[store][expiry]") {
    DrivenStore cache;
    for (int number = 0; number < 10; ++number) {
        REQUIRE(cache.put("k" + std::to_string(number), "1", {"t"}, 5) == Outcome::ok);
    }
    cache.now_ms += 5;
    CHECK(cache.count({"t"}) == 10);
    CHECK(cache.invalidate({"t"}) == 10);
    REQUIRE(cache.put("k", "1", {"t"}, 5) == Outcome::ok);
    cache.now_ms += 5 + sweep_delay_ms;
    cache.upkeep();
    CHECK(cache.count({"t"}) == 0);
    CHECK(cache.store.stats().expired == 1);
}

TEST_CASE("nobody sees a hit after somebody saw the expiry", "[store][expiry]") {
    DrivenStore cache;
    Session late(cache.store);
    REQUIRE(cache.put("k", "1", {}, 10) == Outcome::ok);
    late.enter(cache.now_ms + 10);
    CHECK_FALSE(cache.store.get(late, "k"));
    late.leave();
    // This session's clock is behind, and it has to judge by the other one all the same.
    CHECK_FALSE(cache.get("k"));
    CHECK(cache.touch("k", 100) == Outcome::not_found);
    REQUIRE(cache.put("k", "2", {}, 10) == Outcome::ok);
    late.enter(cache.now_ms + 19);
    CHECK(cache.store.get(late, "k").ttl_ms() == 1);
    late.leave();
}

TEST_CASE("a fresher clock counts from the middle of a turn on", "[store][expiry]") {
    DrivenStore cache;
    const Turn turn(cache.session, 1000);
    CHECK(cache.store.write(cache.session, {.key = "k", .value = "1", .ttl_ms = 10}).outcome ==
          Outcome::ok);
    cache.session.enter(1009);
    CHECK(cache.store.get(cache.session, "k"));
    cache.session.enter(1010);
    CHECK_FALSE(cache.store.get(cache.session, "k"));
    cache.session.enter(1000);
    CHECK_FALSE(cache.store.get(cache.session, "k"));
}

TEST_CASE("touch moves the deadline either way", "[store][expiry]") {
    DrivenStore cache;
    REQUIRE(cache.put("k", "1", {}, 10) == Outcome::ok);
    CHECK(cache.touch("k", 100) == Outcome::ok);
    cache.now_ms += 50;
    CHECK(cache.ttl_of("k") == 50);
    CHECK(cache.touch("k", 5) == Outcome::ok);
    cache.now_ms += 5;
    CHECK(cache.touch("k", 5) == Outcome::not_found);
    REQUIRE(cache.put("k", "1", {}, 10) == Outcome::ok);
    CHECK(cache.touch("k", 0) == Outcome::ok);
    cache.now_ms += 1000;
    CHECK(cache.ttl_of("k") == 0);
}

TEST_CASE("upkeep goes on where it stopped and keeps to its stripes", "[store][expiry]") {
    DrivenStore cache({.stripe_count = 8});
    const auto fill = [&] {
        for (int number = 0; number < 1000; ++number) {
            REQUIRE(cache.put("k" + std::to_string(number), "1", {}, 5) == Outcome::ok);
        }
        cache.now_ms += 5 + sweep_delay_ms;
    };
    fill();
    std::uint64_t calls = 0;
    while (cache.store.stats().entry_count != 0) {
        const std::uint64_t count_before = cache.store.stats().entry_count;
        const Turn turn(cache.session, cache.now_ms);
        cache.store.upkeep(cache.session, 0, 1, 10);
        CHECK(cache.store.stats().entry_count + 10 >= count_before);
        REQUIRE(++calls <= 300);
    }

    // Two workers share the stripes; one of 20 has none.
    fill();
    Session other(cache.store);
    const Turn turn(cache.session, cache.now_ms);
    const Turn other_turn(other, cache.now_ms);
    cache.store.upkeep(cache.session, 19, 20, 100'000);
    CHECK(cache.store.stats().entry_count == 1000);
    cache.store.upkeep(cache.session, 1, 2, 100'000);
    const std::uint64_t left_count = cache.store.stats().entry_count;
    CHECK(left_count > 0);
    CHECK(left_count < 1000);
    cache.store.upkeep(other, 0, 2, 100'000);
    CHECK(cache.store.stats().entry_count == 0);
}

}  // namespace tc::test
