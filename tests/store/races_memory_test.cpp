// SPDX-License-Identifier: MIT
//
// Several threads at once, while entries are evicted, moved, expired, and their memory and slots
// are used again. The list of races is in store_threads_test.cpp.
#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <thread>

#include "races.hpp"

namespace tc::test {
namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr StoreOptions small_store{.memory_bytes_max = 4 * mebibyte, .stripe_count = 2};

// What is stored for a key says which key it is, all over.
std::string value_for(std::uint64_t number, std::size_t size) {
    return std::string(size, static_cast<char>('a' + number % 26));
}

bool is_value_for(std::uint64_t number, std::string_view value) {
    return value.find_first_not_of(static_cast<char>('a' + number % 26)) == value.npos;
}

std::string key_for(std::uint64_t number) {
    return "key" + std::to_string(number);
}

}  // namespace

TEST_CASE("R3 R7 evict || put the same key || delete || invalidate: each entry goes once",
          "[store][threads]") {
    DrivenStore cache(small_store);
    Store& store = cache.store;
    std::atomic<bool> is_done{false};
    std::atomic<std::uint64_t> stored_count{0};
    std::atomic<std::uint64_t> removed_count{0};
    constexpr std::uint64_t key_count = 400;
    const auto add = [&](std::uint64_t seed) {
        return [&store, &stored_count, &is_done, seed](Session& session) {
            std::mt19937_64 random(seed);
            for (std::uint64_t round = 0; round < rounds; ++round) {
                const std::uint64_t number = random() % key_count;
                const std::string key = key_for(number);
                const std::string value = value_for(number, 8'000 + random() % 12'000);
                const Names tags{"t", number % 2 == 0 ? "even" : "odd"};
                const Turn turn(session, threads_now_ms);
                const WriteRequest request{
                    .mode = WriteMode::add, .key = key, .value = value, .tags = tags};
                stored_count += store.write(session, request).outcome == Outcome::ok ? 1 : 0;
            }
            is_done.store(true);
        };
    };
    run_together(
        store, add(1), add(2),
        [&](Session& session) {
            std::mt19937_64 random(3);
            const Names even{"even"};
            for (std::uint64_t round = 0; !is_done.load(); ++round) {
                // Some of the keys: the others fill the store.
                const std::string key = key_for(random() % (key_count / 4));
                const Turn turn(session, threads_now_ms);
                removed_count += store.remove(session, key, std::nullopt) == Outcome::ok ? 1U : 0U;
                removed_count +=
                    round % 1024 == 0 ? store.invalidate(session, even, TagMatch::any) : 0;
            }
        },
        keep_up(store, is_done));
    const StoreStats stats = store.stats();
    CHECK(stats.evicted > 0);
    CHECK(stored_count == removed_count + stats.evicted + stats.entry_count);
    CHECK(stats.stored == stored_count);
    store.check_invariants();
    CHECK(cache.invalidate({"t"}) == stats.entry_count);
}

