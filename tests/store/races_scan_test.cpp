// SPDX-License-Identifier: MIT
//
// Several threads at once: those that look at all there is, and those that take several tags. The
// list of races is in store_threads_test.cpp.
#include <algorithm>
#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "races.hpp"

namespace tc::test {

TEST_CASE("R15 statistics || everything: they never say what cannot be", "[store][threads]") {
    DrivenStore cache({.stripe_count = 4});
    Store& store = cache.store;
    std::atomic<bool> is_done{false};
    constexpr std::uint64_t key_count = 64;
    std::uint64_t wrong_count = 0;
    const auto busy = [&](std::uint64_t seed) {
        return [&store, &is_done, seed](Session& session) {
            std::mt19937_64 random(seed);
            for (std::uint64_t round = 0; round < rounds; ++round) {
                const std::string key = "k" + std::to_string(random() % key_count);
                const std::string value(random() % 20'000, 'x');
                const Names tags{"t"};
                const Turn turn(session, threads_now_ms);
                if (round % 4 != 0) {
                    static_cast<void>(
                        store.write(session, {.key = key, .value = value, .tags = tags}));
                } else if (round % 64 == 0) {
                    static_cast<void>(store.invalidate(session, tags, TagMatch::any));
                } else {
                    static_cast<void>(store.remove(session, key, std::nullopt));
                }
            }
            is_done.store(true);
        };
    };
    run_together(
        store, busy(1), busy(2),
        [&](Session&) {
            StoreStats before;
            while (!is_done.load()) {
                const StoreStats now = store.stats();
                wrong_count += now.entry_count > key_count ? 1 : 0;
                wrong_count += now.stored < before.stored || now.deleted < before.deleted ||
                                       now.invalidated < before.invalidated
                                   ? 1
                                   : 0;
                before = now;
            }
        },
        keep_up(store, is_done));
    CHECK(wrong_count == 0);
    const StoreStats stats = store.stats();
    CHECK(cache.scan({}).size() == stats.entry_count);
    CHECK(cache.count({"t"}) == stats.entry_count);
    store.check_invariants();
}

TEST_CASE("R16 scans || put and invalidate: nothing that died before a scan began is in it",
          "[store][threads]") {
    DrivenStore cache({.stripe_count = 4});
    Store& store = cache.store;
    constexpr std::uint64_t keys_per_generation = 20;
    std::atomic<bool> is_done{false};
    std::atomic<std::uint64_t> dead_generation{0};
    std::uint64_t wrong_count = 0;
    run_together(
        store,
        [&](Session& session) {
            const Names tags{"generation"};
            for (std::uint64_t generation = 1; generation <= rounds / 20; ++generation) {
                for (std::uint64_t number = 0; number < keys_per_generation; ++number) {
                    const std::string key =
                        std::to_string(generation) + "-" + std::to_string(number);
                    static_cast<void>(put(store, session, key, "v", {"generation"}));
                }
                {
                    const Turn turn(session, threads_now_ms);
                    static_cast<void>(store.invalidate(session, tags, TagMatch::any));
                }
                dead_generation.store(generation);
            }
            is_done.store(true);
        },
        [&](Session& session) {
            const Names tags{"generation"};
            for (std::uint64_t round = 0; !is_done.load(); ++round) {
                const std::uint64_t bound = dead_generation.load();
                Cursor cursor;
                std::vector<std::string> seen;
                do {
                    const Turn turn(session, threads_now_ms);
                    Names keys;
                    cursor = (round % 2 == 0 ? store.scan(session, {}, cursor, 7, keys)
                                             : store.keys_by_tag(session, tags, TagMatch::any,
                                                                 cursor, 7, keys))
                                 .next;
                    seen.insert(seen.end(), keys.begin(), keys.end());
                } while (cursor.size != 0);
                for (const std::string& key : seen) {
                    wrong_count += std::stoull(key) <= bound ? 1 : 0;
                }
                std::sort(seen.begin(), seen.end());
                wrong_count += std::adjacent_find(seen.begin(), seen.end()) != seen.end() ? 1 : 0;
            }
        },
        keep_up(store, is_done));
    CHECK(wrong_count == 0);
    CHECK(store.stats().entry_count == 0);
    store.check_invariants();
}

TEST_CASE("R17 several tags in several stripes, in opposite orders: nobody waits for ever",
          "[store][threads]") {
    DrivenStore cache({.stripe_count = 8});
    Store& store = cache.store;
    std::atomic<std::uint64_t> stored_count{0};
    std::atomic<std::uint64_t> removed_count{0};
    const auto work = [&](std::uint64_t seed, const Names& tags) {
        return [&, seed, tags](Session& session) {
            std::mt19937_64 random(seed);
            for (std::uint64_t round = 0; round < rounds; ++round) {
                const std::string key = std::to_string(seed) + "-" + std::to_string(random() % 16);
                const Turn turn(session, threads_now_ms);
                const WriteRequest request{
                    .mode = WriteMode::add, .key = key, .value = "v", .tags = tags};
                stored_count += store.write(session, request).outcome == Outcome::ok ? 1 : 0;
                if (round % 8 == 0) {
                    const TagMatch match = round % 16 == 0 ? TagMatch::all : TagMatch::any;
                    removed_count += store.invalidate(session, tags, match);
                }
                static_cast<void>(store.remove_tags(session, key, {}));
            }
        };
    };
    run_together(store, work(1, {"a", "b", "c", "d"}), work(2, {"d", "c", "b", "a"}),
                 work(3, {"c", "a", "d", "b"}));
    CHECK(stored_count == removed_count + store.stats().entry_count);
    CHECK(store.stats().invalidated == removed_count);
    store.check_invariants();
    cache.invalidate({"a"});
    cache.upkeep();
    CHECK(store.stats().tag_count == 0);
}

}  // namespace tc::test
