// SPDX-License-Identifier: MIT
//
// SLOWLOG: what is kept of requests that took long, how much of it, and for how long. A threshold
// of a microsecond makes every request slow.
#include "server/slow_log.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "protocol/control_messages.h"
#include "protocol/tag_messages.h"
#include "support/running_server.hpp"
#include "support/server_stats.hpp"
#include "support/wire_client.hpp"

using namespace tc::test;

namespace {

std::string slowlog_frame(std::uint8_t action, std::uint32_t limit) {
    const wire_slowlog request{action, limit};
    return frame(WIRE_OP_SLOWLOG, 0, [&](wire_writer* out) { wire_encode_slowlog(out, &request); });
}

std::vector<FieldMap> slow_requests(WireClient& client, std::uint32_t limit = 128) {
    const Reply reply = client.call(slowlog_frame(WIRE_SLOWLOG_GET, limit));
    REQUIRE(reply.status == WIRE_OK);
    std::uint32_t count = 0;
    wire_reader items;
    REQUIRE(wire_decode_config_reply(bytes(reply.body), &count, &items));
    std::vector<FieldMap> requests;
    for (std::uint32_t i = 0; i < count; ++i) {
        requests.push_back(read_fields(items));
    }
    return requests;
}

tc::HeaviestRequest heaviest(const std::string& frame_bytes) {
    tc::HeaviestRequest request{{}, 1};
    REQUIRE(wire_parse_request(bytes(frame_bytes), 1 << 20, &request.frame) == WIRE_FRAME_COMPLETE);
    return request;
}

}  // namespace

TEST_CASE("a request that took long is kept with its opcode, its name and its client",
          "[slowlog]") {
    RunningServer server({"--log-slow-us", "1"});
    auto client = WireClient::greeted(server.port());
    REQUIRE(client.call(put_frame("key", "v", {"t"})).status == WIRE_OK);
    REQUIRE(client.call(invalidate_frame("t")).status == WIRE_OK);
    const auto requests = slow_requests(client);
    REQUIRE(requests.size() >= 2);
    const FieldMap& latest = requests[0];
    CHECK(latest.texts.at("opcode") == "INVALIDATE");
    CHECK(latest.texts.at("name") == "t");
    CHECK(latest.texts.at("address").starts_with("127.0.0.1:"));
    CHECK(latest.texts.at("user").empty());
    CHECK(latest.numbers.at("client") == 1);
    CHECK(latest.numbers.at("requests") == 1);
    CHECK(latest.numbers.at("duration_us") >= 1);
    CHECK(latest.numbers.at("time_ms") > 1'000'000'000'000);
    CHECK(requests[1].texts.at("opcode") == "PUT");
    CHECK(requests[1].texts.at("name") == "key");
    CHECK(requests[1].numbers.at("id") + 1 == latest.numbers.at("id"));
}

TEST_CASE("of requests that were answered together the one that cost most is kept", "[slowlog]") {
    RunningServer server({"--log-slow-us", "1"});
    auto client = WireClient::greeted(server.port());
    REQUIRE(client.call(slowlog_frame(WIRE_SLOWLOG_RESET, 0)).status == WIRE_OK);
    client.send(get_frame("a") + invalidate_frame("b") + get_frame("c") +
                mget_frame({"d", "e", "f", "g", "h", "i"}));
    for (int i = 0; i < 4; ++i) {
        (void)client.receive();
    }
    // How many of them came with one read is the system's affair.
    std::uint64_t count = 0;
    for (const FieldMap& slow : slow_requests(client)) {
        count += slow.numbers.at("requests");
        CHECK((slow.numbers.at("requests") != 4 || slow.texts.at("name") == "d"));
    }
    CHECK(count == 5);  // with the SLOWLOG before
}

