// SPDX-License-Identifier: MIT
#include "store/tag_list.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "store/memory.hpp"

namespace tc::test {
namespace {

std::vector<std::string> names_of(TagList& list) {
    std::vector<std::string> names;
    for (const TagList::Item& item : list.items()) {
        names.emplace_back(item.name);
    }
    return names;
}

}  // namespace

TEST_CASE("a tag list keeps each tag once, in order of first mention", "[store][tags]") {
    const KeyHash hash_of(1);
    TagList list(100);
    // Few are compared with each other, many are looked up in a table.
    for (const std::size_t repeat_count : {1, 5, 60}) {
        std::vector<std::string_view> names;
        for (std::size_t times = 0; times < repeat_count; ++times) {
            names.insert(names.end(), {"c", "a", "b"});
        }
        CHECK(list.assign(names, hash_of));
        CHECK(names_of(list) == std::vector<std::string>{"c", "a", "b"});
    }
    CHECK(list.items()[1].hash == hash_of("a"));
    list.filter([](const TagList::Item& item) { return item.name != "a"; });
    CHECK(names_of(list) == std::vector<std::string>{"c", "b"});
    CHECK(list.assign({}, hash_of));
    CHECK(list.items().empty());
}

TEST_CASE("a tag list says when there are too many distinct tags", "[store][tags]") {
    const KeyHash hash_of(1);
    for (const std::size_t capacity : {0, 1, 16, 17, 500}) {
        TagList list(capacity);
        std::vector<std::string> texts;
        for (std::size_t number = 0; number <= capacity; ++number) {
            texts.push_back(std::to_string(number));
        }
        std::vector<std::string_view> names(texts.begin(), texts.end() - 1);
        const std::vector<std::string_view> again = names;
        names.insert(names.end(), again.begin(), again.end());
        CHECK(list.assign(names, hash_of));
        CHECK(list.items().size() == capacity);
        names.push_back(texts.back());
        CHECK_FALSE(list.assign(names, hash_of));
    }
}

TEST_CASE("hashes differ between processes, and not within one seed", "[store][hash]") {
    CHECK(KeyHash(5)("key") == KeyHash(5)("key"));
    CHECK(KeyHash(5)("key") != KeyHash(6)("key"));
    CHECK(KeyHash(0)("key") != KeyHash(0)("key"));
}

TEST_CASE("the allocator passes its self-test", "[store][memory]") {
    CHECK(allocator_self_test() == nullptr);
}

}  // namespace tc::test
