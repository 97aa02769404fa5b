// SPDX-License-Identifier: MIT
//
// How often the store asks for memory once it has been warmed up.
#include <catch2/catch.hpp>

#include "allocation_seam.hpp"
#include "driven_store.hpp"

namespace tc::test {
namespace {

constexpr std::uint32_t key_count = 5'000;

std::vector<std::string> make_keys() {
    std::vector<std::string> keys;
    for (std::uint32_t number = 0; number < key_count; ++number) {
        keys.push_back("a key of some length " + std::to_string(number));
    }
    return keys;
}

// `tags` may depend on the key's number.
template <typename TagsOf>
std::uint64_t allocations_of_puts(DrivenStore& cache, const std::vector<std::string>& keys,
                                  const TagsOf& tags_of) {
    const std::uint64_t count_before = allocation_count();
    for (std::uint32_t number = 0; number < keys.size(); ++number) {
        const Turn turn(cache.session, cache.now_ms);
        const std::array<std::string_view, 3> tags = tags_of(number);
        const WriteRequest request{
            .key = keys[number], .value = "a value", .tags = tags, .ttl_ms = 1000};
        if (cache.store.write(cache.session, request).outcome != Outcome::ok) {
            FAIL("a put was refused");
        }
    }
    return allocation_count() - count_before;
}

std::array<std::string_view, 3> same_tags(std::uint32_t /*number*/) {
    return {"category:1", "product", "user:7"};
}

}  // namespace

TEST_CASE("a get that hits allocates nothing", "[store][allocations]") {
    DrivenStore cache;
    const std::vector<std::string> keys = make_keys();
    allocations_of_puts(cache, keys, same_tags);
    // So that the wheels have room for entries with the new deadline.
    for (const std::string& key : keys) {
        REQUIRE(cache.touch(key, 500) == Outcome::ok);
        REQUIRE(cache.touch(key, 1000) == Outcome::ok);
    }
    const std::uint64_t count_before = allocation_count();
    std::uint64_t hit_count = 0;
    std::size_t tag_bytes = 0;
    for (const std::string& key : keys) {
        const Turn turn(cache.session, cache.now_ms);
        const KeyUse use{cache.store.hash(key)};
        cache.store.prefetch({&use, 1});
        const EntryView view = cache.store.get(cache.session, use.key);
        hit_count += view ? 1 : 0;
        tag_bytes += view.tag(view.tag_count() - 1).size();
        hit_count += cache.store.get_and_touch(cache.session, key, 500) ? 1 : 0;
    }
    const std::uint64_t allocated_count = allocation_count() - count_before;
    CHECK(allocated_count == 0);
    CHECK(hit_count == 2 * key_count);
    CHECK(tag_bytes == key_count * std::string_view{"user:7"}.size());
}

TEST_CASE("rewriting an entry allocates the entry alone", "[store][allocations]") {
    DrivenStore cache;
    const std::vector<std::string> keys = make_keys();
    allocations_of_puts(cache, keys, same_tags);
    CHECK(allocations_of_puts(cache, keys, same_tags) == key_count);
}

TEST_CASE("rewriting an entry with other tags in use allocates at most twice",
          "[store][allocations]") {
    DrivenStore cache;
    const std::vector<std::string> keys = make_keys();
    static constexpr std::array<std::string_view, 4> colours{"red", "green", "blue", "black"};
    std::uint32_t shift = 0;
    const auto shifting_tags = [&](std::uint32_t number) {
        return std::array<std::string_view, 3>{"all", colours.at((number + shift) % 4),
                                               colours.at((number + shift + 1) % 4)};
    };
    for (; shift < 4; ++shift) {
        allocations_of_puts(cache, keys, shifting_tags);
    }
    CHECK(allocations_of_puts(cache, keys, shifting_tags) <= 2 * key_count);
}

TEST_CASE("removing and storing again allocates at most twice", "[store][allocations]") {
    DrivenStore cache;
    const std::vector<std::string> keys = make_keys();
    allocations_of_puts(cache, keys, same_tags);
    for (const std::string& key : keys) {
        REQUIRE(cache.remove(key) == Outcome::ok);
        if (&key - keys.data() == key_count / 2) {
            break;
        }
    }
    CHECK(allocations_of_puts(cache, keys, same_tags) <= 2 * key_count);
}

}  // namespace tc::test