TEST_CASE("the threshold is live, 0 keeps nothing, and a reset forgets", "[slowlog]") {
    RunningServer server({"--log-slow-us", "0"});
    auto client = WireClient::greeted(server.port());
    const auto set = [&](const std::string& value) {
        const std::string name = "log.slow_us";
        const wire_config message{WIRE_CONFIG_SET, bytes(name), bytes(value)};
        REQUIRE(client
                    .call(frame(WIRE_OP_CONFIG, 0,
                                [&](wire_writer* out) { wire_encode_config(out, &message); }))
                    .status == WIRE_OK);
    };
    REQUIRE(client.call(put_frame("k", "v")).status == WIRE_OK);
    CHECK(slow_requests(client).empty());
    set("1");
    REQUIRE(client.call(put_frame("k", "v")).status == WIRE_OK);
    set("0");
    CHECK_FALSE(slow_requests(client).empty());
    REQUIRE(client.call(slowlog_frame(WIRE_SLOWLOG_RESET, 0)).status == WIRE_OK);
    CHECK(slow_requests(client).empty());
    set("3600000000");
    REQUIRE(client.call(put_frame("k", "v")).status == WIRE_OK);
    CHECK(slow_requests(client).empty());
}

TEST_CASE("SLOWLOG refuses a limit out of range and an action that it does not know", "[slowlog]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    CHECK(client.call(slowlog_frame(WIRE_SLOWLOG_GET, 0)).status == WIRE_INVALID_ARGUMENT);
    CHECK(client.call(slowlog_frame(WIRE_SLOWLOG_GET, 128)).status == WIRE_OK);
    const Reply refused = client.call(slowlog_frame(WIRE_SLOWLOG_GET, 129));
    CHECK(refused.status == WIRE_INVALID_ARGUMENT);
    CHECK(refused.error().detail == WIRE_SLOWLOG_LIMIT_MAX);
    CHECK(client.call(slowlog_frame(WIRE_SLOWLOG_RESET, 1)).status == WIRE_INVALID_ARGUMENT);
    CHECK(client.call(slowlog_frame(2, 1)).status == WIRE_UNSUPPORTED);
}

TEST_CASE("the latest 128 are kept, and of a name 128 bytes", "[slowlog]") {
    tc::SlowLog log;
    const tc::ClientRecord client;
    const std::string put = put_frame(std::string(129, 'k'), "v");
    CHECK(log.list(10).empty());
    for (std::uint64_t i = 1; i <= 300; ++i) {
        log.note(heaviest(put), 1, i, client);
    }
    const auto all = log.list(1000);
    REQUIRE(all.size() == 128);
    CHECK(all.front().id == 300);
    CHECK(all.front().duration_us == 300);
    CHECK(all.back().id == 173);
    CHECK(all.front().name() == std::string(128, 'k'));
    CHECK(log.list(2).size() == 2);
    log.reset();
    CHECK(log.list(10).empty());
    log.note(heaviest(put), 1, 1, client);
    REQUIRE(log.list(10).size() == 1);
    CHECK(log.list(10)[0].id == 301);
}

TEST_CASE("the name that a request names first is found in every grammar", "[slowlog]") {
    const auto name_of = [](const std::string& request) {
        tc::SlowLog log;
        log.note(heaviest(request), 1, 1, tc::ClientRecord());
        return std::string(log.list(1).at(0).name());
    };
    const auto scan = [](std::uint8_t opcode, const std::string& pattern) {
        wire_scan message{};
        message.limit = 10;
        message.pattern = bytes(pattern);
        return frame(opcode, 0, [&](wire_writer* out) { wire_encode_scan(out, &message); });
    };
    CHECK(name_of(get_frame("k")) == "k");
    CHECK(name_of(put_frame("k", "v", {"t"})) == "k");
    CHECK(name_of(mget_frame({"k", "l"})) == "k");
    CHECK(name_of(invalidate_frame("t")) == "t");
    CHECK(name_of(scan(WIRE_OP_SCAN, "p")) == "p");
    CHECK(name_of(scan(WIRE_OP_TAG_LIST, "p")) == "p");
    CHECK(name_of(scan(WIRE_OP_DELETE_PREFIX, "p")) == "p");
    CHECK(name_of(ping_frame()).empty());
    CHECK(name_of(raw_frame(WIRE_OP_MGET, 0, "nonsense")).empty());
}
