// SPDX-License-Identifier: MIT
//
// One operation at a time, on its own terms.
#include <catch2/catch.hpp>

#include "driven_store.hpp"

namespace tc::test {

TEST_CASE("what is put can be got", "[store]") {
    DrivenStore cache;
    CHECK_FALSE(cache.get("key"));
    REQUIRE(cache.put("key", "value", {"b", "a", "b"}) == Outcome::ok);
    CHECK(cache.get("key") == "value");
    CHECK(cache.tags_of("key") == std::vector<std::string>{"b", "a"});
    CHECK(cache.store.stats().hits == 1);
    CHECK(cache.store.stats().misses == 1);
}

TEST_CASE("keys and values are bytes of any kind and length", "[store]") {
    DrivenStore cache;
    const std::string zeros("\0k\0", 3);
    const std::string long_key(65'535, 'k');
    for (const std::size_t bytes : {0, 1, 16 * 1024, 16 * 1024 + 1, 1'000'000}) {
        const std::string value(bytes, '\xFF');
        CHECK(cache.put(zeros, value) == Outcome::ok);
        CHECK(cache.get(zeros) == value);
        CHECK(cache.put(long_key, value, {std::string(255, 't')}) == Outcome::ok);
        CHECK(cache.get(long_key) == value);
    }
    cache.store.check_invariants();
}

TEST_CASE("add stores only what is absent, replace only what is there", "[store]") {
    DrivenStore cache;
    CHECK(cache.write({.mode = WriteMode::replace, .key = "k", .value = "1"}).outcome ==
          Outcome::not_found);
    CHECK(cache.write({.mode = WriteMode::add, .key = "k", .value = "2"}).outcome == Outcome::ok);
    CHECK(cache.write({.mode = WriteMode::add, .key = "k", .value = "3"}).outcome ==
          Outcome::exists);
    CHECK(cache.write({.mode = WriteMode::replace, .key = "k", .value = "4"}).outcome ==
          Outcome::ok);
    CHECK(cache.get("k") == "4");
}

TEST_CASE("a write for a version is done for that version only", "[store]") {
    DrivenStore cache;
    CHECK(cache.write({.key = "k", .value = "1", .if_version = 1}).outcome == Outcome::not_found);
    const WriteResult first = cache.write({.key = "k", .value = "1"});
    CHECK(cache.write({.key = "k", .value = "2", .if_version = first.version + 1}).outcome ==
          Outcome::version_mismatch);
    const WriteResult second = cache.write({.key = "k", .value = "2", .if_version = first.version});
    CHECK(second.outcome == Outcome::ok);
    CHECK(second.version > first.version);
    const Turn turn(cache.session, cache.now_ms);
    CHECK(cache.store.touch(cache.session, "k", 5, first.version) == Outcome::version_mismatch);
    CHECK(cache.store.touch(cache.session, "k", 5, second.version) == Outcome::ok);
    CHECK(cache.store.remove(cache.session, "k", first.version) == Outcome::version_mismatch);
    CHECK(cache.store.remove(cache.session, "k", second.version) == Outcome::ok);
}

TEST_CASE("versions do not repeat over delete and flush, nor over a restart", "[store]") {
    std::uint64_t last_version = 0;
    for (int restart = 0; restart < 2; ++restart) {
        DrivenStore cache;
        for (int times = 0; times < 3; ++times) {
            const std::uint64_t version = cache.write({.key = "k", .value = "1"}).version;
            CHECK(version > last_version);
            last_version = version;
            cache.flush();
        }
    }
}

TEST_CASE("touch, get and sliding get leave the version, tag changes raise it", "[store]") {
    DrivenStore cache;
    REQUIRE(cache.put("k", "1", {"a"}) == Outcome::ok);
    const std::uint64_t version = cache.version_of("k");
    REQUIRE(cache.touch("k", 100) == Outcome::ok);
    {
        const Turn turn(cache.session, cache.now_ms);
        CHECK(cache.store.get_and_touch(cache.session, "k", 200).ttl_ms() == 200);
    }
    CHECK(cache.version_of("k") == version);
    CHECK(cache.add_tags("k", {"a"}).version == version);
    const std::uint64_t changed = cache.add_tags("k", {"b"}).version;
    CHECK(changed > version);
    CHECK(cache.remove_tags("k", {"nobody"}).version == changed);
    CHECK(cache.remove_tags("k", {"a"}).version > changed);
    CHECK(cache.ttl_of("k") == 200);
}

TEST_CASE("numbers are counted within 64 bits", "[store]") {
    DrivenStore cache;
    CHECK(cache.increment("n", 5).value == 5);
    CHECK(cache.increment("n", INT64_MAX - 5).value == INT64_MAX);
    CHECK(cache.increment("n", 1).outcome == Outcome::number_overflow);
    CHECK(cache.get("n") == "9223372036854775807");
    REQUIRE(cache.put("n", "0") == Outcome::ok);
    {
        const Turn turn(cache.session, cache.now_ms);
        const IncrementRequest decrement{.key = "n", .amount = INT64_MIN, .subtracts = true};
        CHECK(cache.store.increment(cache.session, decrement).outcome == Outcome::number_overflow);
    }
    CHECK(cache.increment("n", INT64_MIN).value == INT64_MIN);
    for (const std::string_view text : {"", "-", "+1", "01", "-01", " 1", "1 ", "1.0", "0x1",
                                        "9223372036854775808", "-9223372036854775809"}) {
        REQUIRE(cache.put("n", text) == Outcome::ok);
        CHECK(cache.increment("n", 1).outcome == Outcome::not_a_number);
        CHECK(cache.get("n") == text);
    }
    REQUIRE(cache.put("n", "-0") == Outcome::ok);
    CHECK(cache.increment("n", 1).value == 1);
}

TEST_CASE("append stops at the longest value", "[store]") {
    DrivenStore cache({.value_bytes_max = 20'000});
    CHECK(cache.append("k", "x").outcome == Outcome::not_found);
    REQUIRE(cache.put("k", std::string(19'998, 'b'), {"t"}) == Outcome::ok);
    CHECK(cache.append("k", "c").value_bytes == 19'999);
    CHECK(cache.append("k", "a", AppendSide::front).value_bytes == 20'000);
    CHECK(cache.append("k", "d").outcome == Outcome::value_too_large);
    CHECK(cache.append("k", "").outcome == Outcome::ok);
    CHECK(cache.get("k") == "a" + std::string(19'998, 'b') + "c");
}

TEST_CASE("an entry takes tags up to the limit", "[store]") {
    DrivenStore cache({.tags_max = 20});
    std::vector<std::string> names;
    for (int number = 0; number < 25; ++number) {
        names.push_back("tag" + std::to_string(number));
    }
    const Names all{names.begin(), names.end()};
    const Names most{names.begin(), names.begin() + 19};
    REQUIRE(cache.put("k", "1", most) == Outcome::ok);
    CHECK(cache.add_tags("k", all).outcome == Outcome::too_many_tags);
    CHECK(cache.add_tags("k", {"x", "y"}).outcome == Outcome::too_many_tags);
    CHECK(cache.add_tags("k", {"x", "tag3", "x"}).changed_count == 1);
    CHECK(cache.add_tags("k", {"y"}).outcome == Outcome::too_many_tags);
    CHECK(cache.tags_of("k").size() == 20);
    CHECK(cache.remove_tags("k", all).changed_count == 19);
    CHECK(cache.tags_of("k") == std::vector<std::string>{"x"});
    cache.store.check_invariants();
}

TEST_CASE("a value outlives its entry for as long as it is pinned", "[store]") {
    DrivenStore cache;
    const std::string large(100'000, 'p');
    REQUIRE(cache.put("k", large, {"t"}) == Outcome::ok);
    REQUIRE(cache.put("small", "s") == Outcome::ok);
    Pin pin;
    {
        const Turn turn(cache.session, cache.now_ms);
        pin = cache.store.get(cache.session, "k").pin();
        CHECK_FALSE(cache.store.get(cache.session, "small").pin());
    }
    // The entries that TAG_ADD and TAG_REMOVE make share the value.
    const std::uint64_t used_bytes = cache.store.stats().used_bytes;
    CHECK(cache.add_tags("k", {"u"}).outcome == Outcome::ok);
    CHECK(cache.remove_tags("k", {"t"}).outcome == Outcome::ok);
    CHECK(cache.store.stats().used_bytes < used_bytes + 10'000);
    CHECK(cache.get("k") == large);
    REQUIRE(cache.remove("k") == Outcome::ok);
    CHECK(cache.store.stats().retired_bytes >= large.size());
    CHECK(cache.store.stats().entry_bytes < 1000);
    cache.store.check_invariants();
    CHECK(pin.value() == large);
    cache.upkeep();
    CHECK(cache.store.stats().pinned_bytes >= large.size());
    CHECK(cache.store.stats().pinned_bytes == cache.store.stats().retired_bytes);
    CHECK(pin.value() == large);
    pin = Pin{};
    CHECK(cache.store.stats().pinned_bytes == 0);
    CHECK(cache.store.stats().retired_bytes == 0);
    cache.store.check_invariants();
}

TEST_CASE("a view stays as it was until the turn ends", "[store]") {
    DrivenStore cache;
    REQUIRE(cache.put("k", "old", {"t"}, 100) == Outcome::ok);
    {
        const Turn turn(cache.session, cache.now_ms);
        const EntryView view = cache.store.get(cache.session, "k");
        CHECK(cache.store.write(cache.session, {.key = "k", .value = "new"}).outcome ==
              Outcome::ok);
        CHECK(cache.store.flush(cache.session) == 1);
        CHECK(view.key() == "k");
        CHECK(view.value() == "old");
        CHECK(view.ttl_ms() == 100);
        CHECK(view.tag(0) == "t");
        CHECK(cache.store.stats().retired_bytes > 0);
    }
    cache.upkeep();
    CHECK(cache.store.stats().retired_bytes == 0);
}

TEST_CASE("memory retired while another session reads is freed when it leaves", "[store]") {
    DrivenStore cache;
    Session reader(cache.store);
    REQUIRE(cache.put("k", "old", {"t"}) == Outcome::ok);
    {
        const Turn turn(reader, cache.now_ms);
        const EntryView view = cache.store.get(reader, "k");
        REQUIRE(cache.remove("k") == Outcome::ok);
        CHECK(cache.store.stats().retired_bytes > 0);
        CHECK(view.value() == "old");
        CHECK(view.tag(0) == "t");
    }
    CHECK_FALSE(cache.get("k"));
    cache.upkeep();
    CHECK(cache.store.stats().retired_bytes == 0);
    cache.store.check_invariants();
}

TEST_CASE("what a departed session has retired is freed by those who stay", "[store]") {
    DrivenStore cache;
    {
        const Turn reading(cache.session, cache.now_ms);
        Session departing(cache.store);
        departing.enter(cache.now_ms);
        CHECK(cache.store.write(departing, {.key = "k", .value = "1"}).outcome == Outcome::ok);
        CHECK(cache.store.remove(departing, "k", {}) == Outcome::ok);
        departing.leave();
        CHECK(cache.store.stats().retired_bytes > 0);
    }
    CHECK_FALSE(cache.get("k"));
    cache.upkeep();
    CHECK(cache.store.stats().retired_bytes == 0);
    CHECK(cache.store.stats().stored == 1);
}

TEST_CASE("over the memory limit writes are refused, reads and removals are not", "[store]") {
    DrivenStore cache({.memory_bytes_max = 4 * 1024 * 1024,
                       .eviction_policy = EvictionPolicy::none,
                       .stripe_count = 0});
    const std::string value(1000, 'v');
    std::uint64_t stored_count = 0;
    std::uint64_t number = 0;
    while (cache.put("key" + std::to_string(number), value, {"t"}) == Outcome::ok) {
        ++number;
        ++stored_count;
    }
    CHECK(stored_count > 3500);
    CHECK(stored_count < 4096);
    CHECK(cache.store.stats().used_bytes <= 4 * 1024 * 1024 + 16 * 1024);
    CHECK(cache.append("key1", value).outcome == Outcome::out_of_memory);
    CHECK(cache.write({.mode = WriteMode::add, .key = "new", .value = value}).outcome ==
          Outcome::out_of_memory);
    CHECK(cache.write({.mode = WriteMode::add, .key = "key1", .value = value}).outcome ==
          Outcome::exists);
    CHECK(
        cache.write({.mode = WriteMode::replace, .key = "key1", .value = value + value}).outcome ==
        Outcome::out_of_memory);
    CHECK(cache.get("key1") == value);
    CHECK(cache.remove("key1") == Outcome::ok);
    CHECK(cache.store.stats().refused_out_of_memory == 4);
    CHECK(cache.invalidate({"t"}) == stored_count - 1);
    cache.upkeep();
    CHECK(cache.put("again", value) == Outcome::ok);
    CHECK(cache.flush() == 1);
    cache.store.check_invariants();
}

TEST_CASE("an emptied store has given its memory back", "[store]") {
    DrivenStore cache;
    for (int number = 0; number < 10'000; ++number) {
        REQUIRE(cache.put("key" + std::to_string(number), "value",
                          {"all", "t" + std::to_string(number)}) == Outcome::ok);
    }
    const StoreStats full = cache.store.stats();
    CHECK(full.entry_count == 10'000);
    CHECK(full.tag_count == 10'001);
    CHECK(full.edge_count == 20'000);
    CHECK(full.value_bytes == 50'000);
    CHECK(full.used_bytes ==
          full.entry_bytes + full.index_bytes + full.tag_bytes + full.retired_bytes);
    CHECK(cache.flush() == 10'000);
    CHECK(cache.store.stats().entry_count == 0);
    CHECK(cache.store.stats().dead_count == 10'000);
    cache.upkeep();
    const StoreStats empty = cache.store.stats();
    CHECK(empty.dead_count == 0);
    CHECK(empty.tag_count == 0);
    CHECK(empty.edge_count == 0);
    CHECK(empty.entry_bytes == 0);
    CHECK(empty.key_bytes == 0);
    CHECK(empty.retired_bytes == 0);
    CHECK(empty.used_bytes < full.used_bytes / 4);
    cache.store.check_invariants();
}

TEST_CASE("the sequence is raised by invalidate and flush alone", "[store]") {
    DrivenStore cache;
    const std::uint64_t first = cache.store.sequence();
    REQUIRE(cache.put("k", "1", {"t"}) == Outcome::ok);
    REQUIRE(cache.remove("k") == Outcome::ok);
    CHECK(cache.count({"t"}) == 0);
    CHECK(cache.store.sequence() == first);
    CHECK(cache.invalidate({"never seen"}) == 0);
    CHECK(cache.store.sequence() == first + 2);
    CHECK(cache.invalidate({"a", "b", "c"}, TagMatch::all) == 0);
    CHECK(cache.store.sequence() == first + 4);
    CHECK(cache.flush() == 0);
    CHECK(cache.store.sequence() == first + 6);
}

TEST_CASE("options out of range are refused", "[store]") {
    for (const std::uint32_t stripe_count : {3, 65, 128}) {
        CHECK_THROWS_AS(Store({.stripe_count = stripe_count}), std::invalid_argument);
    }
    CHECK_THROWS_AS(Store({.tags_max = 70'000}), std::invalid_argument);
}

}  // namespace tc::test
