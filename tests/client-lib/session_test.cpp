// SPDX-License-Identifier: MIT
//
// The protocol without a socket: what comes out of requests, and what becomes of bytes from servers
// good and bad.
#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "client-lib/handles.hpp"
#include "client-lib/replies.hpp"

using namespace tc::test;

namespace {

tagcache_status feed(tagcache_session* session, std::string_view bytes) {
    return tagcache_session_feed(session, bytes_of(bytes));
}

// As an event loop does: what is offered counts as sent.
std::string send_all(tagcache_session* session) {
    const std::string output = text_of(tagcache_session_output(session));
    tagcache_session_sent(session, output.size());
    return output;
}

SessionHandle greeted_session() {
    SessionHandle session = new_session();
    send_all(session.get());
    REQUIRE(feed(session.get(), greeting()) == TAGCACHE_OK);
    return session;
}

tagcache_status get(const SessionHandle& session, std::string_view key, std::uint64_t user_data = 0,
                    std::uint32_t flags = 0) {
    tagcache_call_options call = TAGCACHE_CALL_OPTIONS_INIT;
    call.user_data = user_data;
    call.flags = flags;
    return tagcache_pipeline_get(tagcache_session_pipeline(session.get()), bytes_of(key), nullptr,
                                 &call);
}

tagcache_status put(const SessionHandle& session, std::string_view key, std::uint32_t flags = 0) {
    tagcache_call_options call = TAGCACHE_CALL_OPTIONS_INIT;
    call.flags = flags;
    return tagcache_pipeline_put(tagcache_session_pipeline(session.get()), bytes_of(key),
                                 bytes_of("v"), nullptr, &call);
}

bool next(const SessionHandle& session, const ResultHandle& result) {
    return tagcache_pipeline_next(tagcache_session_pipeline(session.get()), result.get(), nullptr);
}

// "OK:value NOT_FOUND: ..." for all replies that are there.
std::string replies_of(const SessionHandle& session) {
    const ResultHandle result = new_result();
    std::string all;
    while (next(session, result)) {
        all += tagcache_status_name(tagcache_result_status(result.get()));
        all += ":" + text_of(tagcache_result_value(result.get())) + " ";
    }
    return all;
}

}  // namespace

TEST_CASE("a session begins with the preface and HELLO in one piece", "[client][session]") {
    const SessionHandle session = new_session();
    const std::string output = send_all(session.get());
    wire_client_preface preface;
    REQUIRE(wire_decode_client_preface(wire(output), &preface) == WIRE_FRAME_COMPLETE);
    CHECK(preface.version_min == WIRE_VERSION_OLDEST);
    CHECK(preface.version_max == WIRE_VERSION);
    wire_request request;
    const std::string rest = output.substr(WIRE_PREFACE_BYTES);
    REQUIRE(wire_parse_request(wire(rest), 1024, &request) == WIRE_FRAME_COMPLETE);
    CHECK(request.opcode == WIRE_OP_HELLO);
    CHECK(request.frame_bytes == rest.size());
    wire_hello hello;
    REQUIRE(wire_decode_hello(request.body, &hello));
    CHECK(hello.features == 0);
    CHECK_FALSE(tagcache_session_is_ready(session.get()));
}

TEST_CASE("replies come in the order of the requests, with the caller's data",
          "[client][session]") {
    const SessionHandle session = greeted_session();
    REQUIRE(get(session, "a", 11) == TAGCACHE_OK);
    REQUIRE(get(session, "b", 22) == TAGCACHE_OK);
    send_all(session.get());
    REQUIRE(feed(session.get(), reply(WIRE_OP_GET, 2, WIRE_OK, hit_body("first")) +
                                    reply(WIRE_OP_GET, 3, WIRE_NOT_FOUND)) == TAGCACHE_OK);
    const ResultHandle result = new_result();
    REQUIRE(next(session, result));
    CHECK(tagcache_result_user_data(result.get()) == 11);
    CHECK(tagcache_result_request_id(result.get()) == 2);
    CHECK(text_of(tagcache_result_value(result.get())) == "first");
    REQUIRE(next(session, result));
    CHECK(tagcache_result_user_data(result.get()) == 22);
    CHECK(tagcache_result_status(result.get()) == TAGCACHE_NOT_FOUND);
    CHECK_FALSE(next(session, result));
    CHECK(tagcache_pipeline_pending(tagcache_session_pipeline(session.get())) == 0);
}

