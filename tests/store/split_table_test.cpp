// SPDX-License-Identifier: MIT
#include "store/split_table.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <unordered_map>
#include <vector>

#include "failing.hpp"

namespace tc::test {
namespace {

struct NumberBucket {
    std::uint32_t hash = 0;
    std::uint32_t number = 0;
};

using Table = SplitTable<NumberBucket>;
using Model = std::unordered_map<std::uint32_t, std::uint32_t>;

NumberBucket* find(const Table& table, std::uint32_t hash, std::uint32_t number) {
    return table.find(hash, [&](const NumberBucket& bucket) { return bucket.number == number; });
}

void insert(Table& table, std::uint32_t hash, std::uint32_t number) {
    REQUIRE(table.reserve_one(hash));
    table.insert({.hash = hash, .number = number});
}

// Well mixed (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
std::uint32_t mixed(std::uint32_t number) {
    std::uint64_t bits = number * 0x9E37'79B9'7F4A'7C15U;
    bits = (bits ^ bits >> 30) * 0xBF58'476D'1CE4'E5B9U;
    bits = (bits ^ bits >> 27) * 0x94D0'49BB'1331'11EBU;
    return static_cast<std::uint32_t>(bits ^ bits >> 31);
}

void check_same(const Table& table, const Model& model) {
    CHECK(table.count() == model.size());
    std::uint32_t visited_count = 0;
    table.for_each([&](const NumberBucket& bucket) {
        const auto found = model.find(bucket.number);
        REQUIRE(found != model.end());
        REQUIRE(found->second == bucket.hash);
        ++visited_count;
    });
    CHECK(visited_count == model.size());
    for (const auto& [number, hash] : model) {
        REQUIRE(find(table, hash, number) != nullptr);
    }
}

std::vector<const NumberBucket*> places(const Table& table, std::uint32_t number_end) {
    std::vector<const NumberBucket*> found(number_end);
    table.for_each([&](const NumberBucket& bucket) { found.at(bucket.number) = &bucket; });
    return found;
}

std::uint32_t moved_count(const std::vector<const NumberBucket*>& before,
                          const std::vector<const NumberBucket*>& after) {
    std::uint32_t count = 0;
    for (std::size_t number = 0; number < before.size(); ++number) {
        const bool is_in_both = before[number] != nullptr && after[number] != nullptr;
        count += is_in_both && before[number] != after[number] ? 1 : 0;
    }
    return count;
}

}  // namespace

TEST_CASE("a table does what a map does, however the hashes collide", "[store][table]") {
    constexpr std::uint32_t seed = 7;
    std::mt19937 random(seed);
    // From all numbers in one array to no collision that matters.
    for (const std::uint32_t hash_count : {1U, 3U, 50U, UINT32_MAX}) {
        CAPTURE(seed, hash_count);
        Table table;
        Model model;
        for (std::uint32_t step = 0; step < 20'000; ++step) {
            const std::uint32_t number = 1 + static_cast<std::uint32_t>(random()) % 200;
            const std::uint32_t hash = UINT32_MAX - number * 2'654'435'761U % hash_count;
            NumberBucket* const bucket = find(table, hash, number);
            REQUIRE((bucket != nullptr) == (model.count(number) == 1));
            if (bucket != nullptr) {
                table.erase(bucket);
                model.erase(number);
            } else {
                insert(table, hash, number);
                model.emplace(number, hash);
            }
            REQUIRE(table.count() == model.size());
        }
        check_same(table, model);
    }
}

TEST_CASE("a table grows and shrinks over many splits and merges", "[store][table]") {
    constexpr std::uint32_t seed = 8;
    CAPTURE(seed);
    std::mt19937 random(seed);
    Table table;
    Model model;
    for (std::uint32_t phase = 0; phase < 4; ++phase) {
        for (std::uint32_t step = 0; step < 60'000; ++step) {
            const std::uint32_t number = 1 + static_cast<std::uint32_t>(random()) % 40'000;
            const std::uint32_t hash = mixed(number);
            NumberBucket* const bucket = find(table, hash, number);
            REQUIRE((bucket != nullptr) == (model.count(number) == 1));
            const bool grows = random() % 8 < (phase % 2 == 0 ? 7U : 1U);
            if (grows && bucket == nullptr) {
                insert(table, hash, number);
                model.emplace(number, hash);
            } else if (!grows && bucket != nullptr) {
                table.erase(bucket);
                model.erase(number);
            }
        }
        check_same(table, model);
    }
    for (const auto& [number, hash] : model) {
        table.erase(find(table, hash, number));
    }
    CHECK(table.count() == 0);
    CHECK(table.bytes() == 0);
}

TEST_CASE("an empty table has no memory, and a cleared one none again", "[store][table]") {
    Table table;
    CHECK(table.bytes() == 0);
    CHECK(find(table, 1, 1) == nullptr);
    for (std::uint32_t number = 1; number <= 3'000; ++number) {
        insert(table, mixed(number), number);
    }
    CHECK(table.bytes() > 3'000 * sizeof(NumberBucket));
    table.clear();
    CHECK(table.bytes() == 0);
    CHECK(table.count() == 0);
    CHECK(find(table, mixed(1), 1) == nullptr);
    insert(table, 5, 5);
    CHECK(find(table, 5, 5) != nullptr);
}

TEST_CASE("a table is at least two thirds full, however large it is", "[store][table]") {
    Table table;
    for (std::uint32_t number = 1; number <= 100'000; ++number) {
        insert(table, mixed(number), number);
        if (number > 1'000) {
            REQUIRE(table.bytes() < number * sizeof(NumberBucket) * 3 / 2);
        }
    }
}

TEST_CASE("no insertion and no erasure moves more buckets than two arrays have", "[store][table]") {
    // One that waits to be split has twice the average, and the spread of chance.
    constexpr std::uint32_t bound = 6 * Table::array_count_max;
    constexpr std::uint32_t number_end = 3'000;
    Table table;
    std::uint32_t most = 0;
    std::vector<const NumberBucket*> before = places(table, number_end);
    const auto note_moves = [&] {
        std::vector<const NumberBucket*> after = places(table, number_end);
        most = std::max(most, moved_count(before, after));
        before = std::move(after);
    };
    for (std::uint32_t number = 1; number < number_end; ++number) {
        insert(table, mixed(number), number);
        note_moves();
    }
    CHECK(most > 0);
    CHECK(most <= bound);
    for (std::uint32_t number = 1; number < number_end; ++number) {
        table.erase(find(table, mixed(number), number));
        note_moves();
    }
    CHECK(most <= bound);
}

TEST_CASE("a table that finds no memory stays as it is", "[store][table]") {
    constexpr std::uint32_t seed = 11;
    CAPTURE(seed);
    std::mt19937 random(seed);
    Table table;
    Model model;
    std::uint32_t refused_count = 0;
    for (std::uint32_t step = 0; step < 60'000; ++step) {
        const std::uint32_t number = 1 + static_cast<std::uint32_t>(random()) % 6'000;
        const std::uint32_t hash = mixed(number);
        const Failing failing(random() % 4);
        NumberBucket* const bucket = find(table, hash, number);
        REQUIRE((bucket != nullptr) == (model.count(number) == 1));
        if (bucket != nullptr && random() % 8 < (step < 30'000 ? 2U : 6U)) {
            table.erase(bucket);
            model.erase(number);
        } else if (bucket == nullptr) {
            if (table.reserve_one(hash)) {
                table.insert({.hash = hash, .number = number});
                model.emplace(number, hash);
            } else {
                ++refused_count;
            }
        }
    }
    CHECK(refused_count > 0);
    check_same(table, model);
    for (const auto& [number, hash] : model) {
        table.erase(find(table, hash, number));
    }
    CHECK(table.bytes() == 0);
}

TEST_CASE("a table without memory for its first bucket has none", "[store][table]") {
    for (const std::uint64_t nth : {1U, 2U}) {
        Table table;
        const Failing failing(nth);
        CHECK_FALSE(table.reserve_one(1));
        CHECK(table.bytes() == 0);
    }
}

}  // namespace tc::test
