// SPDX-License-Identifier: MIT
//
// Broken framing against a real server: the ids are those of the catalogue of bad inputs.
#include <catch2/catch.hpp>

#include "support/eventually.hpp"
#include "support/process_memory.hpp"
#include "support/running_server.hpp"
#include "support/server_stats.hpp"
#include "support/wire_client.hpp"

using namespace tc::test;

namespace {

constexpr std::uint32_t frame_body_bytes_max = WIRE_VALUE_BYTES_MAX + WIRE_KEY_BYTES_MAX +
                                               WIRE_TAGS_MAX * (WIRE_TAG_BYTES_MAX + 2) +
                                               WIRE_FRAME_SLACK_BYTES;

std::string header(std::uint32_t body_bytes, std::uint8_t opcode, std::uint8_t flags = 0,
                   std::uint16_t namespace_id = 0, std::uint32_t request_id = 7) {
    std::string buffer(WIRE_HEADER_BYTES, '\0');
    wire_writer out = wire_writer_over(buffer.data(), buffer.size());
    wire_write_u32(&out, body_bytes);
    wire_write_u8(&out, opcode);
    wire_write_u8(&out, flags);
    wire_write_u16(&out, namespace_id);
    wire_write_u32(&out, request_id);
    return buffer;
}

// The server answers `bytes` with this closing status and executes nothing after them.
void check_closes(RunningServer& server, const std::string& bytes, int status) {
    auto client = WireClient::greeted(server.port());
    client.send(bytes + put_frame("after", "executed"));
    const auto reply = client.receive();
    REQUIRE(reply.has_value());
    CHECK(int{reply->status} == status);
    CHECK_FALSE(reply->error().message.size == 0);
    CHECK(client.is_closed_by_server());
    auto other = WireClient::greeted(server.port());
    CHECK(other.call(get_frame("after")).status == WIRE_NOT_FOUND);
}

}  // namespace

TEST_CASE("F1: a stream cut at every byte and ended frees its state and is counted", "[wire]") {
    RunningServer server;
    const std::string stream = client_preface() + put_frame("key", "value", {"tag"});
    for (std::size_t size = 0; size < stream.size(); ++size) {
        WireClient client(server.port());
        client.send(std::string_view(stream).substr(0, size));
        client.end_sending();
        if (size >= WIRE_PREFACE_BYTES) {
            CHECK(client.receive_preface().chosen == WIRE_VERSION);
        }
        CHECK(client.is_closed_by_server());
    }
    auto client = WireClient::greeted(server.port());
    CHECK(client.call(get_frame("key")).status == WIRE_NOT_FOUND);
    // All but the cuts exactly before the first byte and exactly behind the preface.
    CHECK(counter_of(client, "connections_truncated") == stream.size() - 2);
    CHECK(eventually([&] { return counter_of(client, "connections") == 1; }));
}

TEST_CASE("F2: a pipeline split anywhere gives the replies of one segment", "[wire]") {
    RunningServer server;
    const std::string frames =
        put_frame("k", "v", {"t"}, 1) + get_frame("k", 2) + invalidate_frame("t", 3);
    for (std::size_t cut = 0; cut <= frames.size(); ++cut) {
        auto client = WireClient::greeted(server.port());
        client.send(std::string_view(frames).substr(0, cut));
        if (cut == frames.size() / 2) {  // one byte at a time, for one of the streams
            for (const char byte : std::string_view(frames).substr(cut)) {
                client.send(std::string_view(&byte, 1));
            }
        } else {
            client.send(std::string_view(frames).substr(cut));
        }
        const auto put = client.receive();
        const auto get = client.receive();
        const auto invalidate = client.receive();
        REQUIRE((put && get && invalidate));
        CHECK((put->status == WIRE_OK && put->request_id == 1));
        CHECK((get->value() == "v" && get->request_id == 2));
        CHECK((invalidate->count() == 1 && invalidate->request_id == 3));
    }
}

TEST_CASE("F3: a frame over the limit is refused from its header alone", "[wire]") {
    RunningServer server;
    for (const std::uint32_t body_bytes : {0x7fffffffU, 0x80000000U, 0xffffffffU}) {
        check_closes(server, header(body_bytes, WIRE_OP_PUT), WIRE_FRAME_TOO_LARGE);
    }
}

