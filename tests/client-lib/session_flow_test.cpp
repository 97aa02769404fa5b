// SPDX-License-Identifier: MIT
//
// How a session bounds its memory, runs quiet requests and counts time.
#include <catch2/catch.hpp>

#include "client-lib/handles.hpp"
#include "client-lib/replies.hpp"

using namespace tc::test;

namespace {

struct Greeted {
    SessionHandle session = new_session();
    tagcache_pipeline* pipeline = tagcache_session_pipeline(session.get());

    explicit Greeted(const wire_hello_reply& hello = default_hello()) {
        send();
        feed(server_preface() + hello_reply(hello));
        REQUIRE(tagcache_session_is_ready(session.get()));
    }
    void feed(std::string_view bytes) {
        REQUIRE(tagcache_session_feed(session.get(), bytes_of(bytes)) == TAGCACHE_OK);
    }
    std::string send() {
        const std::string output = text_of(tagcache_session_output(session.get()));
        tagcache_session_sent(session.get(), output.size());
        return output;
    }
    tagcache_status put(std::string_view key, std::string_view value, std::uint32_t flags = 0,
                        std::uint64_t user_data = 0) {
        tagcache_call_options call = TAGCACHE_CALL_OPTIONS_INIT;
        call.flags = flags;
        call.user_data = user_data;
        return tagcache_pipeline_put(pipeline, bytes_of(key), bytes_of(value), nullptr, &call);
    }
    tagcache_status get() {
        return tagcache_pipeline_get(pipeline, bytes_of("k"), nullptr, nullptr);
    }
    // The status of the next reply; 1 past all statuses when there is none.
    tagcache_status next() {
        const ResultHandle result = new_result();
        return tagcache_pipeline_next(pipeline, result.get(), nullptr)
                   ? tagcache_result_status(result.get())
                   : no_reply;
    }
    static constexpr tagcache_status no_reply = 9999;
};

// The ids and opcodes of the frames in what was sent.
std::vector<wire_request> requests_in(const std::string& output) {
    std::vector<wire_request> requests;
    for (std::size_t at = 0; at < output.size();) {
        wire_request request;
        const wire_bytes rest{output.data() + at, output.size() - at};
        REQUIRE(wire_parse_request(rest, UINT32_MAX, &request) == WIRE_FRAME_COMPLETE);
        requests.push_back(request);
        at += request.frame_bytes;
    }
    return requests;
}

}  // namespace

TEST_CASE("silence behind a fence means that quiet requests went well", "[client][session]") {
    Greeted greeted;
    REQUIRE(greeted.put("a", "1", TAGCACHE_CALL_QUIET) == TAGCACHE_OK);
    REQUIRE(greeted.put("b", "2", TAGCACHE_CALL_QUIET, 42) == TAGCACHE_OK);
    REQUIRE(greeted.put("c", "3", TAGCACHE_CALL_QUIET) == TAGCACHE_OK);
    REQUIRE(tagcache_pipeline_send(greeted.pipeline, nullptr) == TAGCACHE_OK);
    const auto requests = requests_in(greeted.send());
    REQUIRE(requests.size() == 4);
    CHECK(requests[0].flags == WIRE_REQUEST_QUIET);
    CHECK(requests[3].opcode == WIRE_OP_PING);
    CHECK(tagcache_pipeline_pending(greeted.pipeline) == 3);

    greeted.feed(
        reply(WIRE_OP_PUT, requests[1].request_id, WIRE_OUT_OF_MEMORY, error_body("full")));
    const ResultHandle result = new_result();
    REQUIRE(tagcache_pipeline_next(greeted.pipeline, result.get(), nullptr));
    CHECK(tagcache_result_status(result.get()) == TAGCACHE_OUT_OF_MEMORY);
    CHECK(tagcache_result_user_data(result.get()) == 42);
    CHECK(tagcache_pipeline_pending(greeted.pipeline) == 1);

    greeted.feed(reply(WIRE_OP_PING, requests[3].request_id));
    CHECK(greeted.next() == Greeted::no_reply);
    CHECK(tagcache_pipeline_pending(greeted.pipeline) == 0);
}

TEST_CASE("a long run of quiet requests is fenced on the way", "[client][session]") {
    Greeted greeted;
    for (int i = 0; i < 3000; ++i) {
        REQUIRE(greeted.put("k", "v", TAGCACHE_CALL_QUIET) == TAGCACHE_OK);
    }
    int pings = 0;
    for (const wire_request& request : requests_in(greeted.send())) {
        pings += request.opcode == WIRE_OP_PING ? 1 : 0;
    }
    CHECK(pings == 2);
}

