// SPDX-License-Identifier: MIT
//
// STATS and INFO: the names that docs/protocol.md lists, sums that add up, gauges that come back.
#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <thread>

#include "support/eventually.hpp"
#include "support/places.hpp"
#include "support/running_server.hpp"
#include "support/server_stats.hpp"
#include "support/wire_client.hpp"

using namespace tc::test;

namespace {

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;

// Name and type of each row of the table that stands in this section of docs/protocol.md.
std::map<std::string, std::string> documented(const std::string& section) {
    std::ifstream file(source_path("docs/protocol.md"));
    std::map<std::string, std::string> rows;
    bool is_inside = false;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("### ")) {
            is_inside = line.starts_with("### " + section + " ");
        }
        if (is_inside && line.starts_with("| ") && !line.starts_with("| name ")) {
            const std::size_t name_end = line.find(" | ");
            const std::size_t type_end = line.find(" | ", name_end + 3);
            rows[line.substr(2, name_end - 2)] = line.substr(name_end + 3, type_end - name_end - 3);
        }
    }
    return rows;
}

std::map<std::string, std::string> answered(WireClient& client, std::uint8_t opcode) {
    const FieldMap fields = fields_of(client, opcode);
    std::map<std::string, std::string> rows;
    for (const auto& [name, number] : fields.numbers) {
        rows[name] = "u64";
    }
    for (const auto& [name, text] : fields.texts) {
        rows[name] = "text";
    }
    return rows;
}

using Numbers = std::map<std::string, std::uint64_t>;

Numbers stats_of(WireClient& client) {
    return fields_of(client, WIRE_OP_STATS).numbers;
}

void check_sums(const Numbers& stats) {
    CHECK(stats.at("entry_bytes") ==
          stats.at("key_bytes") + stats.at("value_bytes") + stats.at("overhead_bytes"));
    CHECK(stats.at("used_bytes") == stats.at("entry_bytes") + stats.at("index_bytes") +
                                        stats.at("tag_bytes") + stats.at("retired_bytes"));
    CHECK(stats.at("pinned_bytes") <= stats.at("retired_bytes"));
}

// The PUTs that are refused while two connections overwrite large values at the limit.
std::uint64_t refused_of_overwriting() {
    RunningServer server({"--memory-max", "64m", "--reactors", "2"});
    const std::string value(mib, 'v');
    std::atomic<std::uint64_t> refused_count{0};
    const auto overwrite = [&](const std::string& prefix) {
        auto client = WireClient::greeted(server.port());
        for (int i = 0; i < 300; ++i) {
            const auto frame = put_frame(prefix + std::to_string(i % 40), value);
            refused_count += client.call(frame).status == WIRE_OK ? 0 : 1;
        }
    };
    // Connections go to the reactors in turn.
    std::thread other(overwrite, "a");
    overwrite("b");
    other.join();
    auto client = WireClient::greeted(server.port());
    const Numbers stats = stats_of(client);
    CHECK(stats.at("refused_out_of_memory") == refused_count);
    CHECK(stats.at("used_bytes") <= 66 * mib);
    return refused_count;
}

}  // namespace

TEST_CASE("docs/protocol.md lists every field of STATS and INFO with its type, and no other") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    CHECK(documented("STATS").size() > 30);
    CHECK(answered(client, WIRE_OP_STATS) == documented("STATS"));
    CHECK(answered(client, WIRE_OP_INFO) == documented("INFO"));
}

TEST_CASE("the bytes of STATS add up by kind, with entries and without") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    check_sums(stats_of(client));
    const std::string value(40'000, 'v');
    for (int i = 0; i < 500; ++i) {
        const std::string number = std::to_string(100 + i);
        REQUIRE(client.call(put_frame("key" + number, value.substr(0, 80U * i), {"all", number}))
                    .status == WIRE_OK);
    }
    Numbers stats = stats_of(client);
    check_sums(stats);
    CHECK(stats.at("entries") == 500);
    CHECK(stats.at("tags") == 501);
    CHECK(stats.at("edges") == 1000);
    CHECK(stats.at("key_bytes") == 500 * 6);
    CHECK(stats.at("value_bytes") == 80U * 499 * 500 / 2);
    CHECK(stats.at("overhead_bytes") > 500 * 8);
    CHECK(stats.at("index_bytes") > 0);
    CHECK(stats.at("tag_bytes") > 0);

    CHECK(client.call(invalidate_frame("all")).count() == 500);
    // The backlog is worked off without anybody asking for anything but STATS.
    CHECK(eventually([&] {
        stats = stats_of(client);
        return stats.at("dead_entries") == 0 && stats.at("retired_bytes") == 0 &&
               stats.at("entry_bytes") == 0;
    }));
    check_sums(stats);
    CHECK(stats.at("entries") == 0);
    CHECK(stats.at("edges") == 0);
    CHECK(stats.at("invalidated") == 500);
    CHECK(stats.at("evicted") == 0);
}

