// SPDX-License-Identifier: MIT
//
// Clients that want to hurt: ids of the catalogue of bad inputs, where many of them or much of it
// is needed.
#include <sys/resource.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>

#include "support/eventually.hpp"
#include "support/process_memory.hpp"
#include "support/running_server.hpp"
#include "support/server_stats.hpp"
#include "support/wire_client.hpp"

using namespace tc::test;

namespace {

constexpr std::size_t mebibyte = 1024 * 1024;
#if defined(TC_SANITIZED)
constexpr int resets_per_place = 20;
constexpr std::size_t stopped_connections_max = 2'000;
#else
constexpr int resets_per_place = 60;
constexpr std::size_t stopped_connections_max = 10'000;
#endif

// As many descriptors as this process may have; the servers it starts inherit that.
std::size_t raise_descriptor_limit() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

std::string scan_frame(std::string_view pattern) {
    const wire_scan scan{WIRE_SCAN_GLOB, 1000, {}, bytes(pattern)};
    return frame(WIRE_OP_SCAN, 0, [&](wire_writer* out) { wire_encode_scan(out, &scan); });
}

}  // namespace

TEST_CASE("C2: resets at every byte, with replies queued and before the first read") {
    RunningServer server({"--reactors", "2"});
    auto probe = WireClient::greeted(server.port());
    const std::string big(256 * 1024, 'v');
    REQUIRE(probe.call(put_frame("big", big)).status == WIRE_OK);
    const std::string stream =
        client_preface() + put_frame("k", "v", {"t"}) + get_frame("k") + invalidate_frame("t");
    for (int round = 0; round < resets_per_place; ++round) {
        // Between accept and read, too: the first cut is before anything.
        for (std::size_t size = 0; size <= stream.size(); ++size) {
            WireClient client(server.port());
            client.send(std::string_view(stream).substr(0, size));
            client.reset();
        }
        auto client = WireClient::greeted(server.port());
        client.send_some(repeated(get_frame("big"), 40));
        if (round % 2 == 0) {
            CHECK(client.receive().has_value());  // in the middle of the replies
        }
        client.reset();
    }
    CHECK(probe.call(get_frame("big")).value() == big);
    CHECK(eventually([&] { return counter_of(probe, "connections") == 1; }));
    CHECK(eventually([&] { return counter_of(probe, "pinned_bytes") == 0; }));
}

TEST_CASE("C14: a server with ten thousand connections stops, and exits with 0") {
    const std::size_t count = std::min(raise_descriptor_limit() - 200, stopped_connections_max);
    RunningServer server({"--max-connections", std::to_string(count), "--reactors", "2"});
    std::vector<WireClient> clients;
    clients.reserve(count);
    while (clients.size() < count) {
        clients.push_back(WireClient::greeted(server.port()));
    }
    for (std::size_t i = 0; i < count; i += 10) {
        clients[i].send(put_frame("k", "v"));
    }
    const auto began = std::chrono::steady_clock::now();
    CHECK(server.stop() == 0);
    const auto took = std::chrono::steady_clock::now() - began;
    std::printf("C14: %zu connections closed in %lld ms\n", count,
                static_cast<long long>(
                    std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
    for (std::size_t i = 0; i < count; i += 10) {
        CHECK(clients[i].receive()->status == WIRE_OK);
    }
}

TEST_CASE("D11: patterns full of stars are matched in bounded time, and bounded in length") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    for (int i = 0; i < 100; ++i) {
        REQUIRE(client.call(put_frame(std::string(1000, 'a') + std::to_string(i), "v")).status ==
                WIRE_OK);
    }
    std::string stars;
    for (int i = 0; i < 120; ++i) {
        stars += "*a";
    }
    // A matcher that tries every way to divide the key would not end.
    CHECK(client.call(scan_frame(stars + "b")).status == WIRE_OK);
    CHECK(client.call(scan_frame(stars + "*")).status == WIRE_OK);
    CHECK(client.call(scan_frame(std::string(10'000, '*'))).status >= WIRE_STATUS_REFUSED_FIRST);
    CHECK(client.call(ping_frame()).status == WIRE_OK);
}

TEST_CASE("200 thousand keys that simpler hashes take for one are each found") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    // "Ez" and "FY" are one to hashes that multiply by 31 or 33 and add: so are all words of the
    // two. The rest differs in the last bits only, or in what a truncated comparison leaves out.
    constexpr std::uint32_t count = 200'000;
    const auto key = [](std::uint32_t i) {
        std::string word = std::string(100, 'x') + ":";
        for (int bit = 17; bit >= 0; --bit) {
            word += (i >> bit & 1) != 0 ? "Ez" : "FY";
        }
        return word;
    };
    constexpr std::uint32_t batch = 1'000;
    for (std::uint32_t first = 0; first < count; first += batch) {
        std::string frames;
        for (std::uint32_t i = first; i < first + batch; ++i) {
            frames += put_frame(key(i), std::to_string(i));
        }
        client.send(frames);
        for (std::uint32_t i = 0; i < batch; ++i) {
            REQUIRE(client.receive()->status == WIRE_OK);
        }
    }
    CHECK(counter_of(client, "entries") == count);
    for (std::uint32_t first = 0; first < count; first += batch) {
        std::string frames;
        for (std::uint32_t i = first; i < first + batch; ++i) {
            frames += get_frame(key(i));
        }
        client.send(frames);
        for (std::uint32_t i = first; i < first + batch; ++i) {
            REQUIRE(client.receive()->value() == std::to_string(i));
        }
    }
}

TEST_CASE("D14: 70 thousand reads of a large entry that nobody takes pin it once") {
    RunningServer server({"--memory-max", "256m"});
    auto probe = WireClient::greeted(server.port());
    REQUIRE(probe.call(put_frame("big", std::string(mebibyte, 'v'))).status == WIRE_OK);
    {
        std::vector<WireClient> clients;
        const std::string gets = repeated(get_frame("big"), 7'000);
        for (int i = 0; i < 10; ++i) {
            clients.push_back(WireClient::greeted(server.port()));
            std::size_t sent = 0;
            // What the server does not read any more stays unsent.
            for (std::size_t more = 1; more != 0; sent += more) {
                more = clients.back().send_some(std::string_view(gets).substr(sent));
            }
        }
        REQUIRE(eventually([&] { return counter_of(probe, "paused_reads") >= 10; }));
        for (int i = 0; i < 100; ++i) {
            CHECK(probe.call(put_frame("big", std::string(mebibyte, 'w'))).status == WIRE_OK);
        }
        CHECK(counter_of(probe, "pinned_bytes") <= 20 * mebibyte);
#if !defined(TC_SANITIZED)  // whose own memory counts too
        CHECK(process_bytes(server.pid(), "VmRSS:") < 256 * mebibyte);
#endif
        CHECK(clients.back().receive()->value() == std::string(mebibyte, 'v'));
    }
    CHECK(eventually([&] { return counter_of(probe, "pinned_bytes") == 0; }));
    CHECK(probe.call(get_frame("big")).value() == std::string(mebibyte, 'w'));
}
