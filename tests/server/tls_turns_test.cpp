// SPDX-License-Identifier: MIT
//
// TLS where a turn of the loop ends: frames that are decrypted and not executed yet, records that
// have not come whole.
#include <signal.h>

#include <catch2/catch.hpp>
#include <list>
#include <string>

#include "support/eventually.hpp"
#include "support/server_stats.hpp"
#include "support/tls_peer.hpp"
#include "support/tls_server.hpp"

using namespace tc::test;

namespace {

std::string own_key(int i) {
    return std::string(999, 'k') + std::to_string(i);
}

std::string repeated_frame(const std::string& frame, int count) {
    std::string frames;
    for (int i = 0; i < count; ++i) {
        frames += frame;
    }
    return frames;
}

}  // namespace

TEST_CASE("frames that a resumed TLS connection decrypts are its own, and answered in that turn",
          "[wire]") {
    TlsServer server({"--reactors", "1"});
    auto plain = server.probe();
    TlsClient encrypted(server.port());
    encrypted.greet();
    constexpr int get_count = 4;
    for (int i = 0; i < get_count; ++i) {
        REQUIRE(plain.call(put_frame(own_key(i), "encrypted")).status == WIRE_OK);
    }
    REQUIRE(plain.call(put_frame("p", "plain")).status == WIRE_OK);

    // A large request is received in place, as much at a time as there is of it: here 48000 bytes.
    constexpr std::size_t begun_bytes = 48'000;
    const std::string large = put_frame("large", std::string(80'000, 'v'));
    encrypted.send(large.substr(0, begun_bytes));
    REQUIRE(eventually([&] { return counter_of(plain, "input_bytes_held") >= begun_bytes; }));

    // More than a batch, so that both connections wait for their turns, this one first and with
    // something that is still encrypted.
    constexpr int ping_count = 1'334;
    constexpr int plain_count = 3'000;
    server.running().hold();
    std::string rest = large.substr(begun_bytes) + repeated_frame(ping_frame(), ping_count);
    for (int i = 0; i < get_count; ++i) {
        rest += get_frame(own_key(i));
    }
    encrypted.send(rest);
    plain.send(repeated_frame(get_frame("p"), plain_count));
    REQUIRE(kill(server.running().pid(), SIGCONT) == 0);

    REQUIRE(encrypted.receive().opcode == WIRE_OP_PUT);
    for (int i = 0; i < ping_count; ++i) {
        REQUIRE(encrypted.receive().opcode == WIRE_OP_PING);
    }
    for (int i = 0; i < get_count; ++i) {
        REQUIRE(encrypted.receive().value() == "encrypted");
    }
    for (int i = 0; i < plain_count; ++i) {
        REQUIRE(plain.receive().value().value() == "plain");
    }
}

TEST_CASE("a record that comes in two parts is late for no deadline that it keeps") {
    TlsServer server({"--reactors", "1", "--limits-idle-ms-max", "2000"});
    // So many that some are looked at between their first part and the next turn of the loop.
    constexpr int client_count = 20;
    const std::string frame = put_frame("k", std::string(8'000, 'v'));
    std::list<TlsClient> clients;
    std::vector<std::string> second_parts;
    for (int i = 0; i < client_count; ++i) {
        clients.emplace_back(server.port()).greet();
    }
    for (TlsClient& client : clients) {
        client.peer().write(frame);
        const std::string record = client.peer().output();
        client.wire().send(record.substr(0, record.size() / 2));
        second_parts.push_back(record.substr(record.size() / 2));
    }
    // Meanwhile each deadline is looked at more than once, and nothing else goes on.
    auto idle = server.probe();
    REQUIRE(idle.is_closed_by_server());
    for (TlsClient& client : clients) {
        client.wire().send(second_parts.front());
        second_parts.erase(second_parts.begin());
        CHECK(client.receive().status == WIRE_OK);
    }
}