TEST_CASE("a stream cut at every byte gives the same replies", "[client][session]") {
    const std::string stream = greeting() + reply(WIRE_OP_GET, 2, WIRE_OK, hit_body("first")) +
                               reply(WIRE_OP_GET, 3, WIRE_NOT_FOUND) +
                               reply(WIRE_OP_GET, 4, WIRE_KEY_EMPTY, error_body("no key")) +
                               reply(WIRE_OP_GET, 5, WIRE_OK, hit_body(std::string(300, 'x')));
    const std::string expected = "OK:first NOT_FOUND: KEY_EMPTY: OK:" + std::string(300, 'x') + " ";
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        const SessionHandle session = new_session();
        for (int i = 0; i < 4; ++i) {
            REQUIRE(get(session, "k") == TAGCACHE_OK);
        }
        send_all(session.get());
        REQUIRE(feed(session.get(), stream.substr(0, cut)) == TAGCACHE_OK);
        std::string all = replies_of(session);
        REQUIRE(feed(session.get(), stream.substr(cut)) == TAGCACHE_OK);
        all += replies_of(session);
        REQUIRE(all == expected);
    }
}

TEST_CASE("a stream fed byte by byte gives the same replies", "[client][session]") {
    const SessionHandle session = new_session();
    REQUIRE(get(session, "k") == TAGCACHE_OK);
    send_all(session.get());
    const std::string stream = greeting() + reply(WIRE_OP_GET, 2, WIRE_OK, hit_body("value"));
    for (std::size_t i = 0; i + 1 < stream.size(); ++i) {
        REQUIRE(feed(session.get(), stream.substr(i, 1)) == TAGCACHE_OK);
        REQUIRE(replies_of(session).empty());
    }
    REQUIRE(feed(session.get(), stream.substr(stream.size() - 1)) == TAGCACHE_OK);
    CHECK(replies_of(session) == "OK:value ");
    CHECK(tagcache_session_is_ready(session.get()));
}

TEST_CASE("a reply that no good server sends closes the session", "[client][session][hostile]") {
    const SessionHandle session = greeted_session();
    REQUIRE(get(session, "a") == TAGCACHE_OK);
    REQUIRE(get(session, "b") == TAGCACHE_OK);
    send_all(session.get());
    std::string bad;
    const auto check_closed = [&] {
        CHECK(feed(session.get(), bad) == TAGCACHE_PROTOCOL);
        CHECK(std::string(tagcache_session_error(session.get())) != "");
        CHECK(replies_of(session) == "PROTOCOL: PROTOCOL: ");
        CHECK(get(session, "c") == TAGCACHE_PROTOCOL);
    };
    SECTION("to a request that was never made") {
        bad = reply(WIRE_OP_GET, 77, WIRE_NOT_FOUND);
        check_closed();
    }
    SECTION("to a request that was answered before") {
        bad = reply(WIRE_OP_HELLO, 1);
        check_closed();
    }
    SECTION("out of order") {
        bad = reply(WIRE_OP_GET, 3, WIRE_NOT_FOUND);
        check_closed();
    }
    SECTION("of another opcode") {
        bad = reply(WIRE_OP_PUT, 2, WIRE_NOT_FOUND);
        check_closed();
    }
    SECTION("larger than reply_bytes_max, from its first 4 bytes") {
        bad = "\xff\xff\xff\xff";
        check_closed();
    }
    SECTION("with a flag that was not agreed on") {
        bad = reply(WIRE_OP_GET, 2, WIRE_NOT_FOUND);
        bad[5] = WIRE_REPLY_STALE;
        check_closed();
    }
    SECTION("with a reserved byte set") {
        bad = reply(WIRE_OP_GET, 2, WIRE_NOT_FOUND);
        bad[7] = 1;
        check_closed();
    }
}