TEST_CASE("F4: a body shorter than the fixed fields of its opcode closes", "[wire]") {
    RunningServer server;
    CHECK(WireClient::greeted(server.port()).call(ping_frame()).status == WIRE_OK);
    for (const std::uint8_t opcode :
         {WIRE_OP_GET, WIRE_OP_PUT, WIRE_OP_INCR, WIRE_OP_DELETE, WIRE_OP_SCAN, WIRE_OP_HELLO,
          WIRE_OP_CLIENT, WIRE_OP_HOTKEYS, WIRE_OP_SLOWLOG}) {
        check_closes(server, header(0, opcode), WIRE_MALFORMED);
        check_closes(server, header(1, opcode) + '\0', WIRE_MALFORMED);
    }
}

TEST_CASE("F5: inner lengths that do not add up to the body close", "[wire]") {
    RunningServer server;
    const std::string put = put_frame("key", "value");
    const std::string body = put.substr(WIRE_HEADER_BYTES);
    SECTION("bytes left over") {
        check_closes(server, raw_frame(WIRE_OP_PUT, 1, body + "x"), WIRE_MALFORMED);
    }
    SECTION("a byte missing") {
        check_closes(server, raw_frame(WIRE_OP_PUT, 1, body.substr(0, body.size() - 1)),
                     WIRE_MALFORMED);
    }
    SECTION("a length larger than the rest, up to 2^32 - 1") {
        std::string wrapping = body;
        wrapping.replace(wrapping.size() - 9, 4, "\xff\xff\xff\xff");
        check_closes(server, raw_frame(WIRE_OP_PUT, 1, wrapping), WIRE_MALFORMED);
    }
    SECTION("a count that the body cannot hold") {
        check_closes(server, raw_frame(WIRE_OP_DELETE, 1, {"\0\0\xff\xff\xff\xff", 6}),
                     WIRE_MALFORMED);
    }
}

TEST_CASE("F6: memory grows with the bytes received and not with those announced", "[wire]") {
    RunningServer server;
    auto probe = WireClient::greeted(server.port());
    const std::uint64_t data_before = process_bytes(server.pid(), "VmData:");
    const std::string begun = header(frame_body_bytes_max, WIRE_OP_PUT) + "0123456789";
    std::vector<WireClient> clients;
    for (int i = 0; i < 300; ++i) {
        clients.push_back(WireClient::greeted(server.port()));
        clients.back().send(begun);
    }
    CHECK(eventually([&] { return counter_of(probe, "input_bytes") >= 300 * begun.size(); }));
    // 300 announced frames are 375 MB, also if nobody has touched them yet.
    CHECK(process_bytes(server.pid(), "VmData:") < data_before + 100'000'000);
}

TEST_CASE("F7: other protocols on the port are refused within their first bytes", "[wire]") {
    RunningServer server;
    for (const std::string hello : {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "POST",
                                    "*3\r\n$3\r\nSET\r\n", "PROXY TCP4", "\xF5TX", "\n"}) {
        WireClient client(server.port());
        client.send(hello);
        const wire_server_preface preface = client.receive_preface();
        CHECK(int{preface.chosen} == 0);
        CHECK(int{preface.reason} == WIRE_REFUSAL_NOT_TAGCACHE);
        // Nothing behind it is looked at, not even a valid stream.
        client.send_some(client_preface() + put_frame("smuggled", "1"));
        CHECK(client.is_closed_by_server());
    }
    auto client = WireClient::greeted(server.port());
    CHECK(client.call(get_frame("smuggled")).status == WIRE_NOT_FOUND);
}

TEST_CASE("F8: a version that is not spoken is refused with those that are", "[wire]") {
    RunningServer server;
    WireClient client(server.port());
    client.send(client_preface(2, 9));
    const wire_server_preface preface = client.receive_preface();
    CHECK(int{preface.chosen} == 0);
    CHECK(int{preface.reason} == WIRE_REFUSAL_VERSION);
    CHECK(int{preface.version_min} == WIRE_VERSION_OLDEST);
    CHECK(int{preface.version_max} == WIRE_VERSION);
    CHECK(client.is_closed_by_server());
    WireClient newer(server.port());
    newer.send(client_preface(1, 200));
    CHECK(int{newer.receive_preface().chosen} == WIRE_VERSION);
}

