// SPDX-License-Identifier: MIT
//
// The settings below limits, at the limit and a step to either side of it, and the bounds on
// connections: bad-inputs C4 and C7 to C13.
#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "protocol/control_messages.h"
#include "support/eventually.hpp"
#include "support/other_address.hpp"
#include "support/process_memory.hpp"
#include "support/running_server.hpp"
#include "support/server_stats.hpp"
#include "support/users.hpp"
#include "support/wire_client.hpp"

using namespace tc::test;

namespace {

constexpr std::size_t mebibyte = 1024 * 1024;

std::vector<std::string> tags_of(int count) {
    std::vector<std::string> tags;
    for (int i = 0; i < count; ++i) {
        tags.push_back("t" + std::to_string(i));
    }
    return tags;
}

int status_of(WireClient& client, const std::string& frame) {
    return client.call(frame).status;
}

std::uint64_t info_of(WireClient& client, const std::string& name) {
    return fields_of(client, WIRE_OP_INFO).numbers.at(name);
}

std::string config_set_frame(std::string_view name, std::string_view value) {
    const wire_config request{WIRE_CONFIG_SET, bytes(name), bytes(value)};
    return frame(WIRE_OP_CONFIG, 0, [&](wire_writer* out) { wire_encode_config(out, &request); });
}

}  // namespace

TEST_CASE("limits of keys, values, tags and batches hold at the limit and a step beside it") {
    RunningServer server({"--limits-key-bytes-max", "100", "--limits-value-bytes-max", "2000",
                          "--limits-tags-max", "5", "--limits-keys-max", "7"});
    auto client = WireClient::greeted(server.port());
    for (const int step : {-1, 0, 1}) {
        const auto near = [&](int limit) { return static_cast<std::size_t>(limit + step); };
        CHECK(status_of(client, put_frame(std::string(near(100), 'k'), "v")) ==
              (step > 0 ? WIRE_KEY_TOO_LONG : WIRE_OK));
        CHECK(status_of(client, get_frame(std::string(near(100), 'k'))) ==
              (step > 0 ? WIRE_KEY_TOO_LONG : WIRE_OK));
        CHECK(status_of(client, put_frame("k", std::string(near(2000), 'v'))) ==
              (step > 0 ? WIRE_VALUE_TOO_LARGE : WIRE_OK));
        CHECK(status_of(client, put_frame("k", "v", tags_of(5 + step))) ==
              (step > 0 ? WIRE_TOO_MANY_TAGS : WIRE_OK));
        CHECK(status_of(client, mget_frame("k", near(7))) ==
              (step > 0 ? WIRE_TOO_MANY_KEYS : WIRE_OK));
    }
    CHECK(client.call(put_frame(std::string(101, 'k'), "v")).error().detail == 100);
    CHECK(client.call(put_frame("k", std::string(2001, 'v'))).error().detail == 2000);
    CHECK(client.call(put_frame("k", "v", tags_of(6))).error().detail == 5);
    CHECK(client.call(mget_frame("k", 8)).error().detail == 7);
    CHECK(info_of(client, "key_bytes_max") == 100);
    CHECK(info_of(client, "value_bytes_max") == 2000);
    CHECK(info_of(client, "tags_max") == 5);
    CHECK(info_of(client, "keys_max") == 7);
}

TEST_CASE("an entry at the ceilings of key, value and tags comes back whole") {
    RunningServer server({"--limits-key-bytes-max", "65535", "--limits-value-bytes-max", "3m",
                          "--limits-tags-max", "1024", "--memory-max", "512m"});
    auto client = WireClient::greeted(server.port());
    const std::string key(65535, 'k');
    const std::string value(3 * mebibyte, 'v');
    REQUIRE(status_of(client, put_frame(key, value, tags_of(1024))) == WIRE_OK);
    CHECK(client.call(get_frame(key)).value() == value);
    CHECK(client.call(invalidate_frame("t1023")).count() == 1);
    CHECK(status_of(client, get_frame(key)) == WIRE_NOT_FOUND);
    CHECK(status_of(client, put_frame("k", value + "v")) == WIRE_VALUE_TOO_LARGE);
    CHECK(info_of(client, "frame_body_bytes_max") > value.size() + key.size() + 1024 * 257);
}

