// SPDX-License-Identifier: MIT
#include "store/timing_wheel.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <iterator>
#include <random>
#include <vector>

#include "failing.hpp"

namespace tc::test {
namespace {

constexpr std::uint64_t second = 1'000;
constexpr std::uint64_t hour = 3'600 * second;
constexpr std::uint64_t day = 24 * hour;
constexpr std::uint64_t tick = 512;

// Slots with deadlines, and the bucket that the wheel's owner keeps with each.
class Owner {
 public:
    explicit Owner(std::uint32_t slot_count) : slots(slot_count) {}

    struct Slot {
        TimingWheel::Bucket bucket = TimingWheel::none;
        std::uint64_t deadline_ms = 0;  // 0 = not in use
        std::uint32_t visit_count = 0;  // since its deadline was set
    };

    bool put(std::uint32_t slot, std::uint64_t deadline_ms) {
        Slot& owned = slots[slot];
        if (!wheel.is_early_enough(owned.bucket, deadline_ms)) {
            const TimingWheel::Bucket bucket = wheel.add(slot, deadline_ms);
            if (bucket == TimingWheel::none) {
                return false;
            }
            owned.bucket = bucket;
        }
        owned.deadline_ms = deadline_ms;
        owned.visit_count = 0;
        return true;
    }
    void drop(std::uint32_t slot) { slots[slot].deadline_ms = 0; }

    std::uint32_t advance(std::uint64_t now_ms, std::uint32_t budget = UINT32_MAX) {
        return wheel.advance(now_ms, budget, [&](std::uint32_t slot, TimingWheel::Bucket bucket) {
            return visit(slot, bucket, now_ms);
        });
    }
    bool visit(std::uint32_t slot, TimingWheel::Bucket bucket, std::uint64_t now_ms) {
        Slot& owned = slots[slot];
        if (owned.bucket != bucket) {
            ++stale_count;
            return true;
        }
        ++owned.visit_count;
        visit_count_max = std::max(visit_count_max, owned.visit_count);
        owned.bucket = TimingWheel::none;
        if (owned.deadline_ms <= now_ms) {
            expired_count += owned.deadline_ms == 0 ? 0 : 1;
            owned.deadline_ms = 0;
            return true;
        }
        owned.bucket = wheel.add(slot, owned.deadline_ms);
        if (owned.bucket == TimingWheel::none) {
            owned.bucket = bucket;
            return false;
        }
        return true;
    }

    std::uint32_t compact(std::uint32_t budget) {
        return wheel.compact(
            budget, [&](std::uint32_t slot, TimingWheel::Bucket from, TimingWheel::Bucket to) {
                Slot& owned = slots[slot];
                if (owned.bucket != from) {
                    return false;
                }
                owned.bucket = owned.deadline_ms == 0 ? TimingWheel::none : to;
                return owned.bucket == to;
            });
    }