TEST_CASE("what connections take comes and goes with them, their requests and their replies") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    const auto bytes_now = [&] { return counter_of(client, "connection_bytes"); };
    const std::uint64_t one = bytes_now();
    CHECK(one > 0);
    CHECK(one <= 2 * kib);
    {
        auto other = WireClient::greeted(server.port());
        CHECK(bytes_now() == 2 * one);

        SECTION("a request that is cut off") {
            const std::string put = put_frame("k", std::string(100 * kib, 'v'));
            other.send(std::string_view(put).substr(0, 60 * kib));
            CHECK(eventually([&] { return bytes_now() >= 2 * one + 60 * kib; }));
            CHECK(bytes_now() <= 2 * one + 300 * kib);
            CHECK(other.call(std::string_view(put).substr(60 * kib)).status == WIRE_OK);
        }
        SECTION("replies that are not read") {
            // Small enough to be copied.
            REQUIRE(other.call(put_frame("k", std::string(8'000, 'v'))).status == WIRE_OK);
            other.send(mget_frame("k", 1'000) + mget_frame("k", 1'000));
            CHECK(eventually([&] { return bytes_now() >= 2 * one + 2 * mib; }));
            CHECK(other.receive()->status == WIRE_OK);
            CHECK(other.receive()->status == WIRE_OK);
        }
        CHECK(eventually([&] { return bytes_now() == 2 * one; }));
    }
    CHECK(eventually([&] { return bytes_now() == one; }));
}

TEST_CASE("the longest pauses are told by cause, and never become shorter") {
    RunningServer server({"--reactors", "1"});
    auto client = WireClient::greeted(server.port());
    REQUIRE(client.call(put_frame("k", std::string(mib, 'v'))).status == WIRE_OK);
    // Copying 15 MiB takes longer than a microsecond on any machine.
    REQUIRE(client.call(mget_frame("k", 15)).status == WIRE_OK);
    const Numbers before = stats_of(client);
    CHECK(before.at("pause_turn_us_max") > 0);
    REQUIRE(client.call(raw_frame(WIRE_OP_FLUSH, 0, "")).count() == 1);
    const Numbers after = stats_of(client);
    for (const std::string cause : {"turn", "reclaim", "allocator", "deadlines"}) {
        const std::string name = "pause_" + cause + "_us_max";
        CHECK(after.at(name) >= before.at(name));
        // Everything happens in a turn.
        CHECK(after.at(name) <= after.at("pause_turn_us_max"));
    }
}

TEST_CASE("at its limit the server makes room by eviction, and counts what it evicts") {
    for (const std::string policy : {"s3-fifo", "lru"}) {
        RunningServer server({"--memory-max", "64m", "--eviction-policy", policy});
        auto client = WireClient::greeted(server.port());
        const std::string value(mib / 2, 'v');
        for (int i = 0; i < 400; ++i) {
            REQUIRE(client.call(put_frame("key" + std::to_string(i), value)).status == WIRE_OK);
        }
        const Numbers stats = stats_of(client);
        check_sums(stats);
        CHECK(stats.at("evicted") >= 400 - 128);
        CHECK(stats.at("entries") + stats.at("evicted") == 400);
        CHECK(stats.at("refused_out_of_memory") == 0);
        CHECK(stats.at("used_bytes") <= 64 * mib);
    }
}

TEST_CASE("large values that overwrite one another at the limit are not refused") {
    // Who waits for memory does so for a moment of the clock, which a busy machine may take away.
    std::uint64_t refused_count = 1;
    for (int run = 0; run < 3 && refused_count != 0; ++run) {
        refused_count = refused_of_overwriting();
    }
    CHECK(refused_count == 0);
}

TEST_CASE("without eviction the server refuses at its limit, and keeps what it has") {
    RunningServer server({"--memory-max", "64m", "--eviction-policy", "none"});
    auto client = WireClient::greeted(server.port());
    const std::string value(mib / 2, 'v');
    std::uint64_t stored_count = 0;
    while (client.call(put_frame("key" + std::to_string(stored_count), value)).status == WIRE_OK) {
        REQUIRE(++stored_count < 200);
    }
    const Numbers stats = stats_of(client);
    CHECK(stored_count > 60);
    CHECK(stats.at("entries") == stored_count);
    CHECK(stats.at("evicted") == 0);
    CHECK(stats.at("refused_out_of_memory") == 1);
    CHECK(client.call(get_frame("key0")).status == WIRE_OK);
}

TEST_CASE("latencies count every request once, by class") {
    RunningServer server({"--reactors", "2"});
    std::vector<WireClient> clients;
    for (int i = 0; i < 2; ++i) {
        clients.push_back(WireClient::greeted(server.port()));
    }
    std::string frames;
    for (int i = 0; i < 300; ++i) {
        frames += put_frame("k", "v", {"t"}) + get_frame("k") + get_frame("absent");
    }
    for (WireClient& client : clients) {
        client.send(frames);
        for (int i = 0; i < 900; ++i) {
            REQUIRE(client.receive().has_value());
        }
        REQUIRE(client.call(invalidate_frame("t")).status == WIRE_OK);
    }
    const auto counted = [&](const std::string& name) {
        std::istringstream text(fields_of(clients[0], WIRE_OP_STATS).texts.at(name));
        std::uint64_t sum = 0;
        std::uint64_t end_before = 0;
        for (std::string bucket; text >> bucket;) {
            const std::size_t colon = bucket.find(':');
            const std::uint64_t end = std::stoull(bucket.substr(0, colon));
            CHECK(end > end_before);
            end_before = end;
            sum += std::stoull(bucket.substr(colon + 1));
        }
        return sum;
    };
    // A reply may arrive a moment before it is counted.
    CHECK(eventually([&] { return counted("read_latency_us") == 2 * 600; }));
    CHECK(eventually([&] { return counted("write_latency_us") == 2 * 300; }));
    CHECK(eventually([&] { return counted("invalidate_latency_us") == 2; }));
    CHECK(counted("page_latency_us") == 0);
}