TEST_CASE("a page of long keys is as long as a reply can be, and the next goes on behind it") {
    RunningServer server({"--limits-key-bytes-max", "65535"});
    auto client = WireClient::greeted(server.port());
    const int key_count = 600;  // some 38 MiB
    for (int i = 0; i < key_count; ++i) {
        std::string key(65535, 'k');
        key.replace(0, 3, std::to_string(100 + i));
        REQUIRE(status_of(client, put_frame(key, "")) == WIRE_OK);
    }
    int listed_count = 0;
    std::string cursor;
    do {
        const wire_scan scan{0, 10'000, bytes(cursor), bytes("")};
        const Reply reply = client.call(
            frame(WIRE_OP_SCAN, 0, [&](wire_writer* out) { wire_encode_scan(out, &scan); }));
        REQUIRE(reply.status == WIRE_OK);
        REQUIRE(reply.body.size() <= 16 * mebibyte);
        wire_page page{};
        REQUIRE(wire_decode_page(bytes(reply.body), &page));
        listed_count += static_cast<int>(page.count);
        cursor = text(page.cursor);
    } while (!cursor.empty());
    CHECK(listed_count == key_count);
}

TEST_CASE("a connection that says nothing for limits.idle_ms_max is closed, and no other") {
    RunningServer server({"--limits-idle-ms-max", "5000"});
    auto idle = WireClient::greeted(server.port());
    auto busy = WireClient::greeted(server.port());
    REQUIRE(idle.call(ping_frame()).status == WIRE_OK);
    CHECK(eventually([&] { return counter_of(busy, "connections_idle") == 1; }));
    CHECK(idle.is_closed_by_server());
    idle.end_sending();
    CHECK(eventually([&] { return counter_of(busy, "connections") == 1; }));
}

TEST_CASE("bounds on connections change while the server runs") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    REQUIRE(status_of(client, config_set_frame("limits.frame_ms_max", "100")) == WIRE_OK);
    auto slow = WireClient::greeted(server.port());
    slow.send(ping_frame().substr(0, 3));
    CHECK(slow.receive()->status == WIRE_TOO_SLOW);
    CHECK(slow.is_closed_by_server());
    REQUIRE(status_of(client, config_set_frame("limits.idle_ms_max", "5000")) == WIRE_OK);
    auto idle = WireClient::greeted(server.port());
    CHECK(eventually([&] { return counter_of(client, "connections_idle") == 1; }));
    CHECK(idle.is_closed_by_server());
    CHECK(status_of(client, config_set_frame("limits.keys_max", "5")) == WIRE_INVALID_ARGUMENT);
}