TEST_CASE("F9: an unknown opcode is refused and stays, an unknown flag closes", "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    CHECK(client.call(raw_frame(0x7F, 1, "body")).status == WIRE_UNSUPPORTED);
    CHECK(client.call(raw_frame(WIRE_OP_LEASE, 2, "draft")).status == WIRE_UNSUPPORTED);
    CHECK(client.call(ping_frame(3)).request_id == 3);
    for (int bit = 2; bit < 8; ++bit) {
        check_closes(server, header(0, WIRE_OP_PING, static_cast<std::uint8_t>(1 << bit)),
                     WIRE_MALFORMED);
    }
    CHECK(client.call(header(0, WIRE_OP_PING, 0, 5)).status == WIRE_NO_SUCH_NAMESPACE);
    // A critical extension that is not known, and one that may be ignored.
    const std::string critical("\x04\x00\x01\x80\x00\x00", 6);
    const std::string optional("\x05\x00\x01\x00\x01\x00x", 7);
    CHECK(client.call(raw_frame(WIRE_OP_PING, 1, critical, WIRE_REQUEST_EXT)).status ==
          WIRE_UNSUPPORTED);
    CHECK(client.call(raw_frame(WIRE_OP_PING, 1, optional, WIRE_REQUEST_EXT)).status == WIRE_OK);
}

TEST_CASE("F10: request ids are echoed, whatever they are", "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    client.send(ping_frame(0) + ping_frame(0xffffffff) + ping_frame(5) + ping_frame(5));
    for (const std::uint32_t id : {0U, 0xffffffffU, 5U, 5U}) {
        const auto reply = client.receive();
        REQUIRE(reply.has_value());
        CHECK(reply->request_id == id);
    }
}

TEST_CASE("F11: of many malformed frames the first one closes", "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    std::string garbage;
    for (int i = 0; i < 20'000; ++i) {
        garbage += header(0, WIRE_OP_NONE);
    }
    client.send_some(garbage);
    const auto reply = client.receive();
    REQUIRE(reply.has_value());
    CHECK(reply->status == WIRE_MALFORMED);
    CHECK(client.is_closed_by_server());
    auto other = WireClient::greeted(server.port());
    CHECK(counter_of(other, "connections_malformed") == 1);
}

TEST_CASE("F12: a valid frame behind a malformed one is not executed", "[wire]") {
    RunningServer server;
    check_closes(server, header(0, WIRE_OP_NONE), WIRE_MALFORMED);
    check_closes(server, raw_frame(WIRE_OP_GET, 1, "\xff\xff"), WIRE_MALFORMED);
}

TEST_CASE("F13: a reply sent by a client is malformed", "[wire]") {
    RunningServer server;
    std::string reply(WIRE_HEADER_BYTES, '\0');
    wire_writer out = wire_writer_over(reply.data(), reply.size());
    wire_finish_reply(&out, wire_begin_reply(&out, WIRE_OP_GET, 1), WIRE_OK, 0);
    check_closes(server, reply, WIRE_MALFORMED);
}

TEST_CASE("F14: a frame of exactly the limit is taken, one byte more is refused", "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    // A body of the largest size that is also a valid PUT cannot exist below value_bytes_max plus
    // tags; a legal frame with too large a value is refused and the connection stays.
    const std::size_t fixed_bytes = 2 + 2 + 3 + 4;
    const std::string value(frame_body_bytes_max - fixed_bytes, 'v');
    const Reply reply = client.call(put_frame("key", value));
    CHECK(reply.status == WIRE_VALUE_TOO_LARGE);
    CHECK(client.call(ping_frame()).status == WIRE_OK);
    check_closes(server, header(frame_body_bytes_max + 1, WIRE_OP_PUT), WIRE_FRAME_TOO_LARGE);
}

TEST_CASE("F15: the longest key and tags come back whole", "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    const std::string key(WIRE_KEY_BYTES_MAX, 'k');
    const std::string tag(WIRE_TAG_BYTES_MAX, 't');
    REQUIRE(client.call(put_frame(key, "v", {tag})).status == WIRE_OK);
    const Reply reply = client.call(get_frame(key, 1, WIRE_FIELD_TAGS));
    wire_hit hit;
    REQUIRE(wire_decode_hit(bytes(reply.body), &hit));
    wire_reader tags = wire_reader_over(hit.tags.raw);
    CHECK(text(wire_next_tag(&tags)) == tag);
}