TEST_CASE("quiet changes without a fence's answer are in doubt", "[client][session]") {
    Greeted greeted;
    REQUIRE(greeted.put("sent", "v", TAGCACHE_CALL_QUIET) == TAGCACHE_OK);
    greeted.send();
    REQUIRE(greeted.put("not sent", "v", TAGCACHE_CALL_QUIET) == TAGCACHE_OK);
    tagcache_session_close(greeted.session.get(), TAGCACHE_CONNECTION_LOST);
    CHECK(greeted.next() == TAGCACHE_IN_DOUBT);
    CHECK(greeted.next() == TAGCACHE_CONNECTION_LOST);
    CHECK(greeted.next() == Greeted::no_reply);
}

TEST_CASE("one byte of a change on the wire puts it in doubt", "[client][session]") {
    Greeted greeted;
    REQUIRE(greeted.put("k", "v") == TAGCACHE_OK);
    SECTION("none sent") {
        tagcache_session_close(greeted.session.get(), TAGCACHE_TIMEOUT);
        CHECK(greeted.next() == TAGCACHE_TIMEOUT);
    }
    SECTION("one sent") {
        tagcache_session_sent(greeted.session.get(), 1);
        tagcache_session_close(greeted.session.get(), TAGCACHE_TIMEOUT);
        CHECK(greeted.next() == TAGCACHE_IN_DOUBT);
    }
}

TEST_CASE("replies that came before the end of the connection count", "[client][session]") {
    Greeted greeted;
    REQUIRE(greeted.put("a", "v") == TAGCACHE_OK);
    REQUIRE(greeted.put("b", "v") == TAGCACHE_OK);
    greeted.send();
    greeted.feed(reply(WIRE_OP_PUT, 2) + reply(WIRE_OP_PUT, 3).substr(0, 5));
    tagcache_session_close(greeted.session.get(), TAGCACHE_CONNECTION_LOST);
    CHECK(greeted.next() == TAGCACHE_OK);
    CHECK(greeted.next() == TAGCACHE_IN_DOUBT);
    CHECK(greeted.next() == Greeted::no_reply);
}

