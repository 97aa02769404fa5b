// SPDX-License-Identifier: MIT
//
// Pipelines against a real server: order, depth, quiet runs, and what does not fit.
#include <catch2/catch.hpp>

#include "client-lib/handles.hpp"
#include "client-lib/replies.hpp"
#include "support/running_server.hpp"

using namespace tc::test;

namespace {

struct Piped {
    RunningServer server;
    ClientHandle client = new_client(server.port());
    PipelineHandle handle = new_pipeline(client);
    ResultHandle reply = new_result();
    tagcache_pipeline* pipeline = handle.get();
    tagcache_result* result = reply.get();

    bool next() { return tagcache_pipeline_next(pipeline, result, nullptr); }
};

tagcache_call_options call_with(std::uint64_t user_data, std::uint32_t flags = 0) {
    tagcache_call_options call = TAGCACHE_CALL_OPTIONS_INIT;
    call.user_data = user_data;
    call.flags = flags;
    return call;
}

}  // namespace

TEST_CASE("every verb can be pipelined", "[client][pipeline]") {
    Piped piped;
    tagcache_pipeline* p = piped.pipeline;
    const tagcache_bytes key = bytes_of("k");
    const tagcache_bytes number = bytes_of("n");
    const tagcache_bytes tag = bytes_of("t");
    const tagcache_bytes value = bytes_of("v");
    const std::vector<tagcache_status> appended = {
        tagcache_pipeline_put(p, key, value, nullptr, nullptr),
        tagcache_pipeline_add(p, key, value, nullptr, nullptr),
        tagcache_pipeline_replace(p, key, value, nullptr, nullptr),
        tagcache_pipeline_append(p, key, value, nullptr, nullptr),
        tagcache_pipeline_prepend(p, key, value, nullptr, nullptr),
        tagcache_pipeline_incr(p, number, 3, nullptr, nullptr),
        tagcache_pipeline_decr(p, number, 1, nullptr, nullptr),
        tagcache_pipeline_mput(p, &number, &value, 1, nullptr, nullptr),
        tagcache_pipeline_get(p, key, nullptr, nullptr),
        tagcache_pipeline_mget(p, &key, 1, nullptr, nullptr),
        tagcache_pipeline_exists(p, key, nullptr, nullptr),
        tagcache_pipeline_exists_keys(p, &key, 1, nullptr, nullptr),
        tagcache_pipeline_touch(p, key, 60'000, nullptr, nullptr),
        tagcache_pipeline_touch_keys(p, &key, nullptr, 1, 60'000, nullptr),
        tagcache_pipeline_tag_add(p, key, &tag, 1, nullptr, nullptr),
        tagcache_pipeline_tags(p, key, nullptr),
        tagcache_pipeline_tag_count(p, tag, nullptr),
        tagcache_pipeline_tag_list(p, tag, nullptr, nullptr),
        tagcache_pipeline_keys_by_tag(p, &tag, 1, nullptr, nullptr),
        tagcache_pipeline_tag_remove(p, key, &tag, 1, nullptr, nullptr),
        tagcache_pipeline_invalidate(p, &tag, 1, nullptr, nullptr),
        tagcache_pipeline_scan(p, key, nullptr, nullptr),
        tagcache_pipeline_delete(p, number, nullptr, nullptr),
        tagcache_pipeline_delete_keys(p, &number, nullptr, 1, nullptr),
        tagcache_pipeline_getdel(p, key, nullptr, nullptr),
        tagcache_pipeline_delete_prefix(p, key, nullptr, nullptr),
        tagcache_pipeline_flush(p, nullptr),
        tagcache_pipeline_stats(p, nullptr),
        tagcache_pipeline_info(p, nullptr),
        tagcache_pipeline_clients(p, nullptr, nullptr),
        tagcache_pipeline_ping(p, nullptr),
    };
    for (std::size_t i = 0; i < appended.size(); ++i) {
        CAPTURE(i);
        CHECK(appended[i] == TAGCACHE_OK);
        REQUIRE(piped.next());
        CHECK(tagcache_result_status(piped.result) == (i == 1 ? TAGCACHE_EXISTS : TAGCACHE_OK));
    }
    CHECK_FALSE(piped.next());
}

TEST_CASE("a pipeline of any depth keeps its order and never locks up", "[client][pipeline]") {
    Piped piped;
    const std::string value(2'000, 'x');
    const auto put = call_with(0);
    REQUIRE(tagcache_pipeline_put(piped.pipeline, bytes_of("k"), bytes_of(value), nullptr, &put) ==
            TAGCACHE_OK);
    REQUIRE(piped.next());
    std::uint64_t taken = 0;
    std::uint64_t full_count = 0;
    const auto take = [&] {
        REQUIRE(piped.next());
        REQUIRE(tagcache_result_status(piped.result) == TAGCACHE_OK);
        REQUIRE(tagcache_result_user_data(piped.result) == taken);
        REQUIRE(tagcache_result_value(piped.result).size == value.size());
        ++taken;
    };
    const std::uint64_t request_count = 100'000;  // 200 MB of replies
    for (std::uint64_t i = 0; i < request_count; ++i) {
        const auto call = call_with(i);
        while (tagcache_pipeline_get(piped.pipeline, bytes_of("k"), nullptr, &call) ==
               TAGCACHE_PIPELINE_FULL) {
            ++full_count;
            take();
        }
    }
    while (taken < request_count) {
        take();
    }
    CHECK_FALSE(piped.next());
    CHECK(full_count > 0);
}

TEST_CASE("large values in both directions do not lock up", "[client][pipeline]") {
    Piped piped;
    const std::string value(1024 * 1024, 'x');
    std::uint64_t taken = 0;
    for (std::uint64_t i = 0; i < 50; ++i) {
        const std::string key = "k" + std::to_string(i);
        while (tagcache_pipeline_put(piped.pipeline, bytes_of(key), bytes_of(value), nullptr,
                                     nullptr) == TAGCACHE_PIPELINE_FULL ||
               tagcache_pipeline_get(piped.pipeline, bytes_of(key), nullptr, nullptr) ==
                   TAGCACHE_PIPELINE_FULL) {
            REQUIRE(piped.next());
            taken += tagcache_result_value(piped.result).size;
        }
    }
    while (piped.next()) {
        REQUIRE(tagcache_result_status(piped.result) == TAGCACHE_OK);
        taken += tagcache_result_value(piped.result).size;
    }
    CHECK(taken == 50 * value.size());
}

TEST_CASE("a quiet load tells only what went wrong", "[client][pipeline]") {
    Piped piped;
    for (std::uint64_t i = 0; i < 10'000; ++i) {
        const auto call = call_with(i, TAGCACHE_CALL_QUIET);
        const std::string key = "k" + std::to_string(i % 9'999);  // the last one is there already
        REQUIRE(tagcache_pipeline_add(piped.pipeline, bytes_of(key), bytes_of("v"), nullptr,
                                      &call) == TAGCACHE_OK);
    }
    REQUIRE(piped.next());
    CHECK(tagcache_result_status(piped.result) == TAGCACHE_EXISTS);
    CHECK(tagcache_result_user_data(piped.result) == 9'999);
    CHECK_FALSE(piped.next());
    CHECK(tagcache_pipeline_pending(piped.pipeline) == 0);
    CHECK(tagcache_tag_count(piped.client.get(), bytes_of("t"), nullptr, nullptr) == TAGCACHE_OK);
}

TEST_CASE("finish waits for all and counts the failures", "[client][pipeline]") {
    Piped piped;
    REQUIRE(tagcache_pipeline_put(piped.pipeline, bytes_of("n"), bytes_of("x"), nullptr, nullptr) ==
            TAGCACHE_OK);
    for (int i = 0; i < 5; ++i) {
        const auto call = call_with(0, i % 2 == 0 ? TAGCACHE_CALL_QUIET : 0);
        REQUIRE(tagcache_pipeline_incr(piped.pipeline, bytes_of("n"), 1, nullptr, &call) ==
                TAGCACHE_OK);
    }
    REQUIRE(tagcache_pipeline_get(piped.pipeline, bytes_of("missing"), nullptr, nullptr) ==
            TAGCACHE_OK);
    std::uint64_t failed = 0;
    CHECK(tagcache_pipeline_finish(piped.pipeline, &failed, nullptr) == TAGCACHE_NOT_A_NUMBER);
    CHECK(failed == 5);
    CHECK(tagcache_pipeline_finish(piped.pipeline, &failed, nullptr) == TAGCACHE_OK);
    CHECK(failed == 0);
}

TEST_CASE("a client has one pipeline at a time and is usable beside an empty one",
          "[client][pipeline]") {
    Piped piped;
    tagcache_pipeline* second = nullptr;
    CHECK(tagcache_pipeline_new(piped.client.get(), &second) == TAGCACHE_LOCAL_INVALID_ARGUMENT);
    CHECK(second == nullptr);
    CHECK(tagcache_ping(piped.client.get(), nullptr) == TAGCACHE_OK);
    REQUIRE(tagcache_pipeline_ping(piped.pipeline, nullptr) == TAGCACHE_OK);
    CHECK(tagcache_ping(piped.client.get(), nullptr) == TAGCACHE_LOCAL_INVALID_ARGUMENT);
    piped.handle.reset();
    CHECK(tagcache_ping(piped.client.get(), nullptr) == TAGCACHE_OK);
    CHECK_NOTHROW(new_pipeline(piped.client));
}

TEST_CASE("next tells a call that makes no sense from the end of the replies",
          "[client][pipeline]") {
    Piped piped;
    const SessionHandle session = new_session();
    tagcache_call_options call = TAGCACHE_CALL_OPTIONS_INIT;
    call.struct_size = 0;
    for (tagcache_pipeline* pipeline : {piped.pipeline, tagcache_session_pipeline(session.get())}) {
        REQUIRE(tagcache_pipeline_ping(pipeline, nullptr) == TAGCACHE_OK);
        CHECK_FALSE(tagcache_pipeline_next(pipeline, piped.result, &call));
        CHECK(tagcache_result_status(piped.result) == TAGCACHE_LOCAL_INVALID_ARGUMENT);
        CHECK(text_of(tagcache_result_message(piped.result)).find("struct_size") !=
              std::string::npos);
        CHECK(tagcache_pipeline_pending(pipeline) == 1);
        CHECK(tagcache_pipeline_send(pipeline, &call) == TAGCACHE_LOCAL_INVALID_ARGUMENT);
        CHECK(tagcache_pipeline_finish(pipeline, nullptr, &call) ==
              TAGCACHE_LOCAL_INVALID_ARGUMENT);
    }
    REQUIRE(piped.next());
    CHECK_FALSE(piped.next());
    CHECK(tagcache_result_status(piped.result) == TAGCACHE_OK);
}

TEST_CASE("send puts requests on their way without waiting for replies", "[client][pipeline]") {
    Piped piped;
    REQUIRE(tagcache_pipeline_ping(piped.pipeline, nullptr) == TAGCACHE_OK);
    CHECK(tagcache_pipeline_send(piped.pipeline, nullptr) == TAGCACHE_OK);
    CHECK(tagcache_pipeline_pending(piped.pipeline) == 1);
    REQUIRE(piped.next());
    CHECK(tagcache_result_status(piped.result) == TAGCACHE_OK);
}
