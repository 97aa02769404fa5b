// SPDX-License-Identifier: MIT
//
// Who goes when memory is short, and that what stays is what it was.
#include <catch2/catch.hpp>
#include <string>

#include "driven_store.hpp"

namespace tc::test {
namespace {

constexpr int hot_count = 200;

std::string hot_key(int number) {
    return "hot" + std::to_string(number);
}

// Lets ten times the cache pass by while a few keys are read now and then; how many of those are
// still there.
int hot_keys_left(EvictionPolicy policy) {
    DrivenStore cache({.memory_bytes_max = 4 * 1024 * 1024,
                       .eviction_policy = policy,
                       .stripe_count = 1,
                       .value_bytes_max = 4096});
    const std::string value(400, 'v');
    const auto read_hot = [&] {
        int count = 0;
        for (int number = 0; number < hot_count; ++number) {
            count += cache.get(hot_key(number)) ? 1 : 0;
        }
        return count;
    };
    for (int number = 0; number < hot_count; ++number) {
        REQUIRE(cache.put(hot_key(number), value) == Outcome::ok);
    }
    for (int number = 0; number < 80'000; ++number) {
        REQUIRE(cache.put("passing" + std::to_string(number), value) == Outcome::ok);
        if (number % 2000 == 0) {
            static_cast<void>(read_hot());
            static_cast<void>(read_hot());
        }
    }
    cache.store.check_invariants();
    CHECK(cache.store.stats().evicted > 60'000);
    return read_hot();
}

}  // namespace

TEST_CASE("what is read now and then outlasts what passes by", "[store][eviction]") {
    CHECK(hot_keys_left(EvictionPolicy::s3_fifo) >= hot_count * 9 / 10);
    // It samples, so that bad luck is possible.
    CHECK(hot_keys_left(EvictionPolicy::lru) >= hot_count / 2);
}

TEST_CASE("of a loop that is larger than the cache a part stays", "[store][eviction]") {
    DrivenStore cache(
        {.memory_bytes_max = 8 * 1024 * 1024, .stripe_count = 1, .value_bytes_max = 4096});
    const std::string value(400, 'v');
    constexpr int key_count = 20'000;
    int hit_count = 0;
    for (int round = 0; round < 6; ++round) {
        hit_count = 0;
        for (int number = 0; number < key_count; ++number) {
            const std::string key = "k" + std::to_string(number);
            if (cache.get(key)) {
                ++hit_count;
            } else {
                REQUIRE(cache.put(key, value) == Outcome::ok);
            }
        }
    }
    // Three quarters of the keys have room. A queue of all entries would hit none of them.
    CHECK(cache.store.stats().evicted > key_count / 2);
    CHECK(hit_count > key_count / 4);
}

TEST_CASE("who is dead or expired goes before anybody else", "[store][eviction]") {
    DrivenStore cache(
        {.memory_bytes_max = 4 * 1024 * 1024, .stripe_count = 1, .value_bytes_max = 4096});
    const std::string value(400, 'v');
    const auto fill_half = [&](const std::string& prefix, const Names& tags, std::uint64_t ttl_ms) {
        for (int number = 0; number < 3500; ++number) {
            REQUIRE(cache.put(prefix + std::to_string(number), value, tags, ttl_ms) == Outcome::ok);
        }
    };
    fill_half("stays", {}, 0);
    for (int round = 0; round < 10; ++round) {
        const std::string prefix = "goes" + std::to_string(round) + ".";
        fill_half(prefix, {"t"}, 100);
        if (round % 2 == 0) {
            // Of the round before some have expired, and were not needed yet.
            CHECK(cache.invalidate({"t"}) >= 3500);
        } else {
            cache.now_ms += 100 + sweep_delay_ms;
        }
    }
    CHECK(cache.store.stats().evicted == 0);
    for (int number = 0; number < 3500; ++number) {
        REQUIRE(cache.exists("stays" + std::to_string(number)));
    }
    cache.store.check_invariants();
}

TEST_CASE("entries that are moved together stay what they were", "[store][eviction]") {
    DrivenStore cache({.stripe_count = 1});
    const auto key_of = [](int number) { return "k" + std::to_string(number); };
    const auto value_of = [](int number) {
        return std::string(100, static_cast<char>('a' + number % 26)) + std::to_string(number);
    };
    for (int number = 0; number < 20'000; ++number) {
        REQUIRE(cache.put(key_of(number), value_of(number), {"t" + std::to_string(number % 7)}) ==
                Outcome::ok);
    }
    for (int number = 0; number < 20'000; ++number) {
        if (number % 4 != 0) {
            REQUIRE(cache.remove(key_of(number)) == Outcome::ok);
        }
    }
    const std::uint64_t idle_before = cache.store.stats().idle_bytes;
    for (int round = 0; round < 10; ++round) {
        cache.upkeep();
    }
    CHECK(cache.store.stats().idle_bytes < idle_before / 2);
    cache.store.check_invariants();
    for (int number = 0; number < 20'000; number += 4) {
        REQUIRE(cache.get(key_of(number)) == value_of(number));
    }
    const std::uint64_t tagged_count = cache.count({"t3"});
    CHECK(cache.invalidate({"t3"}) == tagged_count);
    for (int number = 0; number < 20'000; number += 4) {
        REQUIRE(cache.exists(key_of(number)) == (number % 7 != 3));
    }
    cache.store.check_invariants();
}

TEST_CASE("an index that grows and shrinks loses no key", "[store][eviction]") {
    DrivenStore cache({.stripe_count = 1});
    const auto key_of = [](int number) { return "k" + std::to_string(number); };
    for (int round = 0; round < 2; ++round) {
        for (int number = 0; number < 20'000; ++number) {
            REQUIRE(cache.put(key_of(number), "v") == Outcome::ok);
        }
        cache.store.check_invariants();
        for (int number = 0; number < 20'000; ++number) {
            REQUIRE(cache.exists(key_of(number)));
            REQUIRE(cache.remove(key_of(number)) == Outcome::ok);
        }
        CHECK(cache.store.stats().entry_count == 0);
        cache.store.check_invariants();
    }
}

}  // namespace tc::test