TEST_CASE("requests are refused when replies pile up, and taken again afterwards",
          "[client][session]") {
    Greeted greeted;
    const std::string value(100'000, 'x');
    for (int i = 0; i < 20; ++i) {
        REQUIRE(greeted.get() == TAGCACHE_OK);
    }
    greeted.send();
    std::string body = std::string(2, '\0') + std::string(4, '\0') + value;
    wire_store_u32(reinterpret_cast<std::uint8_t*>(body.data()) + 2, 100'000);
    std::uint32_t fed = 0;
    while (tagcache_session_want_read(greeted.session.get()) != 0) {
        const std::string frame = reply(WIRE_OP_GET, 2 + fed, WIRE_OK, body);
        const std::size_t wanted = tagcache_session_want_read(greeted.session.get());
        if (wanted < frame.size()) {
            greeted.feed(frame.substr(0, wanted));
            break;
        }
        greeted.feed(frame);
        ++fed;
    }
    CHECK(fed == 10);  // 1 MiB
    CHECK(tagcache_session_want_read(greeted.session.get()) == 0);
    CHECK(tagcache_session_feed(greeted.session.get(), bytes_of("x")) ==
          TAGCACHE_LOCAL_INVALID_ARGUMENT);
    CHECK(greeted.get() == TAGCACHE_PIPELINE_FULL);
    CHECK(greeted.next() == TAGCACHE_OK);
    CHECK(greeted.get() == TAGCACHE_OK);
    CHECK(tagcache_session_want_read(greeted.session.get()) != 0);
}

TEST_CASE("requests are refused when they pile up unsent", "[client][session]") {
    Greeted greeted;
    const std::string value(1000, 'x');
    int count = 0;
    while (greeted.put("k", value) == TAGCACHE_OK) {
        ++count;
    }
    CHECK(greeted.put("k", value) == TAGCACHE_PIPELINE_FULL);
    CHECK(count > 1000);
    CHECK(count < 1100);
    greeted.send();
    CHECK(greeted.put("k", value) == TAGCACHE_OK);
}

TEST_CASE("no more than 65536 requests wait for their replies", "[client][session]") {
    Greeted greeted;
    int count = 0;
    while (greeted.get() == TAGCACHE_OK) {
        greeted.send();
        ++count;
    }
    CHECK(count == 65536);
    std::string replies;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        replies += reply(WIRE_OP_GET, 2 + i, WIRE_NOT_FOUND);
    }
    greeted.feed(replies);
    CHECK(greeted.next() == TAGCACHE_NOT_FOUND);
    CHECK(greeted.get() == TAGCACHE_OK);
}

TEST_CASE("a reply longer than the limit of unread bytes is taken whole", "[client][session]") {
    Greeted greeted;
    REQUIRE(greeted.get() == TAGCACHE_OK);
    greeted.send();
    const std::uint32_t value_bytes = 3'000'000;
    std::string body = std::string(6, '\0') + std::string(value_bytes, 'x');
    wire_store_u32(reinterpret_cast<std::uint8_t*>(body.data()) + 2, value_bytes);
    const std::string frame = reply(WIRE_OP_GET, 2, WIRE_OK, body);
    for (std::size_t at = 0; at < frame.size();) {
        const std::size_t size = std::min<std::size_t>(
            tagcache_session_want_read(greeted.session.get()), frame.size() - at);
        REQUIRE(size != 0);
        greeted.feed(std::string_view(frame).substr(at, size));
        at += size;
    }
    const ResultHandle result = new_result();
    REQUIRE(tagcache_pipeline_next(greeted.pipeline, result.get(), nullptr));
    CHECK(tagcache_result_value(result.get()).size == value_bytes);
}

TEST_CASE("what HELLO says is too large is refused here", "[client][session][limits]") {
    wire_hello_reply hello = default_hello();
    hello.key_bytes_max = 8;
    hello.value_bytes_max = 16;
    hello.tags_max = 2;
    hello.tag_bytes_max = 4;
    hello.keys_max = 3;
    hello.frame_body_bytes_max = 200;
    Greeted greeted(hello);
    CHECK(tagcache_session_limit(greeted.session.get(), TAGCACHE_LIMIT_VALUE_BYTES) == 16);

    CHECK(greeted.put("12345678", "v") == TAGCACHE_OK);
    CHECK(greeted.put("123456789", "v") == TAGCACHE_KEY_TOO_LONG);
    CHECK(greeted.put("", "v") == TAGCACHE_KEY_EMPTY);
    CHECK(greeted.put("k", std::string(16, 'v')) == TAGCACHE_OK);
    CHECK(greeted.put("k", std::string(17, 'v')) == TAGCACHE_VALUE_TOO_LARGE);
    CHECK(std::string(tagcache_session_error(greeted.session.get())).find("16") !=
          std::string::npos);

    const tagcache_bytes tags[] = {bytes_of("1234"), bytes_of("b"), bytes_of("c")};
    CHECK(tagcache_pipeline_invalidate(greeted.pipeline, tags, 2, nullptr, nullptr) == TAGCACHE_OK);
    CHECK(tagcache_pipeline_invalidate(greeted.pipeline, tags, 3, nullptr, nullptr) ==
          TAGCACHE_TOO_MANY_TAGS);
    const tagcache_bytes long_tag = bytes_of("12345");
    CHECK(tagcache_pipeline_invalidate(greeted.pipeline, &long_tag, 1, nullptr, nullptr) ==
          TAGCACHE_LOCAL_INVALID_ARGUMENT);
    const tagcache_bytes no_tag = bytes_of("");
    CHECK(tagcache_pipeline_tag_count(greeted.pipeline, no_tag, nullptr) == TAGCACHE_TAG_EMPTY);

    // A batch's keys are the server's to judge, one by one; their number is not.
    const tagcache_bytes keys[] = {bytes_of("a"), bytes_of(""), bytes_of("123456789"),
                                   bytes_of("d")};
    CHECK(tagcache_pipeline_mget(greeted.pipeline, keys, 3, nullptr, nullptr) == TAGCACHE_OK);
    CHECK(tagcache_pipeline_mget(greeted.pipeline, keys, 4, nullptr, nullptr) ==
          TAGCACHE_TOO_MANY_KEYS);
    const std::string half(100, 'k');
    const tagcache_bytes large[] = {bytes_of(half), bytes_of(half)};
    const tagcache_status status =
        tagcache_pipeline_mget(greeted.pipeline, large, 2, nullptr, nullptr);
    CHECK(status == TAGCACHE_LOCAL_INVALID_ARGUMENT);
    CHECK(std::string(tagcache_session_error(greeted.session.get())).find("200") !=
          std::string::npos);
    CHECK(tagcache_pipeline_pending(greeted.pipeline) == 4);

    // The server closes after a frame that is too large; it has not seen this one.
    CHECK_FALSE(tagcache_status_closes(status));
    CHECK(greeted.get() == TAGCACHE_OK);
}

TEST_CASE("options that make no sense are refused", "[client][session]") {
    Greeted greeted;
    tagcache_write_options options = TAGCACHE_WRITE_OPTIONS_INIT;
    const auto check_refused = [&] {
        CHECK(tagcache_pipeline_put(greeted.pipeline, bytes_of("k"), bytes_of("v"), &options,
                                    nullptr) == TAGCACHE_LOCAL_INVALID_ARGUMENT);
        CHECK(tagcache_pipeline_pending(greeted.pipeline) == 0);
    };
    SECTION("a TTL without its bit") {
        options.ttl_ms = 1;
        check_refused();
    }
    SECTION("tags without their bit") {
        static const tagcache_bytes tag = {"t", 1};
        options.tags = &tag;
        options.tag_count = 1;
        check_refused();
    }
    SECTION("an unknown bit") {
        options.fields = 0x8000;
        check_refused();
    }
    SECTION("no struct_size") {
        options.struct_size = 0;
        check_refused();
    }
    SECTION("the library's bits of the flags") {
        options.fields = TAGCACHE_WRITE_FLAGS;
        options.flags = 0x01000000;
        check_refused();
    }
    SECTION("tags that are NULL") {
        options.fields = TAGCACHE_WRITE_TAGS;
        options.tag_count = 1;
        check_refused();
    }
}

TEST_CASE("a bit that belongs to another verb is refused", "[client][session]") {
    Greeted greeted;
    tagcache_write_options write = TAGCACHE_WRITE_OPTIONS_INIT;
    write.fields = TAGCACHE_WRITE_KEEP_TAGS;
    CHECK(tagcache_pipeline_incr(greeted.pipeline, bytes_of("k"), 1, &write, nullptr) ==
          TAGCACHE_LOCAL_INVALID_ARGUMENT);
    tagcache_read_options read = TAGCACHE_READ_OPTIONS_INIT;
    read.fields = TAGCACHE_READ_TOUCH;
    CHECK(tagcache_pipeline_getdel(greeted.pipeline, bytes_of("k"), &read, nullptr) ==
          TAGCACHE_LOCAL_INVALID_ARGUMENT);
    tagcache_page_options page = TAGCACHE_PAGE_OPTIONS_INIT;
    page.fields = TAGCACHE_PAGE_GLOB;
    CHECK(tagcache_pipeline_tag_list(greeted.pipeline, bytes_of(""), &page, nullptr) ==
          TAGCACHE_LOCAL_INVALID_ARGUMENT);
}

TEST_CASE("a request's time runs from when the clock first sees it", "[client][session]") {
    Greeted greeted;
    tagcache_session* session = greeted.session.get();
    CHECK(tagcache_session_timeout_ms(session, 1000) == TAGCACHE_NO_TIMEOUT);
    tagcache_call_options call = TAGCACHE_CALL_OPTIONS_INIT;
    call.timeout_ms = 50;
    REQUIRE(tagcache_pipeline_ping(greeted.pipeline, &call) == TAGCACHE_OK);
    CHECK(tagcache_session_timeout_ms(session, 1000) == 50);
    CHECK(tagcache_session_timeout_ms(session, 1020) == 30);
    REQUIRE(greeted.get() == TAGCACHE_OK);  // the default of 5 s
    CHECK(tagcache_session_timeout_ms(session, 1049) == 1);
    CHECK(tagcache_session_timeout_ms(session, 1050) == 0);
    greeted.send();
    greeted.feed(reply(WIRE_OP_PING, 2));
    CHECK(greeted.next() == TAGCACHE_OK);
    CHECK(tagcache_session_timeout_ms(session, 1060) == 4989);
    tagcache_session_close(session, TAGCACHE_TIMEOUT);
    CHECK(tagcache_session_timeout_ms(session, 1060) == TAGCACHE_NO_TIMEOUT);
    CHECK(greeted.next() == TAGCACHE_TIMEOUT);
}
