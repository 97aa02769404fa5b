// SPDX-License-Identifier: MIT
//
// --ttl-default-ms, --ttl-max-ms and --ttl-jitter-percent on the wire: every request that can ask
// for a TTL, at the maximum, above it, and for none.
#include <algorithm>
#include <catch2/catch.hpp>

#include "support/running_server.hpp"
#include "support/wire_client.hpp"

using namespace tc::test;

namespace {

constexpr std::uint64_t max_ms = 600'000;

RunningServer limited_server() {
    return RunningServer({"--ttl-max-ms", std::to_string(max_ms)});
}

std::string put_ttl_frame(std::uint8_t opcode, std::string_view key, std::uint64_t ttl_ms) {
    wire_put put{};
    put.options = WIRE_FIELD_TTL;
    put.ttl_ms = ttl_ms;
    put.key = bytes(key);
    put.value = bytes("1");
    return frame(opcode, 0, [&](wire_writer* out) { wire_encode_put(out, &put); });
}

std::string incr_ttl_frame(std::uint8_t opcode, std::string_view key, std::uint64_t ttl_ms) {
    wire_incr incr{};
    incr.options = WIRE_FIELD_TTL;
    incr.ttl_ms = ttl_ms;
    incr.amount = 1;
    incr.key = bytes(key);
    return frame(opcode, 0, [&](wire_writer* out) { wire_encode_incr(out, &incr); });
}

std::string touching_get_frame(std::string_view key, std::uint64_t ttl_ms) {
    const wire_get get{WIRE_GET_TOUCH, ttl_ms, bytes(key)};
    return frame(WIRE_OP_GET, 0, [&](wire_writer* out) { wire_encode_get(out, &get); });
}

std::string touching_mget_frame(std::string_view key, std::uint64_t ttl_ms) {
    const wire_bytes view = bytes(key);
    wire_mget mget{};
    mget.options = WIRE_GET_TOUCH;
    mget.ttl_ms = ttl_ms;
    mget.keys = {1, &view, {}};
    return frame(WIRE_OP_MGET, 0, [&](wire_writer* out) { wire_encode_mget(out, &mget); });
}

std::string touch_frame(std::string_view key, std::uint64_t ttl_ms) {
    const wire_bytes view = bytes(key);
    wire_keys keys{};
    keys.ttl_ms = ttl_ms;
    keys.keys = {1, &view, {}};
    return frame(WIRE_OP_TOUCH, 0,
                 [&](wire_writer* out) { wire_encode_keys(out, WIRE_OP_TOUCH, &keys); });
}

// Every request with a TTL of its own; "n" has to exist and "new" has not.
std::vector<std::string> frames_with(std::uint64_t ttl_ms) {
    return {put_ttl_frame(WIRE_OP_PUT, "n", ttl_ms),
            put_ttl_frame(WIRE_OP_ADD, "new", ttl_ms),
            put_ttl_frame(WIRE_OP_REPLACE, "n", ttl_ms),
            put_ttl_frame(WIRE_OP_APPEND, "n", ttl_ms),
            put_ttl_frame(WIRE_OP_PREPEND, "n", ttl_ms),
            incr_ttl_frame(WIRE_OP_INCR, "n", ttl_ms),
            incr_ttl_frame(WIRE_OP_DECR, "n", ttl_ms),
            incr_ttl_frame(WIRE_OP_INCR, "new", ttl_ms),
            touching_get_frame("n", ttl_ms),
            touching_mget_frame("n", ttl_ms),
            touch_frame("n", ttl_ms)};
}

std::uint64_t ttl_of(WireClient& client, std::string_view key) {
    const Reply reply = client.call(get_frame(key, 0, WIRE_FIELD_TTL));
    wire_hit hit;
    REQUIRE(wire_decode_hit(bytes(reply.body), &hit));
    return hit.ttl_ms;
}

}  // namespace

