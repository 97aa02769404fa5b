// SPDX-License-Identifier: MIT
//
// C14 of the catalogue of bad inputs: a stop loses no reply and waits for nobody beyond a bound.
#include <catch2/catch.hpp>
#include <chrono>

#include "server/limits.hpp"
#include "support/eventually.hpp"
#include "support/running_server.hpp"
#include "support/server_stats.hpp"
#include "support/wire_client.hpp"

using namespace tc::test;

namespace {

// The last frame says why, and nothing follows it.
bool is_told_of_stop(WireClient& client) {
    const auto reply = client.receive();
    return reply && reply->status == WIRE_SHUTTING_DOWN && reply->opcode == 0 &&
           client.is_closed_by_server();
}

// A server that has to wait for a client that never reads is stopped by two signals.
std::chrono::milliseconds time_of_hurried_stop() {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    client.send(put_frame("big", std::string(1024 * 1024, 'v')) + repeated(get_frame("big"), 100));
    auto probe = WireClient::greeted(server.port());
    REQUIRE(eventually([&] { return counter_of(probe, "paused_reads") >= 1; }));
    const auto began_at = std::chrono::steady_clock::now();
    kill(server.pid(), SIGTERM);
    CHECK(is_told_of_stop(probe));
    CHECK(server.stop(SIGTERM) == 0);
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 began_at);
}

}  // namespace

TEST_CASE("C14: a stop answers what has arrived, closes everything and exits with 0") {
    RunningServer server({"--max-connections", "2000"});
    std::vector<WireClient> clients;
    for (int i = 0; i < 1000; ++i) {
        clients.push_back(WireClient::greeted(server.port()));
    }
    for (WireClient& client : clients) {
        client.send(put_frame("k", "v", {}, 1));
    }
    CHECK(server.stop() == 0);
    for (WireClient& client : clients) {
        const auto reply = client.receive();
        REQUIRE(reply.has_value());
        CHECK(reply->status == WIRE_OK);
        CHECK(is_told_of_stop(client));
    }
}

TEST_CASE("C14: a client that goes on sending through a stop gets every reply") {
    RunningServer server({"--reactors", "1"});
    constexpr std::uint32_t count = 3000;
    auto client = WireClient::greeted(server.port());
    auto other = WireClient::greeted(server.port());
    std::string gets;
    for (std::uint32_t i = 0; i < count; ++i) {
        gets += get_frame("k", i);
    }
    REQUIRE(client.call(put_frame("k", std::string(100, 'v'))).status == WIRE_OK);
    client.send(gets);
    REQUIRE(eventually([&] { return counter_of(other, "requests") > count; }));
    kill(server.pid(), SIGTERM);
    REQUIRE(is_told_of_stop(other));
    client.send(ping_frame());  // too late to be executed
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto reply = client.receive();
        REQUIRE(reply.has_value());
        REQUIRE(reply->request_id == i);
    }
    CHECK(is_told_of_stop(client));
    CHECK(server.wait() == 0);
}

TEST_CASE("C14: a client that has sent no preface is told of the stop in one") {
    RunningServer server;
    WireClient client(server.port());
    auto probe = WireClient::greeted(server.port());
    REQUIRE(eventually([&] { return counter_of(probe, "connections") == 2; }));
    CHECK(server.stop() == 0);
    const wire_server_preface preface = client.receive_preface();
    CHECK(int{preface.chosen} == 0);
    CHECK(int{preface.reason} == WIRE_REFUSAL_SHUTTING_DOWN);
    CHECK(client.is_closed_by_server());
}

TEST_CASE("C14: a stop does not wait for a client that never reads") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    client.send(put_frame("big", std::string(1024 * 1024, 'v')) + repeated(get_frame("big"), 100));
    auto probe = WireClient::greeted(server.port());
    CHECK(eventually([&] { return counter_of(probe, "paused_reads") >= 1; }));
    CHECK(server.stop(SIGINT) == 0);
}

TEST_CASE("C14: a second signal stops the server without waiting for anybody") {
    // One signal takes stop_ms_max at least; a busy machine may make a second one as slow, once.
    constexpr std::chrono::milliseconds least_of_one(tc::limits::stop_ms_max);
    bool is_hurried = false;
    for (int run = 0; run < 3 && !is_hurried; ++run) {
        is_hurried = time_of_hurried_stop() < least_of_one;
    }
    CHECK(is_hurried);
}
