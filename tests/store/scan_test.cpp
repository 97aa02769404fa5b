// SPDX-License-Identifier: MIT
//
// What scans promise: an entry that is there all the time is seen exactly once, a page does a
// bounded amount of work, and only our own cursors go on.
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "driven_store.hpp"

namespace tc::test {
namespace {

#if defined(TC_SANITIZED)
constexpr std::uint32_t many = 100'000;
#else
constexpr std::uint32_t many = 1'000'000;
#endif

std::string key_of(std::uint32_t number) {
    return "key:" + std::to_string(number);
}

std::uint32_t number_of(std::string_view key) {
    return static_cast<std::uint32_t>(std::stoul(std::string{key.substr(4)}));
}

void fill(DrivenStore& cache, std::uint32_t count) {
    const Names tags{"big"};
    const Turn turn(cache.session, cache.now_ms);
    for (std::uint32_t number = 0; number < count; ++number) {
        const std::string key = key_of(number);
        const WriteRequest request{.key = key, .value = "v", .tags = tags};
        if (cache.store.write(cache.session, request).outcome != Outcome::ok) {
            FAIL("a put was refused");
        }
    }
}

// Walks all pages; after half of the entries were seen, removes every second entry. Checks that the
// rest is seen exactly once.
template <typename NextPage>
void check_exactness(DrivenStore& cache, std::uint32_t limit, const NextPage& next_page) {
    std::vector<std::uint8_t> seen_counts(many);
    std::uint64_t seen_count = 0;
    bool is_halved = false;
    std::uint64_t page_count = 0;
    Cursor cursor;
    do {
        Names keys;
        PageResult page;
        {
            const Turn turn(cache.session, cache.now_ms);
            page = next_page(cursor, keys);
            for (const std::string_view key : keys) {
                ++seen_counts[number_of(key)];
            }
        }
        if (page.outcome != Outcome::ok || keys.size() > limit || page.next.size > 32) {
            FAIL("a page went wrong");
        }
        seen_count += keys.size();
        ++page_count;
        if (!is_halved && seen_count > many / 2) {
            is_halved = true;
            const Turn turn(cache.session, cache.now_ms);
            for (std::uint32_t number = 0; number < many; number += 2) {
                static_cast<void>(cache.store.remove(cache.session, key_of(number), std::nullopt));
            }
        }
        cursor = page.next;
    } while (cursor.size != 0);
    CHECK(is_halved);
    std::uint64_t wrong_count = 0;
    for (std::uint32_t number = 0; number < many; ++number) {
        const bool survived = number % 2 != 0;
        wrong_count += survived ? seen_counts[number] != 1 : seen_counts[number] > 1;
    }
    CHECK(wrong_count == 0);
    // Every page but the last has spent its names or its places.
    CHECK(page_count <= many / limit + many / (16 * limit) + 2);
    cache.store.check_invariants();
}

}  // namespace

TEST_CASE("a scan sees every survivor of a million entries once", "[store][scan]") {
    DrivenStore cache;
    fill(cache, many);
    constexpr std::uint32_t limit = 1000;
    check_exactness(cache, limit, [&](const Cursor& from, Names& keys) {
        return cache.store.scan(cache.session, {.text = "key:"}, from, limit, keys);
    });
}

TEST_CASE("keys by tag sees every survivor of a million entries once", "[store][scan]") {
    DrivenStore cache;
    fill(cache, many);
    constexpr std::uint32_t limit = 1000;
    const Names tags{"big"};
    check_exactness(cache, limit, [&](const Cursor& from, Names& keys) {
        return cache.store.keys_by_tag(cache.session, tags, TagMatch::any, from, limit, keys);
    });
}

TEST_CASE("a scan goes on over entries that are rewritten, and repeats none", "[store][scan]") {
    DrivenStore cache;
    fill(cache, 2000);
    std::vector<int> seen_counts(2000);
    Cursor cursor;
    do {
        const Turn turn(cache.session, cache.now_ms);
        Names keys;
        cursor = cache.store.scan(cache.session, {.text = ""}, cursor, 50, keys).next;
        for (const std::string_view key : keys) {
            ++seen_counts[number_of(key)];
            const std::string copy{key};
            CHECK(cache.store.write(cache.session, {.key = copy, .value = "w"}).outcome ==
                  Outcome::ok);
        }
    } while (cursor.size != 0);
    CHECK(std::count(seen_counts.begin(), seen_counts.end(), 1) == 2000);
}

TEST_CASE("a page examines a bounded number of places", "[store][scan]") {
    DrivenStore cache({.stripe_count = 1});
    fill(cache, 10'000);
    const Turn turn(cache.session, cache.now_ms);
    Names keys;
    std::uint64_t page_count = 0;
    Cursor cursor;
    do {
        cursor = cache.store.scan(cache.session, {.text = "nothing"}, cursor, 10, keys).next;
        ++page_count;
    } while (cursor.size != 0);
    CHECK(keys.empty());
    CHECK(page_count >= 10'000 / 160);
    CHECK(page_count <= 10'000 / 160 + 2);

    // The longest page is shorter than what a client may ask for.
    const PageResult page = cache.store.scan(cache.session, {.text = ""}, {}, UINT32_MAX, keys);
    CHECK(page.outcome == Outcome::ok);
    CHECK(keys.size() == 4096);
    CHECK(page.next.size != 0);
}

TEST_CASE("keys by several tags, page by page", "[store][scan]") {
    DrivenStore cache;
    for (std::uint32_t number = 0; number < 3000; ++number) {
        Names tags{"all"};
        if (number % 2 == 0) {
            tags.push_back("even");
        }
        if (number % 3 == 0) {
            tags.push_back("third");
        }
        REQUIRE(cache.put(key_of(number), "v", tags) == Outcome::ok);
    }
    for (const std::uint32_t limit : {1, 7, 5000}) {
        CHECK(cache.keys_by_tag({"even", "third"}, TagMatch::all, limit).size() == 500);
        CHECK(cache.keys_by_tag({"even", "third", "even"}, TagMatch::any, limit).size() == 2000);
        CHECK(cache.keys_by_tag({"all", "nobody"}, TagMatch::all, limit).empty());
        CHECK(cache.keys_by_tag({"nobody", "third"}, TagMatch::any, limit).size() == 1000);
        CHECK(cache.keys_by_tag({}, TagMatch::any, limit).empty());
    }
}

TEST_CASE("remove prefix removes what begins with it, page by page", "[store][scan]") {
    DrivenStore cache;
    fill(cache, 5000);
    REQUIRE(cache.put("other", "v", {"big"}) == Outcome::ok);
    std::uint64_t removed_count = 0;
    Cursor cursor;
    do {
        const Turn turn(cache.session, cache.now_ms);
        const RemovedPageResult page =
            cache.store.remove_prefix(cache.session, "key:", cursor, 100);
        REQUIRE(page.outcome == Outcome::ok);
        CHECK(page.removed_count <= 100);
        removed_count += page.removed_count;
        cursor = page.next;
    } while (cursor.size != 0);
    CHECK(removed_count == 5000);
    CHECK(cache.scan({.text = ""}) == std::vector<std::string>{"other"});
    CHECK(cache.count({"big"}) == 1);
    cache.store.check_invariants();
}

TEST_CASE("every tag that is in use all the time is listed once", "[store][scan]") {
    constexpr std::uint32_t tag_count = 20'000;
    DrivenStore cache;
    for (std::uint32_t number = 0; number < tag_count; ++number) {
        REQUIRE(cache.put(key_of(number), "v", {"tag:" + std::to_string(number), "every"}) ==
                Outcome::ok);
    }
    std::vector<int> seen_counts(tag_count);
    std::uint32_t page_count = 0;
    Cursor cursor;
    do {
        {
            const Turn turn(cache.session, cache.now_ms);
            std::vector<TagCount> tags;
            const PageResult page =
                cache.store.list_tags(cache.session, "tag:", cursor, 100, true, tags);
            REQUIRE(page.outcome == Outcome::ok);
            CHECK(tags.size() <= 100);
            for (const TagCount& tag : tags) {
                const auto number = number_of(tag.name);
                CHECK(tag.entry_count == 1);
                if (number < tag_count) {
                    ++seen_counts[number];
                }
            }
            cursor = page.next;
        }
        // Meanwhile some tags go and others come in their places.
        if (++page_count % 10 == 0) {
            const std::string number = std::to_string(page_count * 2);
            CHECK(cache.put("key:" + number, "v", {"tag:9" + number + "99999"}) == Outcome::ok);
        }
    } while (cursor.size != 0);
    std::uint32_t wrong_count = 0;
    for (std::uint32_t number = 0; number < tag_count; ++number) {
        const bool is_in_use = cache.count({"tag:" + std::to_string(number)}) == 1;
        wrong_count += is_in_use ? seen_counts[number] != 1 : seen_counts[number] > 1;
    }
    CHECK(wrong_count == 0);
}

TEST_CASE("only our own cursors go on", "[store][scan]") {
    DrivenStore cache;
    fill(cache, 500);
    const Turn turn(cache.session, cache.now_ms);
    Names keys;
    std::vector<TagCount> tags;
    const Names big{"big"};
    const Cursor ours = cache.store.scan(cache.session, {.text = ""}, {}, 10, keys).next;
    REQUIRE(ours.size != 0);
    const auto outcome_of_scan = [&](const Cursor& cursor) {
        return cache.store.scan(cache.session, {.text = ""}, cursor, 10, keys).outcome;
    };
    CHECK(outcome_of_scan(Cursor::from(ours.view())) == Outcome::ok);

    SECTION("a cursor of another kind of scan") {
        CHECK(cache.store.keys_by_tag(cache.session, big, TagMatch::any, ours, 10, keys).outcome ==
              Outcome::invalid_cursor);
        CHECK(cache.store.list_tags(cache.session, "", ours, 10, false, tags).outcome ==
              Outcome::invalid_cursor);
        CHECK(cache.store.remove_prefix(cache.session, "key", ours, 10).outcome ==
              Outcome::invalid_cursor);
        CHECK(cache.store.stats().entry_count == 500);
    }
    SECTION("a cursor of another store") {
        DrivenStore other;
        const Turn other_turn(other.session, other.now_ms);
        CHECK(other.store.scan(other.session, {.text = ""}, ours, 10, keys).outcome ==
              Outcome::invalid_cursor);
    }
    SECTION("each bit of it flipped, each byte of it cut off") {
        for (std::size_t bit = 0; bit < ours.size * std::size_t{8}; ++bit) {
            Cursor flipped = ours;
            flipped.bytes.at(bit / 8) ^= static_cast<std::uint8_t>(1 << bit % 8);
            CHECK(outcome_of_scan(flipped) == Outcome::invalid_cursor);
        }
        for (std::size_t size = 1; size < ours.size; ++size) {
            CHECK(outcome_of_scan(Cursor::from(ours.view().substr(0, size))) ==
                  Outcome::invalid_cursor);
        }
    }
    SECTION("garbage of any length") {
        std::mt19937 random(1);
        for (std::size_t size = 1; size <= 64; ++size) {
            std::string garbage(size, '\0');
            std::generate(garbage.begin(), garbage.end(),
                          [&] { return static_cast<char>(random()); });
            CHECK(outcome_of_scan(Cursor::from(garbage)) == Outcome::invalid_cursor);
        }
    }
    SECTION("a cursor stays good when its place is gone") {
        CHECK(cache.store.flush(cache.session) == 500);
        keys.clear();
        CHECK(outcome_of_scan(ours) == Outcome::ok);
        CHECK(keys.empty());
    }
}

TEST_CASE("a glob that is hard to match makes pages shorter, and the end is found all the same",
          "[store][scan]") {
    DrivenStore cache;
    constexpr std::uint64_t count = 500;
    const std::string hard = "*" + std::string(100, 'a') + "b";
    {
        const Turn turn(cache.session, cache.now_ms);
        for (std::uint64_t number = 0; number < count; ++number) {
            const std::string key = std::to_string(number) + std::string(900, 'a');
            const WriteRequest request{.key = key, .value = "v"};
            REQUIRE(cache.store.write(cache.session, request).outcome == Outcome::ok);
        }
    }
    const auto pages_of = [&](const KeyPattern& pattern) {
        std::uint64_t page_count = 0;
        Cursor cursor;
        do {
            const Turn turn(cache.session, cache.now_ms);
            Names keys;
            const PageResult page = cache.store.scan(cache.session, pattern, cursor, 1000, keys);
            REQUIRE(page.outcome == Outcome::ok);
            REQUIRE(page.examined_count <= 1000 * 16);
            cursor = page.next;
            ++page_count;
        } while (cursor.size != 0);
        return page_count;
    };
    CHECK(pages_of({"9", false}) == 1);
    CHECK(pages_of({"9*", true}) == 1);
    // About 900 x 100 steps a key, 256 thousand a page.
    CHECK(pages_of({hard, true}) > count / 10);
}

}  // namespace tc::test