TEST_CASE("R14 R18 a reader's views || eviction at the limit: they stay until the turn ends",
          "[store][threads]") {
    DrivenStore cache({.memory_bytes_max = 16 * mebibyte, .stripe_count = 2});
    Store& store = cache.store;
    std::atomic<bool> is_done{false};
    std::atomic<std::uint64_t> wrong_count{0};
    std::atomic<std::uint64_t> hit_count{0};
    constexpr std::uint64_t key_count = 3'000;
    const auto read = [&](std::uint64_t seed) {
        return [&, seed](Session& session) {
            std::mt19937_64 random(seed);
            while (!is_done.load()) {
                std::array<std::uint64_t, 16> numbers{};
                std::array<EntryView, 16> views;
                const Turn turn(session, threads_now_ms);
                for (std::size_t index = 0; index < views.size(); ++index) {
                    numbers.at(index) = random() % key_count;
                    views.at(index) = store.get(session, key_for(numbers.at(index)));
                }
                for (std::size_t index = 0; index < views.size(); ++index) {
                    const EntryView& view = views.at(index);
                    const std::uint64_t number = numbers.at(index);
                    hit_count += view ? 1 : 0;
                    wrong_count +=
                        view && (view.key() != key_for(number) ||
                                 !is_value_for(number, view.value()) || view.tag(0) != "all")
                            ? 1
                            : 0;
                }
            }
        };
    };
    run_together(
        store, read(1),
        [&](Session& session) {
            std::mt19937_64 random(3);
            for (std::uint64_t round = 0; round < 4'000; ++round) {
                const std::uint64_t number = random() % key_count;
                const std::string value = value_for(number, 1 + random() % 24'000);
                // Refused while a turn of the others keeps what was retired; so they end first.
                while (put(store, session, key_for(number), value, {"all"}) != Outcome::ok) {
                    std::this_thread::yield();
                }
            }
            is_done.store(true);
        },
        keep_up(store, is_done));
    CHECK(wrong_count == 0);
    CHECK(hit_count > 0);
    CHECK(store.stats().evicted > 0);
    store.check_invariants();
}

TEST_CASE("R14 get || entries move together: what stays is always found", "[store][threads]") {
    DrivenStore cache({.stripe_count = 1});
    Store& store = cache.store;
    constexpr std::uint64_t stable_count = 200;
    constexpr std::uint64_t passing_count = 200;
    std::atomic<bool> is_done{false};
    std::atomic<std::uint64_t> wrong_count{0};
    // They lie between those that come and go.
    for (std::uint64_t number = 0; number < stable_count; ++number) {
        REQUIRE(cache.put(key_for(number), value_for(number, 50), {"all"}) == Outcome::ok);
        REQUIRE(cache.put("passing" + key_for(number), value_for(number, 9'000)) == Outcome::ok);
    }
    run_together(
        store,
        [&](Session& session) {
            std::mt19937_64 random(1);
            while (!is_done.load()) {
                const Turn turn(session, threads_now_ms);
                const std::uint64_t number = random() % stable_count;
                const EntryView view = store.get(session, key_for(number));
                wrong_count += !view || !is_value_for(number, view.value()) ? 1 : 0;
            }
        },
        [&](Session& session) {
            for (std::uint64_t round = 0; round < rounds / 4; ++round) {
                const std::uint64_t number = round % passing_count;
                const std::string key = "passing" + key_for(number);
                if (round / passing_count % 2 == 0) {
                    const Turn turn(session, threads_now_ms);
                    static_cast<void>(store.remove(session, key, std::nullopt));
                } else {
                    static_cast<void>(put(store, session, key, value_for(number, 9'000), {}));
                }
            }
            is_done.store(true);
        },
        keep_up(store, is_done));
    CHECK(wrong_count == 0);
    store.check_invariants();
}

TEST_CASE("R12 get || the index grows and shrinks || slots are used again: what stays is found",
          "[store][threads]") {
    DrivenStore cache({.stripe_count = 1});
    Store& store = cache.store;
    constexpr std::uint64_t stable_count = 300;
    constexpr std::uint64_t passing_count = 2'000;
    std::atomic<bool> is_done{false};
    std::atomic<std::uint64_t> wrong_count{0};
    for (std::uint64_t number = 0; number < stable_count; ++number) {
        REQUIRE(cache.put(key_for(number), value_for(number, 20), {"stable"}) == Outcome::ok);
    }
    run_together(
        store,
        [&](Session& session) {
            std::mt19937_64 random(1);
            while (!is_done.load()) {
                const std::uint64_t number = random() % stable_count;
                const Turn turn(session, threads_now_ms);
                const EntryView view = store.get(session, key_for(number));
                wrong_count += !view || !is_value_for(number, view.value()) ? 1 : 0;
            }
        },
        [&](Session& session) {
            const Names tags{"passing"};
            for (std::uint64_t round = 0; round < 1 + rounds / 3'000; ++round) {
                for (std::uint64_t number = 0; number < passing_count; ++number) {
                    static_cast<void>(
                        put(store, session, "passing" + key_for(number), "v", {"passing"}));
                }
                const Turn turn(session, threads_now_ms);
                wrong_count +=
                    store.invalidate(session, tags, TagMatch::any) == passing_count ? 0 : 1;
            }
            is_done.store(true);
        },
        keep_up(store, is_done));
    CHECK(wrong_count == 0);
    cache.upkeep();
    CHECK(store.stats().entry_count == stable_count);
    store.check_invariants();
}

TEST_CASE("R5 touch || the wheel || get: an entry that is touched in time is never gone",
          "[store][threads]") {
    DrivenStore cache({.stripe_count = 1});
    Store& store = cache.store;
    std::atomic<bool> is_done{false};
    std::atomic<std::uint64_t> clock{threads_now_ms};
    std::atomic<std::uint64_t> lost_count{0};
    constexpr std::uint64_t ttl_ms = 3'000;
    REQUIRE(cache.put("k", "v", {"t"}, ttl_ms) == Outcome::ok);
    run_together(
        store,
        [&](Session& session) {
            for (std::uint64_t round = 0; round < rounds; ++round) {
                const Turn turn(session, clock.load());
                lost_count +=
                    store.touch(session, "k", ttl_ms, std::nullopt) == Outcome::ok ? 0 : 1;
                // Just before it would expire.
                clock += ttl_ms - 1;
            }
            is_done.store(true);
        },
        [&](Session& session) {
            while (!is_done.load()) {
                const Turn turn(session, clock.load());
                lost_count += store.get(session, "k") ? 0 : 1;
            }
        },
        [&](Session& session) {
            while (!is_done.load()) {
                const Turn turn(session, clock.load());
                static_cast<void>(store.upkeep(session, 0, 1, 100));
            }
        });
    CHECK(lost_count == 0);
    store.check_invariants();
}

}  // namespace tc::test
