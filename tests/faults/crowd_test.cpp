// SPDX-License-Identifier: MIT
//
// A thousand clients that only take room, and one that works. How long it waits for its answers is
// measured elsewhere (bench/scenarios, never-reading and slowloris).
#include <catch2/catch.hpp>

#include "support/eventually.hpp"
#include "support/process_memory.hpp"
#include "support/running_server.hpp"
#include "support/server_stats.hpp"
#include "support/wire_client.hpp"

using namespace tc::test;

namespace {

[[maybe_unused]] constexpr std::uint64_t mebibyte = 1024 * 1024;
// As many as the least limit of open files leaves room for, which the server inherits.
constexpr std::size_t crowd_count = 900;
constexpr int healthy_rounds = 500;

std::vector<WireClient> crowd(int port, int segment_bytes = 0) {
    std::vector<WireClient> clients;
    clients.reserve(crowd_count);
    while (clients.size() < crowd_count) {
        clients.push_back(WireClient::greeted(port, segment_bytes));
    }
    return clients;
}

void work(WireClient& healthy) {
    for (int i = 0; i < healthy_rounds; ++i) {
        const std::string value = std::to_string(i);
        REQUIRE(healthy.call(put_frame("healthy", value, {"t"})).status == WIRE_OK);
        REQUIRE(healthy.call(get_frame("healthy")).value() == value);
        REQUIRE(healthy.call(invalidate_frame("t")).count() == 1);
    }
}

}  // namespace

TEST_CASE("C3: beside hundreds of clients that never read another one is served") {
    RunningServer server({"--reactors", "2", "--memory-max", "256m"});
    auto healthy = WireClient::greeted(server.port());
    REQUIRE(healthy.call(put_frame("big", std::string(64 * 1024, 'v'))).status == WIRE_OK);
    constexpr int segment_bytes = 536;
    auto clients = crowd(server.port(), segment_bytes);
    const std::string gets = repeated(get_frame("big"), 24);  // 1.5 MiB of replies
    for (WireClient& client : clients) {
        client.send(gets);
    }
    work(healthy);
    CHECK(eventually([&] { return counter_of(healthy, "paused_reads") > 0; }));
    CHECK(clients.back().receive()->value() == std::string(64 * 1024, 'v'));
    work(healthy);
#if !defined(TC_SANITIZED)  // whose own memory counts too
    // Their replies refer to one value: nothing of it is there twice but in the kernel.
    CHECK(process_bytes(server.pid(), "VmRSS:") < 512 * mebibyte);
#endif
}

TEST_CASE("C5: beside hundreds of clients that send a byte now and then another one is served") {
    RunningServer server({"--reactors", "2", "--limits-frame-ms-max", "600000"});
    auto healthy = WireClient::greeted(server.port());
    auto clients = crowd(server.port());
    const std::string put = put_frame("slow", std::string(1000, 'v'));
    for (std::size_t sent = 0; sent < 20; ++sent) {
        for (WireClient& client : clients) {
            client.send(std::string_view(put).substr(sent, 1));
        }
        REQUIRE(healthy.call(ping_frame()).status == WIRE_OK);
    }
    work(healthy);
    CHECK(counter_of(healthy, "connections") == crowd_count + 1);
    CHECK(healthy.call(get_frame("slow")).status == WIRE_NOT_FOUND);
    // Who goes on in time is heard out.
    clients.front().send(std::string_view(put).substr(20));
    CHECK(clients.front().receive()->status == WIRE_OK);
}
