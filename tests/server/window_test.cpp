// SPDX-License-Identifier: MIT
//
// Requests are executed in windows of 32, of one connection or of many: nobody may see where one
// ends, or who shares it.
#include <signal.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support/eventually.hpp"
#include "support/running_server.hpp"
#include "support/server_stats.hpp"
#include "support/wire_client.hpp"

using namespace tc::test;

TEST_CASE("requests on one key are executed in order across windows", "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    constexpr int rounds = 40;
    std::string frames;
    for (int round = 0; round < rounds; ++round) {
        frames += put_frame("k", "first " + std::to_string(round));
        frames += get_frame("k");
        frames += put_frame("k", "second " + std::to_string(round), {"tag"});
        frames += get_frame("k");
        frames += raw_frame(WIRE_OP_GETDEL, 1, std::string("\0\0\1\0k", 5));
        frames += get_frame("k");
    }
    client.send(frames);
    for (int round = 0; round < rounds; ++round) {
        CHECK(client.receive()->status == WIRE_OK);
        CHECK(client.receive()->value() == "first " + std::to_string(round));
        CHECK(client.receive()->status == WIRE_OK);
        CHECK(client.receive()->value() == "second " + std::to_string(round));
        CHECK(client.receive()->value() == "second " + std::to_string(round));
        CHECK(client.receive()->status == WIRE_NOT_FOUND);
    }
}

TEST_CASE("what stands before a malformed frame is executed, wherever in a window", "[wire]") {
    RunningServer server;
    for (const int count : {0, 1, 2, 30, 31, 32, 33, 63, 64, 65, 100}) {
        CAPTURE(count);
        auto client = WireClient::greeted(server.port());
        const std::string number = std::to_string(count);
        std::string frames;
        for (int i = 0; i < count; ++i) {
            frames += put_frame("before " + std::to_string(i), number);
        }
        client.send(frames + raw_frame(WIRE_OP_GET, 1, "\xff\xff") + put_frame("after", "x"));
        for (int i = 0; i < count; ++i) {
            CHECK(client.receive()->status == WIRE_OK);
        }
        CHECK(client.receive()->status == WIRE_MALFORMED);
        CHECK(client.is_closed_by_server());
        auto other = WireClient::greeted(server.port());
        CHECK(other.call(get_frame("after")).status == WIRE_NOT_FOUND);
        if (count != 0) {
            const std::string last = "before " + std::to_string(count - 1);
            CHECK(other.call(get_frame(last)).value() == number);
        }
    }
}

TEST_CASE("large values come whole between small ones, also to who reads late", "[wire]") {
    RunningServer server({"--memory-max", "64m"});
    auto client = WireClient::greeted(server.port());
    const auto value_of = [](int i) {
        // Copied, sent from the entry, and sent from a blob.
        const std::size_t sizes[] = {10, 9'000, 300'000};
        return std::string(sizes[i % 3], static_cast<char>('a' + i));
    };
    for (int i = 0; i < 9; ++i) {
        REQUIRE(client.call(put_frame("k" + std::to_string(i), value_of(i))).status == WIRE_OK);
    }
    std::string frames;
    for (int i = 0; i < 90; ++i) {
        frames += get_frame("k" + std::to_string(i % 9));
    }
    auto late = WireClient::greeted(server.port());
    late.send(frames);
    // The server has answered what the kernel takes, and waits.
    CHECK(eventually([&] { return counter_of(client, "paused_reads") >= 1; }));
    for (int i = 0; i < 90; ++i) {
        REQUIRE(late.receive()->value() == value_of(i % 9));
    }
}

TEST_CASE("a reply that waits shows the value that was read, whatever became of it", "[wire]") {
    RunningServer server({"--memory-max", "64m"});
    auto writer = WireClient::greeted(server.port());
    auto late = WireClient::greeted(server.port());
    const std::string before(1'000'000, 'b');
    REQUIRE(writer.call(put_frame("k", before)).status == WIRE_OK);
    // More than the kernel takes, so that some waits in the server.
    constexpr int count = 12;
    std::string frames;
    for (int i = 0; i < count; ++i) {
        frames += get_frame("k");
    }
    late.send(frames);
    // The first is there, so the others that follow it within a batch have been read.
    REQUIRE(late.receive()->value() == before);
    for (int i = 1; i < count; ++i) {
        REQUIRE(writer.call(put_frame("k", std::string(1'000'000, 'a'))).status == WIRE_OK);
        // One each time: a server that reads 7 bytes at a time takes long, and `late` may take
        // nothing for 10 s.
        const std::string value = late.receive()->value();
        REQUIRE(value.size() == before.size());
        // Of one write, not of two.
        CHECK((value == before || value == std::string(1'000'000, 'a')));
    }
}

TEST_CASE("connections that send at once get their own replies, in order", "[wire]") {
    const RunningServer server({"--reactors", "1"});
    constexpr int client_count = 90;
    std::vector<WireClient> clients;
    for (int i = 0; i < client_count; ++i) {
        clients.push_back(WireClient::greeted(server.port()));
    }
    const auto key = [](int i) { return "key " + std::to_string(i); };
    const auto value = [&key](int i, int round) { return std::to_string(round) + " of " + key(i); };
    const auto is_malformed = [](int i, int round) { return round == 2 && i % 10 == 3; };
    const auto ends_there = [](int i, int round) { return round == 2 && i % 10 == 7; };
    for (int round = 0; round < 3; ++round) {
        // What they send meanwhile is what one poll finds.
        server.hold();
        for (int i = 0; i < client_count; ++i) {
            WireClient& client = clients[static_cast<std::size_t>(i)];
            std::string frames = put_frame(key(i), value(i, round), {"tag"});
            // Between none and more than a window holds.
            for (int gets = 0; gets < i % 40; ++gets) {
                frames += get_frame(key(i));
            }
            frames += is_malformed(i, round) ? raw_frame(WIRE_OP_GET, 1, "\xff\xff") : "";
            // The rest of this one comes later.
            const std::string cut_off = get_frame(key(i));
            client.send(frames + cut_off.substr(0, static_cast<std::size_t>(i) % cut_off.size()));
            if (ends_there(i, round)) {
                client.end_sending();
            }
        }
        REQUIRE(kill(server.pid(), SIGCONT) == 0);
        for (int i = 0; i < client_count; ++i) {
            CAPTURE(round, i);
            WireClient& client = clients[static_cast<std::size_t>(i)];
            REQUIRE(client.receive()->status == WIRE_OK);
            for (int gets = 0; gets < i % 40; ++gets) {
                REQUIRE(client.receive()->value() == value(i, round));
            }
            if (is_malformed(i, round)) {
                CHECK(client.receive()->status == WIRE_MALFORMED);
                CHECK(client.is_closed_by_server());
            } else if (ends_there(i, round)) {
                CHECK(client.is_closed_by_server());
            } else {
                const std::string cut_off = get_frame(key(i));
                client.send(cut_off.substr(static_cast<std::size_t>(i) % cut_off.size()));
                REQUIRE(client.receive()->value() == value(i, round));
            }
        }
    }
}
