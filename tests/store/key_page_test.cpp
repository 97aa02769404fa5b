// SPDX-License-Identifier: MIT
#include "store/key_page.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <random>
#include <vector>

namespace tc::test {
namespace {

std::uint64_t hash_in(std::uint32_t bucket, std::uint32_t fingerprint) {
    return std::uint64_t{bucket} << 8 | fingerprint;
}

KeyPage::Cell* find(const KeyPage& page, std::uint64_t hash, EntryRef ref) {
    const KeyPage::Cell* found = nullptr;
    page.search(hash, [&](const KeyPage::Cell& cell) {
        const bool is_it = cell.load() == ref;
        found = is_it ? &cell : nullptr;
        return is_it;
    });
    return const_cast<KeyPage::Cell*>(found);
}

std::uint32_t overflow_count(const KeyPage& page, std::uint32_t bucket) {
    return page.bucket(bucket).controls().overflow_count();
}

}  // namespace

TEST_CASE("the portable comparison of fingerprints finds what the vector one does",
          "[store][index]") {
    std::mt19937_64 random(3);
    for (std::uint32_t step = 0; step < 20'000; ++step) {
        // Bytes that differ by one bit, or not, from the one sought: where carries would show.
        const auto sought = static_cast<std::uint8_t>(random());
        std::array<std::uint64_t, 2> words{};
        std::uint32_t expected = 0;
        for (std::uint32_t index = 0; index < 16; ++index) {
            const bool is_equal = random() % 3 == 0;
            const std::uint64_t byte = is_equal ? sought : sought ^ (1U << random() % 8);
            words.at(index / 8) |= byte << index % 8 * 8;
            expected |= (is_equal && index < BucketControls::cell_count ? 1U : 0U) << index;
        }
        const BucketControls controls(words[0], words[1]);
        REQUIRE(controls.cells_with(sought) == expected);
        REQUIRE(controls.portable_cells_with(sought) == expected);
    }
}

TEST_CASE("a page does what a map does, however the hashes collide", "[store][index]") {
    std::mt19937_64 random(5);
    // From all keys with one hash to hashes all over the page.
    for (const std::uint64_t hash_count : {1U, 3U, 100U, 16384U}) {
        const auto page = std::make_unique<KeyPage>();
        std::map<EntryRef, std::uint64_t> model;
        for (std::uint32_t step = 0; step < 20'000; ++step) {
            const EntryRef ref = 1 + static_cast<EntryRef>(random() % 1000);
            const std::uint64_t hash = hash_in(63, 0) + ref * 2'654'435'761U % hash_count;
            KeyPage::Cell* const cell = find(*page, hash, ref);
            REQUIRE((cell != nullptr) == (model.count(ref) == 1));
            if (cell != nullptr) {
                page->erase(hash, cell);
                model.erase(ref);
            } else if (page->full_buckets_from(hash) < KeyPage::bucket_count) {
                page->insert(hash, ref);
                model.emplace(ref, hash);
            } else {
                REQUIRE(model.size() == KeyPage::cell_count);
            }
        }
        for (const auto& [ref, hash] : model) {
            REQUIRE(find(*page, hash, ref) != nullptr);
        }
        std::size_t visited_count = 0;
        page->for_each([&](EntryRef ref) { visited_count += model.count(ref); });
        CHECK(visited_count == model.size());
    }
}

TEST_CASE("a search ends at a bucket that nobody has passed", "[store][index]") {
    const auto page = std::make_unique<KeyPage>();
    // The last bucket of the page, so that keys go on to the first.
    const std::uint64_t hash = hash_in(63, 9);
    for (EntryRef ref = 1; ref <= 12; ++ref) {
        page->insert(hash, ref);
    }
    CHECK(overflow_count(*page, 63) == 0);
    CHECK(page->full_buckets_from(hash) == 1);
    page->insert(hash, 13);
    CHECK(overflow_count(*page, 63) == 1);
    CHECK(overflow_count(*page, 0) == 0);
    CHECK(find(*page, hash, 13) == &page->bucket(0).cell(0));
    page->erase(hash, find(*page, hash, 13));
    CHECK(overflow_count(*page, 63) == 0);
    CHECK(find(*page, hash, 13) == nullptr);
}

TEST_CASE("an overflow count that is full stays so, and no key is lost", "[store][index]") {
    const auto page = std::make_unique<KeyPage>();
    const std::uint64_t hash = hash_in(7, 1);
    for (EntryRef ref = 1; ref <= 12 + 300; ++ref) {
        page->insert(hash, ref);
    }
    CHECK(overflow_count(*page, 7) == KeyBucket::overflow_max);
    for (EntryRef ref = 312; ref > 12; --ref) {
        REQUIRE(find(*page, hash, ref) != nullptr);
        page->erase(hash, find(*page, hash, ref));
    }
    CHECK(overflow_count(*page, 7) == KeyBucket::overflow_max);
    CHECK(overflow_count(*page, 8) == KeyBucket::overflow_max);
    CHECK(overflow_count(*page, 32) == 0);
    page->insert(hash, 400);
    CHECK(find(*page, hash, 400) != nullptr);
}

TEST_CASE("a key's fingerprint of 0 is another one, as 0 is nothing", "[store][index]") {
    const auto page = std::make_unique<KeyPage>();
    page->insert(hash_in(2, 0), 5);
    CHECK(find(*page, hash_in(2, 0), 5) != nullptr);
    CHECK(page->bucket(2).controls().cells_with(0) == BucketControls::cells_mask - 1);
}

}  // namespace tc::test
