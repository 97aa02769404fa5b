// SPDX-License-Identifier: MIT
//
// Our protocol and the echo that has messages of its sizes.
#include "bench/native_protocol.hpp"

#include <array>

#include "bench/echo_protocol.hpp"
#include "protocol/entry_messages.h"
#include "protocol/tag_messages.h"
#include "protocol_peer.hpp"

namespace tc::bench::test {
namespace {

constexpr std::array<std::string_view, 2> tags = {"red", "blue"};
const std::string client_preface("\xF5TC\n\x01\x01\0\0", 8);
const std::string server_preface("\xF5TC\n\x01\x01\x01\0", 8);

ProtocolPeer peer() {
    return ProtocolPeer(std::make_unique<NativeProtocol>());
}

// Past the handshake.
ProtocolPeer open_peer() {
    ProtocolPeer native = peer();
    native.take_output();
    REQUIRE(native.feed(server_preface));
    return native;
}

std::string reply(std::uint32_t number, std::uint8_t opcode, std::uint8_t status,
                  const std::function<void(wire_writer*)>& write_body = {}) {
    std::string bytes(1024, '\0');
    wire_writer out = wire_writer_over(bytes.data(), bytes.size());
    const std::size_t begin = wire_begin_reply(&out, opcode, number);
    if (write_body) {
        write_body(&out);
    }
    wire_finish_reply(&out, begin, status, 0);
    bytes.resize(wire_writer_size(&out));
    return bytes;
}

std::string hit(std::uint32_t number, std::string_view value) {
    return reply(number, WIRE_OP_GET, WIRE_OK, [&](wire_writer* out) {
        wire_hit found{};
        found.value = {value.data(), value.size()};
        wire_write_hit(out, &found);
    });
}

std::string removed(std::uint32_t number, std::uint64_t count) {
    return reply(number, WIRE_OP_INVALIDATE, WIRE_OK,
                 [&](wire_writer* out) { wire_write_u64(out, count); });
}

// Parses one request off the front.
wire_request take_request(std::string_view& bytes) {
    wire_request request{};
    REQUIRE(wire_parse_request({bytes.data(), bytes.size()}, 1 << 20, &request) ==
            WIRE_FRAME_COMPLETE);
    bytes.remove_prefix(request.frame_bytes);
    return request;
}

std::string_view text(wire_bytes bytes) {
    return {static_cast<const char*>(bytes.data), bytes.size};
}

}  // namespace

TEST_CASE("the native protocol is ready when the server has chosen a version", "[bench][native]") {
    ProtocolPeer native = peer();
    CHECK(native.take_output() == client_preface);
    CHECK_FALSE(native.protocol().is_ready());
    REQUIRE(native.feed(server_preface.substr(0, 7)));
    CHECK_FALSE(native.protocol().is_ready());
    REQUIRE(native.feed(server_preface.substr(7)));
    CHECK(native.protocol().is_ready());
}

TEST_CASE("a refused handshake ends the native protocol", "[bench][native]") {
    ProtocolPeer native = peer();
    CHECK_FALSE(native.feed(std::string("\xF5TC\n\0\x01\x01\x03", 8)));
    CHECK(native.protocol().failure() == "the server refuses the connection, reason 3");
    CHECK_FALSE(peer().feed("+OK\r\n"));
}

TEST_CASE("native requests are frames with the operation's number", "[bench][native]") {
    ProtocolPeer native = open_peer();
    native.append(7, get("key:1"));
    native.append(8, put("k", "value", tags, 1500));
    native.append(9, put("k", "value"));
    native.append(10, invalidate(tags));
    const std::string output = native.take_output();
    std::string_view rest = output;
    const wire_request first = take_request(rest);
    wire_get got{};
    REQUIRE(wire_decode_get(first.body, &got));
    CHECK((first.request_id == 7 && text(got.key) == "key:1"));
    wire_put stored{};
    REQUIRE(wire_decode_put(take_request(rest).body, &stored));
    CHECK((text(stored.value) == "value" && stored.ttl_ms == 1500 && stored.tags.count == 2));
    REQUIRE(wire_decode_put(take_request(rest).body, &stored));
    CHECK(stored.options == 0);
    const wire_request last = take_request(rest);
    wire_invalidate invalidation{};
    REQUIRE(wire_decode_invalidate(last.body, &invalidation));
    CHECK((last.request_id == 10 && invalidation.tags.count == 2 && rest.empty()));
}

TEST_CASE("native replies may be cut anywhere", "[bench][native]") {
    const auto make = [] {
        ProtocolPeer native = open_peer();
        for (std::uint32_t number = 0; number < 3; ++number) {
            native.append(number, get("k"));
        }
        native.append(3, put("k", "v"));
        native.append(4, invalidate(tags));
        native.append(5, put("k", "v"));
        return native;
    };
    check_every_split(make,
                      hit(0, "abc") + reply(1, WIRE_OP_GET, WIRE_NOT_FOUND) + hit(2, "") +
                          reply(3, WIRE_OP_PUT, WIRE_OK) + removed(4, 12) +
                          reply(5, WIRE_OP_PUT, WIRE_OUT_OF_MEMORY,
                                [](wire_writer* out) { wire_write_u64(out, 0); }),
                      {{0, Outcome::hit, 0, 3},
                       {1, Outcome::miss, WIRE_NOT_FOUND, 0},
                       {2, Outcome::hit, 0, 0},
                       {3, Outcome::done, 0, 0},
                       {4, Outcome::done, 0, 0},
                       {5, Outcome::refused, WIRE_OUT_OF_MEMORY, 0}});
    CHECK(peer().protocol().reason_name(WIRE_OUT_OF_MEMORY) == "OUT_OF_MEMORY");
}

TEST_CASE("a native reply that makes no sense ends the connection", "[bench][native]") {
    ProtocolPeer native = open_peer();
    native.append(0, get("k"));
    SECTION("a hit with fields that nobody asked for") {
        std::string bytes = hit(0, "abc");
        bytes[WIRE_HEADER_BYTES] = 1;
        CHECK_FALSE(native.feed(bytes));
    }
    SECTION("the server's farewell") {
        CHECK_FALSE(native.feed(reply(0, WIRE_OP_GET, WIRE_MALFORMED)));
        CHECK(native.protocol().failure() == "the server closes with MALFORMED");
    }
    SECTION("flags that were not asked for") {
        std::string bytes = hit(0, "abc");
        bytes[5] = WIRE_REPLY_MORE;
        CHECK_FALSE(native.feed(bytes));
    }
}

TEST_CASE("an echo's requests are as long as ours", "[bench][echo]") {
    const std::string key(17, 'k');
    const std::string value(100, 'v');
    for (const Operation& operation :
         {get(key), put(key, value), put(key, value, tags), put(key, value, tags, 60'000),
          put(key, value, {}, 1), invalidate(tags)}) {
        ProtocolPeer native = open_peer();
        ProtocolPeer echo(std::make_unique<EchoProtocol>(100));
        native.append(0, operation);
        echo.append(0, operation);
        CHECK(native.take_output().size() == echo.take_output().size());
    }
}

TEST_CASE("an echo's replies are as long as ours, and may be cut anywhere", "[bench][echo]") {
    const auto make = [] {
        ProtocolPeer echo(std::make_unique<EchoProtocol>(20));
        echo.append(0, get("k"));
        echo.append(1, put("k", "v"));
        echo.append(2, invalidate(tags));
        return echo;
    };
    // What the server answers: the head of each request, and as much behind it as that says.
    std::string answers = make().take_output().substr(0, 12) + std::string(26, 'x');
    ProtocolPeer put_peer(std::make_unique<EchoProtocol>(20));
    put_peer.append(1, put("k", "v"));
    answers += put_peer.take_output().substr(0, 12);
    ProtocolPeer invalidate_peer(std::make_unique<EchoProtocol>(20));
    invalidate_peer.append(2, invalidate(tags));
    answers += invalidate_peer.take_output().substr(0, 12) + std::string(8, 'x');
    CHECK(answers.size() ==
          (hit(0, std::string(20, 'v')) + reply(1, WIRE_OP_PUT, WIRE_OK) + removed(2, 1)).size());
    check_every_split(
        make, answers,
        {{0, Outcome::hit, 0, 20}, {1, Outcome::done, 0, 0}, {2, Outcome::done, 0, 0}});
}

TEST_CASE("a message that is no echo's ends the connection", "[bench][echo]") {
    ProtocolPeer echo(std::make_unique<EchoProtocol>(20));
    CHECK_FALSE(echo.feed("HTTP/1.1 400 Bad Request\r\n"));
}

}  // namespace tc::bench::test
