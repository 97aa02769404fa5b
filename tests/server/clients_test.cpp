// SPDX-License-Identifier: MIT
//
// CLIENT KILL and CLIENT SETNAME, and whom CLIENT LIST says a connection is.
#include <catch2/catch.hpp>
#include <string>

#include "protocol/admin_messages.h"
#include "support/eventually.hpp"
#include "support/running_server.hpp"
#include "support/server_stats.hpp"
#include "support/users.hpp"
#include "support/wire_client.hpp"

using namespace tc::test;

namespace {

std::string kill_frame(std::uint64_t id) {
    const wire_client request{WIRE_CLIENT_KILL, 0, {}, id, {}};
    return frame(WIRE_OP_CLIENT, 0, [&](wire_writer* out) { wire_encode_client(out, &request); });
}

std::string name_frame(const std::string& name) {
    const wire_client request{WIRE_CLIENT_SETNAME, 0, {}, 0, bytes(name)};
    return frame(WIRE_OP_CLIENT, 0, [&](wire_writer* out) { wire_encode_client(out, &request); });
}

}  // namespace

TEST_CASE("CLIENT KILL closes a connection of any reactor, and is audited", "[clients]") {
    RunningServer server({"--reactors", "2"});
    auto first = WireClient::greeted(server.port());
    auto second = WireClient::greeted(server.port());
    auto third = WireClient::greeted(server.port());
    REQUIRE(third.call(ping_frame()).status == WIRE_OK);
    CHECK(third.call(kill_frame(1)).status == WIRE_OK);
    CHECK(third.call(kill_frame(2)).status == WIRE_OK);
    CHECK(first.is_closed_by_server());
    CHECK(second.is_closed_by_server());
    CHECK(third.call(ping_frame()).status == WIRE_OK);
    CHECK(eventually([&] { return third.call(kill_frame(1)).status == WIRE_NOT_FOUND; }));
    CHECK(third.call(kill_frame(99)).status == WIRE_NOT_FOUND);
    CHECK(server.says("act=client_kill outcome=OK user=- "));
    CHECK(server.says(" client=3 killed=1\n"));
}

TEST_CASE("a client that kills its own connection is answered first", "[clients]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    CHECK(client.call(kill_frame(1)).status == WIRE_OK);
    CHECK(client.is_closed_by_server());
}

TEST_CASE("CLIENT SETNAME renames the connection that asks", "[clients]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    CHECK(client.call(name_frame("a new name")).status == WIRE_OK);
    CHECK(clients_of(client)[0].texts.at("name") == "a new name");
    CHECK(client.call(name_frame(std::string(64, 'n'))).status == WIRE_INVALID_ARGUMENT);
    CHECK(client.call(name_frame(std::string(63, 'n'))).status == WIRE_OK);
    CHECK(clients_of(client)[0].texts.at("name") == std::string(63, 'n'));
    CHECK(client.call(name_frame("")).status == WIRE_OK);
    CHECK(clients_of(client)[0].texts.at("name").empty());
    CHECK(client.call(raw_frame(WIRE_OP_CLIENT, 0, "\x03")).status == WIRE_UNSUPPORTED);
}

TEST_CASE("CLIENT LIST says which user a connection is, and KILL is for administrators",
          "[clients][access]") {
    GuardedServer guarded;
    guarded.add({"web", WIRE_RIGHT_READ, {""}, {""}});
    auto web = client_of(guarded.server(), "web");
    CHECK(web.call(kill_frame(1)).status == WIRE_FORBIDDEN);
    CHECK(web.call(name_frame("web-1")).status == WIRE_OK);
    auto nobody = WireClient::greeted(guarded.server().port());
    CHECK(nobody.call(name_frame("x")).status == WIRE_AUTH_REQUIRED);
    std::string users;
    for (const FieldMap& client : clients_of(guarded.admin())) {
        users += client.texts.at("user") + "/" + client.texts.at("name") + " ";
    }
    CHECK_THAT(users, Catch::Contains("root/") && Catch::Contains("web/web-1 "));
}
