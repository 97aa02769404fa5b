// SPDX-License-Identifier: MIT
//
// tagcache_hotkeys() and its C++ form, against a real server.
#include <catch2/catch.hpp>
#include <tagcache/tagcache.hpp>

#include "client-lib/handles.hpp"
#include "support/running_server.hpp"

using namespace tc::test;

namespace {

// More than any gap between two samples of the server, many times over.
constexpr std::size_t use_count = 1000;

tagcache_bytes bytes_of(std::string_view text) {
    return {text.data(), text.size()};
}

// Reads a key often, in one request each time.
void read_often(const ClientHandle& client, std::string_view key, int request_count) {
    const std::vector<tagcache_bytes> keys(use_count, bytes_of(key));
    for (int i = 0; i < request_count; ++i) {
        REQUIRE(tagcache_mget(client.get(), keys.data(), keys.size(), nullptr, nullptr, nullptr) ==
                TAGCACHE_OK);
    }
}

void name_often(const ClientHandle& client, std::string_view tag, int times) {
    const tagcache_bytes view = bytes_of(tag);
    for (int i = 0; i < times; ++i) {
        REQUIRE(tagcache_invalidate(client.get(), &view, 1, nullptr, nullptr, nullptr) ==
                TAGCACHE_OK);
    }
}

std::string_view name_of(const ResultHandle& result) {
    const tagcache_bytes name = tagcache_result_name(result.get());
    return {static_cast<const char*>(name.data), name.size};
}

}  // namespace

TEST_CASE("hot keys are items with a name and a rate, the hottest first", "[client][hotkeys]") {
    const RunningServer server;
    const ClientHandle client = new_client(server.port());
    const ResultHandle result = new_result();
    REQUIRE(tagcache_hotkeys(client.get(), result.get(), nullptr, nullptr) == TAGCACHE_OK);
    CHECK(tagcache_result_item_count(result.get()) == 0);
    CHECK_FALSE(tagcache_result_next(result.get()));

    read_often(client, "warm", 2);
    read_often(client, "hot", 6);
    REQUIRE(tagcache_hotkeys(client.get(), result.get(), nullptr, nullptr) == TAGCACHE_OK);
    CHECK(tagcache_result_item_count(result.get()) == 2);
    REQUIRE(tagcache_result_next(result.get()));
    CHECK(name_of(result) == "hot");
    const std::uint64_t rate = tagcache_result_rate(result.get());
    REQUIRE(tagcache_result_next(result.get()));
    CHECK(name_of(result) == "warm");
    CHECK(tagcache_result_rate(result.get()) > 0);
    CHECK(tagcache_result_rate(result.get()) < rate);
    CHECK_FALSE(tagcache_result_next(result.get()));
}

TEST_CASE("the limit of hot names and their kind are options", "[client][hotkeys]") {
    const RunningServer server;
    const ClientHandle client = new_client(server.port());
    const ResultHandle result = new_result();
    for (int i = 0; i < 12; ++i) {
        read_often(client, "k" + std::to_string(i), 1);
    }
    name_often(client, "t", use_count);
    tagcache_hotkeys_options options = TAGCACHE_HOTKEYS_OPTIONS_INIT;
    const auto count_of = [&](std::uint32_t fields, std::uint32_t limit) {
        options.fields = fields;
        options.limit = limit;
        REQUIRE(tagcache_hotkeys(client.get(), result.get(), &options, nullptr) == TAGCACHE_OK);
        return tagcache_result_item_count(result.get());
    };
    CHECK(count_of(0, 0) == 10);
    CHECK(count_of(0, 3) == 3);
    CHECK(count_of(0, 1000) == 12);
    CHECK(count_of(TAGCACHE_HOTKEYS_TAGS, 0) == 1);
    options.limit = 1001;
    CHECK(tagcache_hotkeys(client.get(), result.get(), &options, nullptr) ==
          TAGCACHE_INVALID_ARGUMENT);
    options.fields = 0x02;
    CHECK(tagcache_hotkeys(client.get(), result.get(), &options, nullptr) ==
          TAGCACHE_LOCAL_INVALID_ARGUMENT);
}

TEST_CASE("hot names come back through a pipeline", "[client][hotkeys]") {
    const RunningServer server;
    const ClientHandle client = new_client(server.port());
    const ResultHandle result = new_result();
    read_often(client, "k", 1);
    const PipelineHandle pipeline = new_pipeline(client);
    REQUIRE(tagcache_pipeline_hotkeys(pipeline.get(), nullptr, nullptr) == TAGCACHE_OK);
    REQUIRE(tagcache_pipeline_next(pipeline.get(), result.get(), nullptr));
    REQUIRE(tagcache_result_next(result.get()));
    CHECK(name_of(result) == "k");
}

TEST_CASE("the wrapper gives hot keys and hot tags as lists", "[client][hotkeys]") {
    const RunningServer server;
    const ClientHandle client = new_client(server.port());
    tagcache::Client cache("tagcache://127.0.0.1:" + server.port_text());
    CHECK(cache.hot_keys().empty());
    read_often(client, "warm", 1);
    read_often(client, "hot", 4);
    name_often(client, "t", use_count);
    const auto keys = cache.hot_keys();
    REQUIRE(keys.size() == 2);
    CHECK(keys[0].name == "hot");
    CHECK(keys[0].rate > keys[1].rate);
    CHECK(cache.hot_keys(1).size() == 1);
    const auto tags = cache.hot_tags();
    REQUIRE(tags.size() == 1);
    CHECK(tags[0].name == "t");
}
