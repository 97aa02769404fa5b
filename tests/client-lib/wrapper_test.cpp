// SPDX-License-Identifier: MIT
//
// The C++ wrapper against a real server.
#include <algorithm>
#include <catch2/catch.hpp>
#include <tagcache/tagcache.hpp>
#include <type_traits>

#include "client-lib/fake_server.hpp"
#include "support/running_server.hpp"

using tc::test::RunningServer;

namespace {

std::string uri_of(int port) {
    return "tagcache://127.0.0.1:" + std::to_string(port);
}

tagcache::WriteOptions tagged(std::vector<std::string> tags) {
    tagcache::WriteOptions options;
    options.tags = std::move(tags);
    return options;
}

std::vector<std::string> sorted(std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace

static_assert(std::is_move_constructible_v<tagcache::Client>);
static_assert(!std::is_copy_constructible_v<tagcache::Client>);
static_assert(!std::is_copy_constructible_v<tagcache::Pipeline>);

TEST_CASE("the wrapper's answers are values and empty optionals", "[client][wrapper]") {
    RunningServer server;
    tagcache::Client cache(uri_of(server.port()));
    cache.ping();
    CHECK(cache.get("k") == std::nullopt);
    CHECK(cache.put("k", "v", tagged({"red", "blue"})));
    CHECK(cache.get("k") == "v");
    CHECK(cache.exists("k"));
    CHECK_FALSE(cache.add("k", "w"));
    CHECK(cache.append("k", "w") == 2U);
    CHECK(cache.prepend("k", "u") == 3U);
    CHECK(cache.append("missing", "w") == std::nullopt);
    CHECK(cache.touch("k", std::chrono::hours(1)));
    CHECK(cache.incr("n", 5) == 5);
    CHECK(cache.decr("n") == 4);
    CHECK(cache.mget({"k", "missing", "n"}) ==
          std::vector<std::optional<std::string>>{"uvw", std::nullopt, "4"});

    const auto entry = cache.get_entry("k");
    REQUIRE(entry);
    CHECK(entry->value == "uvw");
    CHECK(sorted(entry->tags) == std::vector<std::string>{"blue", "red"});
    CHECK(entry->ttl > std::chrono::minutes(59));
    tagcache::WriteOptions conditional;
    conditional.if_version = entry->version + 1;
    CHECK_FALSE(cache.put("k", "x", conditional));
    conditional.if_version = entry->version;
    conditional.keeps_tags = true;
    CHECK(cache.replace("k", "x", conditional));
    CHECK(cache.tags("k")->size() == 2);
    CHECK(cache.getdel("k") == "x");
    CHECK_FALSE(cache.erase("k"));
    CHECK(cache.tags("k") == std::nullopt);
}

TEST_CASE("the wrapper's tags, pages and figures", "[client][wrapper]") {
    RunningServer server;
    tagcache::Client cache(uri_of(server.port()));
    for (int i = 0; i < 2500; ++i) {
        REQUIRE(cache.put("key:" + std::to_string(i), "v", tagged({"all"})));
    }
    REQUIRE(cache.put("other", "v"));
    CHECK(cache.tag_add("other", {"red"}));
    CHECK(cache.tag_add("key:0", {"red"}));
    CHECK_FALSE(cache.tag_add("missing", {"red"}));
    CHECK(cache.tag_count("red") == 2);
    CHECK(sorted(cache.keys_by_tag("red")) == std::vector<std::string>{"key:0", "other"});
    CHECK(sorted(cache.tag_list("")) == std::vector<std::string>{"all", "red"});
    CHECK(cache.keys("key:").size() == 2500);
    CHECK(cache.tag_remove("other", {"red"}));
    CHECK(cache.invalidate_all({"red", "all"}) == 1);
    CHECK(cache.delete_prefix("key:1") > 1000);
    CHECK(cache.invalidate("all") > 0);
    CHECK(cache.flush() == 1);
    const auto stats = cache.stats();
    CHECK(std::any_of(stats.begin(), stats.end(), [](const tagcache::Field& field) {
        return field.name == "entries" &&
               field.value == decltype(field.value)(std::in_place_type<std::uint64_t>, 0);
    }));
    CHECK_FALSE(cache.info().empty());
}

TEST_CASE("the wrapper's failures are exceptions with a status", "[client][wrapper]") {
    RunningServer server;
    tagcache::Client cache(uri_of(server.port()));
    CHECK_THROWS_AS(tagcache::Client("http://nowhere"), tagcache::Error);
    cache.put("n", "no number");
    try {
        cache.incr("n");
        FAIL("a number was made of text");
    } catch (const tagcache::Error& error) {
        CHECK(error.status() == TAGCACHE_NOT_A_NUMBER);
        CHECK_FALSE(error.is_in_doubt());
        CHECK(std::string(error.what()).find("NOT_A_NUMBER") == 0);
    }
}

TEST_CASE("the wrapper refuses a negative TTL instead of storing for ever", "[client][wrapper]") {
    RunningServer server;
    tagcache::Client cache(uri_of(server.port()));
    tagcache::Pipeline pipeline(cache);
    tagcache::WriteOptions options;
    options.ttl = std::chrono::milliseconds(-1);
    const auto status_of = [](const auto& call) {
        try {
            call();
        } catch (const tagcache::Error& error) {
            return error.status();
        }
        return tagcache_status{TAGCACHE_OK};
    };
    CHECK(status_of([&] { cache.put("k", "v", options); }) == TAGCACHE_LOCAL_INVALID_ARGUMENT);
    CHECK(status_of([&] { (void)pipeline.put("k", "v", options); }) ==
          TAGCACHE_LOCAL_INVALID_ARGUMENT);
    CHECK_FALSE(cache.exists("k"));
    REQUIRE(cache.put("k", "v"));
    CHECK(status_of([&] { cache.touch("k", std::chrono::seconds(-1)); }) ==
          TAGCACHE_LOCAL_INVALID_ARGUMENT);
}

TEST_CASE("a TTL that no duration can hold is the longest one", "[client][wrapper][hostile]") {
    const auto [told, expected] = GENERATE(table<std::uint64_t, std::int64_t>(
        {{INT64_MAX, INT64_MAX}, {UINT64_C(1) << 63, INT64_MAX}, {UINT64_MAX, INT64_MAX}}));
    const tc::test::FakeServer server([ttl_ms = told](tc::test::Peer& peer) {
        peer.greet();
        const wire_request request = peer.request();
        wire_hit hit{};
        hit.present = WIRE_FIELD_TTL;
        hit.ttl_ms = ttl_ms;
        peer.send(tc::test::reply(
            WIRE_OP_GET, request.request_id, WIRE_OK,
            tc::test::written([&](wire_writer* out) { wire_write_hit(out, &hit); })));
        peer.until_client_closes();
    });
    tagcache::Client cache(uri_of(server.port()));
    CHECK(cache.get_entry("k")->ttl.count() == expected);
}

TEST_CASE("the wrapper's options own their tags", "[client][wrapper]") {
    RunningServer server;
    tagcache::Client cache(uri_of(server.port()));
    tagcache::WriteOptions options;
    const std::string category(100, 'c');
    options.tags = {"product:" + std::to_string(7), category + ":3"};
    REQUIRE(cache.put("k", "v", options));
    CHECK(cache.tag_count("product:7") == 1);
    CHECK(cache.tag_count(category + ":3") == 1);
}

TEST_CASE("a result gives its tags and fields as often as it is asked", "[client][wrapper]") {
    RunningServer server;
    tagcache::Client cache(uri_of(server.port()));
    REQUIRE(cache.put("k", "v", tagged({"red", "blue"})));
    const tagcache::Result result;
    REQUIRE(tagcache_tags(cache.handle(), tagcache::to_bytes("k"), result.handle(), nullptr) ==
            TAGCACHE_OK);
    CHECK(sorted(result.tags()) == std::vector<std::string>{"blue", "red"});
    CHECK(sorted(result.tags()) == std::vector<std::string>{"blue", "red"});

    REQUIRE(tagcache_stats(cache.handle(), result.handle(), nullptr) == TAGCACHE_OK);
    CHECK_FALSE(result.fields().empty());
    CHECK_FALSE(result.fields().empty());
}

TEST_CASE("a pipeline that ends without finish drops what it has not sent", "[client][wrapper]") {
    RunningServer server;
    tagcache::Client cache(uri_of(server.port()));
    {
        tagcache::Pipeline dropped(cache);
        REQUIRE(dropped.put("dropped", "v"));
    }
    CHECK_FALSE(cache.exists("dropped"));
    {
        tagcache::Pipeline finished(cache);
        REQUIRE(finished.put("finished", "v"));
        finished.finish();
    }
    CHECK(cache.exists("finished"));
}

TEST_CASE("the wrapper says when a change is in doubt", "[client][wrapper]") {
    const tc::test::FakeServer server([](tc::test::Peer& peer) {
        peer.greet();
        (void)peer.request();
    });
    tagcache::Client cache(uri_of(server.port()));
    try {
        cache.put("k", "v");
        FAIL("nobody has answered");
    } catch (const tagcache::Error& error) {
        CHECK(error.is_in_doubt());
    }
}

TEST_CASE("the wrapper's pipeline keeps the order", "[client][wrapper]") {
    RunningServer server;
    tagcache::Client cache(uri_of(server.port()));
    tagcache::Pipeline pipeline(cache);
    tagcache::Result result;
    for (std::uint64_t i = 0; i < 1000; ++i) {
        REQUIRE(pipeline.put("k" + std::to_string(i), std::to_string(i), tagged({"t"}), i, true));
        REQUIRE(pipeline.get("k" + std::to_string(i), i));
    }
    REQUIRE(pipeline.invalidate("t", 1000));
    for (std::uint64_t i = 0; i < 1000; ++i) {
        REQUIRE(pipeline.next(result));
        REQUIRE(result.status() == TAGCACHE_OK);
        REQUIRE(result.user_data() == i);
        REQUIRE(result.value() == std::to_string(i));
    }
    REQUIRE(pipeline.next(result));
    CHECK(result.count() == 1000);
    CHECK_FALSE(pipeline.next(result));
    REQUIRE(pipeline.erase("missing"));
    CHECK_NOTHROW(pipeline.finish());
}
