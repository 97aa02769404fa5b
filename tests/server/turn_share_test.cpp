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

std::string large_gets() {
    std::string frames;
    for (int i = 0; i < get_count; ++i) {
        frames += get_frame("large");
    }
    return frames;
}

void take_large(WireClient& client) {
    for (int i = 0; i < get_count; ++i) {
        REQUIRE(client.receive().value().value().size() == value_bytes);
    }
}

struct Crowd {
    explicit Crowd(const RunningServer& server) : small(WireClient::greeted(server.port())) {
        const std::string value(value_bytes, 'v');
        REQUIRE(small.call(put_frame("large", value)).status == WIRE_OK);
        for (int i = 0; i < crowd_size; ++i) {
            larges.push_back(WireClient::greeted(server.port()));
        }
    }

    void ask_for_little(std::uint32_t times) {
        for (WireClient& large : larges) {
            for (std::uint32_t i = 0; i < times; ++i) {
                REQUIRE(large.call(ping_frame()).status == WIRE_OK);
            }
        }
    }

    WireClient small;
    std::vector<WireClient> larges;
};

// What the server has sent before a small request is executed that comes last of one poll.
std::uint64_t bytes_sent_before_small(const RunningServer& server, Crowd& crowd) {
    for (std::uint32_t i = 1; i < limits::light_batches_min; ++i) {
        REQUIRE(crowd.small.call(ping_frame()).status == WIRE_OK);
    }
    const std::uint64_t output_bytes = counter_of(crowd.small, "output_bytes");
    server.hold();
    for (WireClient& large : crowd.larges) {
        large.send(large_gets());
    }
    crowd.small.send(raw_frame(WIRE_OP_STATS, 0, ""));
    REQUIRE(kill(server.pid(), SIGCONT) == 0);
    const Reply reply = crowd.small.receive().value();
    for (WireClient& large : crowd.larges) {
        take_large(large);
    }
    wire_reader in = wire_reader_over(bytes(reply.body));
    return read_fields(in).numbers.at("output_bytes") - output_bytes;
}

}  // namespace

TEST_CASE("a small request goes before all that a crowd of heavy clients asks for") {
    const RunningServer server({"--reactors", "1"});
    Crowd crowd(server);
    for (WireClient& large : crowd.larges) {
        large.send(large_gets());
        take_large(large);
    }
    // The share of a turn, and the batch that went beyond it.
    CHECK(bytes_sent_before_small(server, crowd) <
          limits::turn_output_bytes_max + limits::unsent_bytes_soft + value_bytes);
}

TEST_CASE("a small request goes before most of what a crowd asks for that has asked for little") {
    const RunningServer server({"--reactors", "1"});
    Crowd crowd(server);
    crowd.ask_for_little(limits::light_batches_min);
    // One may send all of a turn's share; of the others each sends what makes it heavy, and no
    // more.
    CHECK(bytes_sent_before_small(server, crowd) <
          limits::unsent_bytes_soft + value_bytes +
              crowd_size * (limits::light_batch_bytes_max + 2 * value_bytes));
}

TEST_CASE("a small request goes before all that a crowd asks for that has only said hello") {
    const RunningServer server({"--reactors", "1"});
    Crowd crowd(server);
    crowd.ask_for_little(1);
    CHECK(bytes_sent_before_small(server, crowd) <
          limits::turn_output_bytes_max + limits::unsent_bytes_soft + value_bytes);
}

TEST_CASE("those who ask for much all get it while others ask for little again and again") {
    const RunningServer server({"--reactors", "1"});
    Crowd crowd(server);
    for (WireClient& large : crowd.larges) {
        large.send(large_gets());
    }
    for (WireClient& large : crowd.larges) {
        for (int i = 0; i < get_count; ++i) {
            REQUIRE(crowd.small.call(ping_frame()).status == WIRE_OK);
            REQUIRE(large.receive().value().value().size() == value_bytes);
        }
    }
}
