// SPDX-License-Identifier: MIT
//
// Large values: their memory comes back, in slices, whoever held them last.
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "driven_store.hpp"
#include "support/process_memory.hpp"

namespace tc::test {
namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr std::size_t value_bytes = 1024 * 1024;
// As Store::upkeep() and the reclaimer have them.
constexpr std::uint64_t returned_per_upkeep_max = 256 * 1024;
constexpr std::uint64_t dropped_per_turn_max = 1024;
#if defined(TC_SANITIZED)
constexpr std::uint64_t value_count = 100;
#else
constexpr std::uint64_t value_count = 500;
#endif

// What a resident set is off by, and what a sanitizer adds to it. That of threads keeps several
// bytes for each that was ever written.
#if defined(__SANITIZE_THREAD__)
constexpr std::uint64_t resident_error = 2048 * mebibyte;
#else
constexpr std::uint64_t resident_error = 32 * mebibyte;
#endif

std::string key(std::uint64_t number) {
    return "k" + std::to_string(number);
}

void put_all(DrivenStore& cache, std::uint64_t count, std::size_t bytes) {
    const std::string value(bytes, 'v');
    for (std::uint64_t number = 0; number < count; ++number) {
        REQUIRE(cache.put(key(number), value, {"tag"}) == Outcome::ok);
    }
}

// What the store has of the system.
std::uint64_t held_bytes(const DrivenStore& cache) {
    const StoreStats stats = cache.store.stats();
    return stats.used_bytes + stats.idle_bytes;
}

}  // namespace

TEST_CASE("large values that went together come back in slices", "[store][blobs]") {
    DrivenStore cache({.stripe_count = 1});
    cache.upkeep();
    const std::uint64_t held_before = held_bytes(cache);
    const std::uint64_t resident_before = process_bytes(getpid(), "VmRSS:");
    put_all(cache, value_count, value_bytes);
    CHECK(process_bytes(getpid(), "VmRSS:") > resident_before + value_count * value_bytes);
    CHECK(cache.invalidate({"tag"}) == value_count);
    std::uint64_t returned_max = 0;
    std::uint64_t held = held_bytes(cache);
    const auto note = [&] {
        const std::uint64_t now = held_bytes(cache);
        returned_max = std::max(returned_max, held - std::min(held, now));
        held = now;
    };
    // The last turn's end frees what the turn before retired.
    for (int idle_count = 0; idle_count < 3;) {
        const Turn turn(cache.session, cache.now_ms);
        note();
        const bool has_more = cache.store.upkeep(cache.session, 0, 1, 256);
        note();
        idle_count = has_more ? 0 : idle_count + 1;
    }
    // Beside blobs there are the blocks and the tags of their entries.
    CHECK(returned_max <= returned_per_upkeep_max + mebibyte / 2);
    constexpr std::uint64_t kept_max = 16 * mebibyte;
    CHECK(cache.store.stats().entry_bytes == 0);
    CHECK(cache.store.stats().retired_bytes == 0);
    CHECK(held_bytes(cache) < held_before + kept_max + mebibyte);
    CHECK(process_bytes(getpid(), "VmRSS:") < resident_before + kept_max + resident_error);
    cache.store.check_invariants();
}

TEST_CASE("the end of a turn drops so many large values, and the next ones the others",
          "[store][blobs]") {
    DrivenStore cache;
    constexpr std::uint64_t count = 5 * dropped_per_turn_max / 2;
    put_all(cache, count, 17 * 1024);
    CHECK(cache.invalidate({"tag"}) == count);
    // What is unlinked while another turn goes on waits for that.
    Session other(cache.store);
    other.enter(cache.now_ms);
    cache.upkeep();
    cache.upkeep();
    const std::uint64_t retired_bytes = cache.store.stats().retired_bytes;
    const std::uint64_t blob_bytes = 20 * 1024;
    CHECK(retired_bytes >= count * blob_bytes);
    other.leave();
    const auto end_turn = [&] {
        const std::uint64_t before = cache.store.stats().retired_bytes;
        { const Turn turn(cache.session, cache.now_ms); }
        return before - cache.store.stats().retired_bytes;
    };
    std::vector<std::uint64_t> freed;
    for (std::uint64_t bytes = end_turn(); bytes != 0; bytes = end_turn()) {
        freed.push_back(bytes);
        cache.store.check_invariants();
    }
    CHECK(freed.size() >= 3);
    CHECK(*std::max_element(freed.begin(), freed.end()) <=
          dropped_per_turn_max * blob_bytes + 4096);
    CHECK(cache.store.stats().pinned_bytes == 0);
}

TEST_CASE("upkeep goes on dropping large values until all are gone", "[store][blobs]") {
    DrivenStore cache;
    constexpr std::uint64_t count = 3 * dropped_per_turn_max;
    put_all(cache, count, 17 * 1024);
    CHECK(cache.invalidate({"tag"}) == count);
    Session other(cache.store);
    other.enter(cache.now_ms);
    cache.upkeep();
    other.leave();
    // DrivenStore::upkeep() ends as soon as there is nothing to do.
    cache.upkeep();
    CHECK(cache.store.stats().retired_bytes == 0);
    cache.store.check_invariants();
}

TEST_CASE("a pin that is released on another thread gives its memory back", "[store][blobs]") {
    DrivenStore cache;
    put_all(cache, 1, value_bytes);
    Pin pin;
    {
        const Turn turn(cache.session, cache.now_ms);
        pin = cache.store.get(cache.session, key(0)).pin();
    }
    REQUIRE(cache.remove(key(0)) == Outcome::ok);
    cache.upkeep();
    const StoreStats pinned = cache.store.stats();
    CHECK(pinned.pinned_bytes > value_bytes);
    CHECK(pin.value() == std::string(value_bytes, 'v'));
    std::thread([&pin] { const Pin released = std::move(pin); }).join();
    const StoreStats stats = cache.store.stats();
    CHECK(stats.pinned_bytes == 0);
    CHECK(stats.used_bytes + pinned.pinned_bytes == pinned.used_bytes);
    CHECK(stats.idle_bytes == pinned.idle_bytes + pinned.pinned_bytes);
}

TEST_CASE("a value that is refused or replaced leaves its memory for the next one",
          "[store][blobs]") {
    DrivenStore cache;
    const std::string value(100 * 1024, 'v');
    for (int round = 0; round < 4; ++round) {
        REQUIRE(cache.put("k", value) == Outcome::ok);
    }
    const std::uint64_t held = held_bytes(cache);
    for (int round = 0; round < 50; ++round) {
        REQUIRE(cache.put("k", value) == Outcome::ok);
        REQUIRE(cache.write({.mode = WriteMode::add, .key = "k", .value = value}).outcome ==
                Outcome::exists);
        CHECK(held_bytes(cache) <= held + value.size() + 4096);
    }
}

TEST_CASE("a value that is too large for any block is out of memory", "[store][blobs]") {
    DrivenStore cache;
    const std::string value(16 * mebibyte, 'v');
    CHECK(cache.put("k", value) == Outcome::out_of_memory);
    CHECK(cache.put("k", value.substr(4096)) == Outcome::ok);
    CHECK(cache.get("k") == value.substr(4096));
}

}  // namespace tc::test
