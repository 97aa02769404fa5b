// SPDX-License-Identifier: MIT
#include "store/probe_table.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "store/slots.hpp"

namespace tc::test {
namespace {

struct NumberBucket {
    std::uint32_t hash = 0;
    std::uint32_t number = 0;

    [[nodiscard]] bool is_empty() const { return number == 0; }
};

using Table = ProbeTable<NumberBucket>;

NumberBucket* find(const Table& table, std::uint32_t hash, std::uint32_t number) {
    return table.find(hash, [&](const NumberBucket& bucket) { return bucket.number == number; });
}

}  // namespace

TEST_CASE("a probe table does what a map does, however the hashes collide", "[store][table]") {
    std::mt19937 random(7);
    // From all numbers in one run of buckets to no collision that matters.
    for (const std::uint32_t hash_count : {1U, 3U, 50U, UINT32_MAX}) {
        Table table;
        std::map<std::uint32_t, std::uint32_t> model;
        for (std::uint32_t step = 0; step < 20'000; ++step) {
            const std::uint32_t number = 1 + static_cast<std::uint32_t>(random()) % 200;
            // At the end of the table too, so that runs wrap around.
            const std::uint32_t hash = UINT32_MAX - number * 2'654'435'761U % hash_count;
            NumberBucket* const bucket = find(table, hash, number);
            REQUIRE((bucket != nullptr) == (model.count(number) == 1));
            if (bucket != nullptr) {
                table.erase(bucket);
                model.erase(number);
            } else {
                REQUIRE(table.reserve_one());
                table.insert({.hash = hash, .number = number});
                model.emplace(number, hash);
            }
            REQUIRE(table.count() == model.size());
        }
        std::uint32_t visited_count = 0;
        table.for_each([&](const NumberBucket& bucket) {
            CHECK(model.at(bucket.number) == bucket.hash);
            ++visited_count;
        });
        CHECK(visited_count == model.size());
        for (const auto& [number, hash] : model) {
            CHECK(find(table, hash, number) != nullptr);
        }
    }
}

TEST_CASE("an empty table has no memory, and a cleared one none again", "[store][table]") {
    Table table;
    CHECK(table.bytes() == 0);
    CHECK(find(table, 1, 1) == nullptr);
    table.prefetch(1);
    REQUIRE(table.reserve_one());
    table.insert({.hash = 1, .number = 1});
    CHECK(table.bytes() > 0);
    table.prefetch(1);
    table.clear();
    CHECK(table.bytes() == 0);
    CHECK(find(table, 1, 1) == nullptr);
}

TEST_CASE("slots are dense, reused and counted", "[store][slots]") {
    Slots slots;
    CHECK(slots.end() == 0);
    for (std::uint32_t slot = 0; slot < 1500; ++slot) {
        REQUIRE(slots.allocate() == slot);
    }
    CHECK(slots[700] == nullptr);
    for (std::uint32_t slot = 0; slot < 1500; slot += 2) {
        slots.release(slot);
    }
    CHECK(slots.free_count() == 750);
    CHECK(slots.count_free_list() == 750);
    CHECK(slots[700] == nullptr);
    for (std::uint32_t times = 0; times < 750; ++times) {
        const std::uint32_t slot = slots.allocate();
        CHECK(slot % 2 == 0);
        CHECK(slots[slot] == nullptr);
    }
    CHECK(slots.allocate() == 1500);
    CHECK(slots.free_count() == 0);
    slots.clear();
    CHECK(slots.bytes() == 0);
    CHECK(slots.allocate() == 0);
}

}  // namespace tc::test