TEST_CASE("a bad reply is a PROTOCOL failure after the end of the connection too",
          "[client][session][hostile]") {
    const SessionHandle session = greeted_session();
    for (const char* key : {"a", "b", "c"}) {
        REQUIRE(get(session, key) == TAGCACHE_OK);
    }
    REQUIRE(put(session, "d") == TAGCACHE_OK);
    send_all(session.get());
    const auto check_protocol = [&](const std::string& bad) {
        // Nothing behind it counts, though it would fit the next request.
        REQUIRE(feed(session.get(), reply(WIRE_OP_GET, 2, WIRE_NOT_FOUND) + bad +
                                        reply(WIRE_OP_GET, 4, WIRE_NOT_FOUND)) == TAGCACHE_OK);
        tagcache_session_close(session.get(), TAGCACHE_CONNECTION_LOST);
        CHECK(replies_of(session) == "NOT_FOUND: PROTOCOL: PROTOCOL: IN_DOUBT: ");
        tagcache_session_close(session.get(), TAGCACHE_TIMEOUT);
        CHECK(get(session, "e") == TAGCACHE_PROTOCOL);
    };
    SECTION("a gap") {
        check_protocol(reply(WIRE_OP_GET, 4, WIRE_NOT_FOUND));
    }
    SECTION("a reply to a request that was never made") {
        check_protocol(reply(WIRE_OP_GET, 77, WIRE_NOT_FOUND));
    }
    SECTION("a malformed body") {
        check_protocol(reply(WIRE_OP_GET, 3, WIRE_OK));
    }
    SECTION("a broken header") {
        std::string bad = reply(WIRE_OP_GET, 3, WIRE_NOT_FOUND);
        bad[7] = 1;
        check_protocol(bad);
    }
}

TEST_CASE("a malformed body is a PROTOCOL failure of its request", "[client][session][hostile]") {
    const SessionHandle session = greeted_session();
    REQUIRE(get(session, "a") == TAGCACHE_OK);
    REQUIRE(put(session, "b") == TAGCACHE_OK);
    send_all(session.get());
    const auto check_failed = [&](const std::string& bad) {
        (void)feed(session.get(), bad);
        CHECK(replies_of(session) == "PROTOCOL: IN_DOUBT: ");
    };
    SECTION("a hit cut short") {
        check_failed(reply(WIRE_OP_GET, 2, WIRE_OK, hit_body("v").substr(1)));
    }
    SECTION("a hit with bytes left over") {
        check_failed(reply(WIRE_OP_GET, 2, WIRE_OK, hit_body("v") + "x"));
    }
    SECTION("no body at all") {
        check_failed(reply(WIRE_OP_GET, 2, WIRE_OK));
    }
    SECTION("a value longer than the body") {
        check_failed(reply(WIRE_OP_GET, 2, WIRE_OK, std::string("\0\0\xff\xff\xff\xffx", 7)));
    }
    SECTION("an error without its body") {
        check_failed(reply(WIRE_OP_GET, 2, WIRE_KEY_TOO_LONG));
    }
}

TEST_CASE("a batch's reply has an item for each key or is refused", "[client][session][hostile]") {
    const std::uint32_t told = GENERATE(0U, 1U, 3U, 1000U);
    const SessionHandle session = greeted_session();
    const tagcache_bytes keys[] = {bytes_of("a"), bytes_of("b")};
    tagcache_pipeline* pipeline = tagcache_session_pipeline(session.get());
    REQUIRE(tagcache_pipeline_exists_keys(pipeline, keys, 2, nullptr, nullptr) == TAGCACHE_OK);
    send_all(session.get());
    const std::string body = written([&](wire_writer* out) {
        wire_write_results_head(out, told, 0);
        for (std::uint32_t i = 0; i < told; ++i) {
            wire_write_result(out, 0, WIRE_OK, 0);
        }
    });
    (void)feed(session.get(), reply(WIRE_OP_EXISTS, 2, WIRE_OK, body));
    CHECK(replies_of(session) == "PROTOCOL: ");
}

TEST_CASE("an unknown status is judged by its class", "[client][session]") {
    const SessionHandle session = greeted_session();
    for (int i = 0; i < 3; ++i) {
        REQUIRE(get(session, "k") == TAGCACHE_OK);
    }
    send_all(session.get());
    REQUIRE(feed(session.get(), reply(WIRE_OP_GET, 2, 0x3E, "later servers say more here") +
                                    reply(WIRE_OP_GET, 3, 0x7E, error_body("no")) +
                                    reply(WIRE_OP_GET, 4, 0xBE, error_body("later"))) ==
            TAGCACHE_OK);
    const ResultHandle result = new_result();
    for (const tagcache_status expected : {0x3E, -0x7E, -0xBE}) {
        REQUIRE(next(session, result));
        CHECK(tagcache_result_status(result.get()) == expected);
        CHECK_FALSE(tagcache_status_closes(expected));
    }
    CHECK(get(session, "still open") == TAGCACHE_OK);
}

TEST_CASE("what a closing status leaves unanswered was not executed", "[client][session]") {
    const SessionHandle session = greeted_session();
    REQUIRE(get(session, "a") == TAGCACHE_OK);
    REQUIRE(put(session, "b") == TAGCACHE_OK);
    send_all(session.get());
    (void)feed(session.get(), reply(WIRE_OP_GET, 2, WIRE_SHUTTING_DOWN, error_body("bye")));
    CHECK(replies_of(session) == "SHUTTING_DOWN: CONNECTION_LOST: ");
    CHECK(std::string(tagcache_session_error(session.get())).find("bye") != std::string::npos);
}

