// SPDX-License-Identifier: MIT
//
// A server that is stopped and goes on later: fault 3.11 of the catalogue of bad inputs.
#include <catch2/catch.hpp>
#include <chrono>

#include "support/eventually.hpp"
#include "support/running_server.hpp"
#include "support/server_stats.hpp"
#include "support/wire_client.hpp"

using namespace tc::test;

namespace {

constexpr int key_count = 200;

std::string put_with_ttl(std::string_view key, std::uint64_t ttl_ms) {
    wire_put put{};
    put.options = WIRE_FIELD_TTL;
    put.ttl_ms = ttl_ms;
    put.key = bytes(key);
    put.value = bytes("v");
    return frame(WIRE_OP_PUT, 0, [&](wire_writer* out) { wire_encode_put(out, &put); });
}

}  // namespace

TEST_CASE("fault 3.11: what expires while the server is stopped is not served when it goes on") {
    RunningServer server({"--reactors", "2"});
    auto client = WireClient::greeted(server.port());
    auto other = WireClient::greeted(server.port());
    constexpr auto ttl = std::chrono::milliseconds(300);
    for (int i = 0; i < key_count; ++i) {
        const std::string number = std::to_string(i);
        REQUIRE(client.call(put_with_ttl("short" + number, ttl.count())).status == WIRE_OK);
        REQUIRE(client.call(put_with_ttl("long" + number, 3'600'000)).status == WIRE_OK);
    }
    const auto last_put = std::chrono::steady_clock::now();
    server.hold();
    // Sent to a server that does not run, to be read when it does.
    for (int i = 0; i < key_count; ++i) {
        const std::string number = std::to_string(i);
        client.send(get_frame("short" + number) + get_frame("long" + number));
        other.send(get_frame("short" + number));
    }
    CHECK(eventually([&] { return std::chrono::steady_clock::now() > last_put + ttl * 2; }));
    REQUIRE(kill(server.pid(), SIGCONT) == 0);
    for (int i = 0; i < key_count; ++i) {
        CHECK(client.receive()->status == WIRE_NOT_FOUND);
        CHECK(client.receive()->status == WIRE_OK);
        CHECK(other.receive()->status == WIRE_NOT_FOUND);
    }
    CHECK(eventually([&] { return counter_of(client, "entries") == key_count; }));
}

TEST_CASE("fault 3.11: a server that is stopped again and again loses and mixes up no reply") {
    RunningServer server({"--reactors", "2"});
    auto client = WireClient::greeted(server.port());
    std::string frames;
    constexpr std::uint32_t count = 2'000;
    for (std::uint32_t i = 0; i < count; ++i) {
        frames += put_frame("k", std::to_string(i), {}, i) + get_frame("k", i);
    }
    for (int round = 0; round < 20; ++round) {
        client.send(frames);
        server.hold();
        REQUIRE(kill(server.pid(), SIGCONT) == 0);
        for (std::uint32_t i = 0; i < count; ++i) {
            REQUIRE(client.receive()->request_id == i);
            REQUIRE(client.receive()->value() == std::to_string(i));
        }
    }
}
