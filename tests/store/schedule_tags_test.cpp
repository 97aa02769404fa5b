// SPDX-License-Identifier: MIT
//
// What tags, FLUSH and the index do while others store: all schedules with two interruptions, and
// random ones.
#include <catch2/catch.hpp>

#include "scheduled_store.hpp"

namespace tc::test {
namespace {

constexpr std::uint64_t now_ms = 1000;

const KeyState old_value{.value = "old", .now_ms = now_ms};
const KeyState nothing{.value = std::nullopt, .now_ms = now_ms};

}  // namespace

TEST_CASE("schedules: put || invalidate: each is counted once, and none outlives it",
          "[store][schedule]") {
    explore({}, [](Schedule& schedule) {
        ScheduledStore tested(schedule);
        tested.run({
            [&] {
                tested.a.put("one");
                tested.a.put("two");
            },
            [&] {
                tested.b.invalidate();
                tested.b.get();
                tested.b.invalidate();
            },
        });
        tested.require_all(nothing);
        const std::uint64_t left = tested.store.stats().entry_count;
        REQUIRE(tested.driven.invalidate({"t"}) == left);
    });
}

TEST_CASE("schedules: two invalidations of tags that overlap count each entry once",
          "[store][schedule]") {
    explore({.ignored = points_of_reclaiming()}, [](Schedule& schedule) {
        ScheduledStore tested(schedule);
        REQUIRE(tested.driven.put("x", "v", {"a"}) == Outcome::ok);
        REQUIRE(tested.driven.put("y", "v", {"a", "b"}) == Outcome::ok);
        REQUIRE(tested.driven.put("z", "v", {"b"}) == Outcome::ok);
        std::uint64_t count_a = 0;
        std::uint64_t count_b = 0;
        tested.run({
            [&] { count_a = tested.a.invalidate_tags({"a"}); },
            [&] { count_b = tested.b.invalidate_tags({"b"}); },
            [&] { tested.c.upkeep(); },
        });
        REQUIRE(count_a + count_b == 3);
        REQUIRE(tested.store.stats().entry_count == 0);
        tested.store.check_invariants();
        tested.driven.upkeep();
        REQUIRE(tested.store.stats().tag_count == 0);
    });
}

TEST_CASE("schedules: invalidate || overwrite with other tags", "[store][schedule]") {
    explore({}, [](Schedule& schedule) {
        ScheduledStore tested(schedule);
        REQUIRE(tested.driven.put("k", "old", {"a", "b"}) == Outcome::ok);
        std::uint64_t count = 0;
        tested.run({
            [&] {
                count = tested.a.invalidate_tags({"a", "b"}, TagMatch::all);
            },
            [&] {
                static_cast<void>(tested.b.put_other("k", "new", {"b", "c"}));
            },
        });
        tested.store.check_invariants();
        REQUIRE(tested.driven.get("k") == "new");
        REQUIRE(count <= 1);
        REQUIRE(tested.driven.count({"c"}) == 1);
        REQUIRE(tested.driven.invalidate({"b"}) == 1);
    });
}

TEST_CASE("schedules: two invalidations of one tag: whoever answers first, nobody reads it after",
          "[store][schedule]") {
    explore({.ignored = points_of_reclaiming()}, [](Schedule& schedule) {
        ScheduledStore tested(schedule);
        REQUIRE(tested.driven.put("k", "old", {"a", "b"}) == Outcome::ok);
        bool is_read = false;
        tested.run({
            [&] {
                static_cast<void>(tested.a.invalidate_tags({"a", "b"}));
            },
            [&] {
                static_cast<void>(tested.b.invalidate_tags({"a"}));
                is_read = tested.b.reads().has_value();
            },
        });
        REQUIRE_FALSE(is_read);
    });
}

TEST_CASE("schedules: an overwrite drops a tag || that tag is invalidated, and the key read",
          "[store][schedule]") {
    explore({.ignored = points_of_reclaiming()}, [](Schedule& schedule) {
        ScheduledStore tested(schedule);
        REQUIRE(tested.driven.put("k", "old", {"a"}) == Outcome::ok);
        std::optional<std::string> read;
        tested.run({
            [&] { static_cast<void>(tested.a.put_other("k", "new", {"b"})); },
            [&] {
                static_cast<void>(tested.b.invalidate_tags({"a"}));
                read = tested.b.reads();
            },
        });
        REQUIRE(read != "old");
    });
}

TEST_CASE("schedules: an entry loses a tag || that tag is invalidated, and the key read",
          "[store][schedule]") {
    explore({.ignored = points_of_reclaiming()}, [](Schedule& schedule) {
        ScheduledStore tested(schedule);
        REQUIRE(tested.driven.put("k", "old", {"a"}) == Outcome::ok);
        std::optional<std::size_t> tag_count;
        tested.run({
            [&] { static_cast<void>(tested.a.remove_tags({"a"})); },
            [&] {
                static_cast<void>(tested.b.invalidate_tags({"a"}));
                tag_count = tested.b.tag_count();
            },
        });
        REQUIRE(tag_count != 1);
    });
}

TEST_CASE("schedules: flush || put || get", "[store][schedule]") {
    explore({.ignored = points_of_reclaiming()}, [](Schedule& schedule) {
        ScheduledStore tested(schedule);
        REQUIRE(tested.driven.put("k", "old", {"t"}) == Outcome::ok);
        tested.run({
            [&] {
                tested.a.flush();
                tested.a.get();
            },
            [&] { tested.b.put("new"); },
            [&] { tested.c.get(); },
        });
        tested.require_all(old_value);
    });
}

TEST_CASE("schedules: delete || invalidate || upkeep remove an entry once", "[store][schedule]") {
    explore({.ignored = points_of_reclaiming()}, [](Schedule& schedule) {
        ScheduledStore tested(schedule);
        REQUIRE(tested.driven.put("k", "old", {"t"}) == Outcome::ok);
        tested.run({
            [&] { tested.a.remove(); },
            [&] { tested.b.invalidate(); },
            [&] { tested.c.upkeep(); },
        });
        tested.require_all(old_value);
        const StoreStats stats = tested.store.stats();
        REQUIRE(stats.deleted + stats.invalidated == 1);
        REQUIRE(stats.entry_count == 0);
    });
}

TEST_CASE("schedules: the last entry leaves a tag || another one joins it", "[store][schedule]") {
    explore({.ignored = points_of_reclaiming()}, [](Schedule& schedule) {
        ScheduledStore tested(schedule);
        REQUIRE(tested.driven.put("k", "old", {"t"}) == Outcome::ok);
        tested.run({
            [&] {
                tested.a.remove();
                tested.a.upkeep();
            },
            [&] { static_cast<void>(tested.b.put_other("m", "v", {"t"})); },
            [&] { tested.c.get(); },
        });
        tested.require_all(old_value);
        REQUIRE(tested.driven.count({"t"}) == 1);
        REQUIRE(tested.driven.invalidate({"t"}) == 1);
    });
}

}  // namespace tc::test
