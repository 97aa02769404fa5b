// SPDX-License-Identifier: MIT
//
// Authentication over the wire: passwords, tokens, what happens before and after, and the file that
// keeps it all. bad-inputs A1 to A8.
#include <algorithm>
#include <atomic>
#include <fstream>
#include <thread>

#include "access/attempt_delays.hpp"
#include "access/secrets.hpp"
#include "access/users_file.hpp"
#include "support/child_process.hpp"
#include "support/eventually.hpp"
#include "support/other_address.hpp"
#include "support/server_stats.hpp"
#include "support/users.hpp"

using namespace tc::test;

namespace {

constexpr std::uint8_t read_write = WIRE_RIGHT_READ | WIRE_RIGHT_WRITE;

int status(const Reply& reply) {
    return reply.status;
}

}  // namespace

TEST_CASE("users and tokens authenticate, and HELLO says that they have to", "[access]") {
    GuardedServer guarded;
    guarded.add({"web", read_write, {""}, {""}});
    const auto token = guarded.token_of("web");
    auto client = WireClient::greeted(guarded.server().port());
    const wire_hello hello{0, bytes("c"), bytes("l")};
    const Reply greeting = client.call(
        frame(WIRE_OP_HELLO, 0, [&](wire_writer* out) { wire_encode_hello(out, &hello); }));
    wire_hello_reply told{};
    REQUIRE(wire_decode_hello_reply(bytes(greeting.body), &told));
    CHECK(told.auth_mechanisms == (WIRE_AUTH_PASSWORD | WIRE_AUTH_TOKEN));
    const Reply reply = client.call(auth_frame("web", "a good password"));
    std::uint8_t rights = 0;
    wire_bytes name{};
    REQUIRE(wire_decode_auth_reply(bytes(reply.body), &rights, &name));
    CHECK(int{rights} == read_write);
    CHECK(text(name) == "web");
    CHECK(status(client.call(put_frame("k", "v"))) == WIRE_OK);

    auto other = client_with_token(guarded.server(), token.text);
    CHECK(other.call(get_frame("k")).value() == "v");
    auto wrong = WireClient::greeted(guarded.server().port());
    CHECK(status(wrong.call(auth_frame("root", token.text, WIRE_AUTH_TOKEN))) == WIRE_FORBIDDEN);
    CHECK(status(wrong.call(auth_frame("web", token.text, WIRE_AUTH_TOKEN))) == WIRE_OK);
}

TEST_CASE("requests behind an AUTH wait for its verdict and are answered in order", "[access]") {
    GuardedServer guarded;
    auto client = WireClient::greeted(guarded.server().port());
    // Behind the AUTH there is more than may be sent before it.
    const std::string large(5000, 'v');
    client.send(ping_frame(1) + auth_frame("root", "a good password", WIRE_AUTH_PASSWORD, 2) +
                put_frame("k", large, {}, 3) + get_frame("k", 4) + ping_frame(5));
    for (std::uint32_t id = 1; id <= 5; ++id) {
        const auto reply = client.receive();
        REQUIRE(reply);
        CHECK(reply->request_id == id);
        CHECK(status(*reply) == WIRE_OK);
        if (id == 4) {
            CHECK(reply->value() == large);
        }
    }
}

TEST_CASE("a client that ends its sending side behind an AUTH still gets all replies", "[access]") {
    GuardedServer guarded;
    auto client = WireClient::greeted(guarded.server().port());
    client.send(auth_frame("root", "a good password") + put_frame("k", "v") + get_frame("k"));
    client.end_sending();
    CHECK(status(*client.receive()) == WIRE_OK);
    CHECK(status(*client.receive()) == WIRE_OK);
    CHECK(client.receive()->value() == "v");
    CHECK(client.is_closed_by_server());
}

