// SPDX-License-Identifier: MIT
//
// What other caches get wrong about tags, event by event: after each, an entry is reached through
// the tags that it carries and through no other.
#include <catch2/catch.hpp>

#include "driven_store.hpp"

namespace tc::test {
namespace {

using Keys = std::vector<std::string>;

// All that there is to know about a tag agrees with `keys`.
void check_tag(DrivenStore& cache, std::string_view tag, const Keys& keys) {
    CHECK(cache.count({tag}) == keys.size());
    Keys found = cache.keys_by_tag({tag});
    std::sort(found.begin(), found.end());
    CHECK(found == keys);
    cache.store.check_invariants();
}

}  // namespace

TEST_CASE("set over a tagged entry takes it out of its old tags", "[store][tags]") {
    DrivenStore cache;
    REQUIRE(cache.put("k", "1", {"a"}) == Outcome::ok);
    REQUIRE(cache.put("k", "2") == Outcome::ok);
    CHECK(cache.tags_of("k").empty());
    check_tag(cache, "a", {});
    CHECK(cache.invalidate({"a"}) == 0);
    CHECK(cache.get("k") == "2");
}

TEST_CASE("multi-set over tagged entries takes them out of their old tags", "[store][tags]") {
    DrivenStore cache;
    for (const std::string_view key : {"k1", "k2"}) {
        REQUIRE(cache.put(key, "1", {"a"}) == Outcome::ok);
    }
    for (const std::string_view key : {"k1", "k2"}) {
        REQUIRE(cache.put(key, "2") == Outcome::ok);
    }
    check_tag(cache, "a", {});
    CHECK(cache.invalidate({"a"}) == 0);
}

TEST_CASE("set with a TTL over a tagged entry takes it out of its old tags", "[store][tags]") {
    DrivenStore cache;
    REQUIRE(cache.put("k", "1", {"a"}) == Outcome::ok);
    REQUIRE(cache.put("k", "2", {}, 500) == Outcome::ok);
    check_tag(cache, "a", {});
    CHECK(cache.invalidate({"a"}) == 0);
    CHECK(cache.get("k") == "2");
}

TEST_CASE("increment keeps the tags, and their edges", "[store][tags]") {
    DrivenStore cache;
    REQUIRE(cache.put("k", "1", {"a"}) == Outcome::ok);
    CHECK(cache.increment("k", 2).value == 3);
    CHECK(cache.tags_of("k") == Keys{"a"});
    check_tag(cache, "a", {"k"});
    CHECK(cache.invalidate({"a"}) == 1);
    CHECK_FALSE(cache.exists("k"));
}

TEST_CASE("increment with tags replaces them", "[store][tags]") {
    DrivenStore cache;
    REQUIRE(cache.put("k", "1", {"a", "b"}) == Outcome::ok);
    CHECK(cache.increment("k", 2, Names{"b", "c"}).value == 3);
    check_tag(cache, "a", {});
    check_tag(cache, "b", {"k"});
    check_tag(cache, "c", {"k"});
    CHECK(cache.increment("k", 2, Names{}).value == 5);
    check_tag(cache, "b", {});
    check_tag(cache, "c", {});
}

TEST_CASE("append keeps the tags, and their edges", "[store][tags]") {
    DrivenStore cache;
    REQUIRE(cache.put("k", "1", {"a"}) == Outcome::ok);
    CHECK(cache.append("k", "2").outcome == Outcome::ok);
    CHECK(cache.append("k", "0", AppendSide::front).outcome == Outcome::ok);
    check_tag(cache, "a", {"k"});
    CHECK(cache.invalidate({"a"}) == 1);
    CHECK_FALSE(cache.exists("k"));
}

TEST_CASE("tagged set with another tag leaves the first", "[store][tags]") {
    DrivenStore cache;
    REQUIRE(cache.put("k", "1", {"a"}) == Outcome::ok);
    REQUIRE(cache.put("k", "2", {"b"}) == Outcome::ok);
    check_tag(cache, "a", {});
    check_tag(cache, "b", {"k"});
    CHECK(cache.invalidate({"a"}) == 0);
    CHECK(cache.get("k") == "2");
}

TEST_CASE("set that keeps tags keeps their edges", "[store][tags]") {
    DrivenStore cache;
    REQUIRE(cache.put("k", "1", {"a"}) == Outcome::ok);
    const Names unused{"b"};
    CHECK(cache.write({.key = "k", .value = "2", .tags = unused, .keeps_tags = true}).outcome ==
          Outcome::ok);
    check_tag(cache, "a", {"k"});
    check_tag(cache, "b", {});
    CHECK(cache.invalidate({"a"}) == 1);
}

TEST_CASE("add tag makes the entry reachable through it", "[store][tags]") {
    DrivenStore cache;
    REQUIRE(cache.put("k", "1") == Outcome::ok);
    CHECK(cache.add_tags("k", {"t"}).changed_count == 1);
    check_tag(cache, "t", {"k"});
    CHECK(cache.invalidate({"t"}) == 1);
    CHECK_FALSE(cache.exists("k"));
}

TEST_CASE("add tag twice adds it once", "[store][tags]") {
    DrivenStore cache;
    REQUIRE(cache.put("k", "1") == Outcome::ok);
    CHECK(cache.add_tags("k", {"x", "x"}).changed_count == 1);
    const std::uint64_t version = cache.version_of("k");
    CHECK(cache.add_tags("k", {"x"}).changed_count == 0);
    CHECK(cache.version_of("k") == version);
    CHECK(cache.tags_of("k") == Keys{"x"});
}

TEST_CASE("add tag and remove tag on a missing key say so", "[store][tags]") {
    DrivenStore cache;
    CHECK(cache.add_tags("k", {"t"}).outcome == Outcome::not_found);
    CHECK(cache.remove_tags("k", {"t"}).outcome == Outcome::not_found);
    CHECK(cache.store.stats().tag_count == 0);
}

TEST_CASE("remove tag makes the entry unreachable through it", "[store][tags]") {
    DrivenStore cache;
    REQUIRE(cache.put("k", "1", {"t", "u"}) == Outcome::ok);
    CHECK(cache.remove_tags("k", {"t", "t", "unknown"}).changed_count == 1);
    check_tag(cache, "t", {});
    check_tag(cache, "u", {"k"});
    CHECK(cache.invalidate({"t"}) == 0);
    CHECK(cache.get("k") == "1");
}

TEST_CASE("a rename made of get and put moves the tags", "[store][tags]") {
    DrivenStore cache;
    REQUIRE(cache.put("k", "1", {"a"}) == Outcome::ok);
    {
        const Turn turn(cache.session, cache.now_ms);
        const EntryView taken = cache.store.get_and_remove(cache.session, "k");
        REQUIRE(taken);
        const Names tags{taken.tag(0)};
        CHECK(cache.store.write(cache.session, {.key = "k2", .value = taken.value(), .tags = tags})
                  .outcome == Outcome::ok);
    }
    check_tag(cache, "a", {"k2"});
    CHECK(cache.invalidate({"a"}) == 1);
}

TEST_CASE("a copy made of get and put carries the tags", "[store][tags]") {
    DrivenStore cache;
    REQUIRE(cache.put("k", "1", {"a"}) == Outcome::ok);
    {
        const Turn turn(cache.session, cache.now_ms);
        const EntryView source = cache.store.get(cache.session, "k");
        const Names tags{source.tag(0)};
        for (const std::string_view target : {"k2", "k"}) {
            CHECK(cache.store
                      .write(cache.session, {.key = target, .value = source.value(), .tags = tags})
                      .outcome == Outcome::ok);
        }
    }
    check_tag(cache, "a", {"k", "k2"});
    CHECK(cache.invalidate({"a"}) == 2);
}

TEST_CASE("delete and getdel leave no edge", "[store][tags]") {
    DrivenStore cache;
    REQUIRE(cache.put("k1", "1", {"a", "b"}) == Outcome::ok);
    REQUIRE(cache.put("k2", "2", {"a"}) == Outcome::ok);
    CHECK(cache.remove("k1") == Outcome::ok);
    check_tag(cache, "a", {"k2"});
    check_tag(cache, "b", {});
    CHECK(cache.get_and_remove("k2") == "2");
    check_tag(cache, "a", {});
    CHECK(cache.store.stats().tag_count == 0);
}

TEST_CASE("invalidate a on an entry tagged a, b leaves no ghost in b", "[store][tags]") {
    DrivenStore cache;
    REQUIRE(cache.put("k", "1", {"a", "b"}) == Outcome::ok);
    CHECK(cache.invalidate({"a"}) == 1);
    check_tag(cache, "b", {});
    REQUIRE(cache.put("k", "2") == Outcome::ok);
    CHECK(cache.invalidate({"b"}) == 0);
    CHECK(cache.get("k") == "2");
}

TEST_CASE("stale tag index: invalidate, put without tags, invalidate the other tag",
          "[store][tags]") {
    DrivenStore cache;
    REQUIRE(cache.put("k", "1", {"A", "B"}) == Outcome::ok);
    CHECK(cache.invalidate({"A"}) == 1);
    REQUIRE(cache.put("k", "2") == Outcome::ok);
    CHECK(cache.keys_by_tag({"B"}).empty());
    CHECK(cache.invalidate({"B"}) == 0);
    CHECK(cache.get("k") == "2");
}

TEST_CASE("lazy expiry: an expired entry that is read is not reached through its tags",
          "[store][tags]") {
    DrivenStore cache;
    REQUIRE(cache.put("k", "1", {"user:1"}, 5) == Outcome::ok);
    cache.now_ms += 5;
    CHECK_FALSE(cache.get("k"));
    CHECK(cache.keys_by_tag({"user:1"}).empty());
    REQUIRE(cache.put("k", "2") == Outcome::ok);
    check_tag(cache, "user:1", {});
    CHECK(cache.get("k") == "2");
}

TEST_CASE("reading an expired key answers at once, over and over", "[store][tags]") {
    DrivenStore cache;
    REQUIRE(cache.put("a", "1", {"t"}, 1) == Outcome::ok);
    cache.now_ms += 1;
    for (int times = 0; times < 3; ++times) {
        CHECK_FALSE(cache.get("a"));
        CHECK_FALSE(cache.exists("a"));
    }
    CHECK(cache.put("a", "2") == Outcome::ok);
    CHECK(cache.get("a") == "2");
}

TEST_CASE("never read again after expiry: upkeep frees entries and tags", "[store][tags]") {
    DrivenStore cache;
    for (int number = 0; number < 1000; ++number) {
        const std::string name = std::to_string(number);
        REQUIRE(cache.put("k" + name, "1", {"user:" + name}, 5) == Outcome::ok);
    }
    cache.now_ms += 5 + sweep_delay_ms;
    cache.upkeep();
    const StoreStats stats = cache.store.stats();
    CHECK(stats.entry_count == 0);
    CHECK(stats.tag_count == 0);
    CHECK(stats.edge_count == 0);
    CHECK(stats.entry_bytes == 0);
    CHECK(stats.expired == 1000);
    cache.store.check_invariants();
}

TEST_CASE("flush leaves no tag", "[store][tags]") {
    DrivenStore cache;
    REQUIRE(cache.put("k1", "1", {"a", "b"}) == Outcome::ok);
    REQUIRE(cache.put("k2", "2", {"b"}) == Outcome::ok);
    CHECK(cache.flush() == 2);
    check_tag(cache, "a", {});
    check_tag(cache, "b", {});
    cache.upkeep();
    CHECK(cache.store.stats().tag_count == 0);
    CHECK(cache.store.stats().edge_count == 0);
}

TEST_CASE("eviction by a refused put takes the entry out of its tags", "[store][tags]") {
    DrivenStore cache({.memory_bytes_max = 64 * 1024});
    REQUIRE(cache.put("k", "1", {"a"}) == Outcome::ok);
    const std::string large(100'000, 'x');
    CHECK(cache.put("k", large, {"b"}) == Outcome::out_of_memory);
    check_tag(cache, "a", {});
    check_tag(cache, "b", {});
    CHECK_FALSE(cache.exists("k"));
}

TEST_CASE("no link survives when several tags are asked for", "[store][tags]") {
    DrivenStore cache;
    REQUIRE(cache.put("k1", "1", {"a", "b"}) == Outcome::ok);
    REQUIRE(cache.put("k2", "2", {"b", "c"}) == Outcome::ok);
    REQUIRE(cache.put("k3", "3", {"c"}) == Outcome::ok);
    CHECK(cache.count({"a", "b", "a"}) == 2);
    CHECK(cache.count({"b", "c"}, TagMatch::all) == 1);
    CHECK(cache.count({"b", "nobody"}, TagMatch::all) == 0);
    CHECK(cache.count({}, TagMatch::all) == 0);
    CHECK(cache.invalidate({"b", "c"}, TagMatch::all) == 1);
    check_tag(cache, "b", {"k1"});
    check_tag(cache, "c", {"k3"});
    CHECK(cache.invalidate({"a", "b", "c"}) == 2);
}

TEST_CASE("a tag that was dropped by its last entry can be joined again", "[store][tags]") {
    DrivenStore cache;
    for (int times = 0; times < 3; ++times) {
        REQUIRE(cache.put("k", "1", {"a"}) == Outcome::ok);
        check_tag(cache, "a", {"k"});
        REQUIRE(cache.remove("k") == Outcome::ok);
        check_tag(cache, "a", {});
    }
}

TEST_CASE("a view names its tags after the last entry has left them", "[store][tags]") {
    DrivenStore cache;
    REQUIRE(cache.put("k", "1", {"a", "b"}) == Outcome::ok);
    const Turn turn(cache.session, cache.now_ms);
    const EntryView view = cache.store.get(cache.session, "k");
    REQUIRE(view);
    const Names both{"a", "b"};
    CHECK(cache.store.invalidate(cache.session, both, TagMatch::any) == 1);
    const Names others{"c", "d"};
    CHECK(cache.store.write(cache.session, {.key = "k", .value = "2", .tags = others}).outcome ==
          Outcome::ok);
    CHECK(view.value() == "1");
    CHECK(view.tag(0) == "a");
    CHECK(view.tag(1) == "b");
}

TEST_CASE("a fresh value is not deleted by the expiry of the old one", "[store][tags]") {
    DrivenStore cache;
    REQUIRE(cache.put("k", "1", {"t"}, 5) == Outcome::ok);
    cache.now_ms += 5;
    REQUIRE(cache.put("k", "2", {"t"}, 2 * sweep_delay_ms) == Outcome::ok);
    cache.now_ms += sweep_delay_ms;
    cache.upkeep();
    CHECK(cache.get("k") == "2");
    check_tag(cache, "t", {"k"});
}

TEST_CASE("empty tags are freed while names come and go", "[store][tags]") {
    DrivenStore cache({.stripe_count = 4});
    std::uint64_t tag_bytes = 0;
    for (int round = 0; round < 10; ++round) {
        for (int number = 0; number < 2000; ++number) {
            const std::string name = std::to_string(round * 2000 + number);
            REQUIRE(cache.put("k" + std::to_string(number), "1", {"request:" + name}) ==
                    Outcome::ok);
        }
        CHECK(cache.store.stats().tag_count == 2000);
        if (round == 1) {
            tag_bytes = cache.store.stats().tag_bytes;
        }
    }
    CHECK(cache.store.stats().tag_bytes < tag_bytes * 3 / 2);
    cache.store.check_invariants();
}

}  // namespace tc::test
