// SPDX-License-Identifier: MIT
//
// Several threads at once, most worth under the tsan preset. The names begin with those of the
// races that other caches have lost, of which some are in races_memory_test.cpp and
// races_scan_test.cpp:
//
//   R1 R2 R4 R5 R6 R8 R13 R14 R3 R7 (without evictions)                                  here
//   R3 R7 (with evictions) R5 R12 R14 R18                              races_memory_test.cpp
//   R15 R16 R17                                                          races_scan_test.cpp
//
// Not here: R9, R10 and R11 are about leases, which the store does not give out yet (what they will
// compare is tested where it is kept, in store_clocks_test.cpp); and of R18 the change of the limit
// itself, because the options of a store are fixed when it is made.
#include <algorithm>
#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "races.hpp"
#include "store/yield_point.hpp"

namespace tc::test {
namespace {

constexpr std::uint64_t now_ms = threads_now_ms;

// What lets the tests choose schedules is nothing in this build: only then is a call of it
// constant.
static_assert((yield_point(YieldPoint::entry_found), true));

}  // namespace

TEST_CASE("R1 put publishes || invalidate: nothing stored before is read after",
          "[store][threads]") {
    DrivenStore cache({.stripe_count = 4});
    Store& store = cache.store;
    const std::array<std::string_view, 3> keys{"k1", "k2", "k3"};
    // Values only grow. Whatever was stored when an invalidation began may not be read after it.
    std::atomic<std::uint64_t> stored{0};
    std::atomic<std::uint64_t> invalidated{0};
    std::atomic<bool> is_done{false};
    std::atomic<std::uint64_t> stale_count{0};
    run_together(
        store,
        [&](Session& session) {
            for (std::uint64_t value = 1; value <= rounds; ++value) {
                static_cast<void>(put(store, session, keys.at(value % 3), std::to_string(value),
                                      {"a", value % 2 == 0 ? "b" : "c"}));
                stored.store(value);
            }
            is_done.store(true);
        },
        [&](Session& session) {
            const Names tags{"a"};
            while (!is_done.load()) {
                const std::uint64_t before = stored.load();
                {
                    const Turn turn(session, now_ms);
                    static_cast<void>(store.invalidate(session, tags, TagMatch::any));
                }
                invalidated.store(before);
            }
        },
        [&](Session& session) {
            while (!is_done.load()) {
                for (const std::string_view key : keys) {
                    const std::uint64_t bound = invalidated.load();
                    const Turn turn(session, now_ms);
                    const EntryView view = store.get(session, key);
                    stale_count += view && number_in(view) <= bound ? 1 : 0;
                }
            }
        });
    CHECK(stale_count == 0);
    const std::uint64_t left_count = store.stats().entry_count;
    CHECK(cache.count({"a"}) == left_count);
    CHECK(cache.invalidate({"a"}) == left_count);
    CHECK(store.stats().entry_count == 0);
    store.check_invariants();
}

TEST_CASE("R2 overwrite a, b by b, c || invalidate b: no edge is left behind", "[store][threads]") {
    DrivenStore cache({.stripe_count = 1});
    Store& store = cache.store;
    run_together(
        store,
        [&](Session& session) {
            for (std::uint64_t round = 0; round < rounds; ++round) {
                static_cast<void>(put(store, session, "k", "1", {"a", "b"}));
                static_cast<void>(put(store, session, "k", "2", {"b", "c"}));
            }
        },
        [&](Session& session) {
            const Names tags{"b"};
            for (std::uint64_t round = 0; round < rounds; ++round) {
                const Turn turn(session, now_ms);
                static_cast<void>(store.invalidate(session, tags, TagMatch::any));
            }
        });
    store.check_invariants();
    cache.invalidate({"b"});
    CHECK(store.stats().entry_count == 0);
    cache.upkeep();
    CHECK(store.stats().tag_count == 0);
}

TEST_CASE("R3 R7 delete || invalidate || getdel || flush: each entry is removed once",
          "[store][threads]") {
    DrivenStore cache({.stripe_count = 4});
    Store& store = cache.store;
    std::atomic<std::uint64_t> removed_count{0};
    std::atomic<std::uint64_t> stored_count{0};
    std::atomic<bool> is_done{false};
    const auto key_of = [](std::uint64_t number) { return "k" + std::to_string(number % 8); };
    run_together(
        store,
        [&](Session& session) {
            for (std::uint64_t round = 0; round < rounds; ++round) {
                const std::string key = key_of(round);
                const Names tags{"t"};
                const Turn turn(session, now_ms);
                const WriteRequest add{
                    .mode = WriteMode::add, .key = key, .value = "v", .tags = tags};
                stored_count += store.write(session, add).outcome == Outcome::ok ? 1 : 0;
            }
            is_done.store(true);
        },
        [&](Session& session) {
            for (std::uint64_t round = 0; !is_done.load(); ++round) {
                const Turn turn(session, now_ms);
                removed_count +=
                    store.remove(session, key_of(round), std::nullopt) == Outcome::ok ? 1 : 0;
                removed_count += store.get_and_remove(session, key_of(round + 3)) ? 1 : 0;
            }
        },
        [&](Session& session) {
            const Names tags{"t"};
            for (std::uint64_t round = 0; !is_done.load(); ++round) {
                const Turn turn(session, now_ms);
                removed_count += round % 16 == 0 ? store.flush(session)
                                                 : store.invalidate(session, tags, TagMatch::any);
            }
        });
    store.check_invariants();
    CHECK(removed_count + store.stats().entry_count == stored_count);
    CHECK(store.stats().stored == stored_count);
    CHECK(store.stats().deleted + store.stats().invalidated == removed_count);
}

TEST_CASE("R4 R5 expiry || put || touch || get: a fresh value is never lost", "[store][threads]") {
    DrivenStore cache({.stripe_count = 1});
    Store& store = cache.store;
    std::atomic<std::uint64_t> clock{now_ms};
    std::atomic<bool> is_done{false};
    std::uint64_t lost_count = 0;
    run_together(
        store,
        [&](Session& session) {
            for (std::uint64_t round = 0; round < rounds; ++round) {
                {
                    // Dies at once: the next tick is the sweeper's.
                    const Turn turn(session, clock.load());
                    static_cast<void>(
                        store.write(session, {.key = "k", .value = "old", .ttl_ms = 1}));
                }
                {
                    const Turn turn(session, clock.load());
                    static_cast<void>(store.write(session, {.key = "k", .value = "new"}));
                    lost_count += store.get(session, "k") ? 0 : 1;
                }
            }
            is_done.store(true);
        },
        [&](Session& session) {
            while (!is_done.load()) {
                const Turn turn(session, ++clock);
                static_cast<void>(store.upkeep(session, 0, 1, 100));
            }
        },
        [&](Session& session) {
            while (!is_done.load()) {
                const Turn turn(session, clock.load());
                static_cast<void>(store.get(session, "k"));
                static_cast<void>(store.get_and_touch(session, "other", 1));
            }
        });
    CHECK(lost_count == 0);
    store.check_invariants();
}

TEST_CASE("R6 R12 invalidate and scan || the same tag grows: each survivor is seen once",
          "[store][threads]") {
    DrivenStore cache({.stripe_count = 4});
    Store& store = cache.store;
    constexpr std::uint32_t stable_count = 500;
    for (std::uint32_t number = 0; number < stable_count; ++number) {
        REQUIRE(cache.put("stable" + std::to_string(number), "v", {"stable"}) == Outcome::ok);
    }
    std::atomic<bool> is_done{false};
    std::uint64_t wrong_count = 0;
    std::uint64_t stored_count = 0;
    std::uint64_t removed_count = 0;
    run_together(
        store,
        [&](Session& session) {
            // Growing tables and members under the scans.
            for (std::uint64_t round = 0; round < rounds; ++round) {
                stored_count += put(store, session, "grow" + std::to_string(round), "v",
                                    {"grow", "stable2"}) == Outcome::ok
                                    ? 1
                                    : 0;
            }
            is_done.store(true);
        },
        [&](Session& session) {
            const Names tags{"grow"};
            while (!is_done.load()) {
                const Turn turn(session, now_ms);
                removed_count += store.invalidate(session, tags, TagMatch::any);
            }
        },
        [&](Session& session) {
            while (!is_done.load()) {
                std::array<int, stable_count> seen_counts{};
                Cursor cursor;
                do {
                    const Turn turn(session, now_ms);
                    Names keys;
                    cursor = store.scan(session, {.text = "stable"}, cursor, 20, keys).next;
                    for (const std::string_view key : keys) {
                        ++seen_counts.at(std::stoul(std::string{key.substr(6)}));
                    }
                } while (cursor.size != 0);
                wrong_count += static_cast<std::uint64_t>(
                    std::count_if(seen_counts.begin(), seen_counts.end(),
                                  [](int seen_count) { return seen_count != 1; }));
            }
        });
    CHECK(wrong_count == 0);
    CHECK(stored_count == removed_count + cache.count({"grow"}));
    store.check_invariants();
}

TEST_CASE("R8 the last member leaves a tag || another entry joins it", "[store][threads]") {
    DrivenStore cache({.stripe_count = 2});
    Store& store = cache.store;
    const auto join_and_leave = [&](std::string_view key, std::string_view other_tag) {
        return [&store, key, other_tag](Session& session) {
            for (std::uint64_t round = 0; round < rounds; ++round) {
                static_cast<void>(put(store, session, key, "v", {"shared", other_tag}));
                const Turn turn(session, now_ms);
                const EntryView view = store.peek(session, key);
                static_cast<void>(store.remove(session, key, std::nullopt));
                // Its names can be read although the tags may be gone by now.
                if (view && view.tag(0) != "shared") {
                    std::abort();
                }
            }
        };
    };
    run_together(store, join_and_leave("k1", "x"), join_and_leave("k2", "y"),
                 join_and_leave("k3", "x"));
    CHECK(store.stats().entry_count == 0);
    CHECK(store.stats().tag_count == 0);
    store.check_invariants();
}

TEST_CASE("R13 flush || everything", "[store][threads]") {
    DrivenStore cache({.stripe_count = 4});
    Store& store = cache.store;
    std::atomic<bool> is_done{false};
    const auto busy = [&](std::uint64_t seed) {
        return [&store, &is_done, seed](Session& session) {
            std::mt19937_64 random(seed);
            std::vector<TagCount> tags;
            Names keys;
            while (!is_done.load()) {
                const std::string key = "k" + std::to_string(random() % 32);
                const std::string tag = "t" + std::to_string(random() % 4);
                const Names one{tag};
                const Names two{tag, "all"};
                const Turn turn(session, now_ms);
                switch (random() % 8) {
                    case 0: static_cast<void>(store.increment(session, {.key = key})); break;
                    case 1: static_cast<void>(store.add_tags(session, key, two)); break;
                    case 2: static_cast<void>(store.remove_tags(session, key, one)); break;
                    case 3:
                        static_cast<void>(store.append(session, {.key = key, .value = "1"}));
                        break;
                    case 4:
                        tags.clear();
                        static_cast<void>(store.list_tags(session, "", {}, 10, true, tags));
                        break;
                    case 5:
                        keys.clear();
                        static_cast<void>(
                            store.keys_by_tag(session, two, TagMatch::all, {}, 10, keys));
                        break;
                    case 6:
                        static_cast<void>(store.count_tagged(session, two, TagMatch::any));
                        {
                            const KeyUse use{store.hash(key), true};
                            store.prefetch({&use, 1});
                        }
                        break;
                    default:
                        static_cast<void>(
                            store.write(session, {.key = key, .value = "1", .tags = two}));
                        break;
                }
            }
        };
    };
    run_together(store, busy(1), busy(2), [&](Session& session) {
        for (std::uint64_t round = 0; round < rounds / 10; ++round) {
            const Turn turn(session, now_ms);
            static_cast<void>(store.flush(session));
            static_cast<void>(store.stats());
        }
        is_done.store(true);
    });
    store.check_invariants();
    cache.flush();
    cache.upkeep();
    CHECK(store.stats().tag_count == 0);
    CHECK(store.stats().entry_bytes == 0);
    store.check_invariants();
}

TEST_CASE("R14 a reader's view and pin || free and reuse of the memory", "[store][threads]") {
    DrivenStore cache({.stripe_count = 1});
    Store& store = cache.store;
    std::atomic<bool> is_done{false};
    std::atomic<std::uint64_t> torn_count{0};
    const auto read = [&](Session& session) {
        Pin pin;
        while (!is_done.load()) {
            const Turn turn(session, now_ms);
            std::array<EntryView, 8> views;
            for (EntryView& view : views) {
                view = store.get(session, "k");
            }
            for (const EntryView& view : views) {
                if (!view) {
                    continue;
                }
                const std::string_view value = view.value();
                torn_count += value.find_first_not_of(value.front()) != value.npos ? 1 : 0;
                torn_count += view.tag(0).front() == value.front() ? 0 : 1;
                if (pin) {
                    torn_count += pin.value().front() == pin.value().back() ? 0 : 1;
                }
                pin = view.pin();
            }
        }
    };
    run_together(store, read, read, [&](Session& session) {
        for (std::uint64_t round = 0; round < rounds / 4; ++round) {
            const std::string value(round % 8 == 0 ? 20'000 : 10 + round % 500,
                                    static_cast<char>('a' + round % 26));
            const std::string tag(1 + round % 7, value.front());
            static_cast<void>(put(store, session, "k", value, {tag}));
        }
        is_done.store(true);
    });
    CHECK(torn_count == 0);
    cache.flush();
    cache.upkeep();
    CHECK(store.stats().retired_bytes == 0);
    store.check_invariants();
}

TEST_CASE("increments by several threads add up", "[store][threads]") {
    DrivenStore cache;
    Store& store = cache.store;
    const auto count_up = [&](Session& session) {
        for (std::uint64_t round = 0; round < rounds; ++round) {
            const Turn turn(session, now_ms);
            static_cast<void>(store.increment(session, {.key = "sum", .amount = 2}));
            static_cast<void>(
                store.increment(session, {.key = "sum", .amount = 1, .subtracts = true}));
        }
    };
    run_together(store, count_up, count_up, count_up);
    CHECK(cache.get("sum") == std::to_string(3 * rounds));
}

TEST_CASE("compare and set by several threads loses no update", "[store][threads]") {
    DrivenStore cache;
    Store& store = cache.store;
    REQUIRE(cache.put("sum", "0") == Outcome::ok);
    const auto count_up = [&](Session& session) {
        for (std::uint64_t done = 0; done < rounds / 10;) {
            const Turn turn(session, now_ms);
            const EntryView view = store.get(session, "sum");
            const std::string next = std::to_string(number_in(view) + 1);
            const WriteRequest request{.key = "sum", .value = next, .if_version = view.version()};
            done += store.write(session, request).outcome == Outcome::ok ? 1 : 0;
        }
    };
    run_together(store, count_up, count_up, count_up);
    CHECK(cache.get("sum") == std::to_string(3 * (rounds / 10)));
}

}  // namespace tc::test
