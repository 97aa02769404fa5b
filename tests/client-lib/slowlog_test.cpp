// SPDX-License-Identifier: MIT
//
// tagcache_slowlog() and its C++ form, against a real server to which every request is slow.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <tagcache/tagcache.hpp>
#include <variant>

#include "client-lib/handles.hpp"
#include "support/running_server.hpp"

using namespace tc::test;

TEST_CASE("slow requests are items with fields, the latest first", "[client][slowlog]") {
    const RunningServer server({"--log-slow-us", "1"});
    const ClientHandle client = new_client(server.port());
    const ResultHandle result = new_result();
    REQUIRE(tagcache_put(client.get(), tagcache_text("k"), tagcache_text("v"), nullptr, nullptr,
                         nullptr) == TAGCACHE_OK);
    REQUIRE(tagcache_slowlog(client.get(), TAGCACHE_SLOWLOG_GET, 1, result.get(), nullptr) ==
            TAGCACHE_OK);
    CHECK(tagcache_result_item_count(result.get()) == 1);
    REQUIRE(tagcache_result_next(result.get()));
    REQUIRE(tagcache_result_next_field(result.get()));
    CHECK(tagcache_result_field_u64(result.get()) >= 1);
    CHECK(tagcache_slowlog(client.get(), TAGCACHE_SLOWLOG_GET, 129, result.get(), nullptr) ==
          TAGCACHE_INVALID_ARGUMENT);

    const PipelineHandle pipeline = new_pipeline(client);
    REQUIRE(tagcache_pipeline_slowlog(pipeline.get(), TAGCACHE_SLOWLOG_RESET, 0, nullptr) ==
            TAGCACHE_OK);
    REQUIRE(tagcache_pipeline_next(pipeline.get(), result.get(), nullptr));
    CHECK(tagcache_result_item_count(result.get()) == 0);
}

TEST_CASE("the wrapper gives the fields of slow requests", "[client][slowlog]") {
    const RunningServer server({"--log-slow-us", "1"});
    tagcache::Client cache("tagcache://127.0.0.1:" + server.port_text());
    cache.put("key", "value");
    const auto requests = cache.slow_requests();
    REQUIRE_FALSE(requests.empty());
    CHECK(std::ranges::any_of(requests[0], [](const tagcache::Field& field) {
        return field.name == "name" && std::get<std::string>(field.value) == "key";
    }));
    cache.forget_slow_requests();
    CHECK(cache.slow_requests(128).size() == 1);  // to forget took long, too
}