TEST_CASE("a stop of the server waits for a password that is being checked", "[access]") {
    UsersFolder folder;
    {
        RunningServer first(folder.arguments());
        auto client = WireClient::greeted(first.port());
        REQUIRE(status(client.call(user_set_frame({"root", WIRE_RIGHTS_KNOWN, {""}, {""}}))) ==
                WIRE_OK);
    }
    RunningServer server(folder.arguments());
    auto client = WireClient::greeted(server.port());
    // What came with the PING that is answered has been read, and its verdict takes a while.
    const std::string frames = ping_frame() + auth_frame("root", "wrong password") + get_frame("k");
    REQUIRE(status(client.call(frames)) == WIRE_OK);
    CHECK(server.stop() == 0);
    CHECK(status(client.receive().value()) == WIRE_FORBIDDEN);
    CHECK(status(client.receive().value()) == WIRE_AUTH_REQUIRED);
    CHECK(client.is_closed_by_server());
}

TEST_CASE(
    "A1: before AUTH only HELLO, AUTH and PING are answered, and the rest ends the connection",
    "[access]") {
    GuardedServer guarded;
    auto client = WireClient::greeted(guarded.server().port());
    CHECK(status(client.call(ping_frame())) == WIRE_OK);
    client.send(get_frame("k", 1) + ping_frame(2));
    CHECK(status(*client.receive()) == WIRE_AUTH_REQUIRED);
    CHECK(client.is_closed_by_server());
}

TEST_CASE("A1: before AUTH a frame has at most 1 KiB", "[access]") {
    GuardedServer guarded;
    const auto padded = [](std::size_t body_bytes) {
        return raw_frame(WIRE_OP_PING, 0, std::string(body_bytes, 'x'));
    };
    auto client = WireClient::greeted(guarded.server().port());
    CHECK(status(client.call(padded(1024))) == WIRE_MALFORMED);
    auto other = WireClient::greeted(guarded.server().port());
    const Reply reply = other.call(padded(1025));
    CHECK(status(reply) == WIRE_FRAME_TOO_LARGE);
    CHECK(reply.error().detail == 1024);
    CHECK(other.is_closed_by_server());
}

TEST_CASE("A1: who does not authenticate in time is told so and closed", "[access]") {
    GuardedServer guarded;
    auto idle = WireClient::greeted(guarded.server().port());
    WireClient silent(guarded.server().port());
    const auto reply = idle.receive();
    REQUIRE(reply);
    CHECK(status(*reply) == WIRE_AUTH_REQUIRED);
    CHECK(idle.is_closed_by_server());
    CHECK(silent.receive_preface().chosen == 0);
    CHECK(silent.is_closed_by_server());
    CHECK(status(guarded.admin().call(ping_frame())) == WIRE_OK);
}

TEST_CASE("A1: those that have yet to authenticate are a quarter of the connections at most",
          "[access]") {
    GuardedServer guarded({"--max-connections", "20"});
    guarded.add({"web", read_write, {""}, {""}});
    std::vector<WireClient> strangers;
    const auto connects = [&] {
        strangers.emplace_back(guarded.server().port());
        strangers.back().send(client_preface());
        return strangers.back().receive_preface().reason == WIRE_REFUSAL_NONE;
    };
    for (int i = 0; i < 5; ++i) {
        REQUIRE(connects());
    }
    CHECK(eventually([&] { return !connects(); }));
    CHECK(counter_of(guarded.admin(), "connections_unauthenticated") == 5);
    CHECK(counter_of(guarded.admin(), "connections_refused_unauthenticated") >= 1);
    // Who says who it is makes room for the next.
    REQUIRE(strangers[0].call(auth_frame("web", "a good password")).status == WIRE_OK);
    CHECK(eventually(connects));
}

TEST_CASE("A2: three refused AUTHs end the connection, and nobody is locked out", "[access]") {
    GuardedServer guarded;
    for (int round = 0; round < 2; ++round) {
        auto guesser = WireClient::greeted(guarded.server().port());
        CHECK(status(guesser.call(auth_frame("root", "wrong 1"))) == WIRE_FORBIDDEN);
        CHECK(status(guesser.call(auth_frame("root", "wrong 2"))) == WIRE_FORBIDDEN);
        CHECK(status(guesser.call(auth_frame("root", "wrong 3"))) == WIRE_AUTH_REQUIRED);
        CHECK(guesser.is_closed_by_server());
        auto root = client_of(guarded.server(), "root");
        CHECK(status(root.call(put_frame("k", "v"))) == WIRE_OK);
    }
    auto stats = client_of(guarded.server(), "root");
    CHECK(counter_of(stats, "auth_failures") == 6);
    CHECK(counter_of(stats, "auth_successes") >= 4);
}