TEST_CASE("a TTL above the maximum, and none, is TTL_TOO_LONG in every request and changes nothing",
          "[ttl]") {
    const RunningServer server = limited_server();
    auto client = WireClient::greeted(server.port());
    REQUIRE(client.call(put_ttl_frame(WIRE_OP_PUT, "n", 100'000)).status == WIRE_OK);
    for (const std::uint64_t ttl_ms : {std::uint64_t{0}, max_ms + 1, UINT64_MAX}) {
        for (const std::string& frame : frames_with(ttl_ms)) {
            const Reply reply = client.call(frame);
            INFO("opcode " << int{reply.opcode} << ", ttl_ms " << ttl_ms);
            CHECK(reply.status == WIRE_TTL_TOO_LONG);
            CHECK(reply.error().detail == max_ms);
            CHECK(text(reply.error().message) == "a TTL is 1 to 600000 ms on this server");
        }
    }
    CHECK(client.call(get_frame("n")).value() == "1");
    CHECK(ttl_of(client, "n") <= 100'000);
    CHECK(client.call(get_frame("new")).status == WIRE_NOT_FOUND);
}

TEST_CASE("a TTL of exactly the maximum is allowed in every request", "[ttl]") {
    const RunningServer server = limited_server();
    auto client = WireClient::greeted(server.port());
    REQUIRE(client.call(put_ttl_frame(WIRE_OP_PUT, "n", 1)).status == WIRE_OK);
    for (const std::string& frame : frames_with(max_ms)) {
        REQUIRE(client.call(put_ttl_frame(WIRE_OP_PUT, "n", 100'000)).status == WIRE_OK);
        const Reply reply = client.call(frame);
        INFO("opcode " << int{reply.opcode});
        CHECK(reply.status == WIRE_OK);
        const std::string_view key = reply.opcode == WIRE_OP_ADD ? "new" : "n";
        CHECK(ttl_of(client, key) <= max_ms);
    }
    CHECK(ttl_of(client, "n") > 100'000);
    CHECK(ttl_of(client, "new") > 100'000);
}

TEST_CASE("in a batch a TTL that is too long is its own item's affair", "[ttl]") {
    const RunningServer server = limited_server();
    auto client = WireClient::greeted(server.port());
    const Reply reply = client.call(frame(WIRE_OP_MPUT, 0, [&](wire_writer* out) {
        const wire_mput mput{0, 4, {}};
        wire_encode_mput(out, &mput);
        for (const std::uint64_t ttl_ms : {max_ms, max_ms + 1, UINT64_C(0), UINT64_C(1000)}) {
            wire_put item{};
            item.options = WIRE_FIELD_TTL;
            item.ttl_ms = ttl_ms;
            item.key = bytes("k");
            wire_encode_put(out, &item);
        }
    }));
    CHECK(reply.results() ==
          std::vector<int>{WIRE_OK, WIRE_TTL_TOO_LONG, WIRE_TTL_TOO_LONG, WIRE_OK});
}

TEST_CASE("an absent TTL is the default, and the maximum when there is no default", "[ttl]") {
    const RunningServer server = limited_server();
    auto client = WireClient::greeted(server.port());
    REQUIRE(client.call(put_frame("k", "1")).status == WIRE_OK);
    CHECK(ttl_of(client, "k") > max_ms / 2);
    CHECK(ttl_of(client, "k") <= max_ms);

    const RunningServer both({"--ttl-max-ms", "600000", "--ttl-default-ms", "200000"});
    auto other = WireClient::greeted(both.port());
    REQUIRE(other.call(put_frame("k", "1")).status == WIRE_OK);
    CHECK(ttl_of(other, "k") > 100'000);
    CHECK(ttl_of(other, "k") <= 200'000);
    // An entry that INCR makes is a new one; APPEND leaves an entry's expiry alone.
    wire_incr incr{};
    incr.amount = 1;
    incr.key = bytes("n");
    REQUIRE(
        other.call(frame(WIRE_OP_INCR, 0, [&](wire_writer* out) { wire_encode_incr(out, &incr); }))
            .status == WIRE_OK);
    CHECK(ttl_of(other, "n") > 100'000);
    CHECK(ttl_of(other, "n") <= 200'000);

    const RunningServer plain({"--ttl-default-ms", "200000"});
    auto third = WireClient::greeted(plain.port());
    REQUIRE(third.call(put_frame("k", "1")).status == WIRE_OK);
    CHECK(ttl_of(third, "k") > 100'000);
    // Without a maximum a client may still ask for no expiry.
    REQUIRE(third.call(put_ttl_frame(WIRE_OP_PUT, "k", 0)).status == WIRE_OK);
    CHECK(ttl_of(third, "k") == 0);
}

TEST_CASE("a maximum beyond 32 bits is told as the largest detail there is, and whole in the text",
          "[ttl]") {
    const RunningServer server({"--ttl-max-ms", "5000000000"});
    auto client = WireClient::greeted(server.port());
    const Reply reply = client.call(put_ttl_frame(WIRE_OP_PUT, "k", 5'000'000'001));
    CHECK(reply.status == WIRE_TTL_TOO_LONG);
    CHECK(reply.error().detail == UINT32_MAX);
    CHECK(text(reply.error().message) == "a TTL is 1 to 5000000000 ms on this server");
    CHECK(client.call(put_ttl_frame(WIRE_OP_PUT, "k", 5'000'000'000)).status == WIRE_OK);
}

TEST_CASE("entries that were stored together do not expire together when there is jitter",
          "[ttl]") {
    const RunningServer server({"--ttl-jitter-percent", "50"});
    auto client = WireClient::greeted(server.port());
    std::uint64_t longest_ms = 0;
    for (int i = 0; i < 64; ++i) {
        REQUIRE(client.call(put_ttl_frame(WIRE_OP_PUT, "k", 100'000)).status == WIRE_OK);
        longest_ms = std::max(longest_ms, ttl_of(client, "k"));
    }
    CHECK(longest_ms > 110'000);
}

TEST_CASE("jitter makes a TTL neither shorter nor longer than its part, nor pass the maximum",
          "[ttl]") {
    const RunningServer server(
        {"--ttl-max-ms", "600000", "--ttl-jitter-percent", "50", "--ttl-default-ms", "100000"});
    auto client = WireClient::greeted(server.port());
    const auto check_range = [&](const std::string& frame, std::uint64_t least,
                                 std::uint64_t most) {
        REQUIRE(client.call(frame).status == WIRE_OK);
        const std::uint64_t ttl_ms = ttl_of(client, "k");
        CHECK(ttl_ms > least - 50'000);  // what may pass until it is asked for
        CHECK(ttl_ms <= most);
    };
    for (int i = 0; i < 20; ++i) {
        check_range(put_ttl_frame(WIRE_OP_PUT, "k", 200'000), 200'000, 300'000);
        check_range(put_ttl_frame(WIRE_OP_PUT, "k", 590'000), 590'000, 600'000);
        check_range(put_frame("k", "1"), 100'000, 150'000);
        check_range(touch_frame("k", 400'000), 400'000, 600'000);
    }
}
