// SPDX-License-Identifier: MIT
#include "store/ghost.hpp"

#include <catch2/catch.hpp>

#include "failing.hpp"

namespace tc::test {
namespace {

// As the store's: keyed, and the bits that choose the stripe are the same for all of them. (The
// finalizer of SplitMix64; Steele, Lea, Flood: Fast splittable pseudorandom number generators,
// OOPSLA 2014.)
std::uint64_t hash_of(std::uint64_t key) {
    std::uint64_t hash = (key + 1) * 0x9E3779B97F4A7C15;
    hash = (hash ^ hash >> 30) * 0xBF58476D1CE4E5B9;
    hash = (hash ^ hash >> 27) * 0x94D049BB133111EB;
    hash ^= hash >> 31;
    return (hash & ~std::uint64_t{0xFC00'0000'0000'003F}) | 0x5400'0000'0000'0015;
}

void insert_all(Ghost& ghost, std::uint64_t begin, std::uint64_t end) {
    for (std::uint64_t key = begin; key < end; ++key) {
        ghost.insert(hash_of(key));
    }
}

std::uint64_t take_all(Ghost& ghost, std::uint64_t begin, std::uint64_t end) {
    std::uint64_t taken_count = 0;
    for (std::uint64_t key = begin; key < end; ++key) {
        taken_count += ghost.take(hash_of(key)) ? 1 : 0;
    }
    return taken_count;
}

}  // namespace

TEST_CASE("a ghost without capacity knows nothing", "[store][ghost]") {
    Ghost ghost;
    ghost.insert(hash_of(1));
    CHECK_FALSE(ghost.take(hash_of(1)));
    CHECK(ghost.bytes() == 0);
    REQUIRE(ghost.resize(10));
    ghost.insert(hash_of(1));
    REQUIRE(ghost.resize(0));
    CHECK_FALSE(ghost.take(hash_of(1)));
}

TEST_CASE("a hash is taken once", "[store][ghost]") {
    Ghost ghost;
    REQUIRE(ghost.resize(100));
    ghost.insert(hash_of(1));
    ghost.insert(hash_of(1));
    CHECK_FALSE(ghost.take(hash_of(2)));
    CHECK(ghost.take(hash_of(1)));
    CHECK_FALSE(ghost.take(hash_of(1)));
}

TEST_CASE("the latest insertions are known and no others", "[store][ghost]") {
    for (const std::uint64_t capacity : {1U, 3U, 16U, 100U, 1'000U, 12'345U, 100'000U}) {
        CAPTURE(capacity);
        // Long enough for the 16 bits of time to wrap, when the capacity is small.
        const std::uint64_t end = capacity * 3 + 100'000;
        // Time is in steps of a 256th of the capacity.
        const std::uint64_t end_of_old = end - capacity - capacity / 256 - 1;
        Ghost ghost;
        REQUIRE(ghost.resize(capacity));
        insert_all(ghost, 0, end);
        const auto known_count = static_cast<double>(take_all(ghost, end - capacity, end));
        CHECK(known_count >= 0.97 * static_cast<double>(capacity));
        CHECK(take_all(ghost, end - capacity, end) == 0);

        insert_all(ghost, 0, end);
        const auto mistaken_count = static_cast<double>(take_all(ghost, 0, end_of_old));
        CHECK(mistaken_count <= 0.001 * static_cast<double>(end_of_old));
    }
}

TEST_CASE("a ghost takes 7 bytes for each hash of its capacity at most", "[store][ghost]") {
    Ghost ghost;
    REQUIRE(ghost.resize(100'000));
    CHECK(ghost.bytes() < 4'000);
    insert_all(ghost, 0, 100'000);
    CHECK(ghost.bytes() <= 720'000);
    CHECK(ghost.bytes() >= 600'000);
    ghost.clear();
    CHECK(ghost.bytes() == 0);
    CHECK_FALSE(ghost.take(hash_of(99'999)));
}

TEST_CASE("a ghost forgets only when its table does not fit the capacity", "[store][ghost]") {
    Ghost ghost;
    REQUIRE(ghost.resize(1'000));
    insert_all(ghost, 0, 1'000);
    for (const std::size_t capacity : {1'200U, 400U, 1'000U}) {
        REQUIRE(ghost.resize(capacity));
        CHECK(ghost.capacity() == capacity);
    }
    CHECK(take_all(ghost, 600, 800) > 190);
    REQUIRE(ghost.resize(500));
    CHECK(take_all(ghost, 0, 500) <= 2);
    CHECK(take_all(ghost, 800, 900) > 90);
    REQUIRE(ghost.resize(2'000));
    CHECK(take_all(ghost, 900, 1'000) == 0);
    insert_all(ghost, 0, 2'000);
    const std::uint64_t bytes = ghost.bytes();
    REQUIRE(ghost.resize(100));
    insert_all(ghost, 0, 100);
    CHECK(ghost.bytes() < bytes / 4);
    CHECK(take_all(ghost, 0, 100) >= 97);
}

TEST_CASE("a ghost without memory forgets and goes on", "[store][ghost]") {
    Ghost ghost;
    REQUIRE(ghost.resize(1'000));
    ghost.insert(hash_of(1));
    {
        const Failing failing(1);
        CHECK_FALSE(ghost.resize(1'000'000));
        CHECK(ghost.capacity() == 1'000);
        CHECK(ghost.take(hash_of(1)));
    }
    REQUIRE(ghost.resize(1'000'000));
    {
        const Failing failing(1);
        const std::uint64_t bytes = ghost.bytes();
        insert_all(ghost, 0, 100);
        CHECK(take_all(ghost, 0, 100) == 0);
        CHECK(ghost.bytes() == bytes);
    }
    insert_all(ghost, 0, 100);
    CHECK(take_all(ghost, 0, 100) == 100);
}

}  // namespace tc::test
