// SPDX-License-Identifier: MIT
//
// Lines of the log that say who did what. No secret is in any of them.
#include <catch2/catch.hpp>
#include <string>

#include "protocol/control_messages.h"
#include "support/running_server.hpp"
#include "support/users.hpp"
#include "support/wire_client.hpp"

using namespace tc::test;

namespace {

std::string config_frame(std::uint8_t action, const std::string& name, const std::string& value) {
    wire_config message{};
    message.action = action;
    message.name = bytes(name);
    message.value = bytes(value);
    return frame(WIRE_OP_CONFIG, 0, [&](wire_writer* out) { wire_encode_config(out, &message); });
}

std::string of_nobody(const std::string& act) {
    return "info event=audit act=" + act + " outcome=OK user=- address=127.0.0.1:";
}

}  // namespace

TEST_CASE("acts of administration are audited, with who did them", "[log][audit]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    client.call(config_frame(WIRE_CONFIG_SET, "memory.max", "128m"));
    client.call(config_frame(WIRE_CONFIG_SET, "memory.max", "1"));
    client.call(config_frame(WIRE_CONFIG_RESET, "memory.max", ""));
    client.call(config_frame(WIRE_CONFIG_RELOAD, "", ""));
    client.call(put_frame("k", "v"));
    client.call(frame(WIRE_OP_FLUSH, 0, [](wire_writer*) {}));
    client.call(frame(WIRE_OP_SHUTDOWN, 0, wire_encode_shutdown));
    CHECK(server.wait() == 0);
    const std::string& lines = server.later_lines();
    for (const char* act : {"config_set", "config_reset", "config_reload", "flush", "shutdown"}) {
        CHECK_THAT(lines, Catch::Contains(of_nobody(act)));
    }
    CHECK_THAT(lines, Catch::Contains(" client=1 key=memory.max value=128m\n") &&
                          Catch::Contains("warning event=audit act=config_set "
                                          "outcome=INVALID_ARGUMENT user=- ") &&
                          Catch::Contains(" client=1 removed=1\n"));
}

TEST_CASE("changes of users and tokens are audited without their secrets", "[log][audit]") {
    const UsersFolder folder;
    RunningServer server(folder.arguments());
    auto client = WireClient::greeted(server.port());
    REQUIRE(client.call(user_set_frame({"root", WIRE_RIGHTS_KNOWN, {""}, {""}})).status == WIRE_OK);
    REQUIRE(client.call(auth_frame("root", "a good password")).status == WIRE_OK);
    const NewUser web{"web", WIRE_RIGHT_READ | WIRE_RIGHT_WRITE, {""}, {""}, "hunter2hunter2"};
    REQUIRE(client.call(user_set_frame(web)).status == WIRE_OK);
    REQUIRE(client.call(user_set_frame(web)).status == WIRE_EXISTS);
    REQUIRE(client.call(passwd_frame("a good password", "a better password")).status == WIRE_OK);
    const Reply made = client.call(token_frame(WIRE_TOKEN_CREATE, "web"));
    const std::string token = field_of(made, "id");
    REQUIRE(client.call(token_frame(WIRE_TOKEN_REVOKE, "web", token)).status == WIRE_OK);
    REQUIRE(client.call(user_delete_frame("web")).status == WIRE_OK);
    CHECK(server.stop() == 0);

    const std::string& lines = server.later_lines();
    INFO(lines);
    CHECK_THAT(lines, Catch::Contains("info event=audit act=user_set outcome=OK user=- ") &&
                          Catch::Contains("info event=audit act=user_set outcome=OK user=root ") &&
                          Catch::Contains(" name=web rights=\"read write\"\n") &&
                          Catch::Contains("act=user_set outcome=EXISTS user=root ") &&
                          Catch::Contains("act=user_passwd outcome=OK user=root ") &&
                          Catch::Contains("act=token_create outcome=OK user=root ") &&
                          Catch::Contains("act=token_revoke outcome=OK user=root ") &&
                          Catch::Contains(" name=web token=" + token + "\n") &&
                          Catch::Contains("act=user_delete outcome=OK user=root "));
    CHECK_THAT(lines, !Catch::Contains("password\n") && !Catch::Contains("hunter2") &&
                          !Catch::Contains("a good") && !Catch::Contains("a better") &&
                          !Catch::Contains(field_of(made, "token")) && !Catch::Contains("argon2"));
}

TEST_CASE("a refused AUTH is audited with the name that was tried, and its bytes do no harm",
          "[log][audit]") {
    const UsersFolder folder;
    RunningServer server(folder.arguments());
    auto root = WireClient::greeted(server.port());
    REQUIRE(root.call(user_set_frame({"root", WIRE_RIGHTS_KNOWN, {""}, {""}})).status == WIRE_OK);
    auto client = WireClient::greeted(server.port());
    REQUIRE(client.call(auth_frame("ro\nevent=x", "a wrong password")).status == WIRE_FORBIDDEN);
    REQUIRE(client.call(auth_frame("", "a wrong token", WIRE_AUTH_TOKEN)).status == WIRE_FORBIDDEN);
    CHECK(server.says("mechanism=token\n"));
    CHECK(server.stop() == 0);
    const std::string& lines = server.later_lines();
    INFO(lines);
    CHECK_THAT(lines, Catch::Contains("warning event=audit act=auth outcome=FORBIDDEN user=- "
                                      "address=127.0.0.1:") &&
                          Catch::Contains(" name=\"ro\\x0aevent=x\" mechanism=password\n") &&
                          Catch::Contains(" name=\"\" mechanism=token\n") &&
                          !Catch::Contains("a wrong"));
}

TEST_CASE("an invalidation is audited when it removes as many entries as was asked for",
          "[log][audit]") {
    RunningServer server({"--log-audit-removed-min", "3"});
    auto client = WireClient::greeted(server.port());
    const auto invalidate = [&](const std::string& tag, int count) {
        for (int i = 0; i < count; ++i) {
            REQUIRE(client.call(put_frame(tag + std::to_string(i), "v", {tag})).status == WIRE_OK);
        }
        REQUIRE(client.call(invalidate_frame(tag)).status == WIRE_OK);
    };
    invalidate("few", 2);
    invalidate("many", 3);
    client.call(config_frame(WIRE_CONFIG_SET, "log.audit_removed_min", "0"));
    invalidate("more", 4);
    CHECK(server.stop() == 0);
    const std::string& lines = server.later_lines();
    INFO(lines);
    CHECK_THAT(lines, Catch::Contains(of_nobody("invalidate")) &&
                          Catch::Contains(" client=1 removed=3 tags=1 tag=many\n") &&
                          !Catch::Contains("tag=few") && !Catch::Contains("tag=more"));
}