TEST_CASE("a closing status without a request's id closes too", "[client][session]") {
    const SessionHandle session = greeted_session();
    REQUIRE(get(session, "a") == TAGCACHE_OK);
    send_all(session.get());
    CHECK(feed(session.get(), reply(0, 0, WIRE_FRAME_TOO_LARGE, error_body("too large"))) ==
          TAGCACHE_FRAME_TOO_LARGE);
    CHECK(replies_of(session) == "FRAME_TOO_LARGE: ");
}

TEST_CASE("a refusing preface says why", "[client][session]") {
    const auto [reason, word] = GENERATE(table<int, std::string>({
        {WIRE_REFUSAL_VERSION, "protocol versions 1 to 1"},
        {WIRE_REFUSAL_NOT_TAGCACHE, "protocol"},
        {WIRE_REFUSAL_TOO_MANY_CONNECTIONS, "too many connections"},
        {WIRE_REFUSAL_TLS_REQUIRED, "TLS"},
        {WIRE_REFUSAL_CREDENTIALS_REQUIRED, "no users yet"},
        {WIRE_REFUSAL_SHUTTING_DOWN, "shutting down"},
        {200, "(200)"},
    }));
    const SessionHandle session = new_session();
    REQUIRE(put(session, "k") == TAGCACHE_OK);
    send_all(session.get());
    CHECK(feed(session.get(), server_preface(0, static_cast<std::uint8_t>(reason))) ==
          TAGCACHE_CONNECT);
    CHECK(std::string(tagcache_session_error(session.get())).find(word) != std::string::npos);
    CHECK(replies_of(session) == "CONNECT: ");  // not IN_DOUBT: nothing was executed
}

TEST_CASE("what is no server preface is refused at its first byte", "[client][session][hostile]") {
    const SessionHandle session = new_session();
    SECTION("another protocol") {
        CHECK(feed(session.get(), "H") == TAGCACHE_PROTOCOL);
    }
    SECTION("a version that was not offered") {
        CHECK(feed(session.get(), server_preface(9)) == TAGCACHE_PROTOCOL);
    }
    SECTION("a malformed answer to HELLO") {
        CHECK(feed(session.get(), server_preface() + reply(WIRE_OP_HELLO, 1, WIRE_OK, "x")) ==
              TAGCACHE_PROTOCOL);
    }
    SECTION("a refused HELLO") {
        CHECK(feed(session.get(),
                   server_preface() + reply(WIRE_OP_HELLO, 1, WIRE_BUSY, error_body("later"))) ==
              TAGCACHE_CONNECT);
    }
}

TEST_CASE("random bytes never do harm", "[client][session][hostile]") {
    const auto seed = Catch::rngSeed();
    CAPTURE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 2000; ++round) {
        const SessionHandle session = greeted_session();
        std::string stream = reply(WIRE_OP_GET, 2, WIRE_OK, hit_body("first")) +
                             reply(WIRE_OP_STATS, 3, WIRE_OK, std::string("\1\0\1a\4\1\0x", 8)) +
                             reply(WIRE_OP_MGET, 4, WIRE_OK, std::string("\2\0\0\0\1\1", 6));
        for (int flips = 0; flips < 3; ++flips) {
            stream[random() % stream.size()] = static_cast<char>(random());
        }
        REQUIRE(get(session, "k") == TAGCACHE_OK);
        tagcache_pipeline* pipeline = tagcache_session_pipeline(session.get());
        REQUIRE(tagcache_pipeline_stats(pipeline, nullptr) == TAGCACHE_OK);
        const tagcache_bytes keys[] = {bytes_of("a"), bytes_of("b")};
        REQUIRE(tagcache_pipeline_mget(pipeline, keys, 2, nullptr, nullptr) == TAGCACHE_OK);
        send_all(session.get());
        (void)feed(session.get(), stream);
        tagcache_session_close(session.get(), TAGCACHE_CONNECTION_LOST);
        const ResultHandle result = new_result();
        int count = 0;
        while (next(session, result)) {
            ++count;
            while (tagcache_result_next(result.get()) || tagcache_result_next_field(result.get())) {
                (void)text_of(tagcache_result_field_text(result.get()));
            }
        }
        REQUIRE(count == 3);
    }
}