TEST_CASE("A2: refusals of one source wait twice as long each, those of others do not",
          "[access]") {
    tc::AttemptDelays delays;
    CHECK(delays.note_refusal(1, 1'000) == 250);
    CHECK(delays.note_refusal(1, 1'100) == 500);
    CHECK(delays.note_refusal(1, 1'200) == 1'000);
    CHECK(delays.note_refusal(2, 1'200) == 250);
    for (int i = 0; i < 10; ++i) {
        (void)delays.note_refusal(1, 1'300);
    }
    CHECK(delays.note_refusal(1, 1'300) == 8'000);
    CHECK(delays.note_refusal(1, 1'300 + 60'000) == 8'000);      // one half forgiven, and doubled
    CHECK(delays.note_refusal(1, 1'300 + 60'000 * 5) == 1'000);  // four more, and doubled
    CHECK(delays.note_refusal(1, 1'300 + 60'000 * 200) == 250);  // all
    // More sources than there is room for: the oldest make place, and nothing breaks.
    for (std::uint64_t source = 0; source < 100'000; ++source) {
        CHECK(delays.note_refusal(1'000 + source, 100'000'000 + source) == 250);
    }
}

TEST_CASE("A3: an unknown user and a wrong password are answered alike", "[access]") {
    GuardedServer guarded;
    auto one = WireClient::greeted(guarded.server().port());
    auto other = WireClient::greeted(guarded.server().port());
    const Reply unknown = one.call(auth_frame("nobody", "a good password"));
    const Reply wrong = other.call(auth_frame("root", "another password"));
    CHECK(status(unknown) == WIRE_FORBIDDEN);
    CHECK(status(wrong) == WIRE_FORBIDDEN);
    CHECK(unknown.body == wrong.body);
}

TEST_CASE("A3: without a hash a password is compared with a dummy's, in vain", "[access]") {
    tc::start_secrets();
    CHECK_FALSE(tc::verify_password("", ""));
    CHECK_FALSE(tc::verify_password("", "a good password"));
    const std::string hash = tc::hash_password("a good password");
    CHECK(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    CHECK(tc::verify_password(hash, "a good password"));
    CHECK_FALSE(tc::verify_password(hash, "a good passwore"));
}

TEST_CASE("A4: a flood of passwords is answered BUSY before it is hashed, and others are served",
          "[access]") {
    GuardedServer guarded({"--reactors", "1"});
    REQUIRE(status(guarded.admin().call(put_frame("k", "v"))) == WIRE_OK);
    std::vector<WireClient> flood;
    for (int i = 0; i < 300; ++i) {
        flood.push_back(WireClient::greeted(guarded.server().port()));
    }
    for (WireClient& client : flood) {
        client.send(auth_frame("root", "wrong password"));
    }
    CHECK(guarded.admin().call(get_frame("k")).value() == "v");
    const auto is_told_busy = [](WireClient& client) {
        pollfd readable{client.fd(), POLLIN, 0};  // never, once it is closed
        if (poll(&readable, 1, 0) != 1) {
            return false;
        }
        const auto reply = client.receive();
        client.reset();
        return reply && status(*reply) == WIRE_BUSY;
    };
    CHECK(eventually([&] { return std::any_of(flood.begin(), flood.end(), is_told_busy); }));
    // Passwords leave places to who changes the users, who may want to do something about it.
    guarded.add({"another", WIRE_RIGHT_READ, {""}, {""}});
}

TEST_CASE("A5: a server without users refuses peers of other machines, and secrets in plain text",
          "[access]") {
    const std::string address = other_address();
    if (address.empty()) {
        return;
    }
    UsersFolder folder;
    auto arguments = folder.arguments();
    arguments.insert(arguments.end(), {"--bind", address});
    RunningServer server(arguments);
    const int port = port_at(server, address);
    WireClient refused(address, port);
    const wire_server_preface preface = refused.receive_preface();
    CHECK(int{preface.chosen} == 0);
    CHECK(int{preface.reason} == WIRE_REFUSAL_CREDENTIALS_REQUIRED);

    auto local = WireClient::greeted(server.port());
    REQUIRE(status(local.call(user_set_frame({"root", WIRE_RIGHTS_KNOWN, {""}, {""}}))) == WIRE_OK);
    WireClient remote(address, port);
    remote.send(client_preface());
    REQUIRE(int{remote.receive_preface().chosen} == WIRE_VERSION);
    const Reply reply = remote.call(auth_frame("root", "a good password"));
    CHECK(status(reply) == WIRE_FORBIDDEN);
    CHECK(text(reply.error().message).find("not encrypted") != std::string::npos);
    // A refusal of the way is none of the credentials: nothing counts, and nobody waits.
    CHECK(status(remote.call(ping_frame())) == WIRE_OK);
}

TEST_CASE("A6: names and secrets of any size and bytes are refused in an orderly way", "[access]") {
    GuardedServer guarded;
    auto client = WireClient::greeted(guarded.server().port());
    const std::string odd("ro\0ot\r\n:\x1b", 9);
    CHECK(status(client.call(auth_frame(odd, odd))) == WIRE_FORBIDDEN);
    CHECK(status(client.call(auth_frame("", std::string(512, '\0')))) == WIRE_FORBIDDEN);
    CHECK(status(client.call(auth_frame("root", std::string(513, 'x')))) == WIRE_INVALID_ARGUMENT);
    CHECK(status(client.call(auth_frame("root", "a good password"))) == WIRE_OK);
    CHECK(status(client.call(auth_frame("root", "x", 4))) == WIRE_UNSUPPORTED);
    for (const std::string& name :
         {std::string(""), std::string(33, 'n'), std::string("a b"), odd}) {
        CHECK(status(client.call(user_set_frame({name, 0, {}, {}}))) == WIRE_INVALID_ARGUMENT);
    }
    CHECK(status(client.call(user_set_frame({"u", 0, {"\xff"}, {}}))) == WIRE_INVALID_ARGUMENT);
    CHECK(status(client.call(user_set_frame({"u", 0, std::vector<std::string>(65, "p"), {}}))) ==
          WIRE_INVALID_ARGUMENT);
    CHECK(status(client.call(user_set_frame({"u", 0, {}, {}, "short"}))) == WIRE_INVALID_ARGUMENT);
    CHECK(status(client.call(user_set_frame({"u", 0, {"\"\\\n\t"}, {std::string("\0", 1)}}))) ==
          WIRE_OK);
    CHECK(tc::load_users(guarded.folder().file()).find("u")->key_prefixes.at(0) == "\"\\\n\t");
}

TEST_CASE("A7: users change while requests are checked", "[access]") {
    GuardedServer guarded;
    guarded.add({"web", read_write, {"in:"}, {""}});
    std::atomic<bool> is_over{false};
    std::atomic<int> allowed_count{0};
    std::atomic<int> forbidden_count{0};
    std::atomic<int> other_count{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&] {
            try {
                auto client = WireClient::greeted(guarded.server().port());
                if (client.call(auth_frame("web", "a good password")).status != WIRE_OK) {
                    ++other_count;
                }
                while (!is_over) {
                    const int got = client.call(put_frame("in:k", "v", {"t"})).status;
                    (got == WIRE_OK          ? allowed_count
                     : got == WIRE_FORBIDDEN ? forbidden_count
                                             : other_count)++;
                }
            } catch (const std::exception&) {  // the connection was lost
                ++other_count;
            }
        });
    }
    // Rights come and go until both kinds of answers were seen, often.
    NewUser change{"web", 0, {}, {}};
    change.options = WIRE_USER_RIGHTS;
    const bool is_seen = eventually([&] {
        change.rights ^= WIRE_RIGHT_WRITE;
        CHECK(status(guarded.admin().call(user_set_frame(change))) == WIRE_OK);
        return allowed_count > 500 && forbidden_count > 500;
    });
    is_over = true;
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(is_seen);
    CHECK(other_count == 0);
}

TEST_CASE("A8: a change of rights holds for the next request of open connections", "[access]") {
    GuardedServer guarded({"--reactors", "2"});
    guarded.add({"web", read_write, {""}, {""}});
    std::vector<WireClient> clients;
    for (int i = 0; i < 4; ++i) {
        clients.push_back(client_of(guarded.server(), "web"));
    }
    NewUser change{"web", 0, {}, {}};
    change.options = WIRE_USER_RIGHTS;
    for (int round = 0; round < 50; ++round) {
        change.rights = round % 2 == 0 ? std::uint8_t{WIRE_RIGHT_READ} : read_write;
        REQUIRE(status(guarded.admin().call(user_set_frame(change))) == WIRE_OK);
        for (WireClient& client : clients) {
            CHECK(status(client.call(put_frame("k", "v"))) ==
                  (round % 2 == 0 ? WIRE_FORBIDDEN : WIRE_OK));
        }
    }
    REQUIRE(status(guarded.admin().call(user_delete_frame("web"))) == WIRE_OK);
    for (WireClient& client : clients) {
        CHECK(status(client.call(get_frame("k"))) == WIRE_AUTH_REQUIRED);
        CHECK(client.is_closed_by_server());
    }
}

TEST_CASE("A8: once REVOKE has answered, the token is no good, on any connection", "[access]") {
    GuardedServer guarded({"--reactors", "2"});
    guarded.add({"web", read_write, {""}, {""}});
    for (int round = 0; round < 25; ++round) {
        const auto token = guarded.token_of("web");
        std::atomic<bool> is_revoked{false};
        std::atomic<int> used_count{0};
        std::atomic<int> wrong_count{0};
        std::vector<std::thread> users;
        for (int i = 0; i < 2; ++i) {
            users.emplace_back([&] {
                try {
                    auto client = WireClient::greeted(guarded.server().port());
                    (void)client.call(auth_frame("", token.text, WIRE_AUTH_TOKEN));
                    bool is_late = false;
                    for (int served = 0; !is_late; ++served) {
                        is_late = is_revoked;
                        if (client.call(get_frame("k")).status == WIRE_AUTH_REQUIRED) {
                            return;
                        }
                        used_count += served == 0 ? 1 : 0;
                    }
                    ++wrong_count;
                } catch (const std::exception&) {  // the connection was lost
                    ++wrong_count;
                }
            });
        }
        const bool is_used = eventually([&] { return used_count == 2; });
        const int revoked =
            status(guarded.admin().call(token_frame(WIRE_TOKEN_REVOKE, "web", token.id)));
        is_revoked = true;
        for (std::thread& user : users) {
            user.join();
        }
        REQUIRE(is_used);
        REQUIRE(revoked == WIRE_OK);
        CHECK(wrong_count == 0);
    }
}

TEST_CASE("a user lists its own tokens, however long its name is", "[access]") {
    GuardedServer guarded;
    const std::string name = "a-user-whose-name-is-rather-long";
    guarded.add({name, WIRE_RIGHTS_KNOWN, {""}, {""}});
    const auto token = guarded.token_of(name);
    auto client = client_of(guarded.server(), name);
    const Reply reply = client.call(token_frame(WIRE_TOKEN_LIST, ""));
    REQUIRE(status(reply) == WIRE_OK);
    CHECK(field_of(reply, "id") == token.id);
    CHECK(field_of(reply, "user") == name);
}

TEST_CASE("an expired token is refused, and a user has four tokens at most", "[access]") {
    GuardedServer guarded;
    guarded.add({"web", read_write, {""}, {""}});
    const auto short_lived = guarded.token_of("web", 1);  // rounded up to a second
    auto client = client_with_token(guarded.server(), short_lived.text);
    CHECK(eventually([&] {
        auto late = WireClient::greeted(guarded.server().port());
        return late.call(auth_frame("", short_lived.text, WIRE_AUTH_TOKEN)).status ==
               WIRE_FORBIDDEN;
    }));
    // Nor does it serve any longer whom it let in before.
    CHECK(client.receive()->status == WIRE_AUTH_REQUIRED);
    CHECK(client.is_closed_by_server());
    for (int i = 0; i < 4; ++i) {
        (void)guarded.token_of("web");  // the expired one makes place
    }
    CHECK(status(guarded.admin().call(token_frame(WIRE_TOKEN_CREATE, "web"))) ==
          WIRE_INVALID_ARGUMENT);
    CHECK(status(guarded.admin().call(token_frame(WIRE_TOKEN_CREATE, "nobody"))) == WIRE_NOT_FOUND);
    CHECK(status(guarded.admin().call(token_frame(WIRE_TOKEN_REVOKE, "web", "x"))) ==
          WIRE_NOT_FOUND);
}

TEST_CASE("one changes one's own password with the old one", "[access]") {
    GuardedServer guarded;
    guarded.add({"web", read_write, {""}, {""}});
    auto client = client_of(guarded.server(), "web");
    auto other = client_of(guarded.server(), "web");
    CHECK(status(client.call(passwd_frame("wrong password", "a new password"))) == WIRE_FORBIDDEN);
    CHECK(status(client.call(passwd_frame("a good password", "short"))) == WIRE_INVALID_ARGUMENT);
    CHECK(status(client.call(passwd_frame("a good password", "a new password"))) == WIRE_OK);
    CHECK(status(client.call(put_frame("k", "v"))) == WIRE_OK);
    CHECK(status(other.call(put_frame("k", "v"))) == WIRE_AUTH_REQUIRED);
    auto again = client_of(guarded.server(), "web", "a new password");
    CHECK(again.call(get_frame("k")).value() == "v");
}

TEST_CASE("the first user is an administrator, and the last one stays", "[access]") {
    UsersFolder folder;
    RunningServer server(folder.arguments());
    auto open = WireClient::greeted(server.port());
    CHECK(status(open.call(user_set_frame({"web", read_write, {""}, {""}}))) ==
          WIRE_INVALID_ARGUMENT);
    CHECK(status(open.call(user_set_frame(
              {"root", WIRE_RIGHT_ADMIN, {}, {}, "", WIRE_USER_CREATE | WIRE_USER_RIGHTS}))) ==
          WIRE_INVALID_ARGUMENT);
    CHECK(status(open.call(user_set_frame({"root", WIRE_RIGHT_ADMIN, {}, {}}))) == WIRE_OK);
    CHECK(status(open.call(ping_frame())) == WIRE_OK);
    CHECK(status(open.call(get_frame("k"))) == WIRE_AUTH_REQUIRED);
    auto root = client_of(server, "root");
    CHECK(status(root.call(user_delete_frame("root"))) == WIRE_INVALID_ARGUMENT);
    NewUser demoted{"root", WIRE_RIGHT_READ, {}, {}};
    demoted.options = WIRE_USER_RIGHTS;
    CHECK(status(root.call(user_set_frame(demoted))) == WIRE_INVALID_ARGUMENT);
    CHECK(status(root.call(user_set_frame({"root", 0, {}, {}}))) == WIRE_EXISTS);
    CHECK(status(root.call(user_delete_frame("nobody"))) == WIRE_NOT_FOUND);
}

TEST_CASE("a server without a users file has no users to change", "[access]") {
    const RunningServer server;
    auto client = WireClient::greeted(server.port());
    CHECK(status(client.call(user_set_frame({"root", WIRE_RIGHTS_KNOWN, {""}, {""}}))) ==
          WIRE_UNSUPPORTED);
    CHECK(status(client.call(auth_frame("root", "a good password"))) == WIRE_FORBIDDEN);
    CHECK(status(client.call(put_frame("k", "v"))) == WIRE_OK);
}