TEST_CASE("C3: replies that nobody reads are bounded for all connections together") {
    RunningServer server({"--limits-output-bytes-max", "16m", "--reactors", "2"});
    auto probe = WireClient::greeted(server.port());
    // Small enough to be copied.
    REQUIRE(status_of(probe, put_frame("small", std::string(8'000, 'v'))) == WIRE_OK);
    const std::string request = mget_frame("small", 1'000);
    const std::uint64_t before = process_bytes(server.pid(), "VmRSS:");
    std::vector<WireClient> clients;
    for (int i = 0; i < 40; ++i) {
        clients.push_back(WireClient::greeted(server.port(), 536));
        clients.back().send(request);
        REQUIRE(status_of(probe, ping_frame()) == WIRE_OK);
    }
    CHECK(eventually([&] { return counter_of(probe, "connections_over_budget") >= 30; }));
    CHECK(eventually([&] { return counter_of(probe, "output_bytes_held") <= 16 * mebibyte; }));
#if defined(TC_SANITIZED)
    CHECK(before != 0);  // what is freed stays for long
#else
    // Each reactor may be in the middle of a reply, and buffers are larger than what is in them.
    CHECK(process_bytes(server.pid(), "VmRSS:") < before + 128 * mebibyte);
#endif
    // Who reads is served in spite of them.
    for (int i = 0; i < 100; ++i) {
        REQUIRE(probe.call(get_frame("small")).value().size() == 8'000);
    }
}

TEST_CASE("requests that do not arrive whole are bounded for all connections together") {
    RunningServer server({"--memory-max", "1g"});  // so that they may take 64 MiB
    auto probe = WireClient::greeted(server.port());
    const std::string request = put_frame("k", std::string(mebibyte, 'v'));
    std::vector<WireClient> clients;
    for (int i = 0; i < 100; ++i) {
        clients.push_back(WireClient::greeted(server.port()));
        clients.back().send(request.substr(0, mebibyte));
        REQUIRE(status_of(probe, ping_frame()) == WIRE_OK);
    }
    CHECK(eventually([&] { return counter_of(probe, "connections_over_budget") >= 30; }));
    CHECK(eventually([&] { return counter_of(probe, "input_bytes_held") <= 64 * mebibyte; }));
    // The oldest are told, and the others may go on.
    CHECK(clients.front().receive()->status == WIRE_OUT_OF_MEMORY);
    CHECK(clients.front().is_closed_by_server());
    CHECK(status_of(clients.back(), request.substr(mebibyte)) == WIRE_OK);
}

TEST_CASE("C4: a client that takes a few bytes a second of its replies is closed") {
    RunningServer server;
    auto probe = WireClient::greeted(server.port());
    REQUIRE(status_of(probe, put_frame("big", std::string(mebibyte, 'v'))) == WIRE_OK);
    auto client = WireClient::greeted(server.port(), 536);
    client.send(repeated(get_frame("big"), 20));
    // It makes progress all the time, and too little of it.
    int ask_count = 0;
    CHECK(eventually([&] {
        char byte = 0;
        if (++ask_count % 20 == 0) {
            (void)recv(client.fd(), &byte, 1, MSG_DONTWAIT);
        }
        return counter_of(probe, "connections_slow") == 1;
    }));
    CHECK(eventually([&] { return counter_of(probe, "connections") == 1; }));
}

TEST_CASE("C7: a flood of connections over the limit leaves those that are there alone") {
    RunningServer server({"--max-connections", "10"});
    std::vector<WireClient> clients;
    for (int i = 0; i < 10; ++i) {
        clients.push_back(WireClient::greeted(server.port()));
    }
    for (int i = 0; i < 500; ++i) {
        WireClient refused(server.port());
        REQUIRE(int{refused.receive_preface().reason} == WIRE_REFUSAL_TOO_MANY_CONNECTIONS);
        REQUIRE(refused.is_closed_by_server());
        REQUIRE(status_of(clients[static_cast<std::size_t>(i % 10)], ping_frame()) == WIRE_OK);
    }
    CHECK(counter_of(clients[0], "connections_refused") == 500);
    CHECK(counter_of(clients[0], "connections") == 10);
}

TEST_CASE("C8: without a descriptor left the server serves on, and accepts once there is one") {
    RunningServer server({"--reactors", "1"});
    auto client = WireClient::greeted(server.port());
    rlimit before{};
    REQUIRE(prlimit(server.pid(), RLIMIT_NOFILE, nullptr, &before) == 0);
    // As many as it has; the number of the next one is not below the limit.
    const rlimit none{5, before.rlim_max};
    REQUIRE(prlimit(server.pid(), RLIMIT_NOFILE, &none, nullptr) == 0);
    std::vector<std::unique_ptr<WireClient>> waiting;
    for (int i = 0; i < 50; ++i) {
        waiting.push_back(std::make_unique<WireClient>(server.port()));
        waiting.back()->send(client_preface() + ping_frame());
        REQUIRE(status_of(client, ping_frame()) == WIRE_OK);
    }
    CHECK(counter_of(client, "connections") == 1);
    REQUIRE(prlimit(server.pid(), RLIMIT_NOFILE, &before, nullptr) == 0);
    for (const auto& each : waiting) {
        CHECK(each->receive_preface().chosen == WIRE_VERSION);
        CHECK(each->receive()->status == WIRE_OK);
    }
}

TEST_CASE("C9: those who ask for much on one reactor do not keep the others of it waiting") {
    RunningServer server({"--reactors", "1"});
    auto probe = WireClient::greeted(server.port());
    REQUIRE(status_of(probe, put_frame("big", std::string(mebibyte, 'v'))) == WIRE_OK);
    std::vector<WireClient> heavy;
    for (int i = 0; i < 32; ++i) {
        heavy.push_back(WireClient::greeted(server.port()));
        heavy.back().send(repeated(get_frame("big"), 10));
    }
    for (int i = 0; i < 100; ++i) {
        REQUIRE(status_of(probe, ping_frame()) == WIRE_OK);
    }
    // In turns, so that none has to wait for long, which would close it.
    for (int i = 0; i < 10; ++i) {
        for (WireClient& client : heavy) {
            const auto reply = client.receive();
            REQUIRE(reply.has_value());
            REQUIRE(reply->body.size() > mebibyte);
        }
    }
}

TEST_CASE("C10: connections that come and go leave nothing behind") {
    RunningServer server({"--reactors", "2"});
    auto probe = WireClient::greeted(server.port());
    std::uint64_t warm_bytes = 0;
    for (int i = 0; i < 10'000; ++i) {
        WireClient(server.port()).reset();
        // Not so many at once that what they take together shows.
        if (i % 500 == 0) {
            REQUIRE(eventually([&] { return counter_of(probe, "connections") == 1; }));
        }
        if (i == 2'000) {
            warm_bytes = process_bytes(server.pid(), "VmRSS:");
        }
    }
    CHECK(eventually([&] { return counter_of(probe, "connections") == 1; }));
    CHECK(counter_of(probe, "output_bytes_held") == 0);
#if !defined(TC_SANITIZED)
    CHECK(process_bytes(server.pid(), "VmRSS:") < warm_bytes + 4 * mebibyte);
#else
    CHECK(warm_bytes != 0);
#endif
}

TEST_CASE("C11: connections of one address are bounded where an operator says so") {
    const std::string address = other_address();
    if (address.empty()) {
        return;
    }
    RunningServer server(
        {"--limits-connections-per-address", "3", "--allow-unauthenticated", "--bind", address});
    const int port = port_at(server, address);
    auto probe = WireClient::greeted(server.port());
    std::vector<WireClient> clients;
    const auto connect_with = [&](int reason) {
        clients.emplace_back(address, port);
        clients.back().send(client_preface());
        CHECK(int{clients.back().receive_preface().reason} == reason);
    };
    for (int i = 0; i < 3; ++i) {
        connect_with(WIRE_REFUSAL_NONE);
    }
    connect_with(WIRE_REFUSAL_TOO_MANY_CONNECTIONS);
    CHECK(counter_of(probe, "connections_refused_address") == 1);
    clients[0].reset();
    CHECK(eventually([&] { return counter_of(probe, "connections") == 3; }));
    connect_with(WIRE_REFUSAL_NONE);
    // This machine's own do not count.
    for (int i = 0; i < 10; ++i) {
        clients.push_back(WireClient::greeted(server.port()));
    }
}

TEST_CASE("C13: a client that goes while its AUTH is checked harms nobody") {
    GuardedServer guarded;
    guarded.add({"web", WIRE_RIGHTS_KNOWN, {""}, {""}});
    for (int i = 0; i < 60; ++i) {
        auto client = WireClient::greeted(guarded.server().port());
        client.send(auth_frame("web", i != 7 ? "a good password" : "a wrong one") + ping_frame());
        if (i % 3 != 0) {
            client.reset();
        }
    }
    CHECK(eventually([&] { return counter_of(guarded.admin(), "connections") == 1; }));
    auto last = client_of(guarded.server(), "web");
    CHECK(status_of(last, ping_frame()) == WIRE_OK);
}
