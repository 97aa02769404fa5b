// SPDX-License-Identifier: MIT
//
// Reads, which take no lock, against everything that changes what they look at: all schedules with
// two interruptions, and random ones.
#include <catch2/catch.hpp>

#include "scheduled_store.hpp"

namespace tc::test {
namespace {

constexpr std::uint64_t now_ms = 1000;

const KeyState old_value{.value = "old", .now_ms = now_ms};

}  // namespace

TEST_CASE("schedules: get || overwrite || a block used again", "[store][schedule]") {
    explore({}, [](Schedule& schedule) {
        ScheduledStore tested(schedule);
        REQUIRE(tested.driven.put("k", "old", {"t"}) == Outcome::ok);
        tested.run({
            [&] {
                tested.a.get();
                tested.a.get();
            },
            [&] {
                tested.b.put("new");
                tested.b.upkeep(2);
                tested.b.put("xyz");
                tested.b.put("end");
            },
        });
        tested.require_all(old_value);
        REQUIRE(tested.driven.get("k") == "end");
    });
}

TEST_CASE("schedules: get || delete || another key in its slot", "[store][schedule]") {
    explore({}, [](Schedule& schedule) {
        ScheduledStore tested(schedule);
        REQUIRE(tested.driven.put("k", "old", {"t"}) == Outcome::ok);
        tested.run({
            [&] { tested.a.get(); },
            [&] {
                tested.b.remove();
                tested.b.upkeep(2);
                static_cast<void>(tested.b.put_other("m", "old", {"other"}));
                static_cast<void>(tested.b.invalidate_tags({"other"}));
                tested.b.put("new");
            },
        });
        tested.require_all(old_value);
        REQUIRE(tested.driven.get("k") == "new");
    });
}

TEST_CASE("schedules: get || invalidate || upkeep", "[store][schedule]") {
    explore({.ignored = points_of_reclaiming()}, [](Schedule& schedule) {
        ScheduledStore tested(schedule);
        REQUIRE(tested.driven.put("k", "old", {"t"}) == Outcome::ok);
        tested.run({
            [&] {
                tested.a.get();
                tested.a.get();
            },
            [&] {
                tested.b.invalidate();
                tested.b.get();
            },
            [&] { tested.c.upkeep(); },
        });
        tested.require_all(old_value);
    });
}

TEST_CASE("schedules: get || invalidate, upkeep, put in the same slot", "[store][schedule]") {
    explore({}, [](Schedule& schedule) {
        ScheduledStore tested(schedule);
        REQUIRE(tested.driven.put("k", "old", {"t"}) == Outcome::ok);
        REQUIRE(tested.driven.put("m", "old", {"t"}) == Outcome::ok);
        tested.run({
            [&] { tested.a.get(); },
            [&] {
                tested.b.invalidate(1);
                tested.b.upkeep(2);
                static_cast<void>(tested.b.put_other("n", "old"));
            },
        });
        tested.require_all(old_value);
    });
}

TEST_CASE("schedules: get || an entry that moves", "[store][schedule]") {
    std::uint32_t moved_count = 0;
    explore({.random_run_count = 100}, [&](Schedule& schedule) {
        ScheduledStore tested(schedule);
        DrivenStore& driven = tested.driven;
        // Most of the first segment goes, so that what is left in there has to move.
        const std::string large(16'000, 'x');
        REQUIRE(driven.put("k", "old", {"t"}) == Outcome::ok);
        for (int number = 0; number < 20; ++number) {
            REQUIRE(driven.put("large" + std::to_string(number), large) == Outcome::ok);
        }
        for (int number = 0; number < 14; ++number) {
            REQUIRE(driven.remove("large" + std::to_string(number)) == Outcome::ok);
        }
        const char* before = nullptr;
        {
            const Turn turn(driven.session, now_ms);
            before = driven.store.peek(driven.session, "k").value().data();
        }
        tested.run({
            [&] {
                tested.a.get();
                tested.a.get();
            },
            [&] { tested.b.upkeep(3); },
        });
        tested.require_all(old_value);
        const Turn turn(driven.session, now_ms);
        moved_count += driven.store.peek(driven.session, "k").value().data() != before ? 1 : 0;
    });
    CHECK(moved_count > 0);
}

TEST_CASE("schedules: get || touch || the clock || the wheel", "[store][schedule]") {
    explore({}, [](Schedule& schedule) {
        ScheduledStore tested(schedule);
        REQUIRE(tested.driven.put("k", "old", {"t"}, 10) == Outcome::ok);
        tested.run({
            [&] { tested.a.get(); },
            [&] {
                tested.b.touch(5'000);
                tested.b.advance_clock(now_ms + 100);
            },
            [&] { tested.c.upkeep(); },
        });
        KeyState first = old_value;
        first.deadline_ms = now_ms + 10;
        tested.require_all(first);
    });
}

TEST_CASE("schedules: get || expiry || a new value", "[store][schedule]") {
    explore({}, [](Schedule& schedule) {
        ScheduledStore tested(schedule);
        REQUIRE(tested.driven.put("k", "old", {"t"}, 10) == Outcome::ok);
        tested.run({
            [&] {
                tested.a.get();
                tested.a.get();
            },
            [&] {
                tested.b.advance_clock(now_ms + 5'000);
                tested.b.now_ms = now_ms + 5'000;
                tested.b.upkeep();
                tested.b.put("new");
            },
        });
        KeyState first = old_value;
        first.deadline_ms = now_ms + 10;
        tested.require_all(first);
    });
}

TEST_CASE("schedules: get || touch || somebody else's clock", "[store][schedule]") {
    explore({.ignored = points_of_reclaiming()}, [](Schedule& schedule) {
        ScheduledStore tested(schedule);
        REQUIRE(tested.driven.put("k", "old", {"t"}, 10) == Outcome::ok);
        tested.run({
            [&] { tested.a.touch(5000); },
            [&] {
                tested.b.advance_clock(now_ms + 100);
                tested.b.get();
                tested.b.get();
            },
        });
        tested.require_all({.value = "old", .deadline_ms = now_ms + 10, .now_ms = now_ms});
    });
}

TEST_CASE("schedules: get || overwrite || the old one's deadline passes", "[store][schedule]") {
    explore({.ignored = points_of_reclaiming()}, [](Schedule& schedule) {
        ScheduledStore tested(schedule);
        REQUIRE(tested.driven.put("k", "old", {"t"}, 10) == Outcome::ok);
        tested.run({
            [&] { tested.a.put("new"); },
            [&] { tested.b.get(); },
            [&] {
                tested.c.get();
                tested.c.advance_clock(now_ms + 100);
            },
        });
        tested.require_all({.value = "old", .deadline_ms = now_ms + 10, .now_ms = now_ms});
    });
}

TEST_CASE("schedules: what is there has a TTL, whatever the clock does", "[store][schedule]") {
    explore({.ignored = points_of_reclaiming()}, [](Schedule& schedule) {
        ScheduledStore tested(schedule);
        REQUIRE(tested.driven.put("k", "old", {"t"}, 10) == Outcome::ok);
        std::optional<std::uint64_t> ttl_ms;
        tested.run({
            [&] { ttl_ms = tested.a.get_and_remove(); },
            [&] { tested.b.advance_clock(now_ms + 100); },
        });
        REQUIRE((!ttl_ms || (*ttl_ms > 0 && *ttl_ms <= 10)));
    });
}

TEST_CASE("schedules: a session ends with memory to free || other turns end", "[store][schedule]") {
    explore({}, [](Schedule& schedule) {
        ScheduledStore tested(schedule);
        REQUIRE(tested.driven.put("k", "old", {std::string(100, 't')}) == Outcome::ok);
        auto ending = std::make_unique<Session>(tested.store);
        {
            const Turn sees_it(tested.driven.session, now_ms);
            const Turn inside(*ending, now_ms);
            REQUIRE(tested.store.remove(*ending, "k", std::nullopt) == Outcome::ok);
        }
        tested.run({
            [&] { ending.reset(); },
            [&] { tested.b.upkeep(2); },
        });
        tested.b.upkeep(4);
        REQUIRE(tested.store.stats().retired_bytes == 0);
    });
}

}  // namespace tc::test