    TimingWheel wheel;
    std::vector<Slot> slots;
    std::uint64_t expired_count = 0;
    std::uint64_t stale_count = 0;
    std::uint32_t visit_count_max = 0;
};

}  // namespace

TEST_CASE("an entry expires at its deadline or one tick later", "[store][timing_wheel]") {
    const std::uint64_t start = clock_start_ms + 12'345;
    for (const std::uint64_t ttl :
         std::vector<std::uint64_t>{1, 100, 511, 512, 513, 4 * second, 5 * second, 33 * second,
                                    60 * second, hour, 5 * hour, day, 3 * day, 12 * day}) {
        CAPTURE(ttl);
        Owner owner(1);
        owner.advance(start);
        const std::uint64_t deadline = start + ttl;
        REQUIRE(owner.put(0, deadline));
        CHECK(owner.wheel.record_count() == 1);
        // As it would be called: often enough, but not at the moments that suit the wheel.
        for (std::uint64_t now = start; now < deadline; now += std::max(ttl / 1000, second / 10)) {
            owner.advance(now);
            REQUIRE(owner.expired_count == 0);
        }
        owner.advance(deadline + TimingWheel::late_ms_max);
        CHECK(owner.expired_count == 1);
        CHECK(owner.visit_count_max <= 7);
        CHECK(owner.wheel.record_count() == 0);
        CHECK(owner.wheel.bytes() == 0);
    }
}

TEST_CASE("a deadline at the beginning of a tick is met exactly", "[store][timing_wheel]") {
    Owner owner(2);
    REQUIRE(owner.put(0, clock_start_ms + 8 * tick));
    REQUIRE(owner.put(1, clock_start_ms + 8 * tick + 1));
    CHECK_FALSE(owner.wheel.is_behind(clock_start_ms + 8 * tick - 1));
    CHECK(owner.advance(clock_start_ms + 8 * tick - 1) == 0);
    CHECK(owner.wheel.is_behind(clock_start_ms + 8 * tick));
    CHECK(owner.advance(clock_start_ms + 8 * tick) >= 1);
    CHECK(owner.expired_count == 1);
    owner.advance(clock_start_ms + 9 * tick);
    CHECK(owner.expired_count == 2);
}

TEST_CASE("a deadline years ahead costs a visit in eleven days", "[store][timing_wheel]") {
    Owner owner(1);
    REQUIRE(owner.put(0, clock_start_ms + 1000 * day));
    for (std::uint64_t passed = 0; passed < 1000 * day; passed += hour) {
        owner.advance(clock_start_ms + passed);
    }
    CHECK(owner.expired_count == 0);
    CHECK(owner.visit_count_max <= 1000 / 10 + 7);
    owner.advance(clock_start_ms + 1000 * day + tick);
    CHECK(owner.expired_count == 1);
}

TEST_CASE("a deadline that has passed is met with the next tick", "[store][timing_wheel]") {
    Owner owner(2);
    owner.advance(clock_start_ms + hour);
    REQUIRE(owner.put(0, clock_start_ms + hour));
    REQUIRE(owner.put(1, clock_start_ms));
    CHECK(owner.advance(clock_start_ms + hour + tick) == 2);
    CHECK(owner.expired_count == 2);
}

TEST_CASE("a jump of the clock visits each record once", "[store][timing_wheel]") {
    Owner owner(10'000);
    std::mt19937_64 random(42);
    for (std::uint32_t slot = 0; slot < 10'000; ++slot) {
        REQUIRE(owner.put(slot, clock_start_ms + 1 + random() % (40 * day)));
    }
    CHECK(owner.advance(clock_start_ms + 41 * day) == 10'000);
    CHECK(owner.expired_count == 10'000);
    CHECK(owner.wheel.record_count() == 0);
    // An earlier time is ignored, and so is one that is not.
    CHECK(owner.advance(clock_start_ms) == 0);
    REQUIRE(owner.put(0, clock_start_ms + 41 * day + second));
    CHECK(owner.advance(clock_start_ms + 40 * day) == 0);
    owner.advance(clock_start_ms + 41 * day + 2 * second);
    CHECK(owner.expired_count == 10'001);
}

TEST_CASE("what exceeds the budget stays due", "[store][timing_wheel]") {
    Owner owner(10'000);
    for (std::uint32_t slot = 0; slot < 10'000; ++slot) {
        REQUIRE(owner.put(slot, clock_start_ms + second));
    }
    const std::uint64_t now = clock_start_ms + 2 * second;
    for (std::uint32_t expired_count = 0; expired_count < 10'000; expired_count += 100) {
        REQUIRE(owner.wheel.is_behind(now));
        REQUIRE(owner.advance(now, 100) == 100);
        // What comes meanwhile waits for its own time, also in the bucket that is visited.
        REQUIRE(owner.put(expired_count, now + 7 * tick));
    }
    CHECK_FALSE(owner.wheel.is_behind(now));
    CHECK(owner.advance(now, 100) == 0);
    CHECK(owner.expired_count == 10'000);
    CHECK(owner.wheel.record_count() == 100);
    // Nothing is due before its time although the wheel was behind for hours.
    CHECK(owner.advance(now + 8 * tick) == 100);
}

TEST_CASE("a later deadline needs no new record", "[store][timing_wheel]") {
    Owner owner(1);
    REQUIRE(owner.put(0, clock_start_ms + second));
    for (std::uint64_t ttl = second; ttl < 100 * day; ttl += ttl / 8) {
        REQUIRE(owner.put(0, clock_start_ms + ttl));
    }
    CHECK(owner.wheel.record_count() == 1);
    REQUIRE(owner.put(0, clock_start_ms + 10));
    CHECK(owner.wheel.record_count() == 2);
    owner.advance(clock_start_ms + tick);
    CHECK(owner.expired_count == 1);
    // An earlier one does, once for each bucket.
    for (std::uint64_t ttl = 100 * day; ttl > second; ttl -= ttl / 100 + 1) {
        REQUIRE(owner.put(0, clock_start_ms + ttl));
    }
    CHECK(owner.wheel.record_count() <= 56);
    CHECK_FALSE(owner.wheel.is_early_enough(TimingWheel::none, clock_start_ms + day));
}

TEST_CASE("stale records pile up no higher than compaction lets them", "[store][timing_wheel]") {
    constexpr std::uint32_t slot_count = 500;
    Owner owner(slot_count);
    std::uint64_t record_count_max = 0;
    // The worst that an owner can do: each key gets a day and then a second, over and over.
    for (std::uint64_t now = clock_start_ms; now < clock_start_ms + hour / 4; now += 2 * tick) {
        for (std::uint32_t slot = 0; slot < slot_count; ++slot) {
            REQUIRE(owner.put(slot, now + day));
            REQUIRE(owner.put(slot, now + 1));
            REQUIRE(owner.put(slot, now + day));
        }
        owner.advance(now + tick);
        REQUIRE(owner.wheel.record_count() >= slot_count);
        for (int i = 0; i < 100 && owner.wheel.is_cluttered(slot_count); ++i) {
            owner.compact(256);
        }
        record_count_max = std::max(record_count_max, owner.wheel.record_count());
    }
    CHECK(record_count_max <= 2 * slot_count + 1024);
    for (std::uint32_t slot = 0; slot < slot_count; ++slot) {
        REQUIRE(owner.slots[slot].bucket != TimingWheel::none);
    }
    owner.advance(clock_start_ms + 2 * day);
    CHECK(owner.expired_count == slot_count);
    CHECK(owner.wheel.record_count() == 0);
    CHECK(owner.wheel.bytes() == 0);
}

TEST_CASE("a record is due in the middle of a compaction too", "[store][timing_wheel]") {
    Owner owner(3);
    for (std::uint32_t slot = 0; slot < 3; ++slot) {
        REQUIRE(owner.put(slot, clock_start_ms + second));
    }
    owner.drop(0);
    REQUIRE(owner.compact(1) == 1);
    CHECK(owner.wheel.record_count() == 2);
    CHECK(owner.wheel.is_behind(clock_start_ms + 2 * second));
    REQUIRE(owner.compact(1) == 1);
    REQUIRE(owner.put(0, clock_start_ms + second));
    // One of the old bucket and two of the new one.
    CHECK(owner.advance(clock_start_ms + 2 * second) == 3);
    CHECK(owner.expired_count == 3);
}

TEST_CASE("a record that cannot be made is reported and none is lost", "[store][timing_wheel]") {
    Owner owner(1'000);
    std::uint32_t put_count = 0;
    for (std::uint64_t attempt = 1; put_count < 1'000; ++attempt) {
        const Failing failing(attempt % 3);
        const std::uint64_t count_before = owner.wheel.record_count();
        const std::uint64_t bytes_before = owner.wheel.bytes();
        // Hours ahead, so that many of them move on through the levels.
        if (owner.put(put_count, clock_start_ms + hour + put_count * 60 * second)) {
            ++put_count;
        } else {
            REQUIRE(owner.wheel.record_count() == count_before);
            REQUIRE(owner.wheel.bytes() == bytes_before);
        }
    }
    std::uint64_t now = clock_start_ms;
    for (std::uint64_t attempt = 0; owner.expired_count < 1'000; ++attempt) {
        {
            const Failing failing(attempt % 4);
            owner.compact(10);
            owner.advance(now, 100);
        }
        now += owner.wheel.is_behind(now) ? 0 : 100 * second;
        REQUIRE(attempt < 100'000);
    }
    CHECK(owner.wheel.record_count() == 0);
    CHECK(owner.wheel.bytes() == 0);
}

TEST_CASE("a cleared wheel begins anew", "[store][timing_wheel]") {
    Owner owner(5'000);
    for (std::uint32_t slot = 0; slot < 5'000; ++slot) {
        REQUIRE(owner.put(slot, clock_start_ms + slot * second));
    }
    owner.advance(clock_start_ms + 100 * second, 10);
    owner.compact(3);
    owner.wheel.clear();
    owner.slots.assign(5'000, {});
    owner.expired_count = 0;
    CHECK(owner.wheel.record_count() == 0);
    CHECK(owner.wheel.bytes() == 0);
    CHECK_FALSE(owner.wheel.is_behind(clock_start_ms + day));
    for (std::uint32_t slot = 0; slot < 5'000; ++slot) {
        REQUIRE(owner.put(slot, clock_start_ms + slot * second));
    }
    owner.compact(100'000);
    CHECK(owner.advance(clock_start_ms + day) == 5'000);
    CHECK(owner.expired_count == 5'000);
}

namespace {

std::uint64_t random_ttl(std::mt19937_64& random) {
    const std::uint64_t limits[] = {2 * second, 30 * second, hour, day, 20 * day, 400 * day};
    return random() % limits[random() % std::size(limits)];
}

std::uint64_t random_step(std::mt19937_64& random) {
    const std::uint64_t kind = random() % 10'000;
    if (kind == 0) {
        return random() % (30 * day);
    }
    return kind < 100 ? random() % (10 * 60 * second) : random() % 300;
}

}  // namespace

TEST_CASE("a wheel does what a list of deadlines does", "[store][timing_wheel]") {
    constexpr std::uint32_t slot_count = 3'000;
    std::mt19937_64 random(42);
    Owner owner(slot_count);
    std::uint64_t now = clock_start_ms;
    std::uint64_t put_count = 0;
    std::uint64_t drop_count = 0;
    for (std::uint32_t step = 0; step < 1'000'000; ++step) {
        const auto slot = static_cast<std::uint32_t>(random() % slot_count);
        const std::uint64_t kind = random() % 100;
        if (kind < 55) {
            put_count += owner.slots[slot].deadline_ms == 0 ? 1 : 0;
            REQUIRE(owner.put(slot, now + 1 + random_ttl(random)));
        } else if (kind < 75) {
            drop_count += owner.slots[slot].deadline_ms == 0 ? 0 : 1;
            owner.drop(slot);
        } else if (kind < 90) {
            now += random_step(random);
            owner.advance(now, static_cast<std::uint32_t>(random() % 64));
        } else if (kind < 99) {
            if (owner.wheel.is_cluttered(slot_count / 4)) {
                owner.compact(static_cast<std::uint32_t>(random() % 256));
            }
        } else {
            owner.advance(now);
            REQUIRE_FALSE(owner.wheel.is_behind(now));
            const bool is_all_right =
                std::all_of(owner.slots.begin(), owner.slots.end(), [&](const Owner::Slot& each) {
                    return each.deadline_ms == 0 || (each.deadline_ms > now / tick * tick &&
                                                     each.bucket != TimingWheel::none);
                });
            REQUIRE(is_all_right);
        }
    }
    CHECK(owner.stale_count > 1'000);
    // 400 days may cost a visit in eleven.
    CHECK(owner.visit_count_max <= 50);
    CHECK(owner.wheel.record_count() < 8'000);
    owner.advance(now + 401 * day);
    CHECK(owner.expired_count == put_count - drop_count);
    CHECK(owner.wheel.record_count() == 0);
    CHECK(owner.wheel.bytes() == 0);
}

}  // namespace tc::test
