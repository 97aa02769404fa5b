// SPDX-License-Identifier: MIT
#include "driver/operation_source.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>

namespace tc::driver::test {
namespace {

struct Entry {
    std::string value;
    std::vector<std::string> tags;
};

Load load_of(const char* ratio) {
    Load load;
    load.mix = parse_operation_mix(ratio).value();
    load.key_count = 100;
    return load;
}

// What `count` operations of one thread put, by key; the last put of a key counts.
std::map<std::string, Entry> entries_of(const Load& load, int count, std::uint32_t thread = 0,
                                        std::uint32_t thread_count = 1) {
    const ValueBlock values(load.value_sizes.max(), load.seed);
    OperationSource source(load, values, thread, thread_count);
    std::map<std::string, Entry> entries;
    for (int i = 0; i < count; ++i) {
        const Operation& operation = source.next();
        REQUIRE(operation.verb == Verb::put);
        entries[std::string(operation.key)] = {std::string(operation.value),
                                               {operation.tags.begin(), operation.tags.end()}};
    }
    return entries;
}

}  // namespace

TEST_CASE("keys are the prefix and the index, filled up to their size", "[driver][source]") {
    Load load = load_of("0:1:0");
    load.key_popularity = parse_popularity("sequential").value();
    const std::map<std::string, Entry> entries = entries_of(load, 100);
    CHECK(entries.size() == 100);
    CHECK(entries.begin()->first == "key:000000000000");
    CHECK(entries.rbegin()->first == "key:000000000099");
    CHECK(load.key_bytes_min() == 6);
    load.key_count = 101;
    CHECK(load.key_bytes_min() == 7);
}

TEST_CASE("keys of different sizes have the same size every time", "[driver][source]") {
    Load load = load_of("0:1:0");
    load.key_sizes = parse_sizes("6-20").value();
    std::set<std::string> keys;
    std::set<std::size_t> sizes;
    for (const std::uint32_t thread : {0U, 1U}) {
        for (const auto& [key, entry] : entries_of(load, 3000, thread, 2)) {
            keys.insert(key);
            sizes.insert(key.size());
        }
    }
    CHECK(keys.size() == 100);
    CHECK(sizes.size() == 15);
    CHECK(*sizes.begin() == 6);
    CHECK(*sizes.rbegin() == 20);
}

TEST_CASE("the same seed gives the same operations, another one gives others", "[driver][source]") {
    Load load = load_of("0:1:0");
    load.value_sizes = parse_sizes("1-50").value();
    const auto texts_of = [&](std::uint64_t seed, std::uint32_t thread) {
        load.seed = seed;
        const ValueBlock values(load.value_sizes.max(), seed);
        OperationSource source(load, values, thread, 2);
        std::string texts;
        for (int i = 0; i < 50; ++i) {
            const Operation& operation = source.next();
            texts.append(operation.key).append(operation.value);
        }
        return texts;
    };
    CHECK(texts_of(7, 0) == texts_of(7, 0));
    CHECK(texts_of(7, 0) != texts_of(8, 0));
    CHECK(texts_of(7, 0) != texts_of(7, 1));
}

TEST_CASE("an entry has as many tags as asked for, no two the same, and always the same",
          "[driver][source]") {
    Load load = load_of("0:1:0");
    load.tags_per_entry = 3;
    load.tag_count = 4;
    load.tag_popularity = parse_popularity("zipf:1.5").value();
    const std::map<std::string, Entry> entries = entries_of(load, 2000);
    const std::map<std::string, Entry> again = entries_of(load, 3000);
    std::set<std::string> all;
    for (const auto& [key, entry] : entries) {
        const std::set<std::string> tags(entry.tags.begin(), entry.tags.end());
        CHECK(tags.size() == 3);
        CHECK(entry.tags == again.at(key).tags);
        all.insert(tags.begin(), tags.end());
    }
    CHECK(all == std::set<std::string>{"tag:0", "tag:1", "tag:2", "tag:3"});
}

TEST_CASE("values have their sizes and differ", "[driver][source]") {
    Load load = load_of("0:1:0");
    load.value_sizes = parse_sizes("0-64").value();
    std::set<std::string> values;
    std::set<std::size_t> sizes;
    for (const auto& [key, entry] : entries_of(load, 1000)) {
        values.insert(entry.value);
        sizes.insert(entry.value.size());
    }
    CHECK(values.size() > 90);
    CHECK(*sizes.rbegin() <= 64);
    CHECK(sizes.size() > 30);
}

TEST_CASE("gets have no value, and invalidations a tag and no key", "[driver][source]") {
    Load load = load_of("1:1:1");
    load.tags_per_entry = 2;
    load.ttl_ms = 1234;
    const ValueBlock values(load.value_sizes.max(), load.seed);
    OperationSource source(load, values, 0, 1);
    std::set<Verb> verbs;
    for (int i = 0; i < 100; ++i) {
        const Operation& operation = source.next();
        verbs.insert(operation.verb);
        if (operation.verb == Verb::invalidate) {
            REQUIRE(operation.tags.size() == 1);
            CHECK(operation.tags[0].starts_with("tag:"));
        } else {
            CHECK(operation.key.size() == 16);
        }
        if (operation.verb == Verb::put) {
            CHECK(operation.value.size() == 100);
            CHECK(operation.tags.size() == 2);
            CHECK(operation.ttl_ms == 1234);
        }
    }
    CHECK(verbs.size() == 3);
}

TEST_CASE("a preload puts each key once, whatever the number of threads", "[driver][source]") {
    Load load = load_of("1:0:0");
    load.key_count = 103;
    const Load preload = load.preload();
    for (const std::uint32_t thread_count : {1U, 2U, 7U}) {
        std::multiset<std::string> keys;
        for (std::uint32_t thread = 0; thread < thread_count; ++thread) {
            // As run() shares them out.
            const int count =
                static_cast<int>(103 / thread_count + (thread < 103 % thread_count ? 1 : 0));
            for (const auto& [key, entry] : entries_of(preload, count, thread, thread_count)) {
                keys.insert(key);
            }
        }
        CHECK(keys.size() == 103);
        CHECK(std::set<std::string>(keys.begin(), keys.end()).size() == 103);
    }
}

}  // namespace tc::driver::test
