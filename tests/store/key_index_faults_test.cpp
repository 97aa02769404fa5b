// SPDX-License-Identifier: MIT
//
// The key index when its allocations fail.
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <unordered_map>

#include "entry_maker.hpp"
#include "failing.hpp"
#include "store/key_index.hpp"

namespace tc::test {
namespace {

constexpr std::size_t heap_bytes = std::size_t{64} * 1024 * 1024;
constexpr std::size_t pages_max = 4096;

}  // namespace

TEST_CASE("an index that cannot be made throws, at whichever step", "[store][index][faults]") {
    const KeyHash hash_of(1);
    EntryMaker entries(heap_bytes);
    std::uint64_t nth = 1;
    for (bool is_made = false; !is_made; ++nth) {
        const Failing failing(nth);
        try {
            const KeyIndex index(hash_of, entries.heap_begin(), 0, pages_max);
            is_made = true;
        } catch (const std::bad_alloc&) {
            REQUIRE(nth < 10);
        }
    }
    CHECK(nth > 3);
}

TEST_CASE("an index without memory says so, keeps all keys and erases them",
          "[store][index][faults]") {
    const KeyHash hash_of(1);
    EntryMaker entries(heap_bytes);
    KeyIndex index(hash_of, entries.heap_begin(), 2, pages_max);
    std::unordered_map<std::string, EntryRef> model;
    std::mt19937_64 random(1);
    std::uint32_t refused_count = 0;
    const auto step = [&](std::uint32_t key_count, std::uint64_t nth) {
        const std::string key = "key" + std::to_string(random() % key_count);
        const std::uint64_t hash = hash_of(key);
        const Failing failing(nth);
        if (KeyIndex::Cell* const cell = index.locate({key, hash}); cell != nullptr) {
            REQUIRE(cell->load() == model.at(key));
            index.erase(hash, cell);
            model.erase(key);
            return;
        }
        const std::uint64_t bytes_before = index.bytes();
        if (!index.reserve_one(hash)) {
            ++refused_count;
            // But for the records of pages that were not used in the end.
            REQUIRE(index.bytes() - bytes_before <= 16);
            return;
        }
        const EntryRef ref = entries.make(key);
        index.insert(hash, ref);
        model.emplace(key, ref);
    };
    for (std::uint32_t at = 1; at <= 60'000; ++at) {
        // A split takes two allocations or three. Without, pages fill to the last cell; when there
        // is memory for once they split again.
        const bool is_growing = at / 10'000 % 2 == 0;
        step(is_growing ? 40'000 : 4'000, at % 5'000 < 10 ? 3 + random() % 2 : 1 + random() % 2);
        index.free(index.take_garbage());
        if (at % 5'000 == 0) {
            index.check_invariants();
            for (const auto& [key, ref] : model) {
                REQUIRE(index.find({key, hash_of(key)}) == &entries.at(ref));
            }
        }
    }
    CHECK(refused_count > 100);
    const Failing failing(1);
    for (const auto& [key, ref] : model) {
        index.erase(hash_of(key), index.locate({key, hash_of(key)}));
    }
    index.check_invariants();
    index.free(index.take_garbage());
    CHECK(index.bytes() < 4096);
}

}  // namespace tc::test
