// SPDX-License-Identifier: MIT
//
// What a turn of the loop gives to whom: those who ask for little do not wait for those who ask for
// much, and those who ask for much all get it.
#include <signal.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "server/limits.hpp"
#include "support/running_server.hpp"
#include "support/server_stats.hpp"
#include "support/wire_client.hpp"

using namespace tc;
using namespace tc::test;

namespace {

constexpr int crowd_size = 32;
constexpr int get_count = 16;  // of one of them: as much as a batch sends
constexpr std::size_t value_bytes = 64 * 1024;

std::vector<WireClient> greeted_crowd(const RunningServer& server) {
    std::vector<WireClient> crowd;
    for (int i = 0; i < crowd_size; ++i) {
        crowd.push_back(WireClient::greeted(server.port()));
    }
    return crowd;
}

std::string large_gets() {
    std::string frames;
    for (int i = 0; i < get_count; ++i) {
        frames += get_frame("large");
    }
    return frames;
}

}  // namespace

TEST_CASE("a small request goes before all that a crowd asks for at the same time") {
    const RunningServer server({"--reactors", "1"});
    auto small = WireClient::greeted(server.port());
    REQUIRE(small.call(put_frame("large", std::string(value_bytes, 'v'))).status == WIRE_OK);
    std::vector<WireClient> crowd = greeted_crowd(server);
    const std::uint64_t output_bytes = counter_of(small, "output_bytes");
    // What they send meanwhile is what one poll finds, in this order.
    server.hold();
    for (WireClient& large : crowd) {
        large.send(large_gets());
    }
    small.send(raw_frame(WIRE_OP_STATS, 0, ""));
    REQUIRE(kill(server.pid(), SIGCONT) == 0);

    const Reply reply = small.receive().value();
    wire_reader in = wire_reader_over(bytes(reply.body));
    const std::uint64_t sent_bytes = read_fields(in).numbers.at("output_bytes") - output_bytes;
    // The share of a turn, and the batch that went beyond it.
    CHECK(sent_bytes < limits::turn_output_bytes_max + limits::unsent_bytes_soft + value_bytes);
    for (WireClient& large : crowd) {
        for (int i = 0; i < get_count; ++i) {
            REQUIRE(large.receive().value().value().size() == value_bytes);
        }
    }
}

TEST_CASE("those who ask for much all get it while others ask for little again and again") {
    const RunningServer server({"--reactors", "1"});
    auto small = WireClient::greeted(server.port());
    REQUIRE(small.call(put_frame("large", std::string(value_bytes, 'v'))).status == WIRE_OK);
    std::vector<WireClient> crowd = greeted_crowd(server);
    for (WireClient& large : crowd) {
        large.send(large_gets());
    }
    for (WireClient& large : crowd) {
        for (int i = 0; i < get_count; ++i) {
            REQUIRE(small.call(ping_frame()).status == WIRE_OK);
            REQUIRE(large.receive().value().value().size() == value_bytes);
        }
    }
}
