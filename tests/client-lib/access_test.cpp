// SPDX-License-Identifier: MIT
//
// Credentials of clients and sessions, against a real server.
#include <sys/socket.h>

#include "client-lib/access_clients.hpp"
#include "client-lib/fake_server.hpp"
#include "support/other_address.hpp"

using namespace tc::test;

TEST_CASE("a client with credentials is somebody from its first request on", "[client][access]") {
    GuardedServer guarded;
    const auto token = guarded.token_of("root");
    // Made for each run: credentials are views.
    const tagcache_credentials all[] = {password_of("root", root_password), token_of(token.text),
                                        token_of(token.text, "root")};
    const tagcache_credentials& credentials = all[GENERATE(0, 1, 2)];
    const MadeClient client = client_as(guarded.server(), credentials);
    const tagcache_bytes key = bytes_of("k");
    CHECK(tagcache_put(client.handle.get(), key, key, nullptr, nullptr, nullptr) == TAGCACHE_OK);
    // And again on each connection.
    tagcache_client_disconnect(client.handle.get());
    CHECK(tagcache_get(client.handle.get(), key, nullptr, nullptr, nullptr) == TAGCACHE_OK);
    CHECK(tagcache_client_server_version(client.handle.get()) != std::string());
    CHECK(tagcache_client_limit(client.handle.get(), TAGCACHE_LIMIT_KEY_BYTES) != 0);

    tagcache_client_disconnect(client.handle.get());
    const PipelineHandle pipeline = new_pipeline(client.handle);
    CHECK(tagcache_pipeline_get(pipeline.get(), key, nullptr, nullptr) == TAGCACHE_OK);
    CHECK(tagcache_pipeline_finish(pipeline.get(), nullptr, nullptr) == TAGCACHE_OK);
}

TEST_CASE("a client whose credentials are refused is told so, and does nothing as nobody",
          "[client][access]") {
    GuardedServer guarded;
    const std::string address = uri_of(guarded.server().port());
    SECTION("wrong password, unknown user, token of another") {
        const auto token = guarded.token_of("root");
        guarded.add({"web", WIRE_RIGHT_READ, {""}, {}});
        const tagcache_credentials all[] = {password_of("root", "a wrong password"),
                                            password_of("nobody", "a good password"),
                                            token_of("tct_nonsense"), token_of(token.text, "web")};
        const tagcache_credentials& credentials = all[GENERATE(0, 1, 2, 3)];
        const MadeClient client = client_as(guarded.server(), credentials);
        CHECK(client.ping() == TAGCACHE_AUTH_REQUIRED);
        CHECK(client.error() ==
              "cannot authenticate at " + address + ": the credentials were refused");
        const PipelineHandle pipeline = new_pipeline(client.handle);
        CHECK(tagcache_pipeline_ping(pipeline.get(), nullptr) == TAGCACHE_AUTH_REQUIRED);
    }
    SECTION("none") {
        const MadeClient client = make_client(address, nullptr);
        CHECK(tagcache_get(client.handle.get(), bytes_of("k"), nullptr, nullptr, nullptr) ==
              TAGCACHE_AUTH_REQUIRED);
    }
    SECTION("not answered in time") {
        const FakeServer server(FakeServer::Script([](Peer& peer) {
            peer.greet();
            peer.until_client_closes();
        }));
        const tagcache_credentials credentials = password_of("root", root_password);
        tagcache_client_options options = TAGCACHE_CLIENT_OPTIONS_INIT;
        const std::string uri = uri_of(server.port());
        options.uri = uri.c_str();
        options.credentials = &credentials;
        options.timeout_ms = 50;
        tagcache_client* made = nullptr;
        REQUIRE(tagcache_client_new(&options, &made) == TAGCACHE_OK);
        const ClientHandle impatient(made);
        CHECK(tagcache_ping(made, nullptr) == TAGCACHE_TIMEOUT);
        CHECK_THAT(tagcache_client_error(made),
                   Catch::Contains("the credentials were not answered in time"));
    }
}

TEST_CASE("credentials are refused by a server without users", "[client][access]") {
    const UsersFolder folder;
    const RunningServer server(folder.arguments());
    const MadeClient client = client_as(server, password_of("root", root_password));
    CHECK(client.ping() == TAGCACHE_AUTH_REQUIRED);
    CHECK_THAT(client.error(), Catch::EndsWith("the server has no users"));
}

TEST_CASE("credentials that make no sense are refused with the options", "[client][access]") {
    const auto refusal = [](const tagcache_credentials* credentials, const std::string& user = "") {
        const MadeClient client = make_client(uri_of(1984, user), credentials);
        CHECK(client.status == TAGCACHE_LOCAL_INVALID_ARGUMENT);
        return client.error();
    };
    const tagcache_credentials nothing = TAGCACHE_CREDENTIALS_INIT;
    tagcache_credentials both = password_of("root", root_password);
    both.token = both.password;
    tagcache_credentials null_view = password_of("root", root_password);
    null_view.password.data = nullptr;
    const std::string long_name(33, 'n');
    const std::string long_secret(513, 's');
    const tagcache_credentials root = password_of("root", root_password);
    CHECK(refusal(&nothing) == "credentials need a password or a token");
    CHECK(refusal(&both) == "credentials are a password or a token, and not both");
    CHECK(refusal(&null_view) == "credentials have a size, but their data is NULL");
    const tagcache_credentials nameless = password_of("", root_password);
    CHECK(refusal(&nameless) == "a password needs the name of its user");
    const tagcache_credentials too_long = password_of(long_name, root_password);
    CHECK(refusal(&too_long) == "a user's name has at most 32 bytes");
    const tagcache_credentials too_secret = token_of(long_secret);
    CHECK(refusal(&too_secret) == "a password or a token has at most 512 bytes");

    CHECK(refusal(nullptr, "root@") == "the URI names a user, but there is no password or token");
    CHECK(refusal(&root, "web@") == "the URI and the credentials name different users");
    CHECK(refusal(&root, "@") == "the user of a URI has 1 to 32 bytes");
    CHECK(refusal(&root, "ro%6ft@") == "the user of a URI is written without percent escapes");
    CHECK(refusal(&root, "root:secret@") ==
          "a URI may name a user, but never a password: others can read it there");
    CHECK(make_client(uri_of(1984), &root, 0x80).status == TAGCACHE_LOCAL_INVALID_ARGUMENT);
}

TEST_CASE("a URI may name the user", "[client][access]") {
    GuardedServer guarded;
    guarded.add({"web@example", WIRE_RIGHT_READ, {""}, {}});
    const auto name = GENERATE(as<std::string>{}, "root", "web@example");
    const tagcache_credentials nameless = password_of("", root_password);
    const MadeClient client = make_client(uri_of(guarded.server().port(), name + "@"), &nameless);
    CHECK(client.ping() == TAGCACHE_OK);
    CHECK(tagcache_client_address(client.handle.get()) == uri_of(guarded.server().port()));
}

TEST_CASE("secrets go to another machine in plaintext only when that is allowed",
          "[client][access]") {
    const std::string address = other_address();
    if (address.empty()) {
        return;
    }
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    socklen_t size = sizeof name;
    auto* generic = reinterpret_cast<sockaddr*>(&name);
    REQUIRE(inet_pton(AF_INET, address.c_str(), &name.sin_addr) == 1);
    REQUIRE(bind(listener, generic, size) == 0);
    REQUIRE(listen(listener, 8) == 0);
    REQUIRE(getsockname(listener, generic, &size) == 0);
    const std::string uri = "tagcache://" + address + ":" + std::to_string(ntohs(name.sin_port));
    const tagcache_credentials root = password_of("root", root_password);

    const MadeClient client = make_client(uri, &root);
    CHECK(client.ping() == TAGCACHE_LOCAL_INVALID_ARGUMENT);
    CHECK(client.error() == uri +
                                ": a secret is not sent to another machine over a connection that "
                                "is not encrypted; use TLS, or allow it");
    const int refused = accept(listener, nullptr, nullptr);
    char byte = 0;
    CHECK(recv(refused, &byte, 1, 0) == 0);
    close(refused);

    // Allowed, they are sent: to one who listens, and hangs up.
    const MadeClient allowed = make_client(uri, &root, TAGCACHE_CLIENT_PLAINTEXT_SECRETS);
    std::thread peer([listener] {
        const int accepted = accept(listener, nullptr, nullptr);
        std::string received(256, '\0');
        const ssize_t count = recv(accepted, received.data(), received.size(), 0);
        received.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        close(accepted);
        CHECK(received.find(root_password) != std::string::npos);
    });
    CHECK(allowed.ping() == TAGCACHE_CONNECT);
    peer.join();
    close(listener);
}

TEST_CASE("a request with a secret does not leave the machine in plaintext either",
          "[client][access]") {
    const std::string address = other_address();
    if (address.empty()) {
        return;
    }
    GuardedServer guarded({"--bind", address});
    const std::string port = std::to_string(port_at(guarded.server(), address));
    const MadeClient client = make_client("tagcache://" + address + ":" + port, nullptr);
    tagcache_client* handle = client.handle.get();
    const tagcache_credentials root = password_of("root", root_password);
    const tagcache_user_options options = reader(bytes_of(""), "another password");
    const tagcache_bytes text = bytes_of("text");
    CHECK(client.ping() == TAGCACHE_OK);
    constexpr tagcache_status refused = TAGCACHE_LOCAL_INVALID_ARGUMENT;
    CHECK(tagcache_auth(handle, &root, nullptr, nullptr) == refused);
    CHECK(tagcache_change_password(handle, text, text, nullptr, nullptr) == refused);
    CHECK(tagcache_user_add(handle, text, nullptr, &options, nullptr) == refused);
    CHECK(tagcache_token_new(handle, text, 0, nullptr, nullptr) == refused);
    const PipelineHandle pipeline = new_pipeline(client.handle);
    CHECK(tagcache_pipeline_auth(pipeline.get(), &root, nullptr) == refused);
    CHECK(client.ping() == TAGCACHE_OK);
    CHECK(tagcache_user_remove(handle, text, nullptr, nullptr) == TAGCACHE_AUTH_REQUIRED);
}

TEST_CASE("AUTH by hand makes the credentials the client's own", "[client][access]") {
    GuardedServer guarded;
    guarded.add({"web", WIRE_RIGHT_READ, {""}, {}});
    const ResultHandle result = new_result();
    const MadeClient client = client_as(guarded.server(), password_of("root", "wrong password"));
    tagcache_client* handle = client.handle.get();
    // Not with the old ones, which would be refused.
    const tagcache_credentials root = password_of("root", root_password);
    REQUIRE(tagcache_auth(handle, &root, result.get(), nullptr) == TAGCACHE_OK);
    CHECK(text_of(tagcache_result_name(result.get())) == "root");
    CHECK(tagcache_result_rights(result.get()) == 0x0F);
    tagcache_client_disconnect(handle);
    CHECK(client.ping() == TAGCACHE_OK);

    // Another user on the same connection; a refused one changes nothing.
    const tagcache_credentials web = password_of("web", root_password);
    CHECK(tagcache_auth(handle, &web, result.get(), nullptr) == TAGCACHE_OK);
    CHECK(tagcache_result_rights(result.get()) == TAGCACHE_RIGHT_READ);
    const tagcache_credentials wrong = password_of("root", "wrong password");
    CHECK(tagcache_auth(handle, &wrong, nullptr, nullptr) == TAGCACHE_FORBIDDEN);
    CHECK(tagcache_auth(handle, nullptr, nullptr, nullptr) == TAGCACHE_LOCAL_INVALID_ARGUMENT);
    tagcache_client_disconnect(handle);
    CHECK(tagcache_flush(handle, nullptr, nullptr) == TAGCACHE_FORBIDDEN);

    // A token may be a view of the very result, which the call fills.
    REQUIRE(tagcache_auth(handle, &root, nullptr, nullptr) == TAGCACHE_OK);
    REQUIRE(tagcache_token_new(handle, bytes_of(""), 0, result.get(), nullptr) == TAGCACHE_OK);
    REQUIRE(tagcache_result_next(result.get()));
    tagcache_credentials token = TAGCACHE_CREDENTIALS_INIT;
    while (tagcache_result_next_field(result.get())) {
        token.token = tagcache_result_field_text(result.get());
    }
    CHECK(tagcache_auth(handle, &token, result.get(), nullptr) == TAGCACHE_OK);
    tagcache_client_disconnect(handle);
    CHECK(client.ping() == TAGCACHE_OK);
}

TEST_CASE("a changed password and a revoked token end what they let in", "[client][access]") {
    GuardedServer guarded;
    guarded.add({"web", WIRE_RIGHT_READ, {""}, {}});
    const auto token = guarded.token_of("web");
    const MadeClient client = client_as(guarded.server(), password_of("web", root_password));
    const MadeClient other = client_as(guarded.server(), password_of("web", root_password));
    const MadeClient bearer = client_as(guarded.server(), token_of(token.text));
    for (const MadeClient* each : {&client, &other, &bearer}) {
        REQUIRE(each->ping() == TAGCACHE_OK);
    }
    tagcache_client* handle = client.handle.get();
    CHECK(tagcache_change_password(handle, bytes_of("wrong password"), bytes_of("new password"),
                                   nullptr, nullptr) == TAGCACHE_FORBIDDEN);
    CHECK(tagcache_change_password(handle, bytes_of(root_password), bytes_of("new password"),
                                   nullptr, nullptr) == TAGCACHE_OK);
    // The client that changed it goes on, and reconnects with the new one.
    CHECK(client.ping() == TAGCACHE_OK);
    tagcache_client_disconnect(handle);
    CHECK(client.ping() == TAGCACHE_OK);
    CHECK(tagcache_exists(other.handle.get(), bytes_of("k"), nullptr, nullptr, nullptr) ==
          TAGCACHE_AUTH_REQUIRED);
    CHECK(other.ping() == TAGCACHE_AUTH_REQUIRED);

    const MadeClient admin = client_as(guarded.server(), password_of("root", root_password));
    CHECK(bearer.ping() == TAGCACHE_OK);
    CHECK(tagcache_token_revoke(admin.handle.get(), bytes_of("web"), bytes_of(token.id), nullptr,
                                nullptr) == TAGCACHE_OK);
    CHECK(tagcache_exists(bearer.handle.get(), bytes_of("k"), nullptr, nullptr, nullptr) ==
          TAGCACHE_AUTH_REQUIRED);
    CHECK(bearer.ping() == TAGCACHE_AUTH_REQUIRED);
    CHECK_THAT(bearer.error(), Catch::EndsWith("the credentials were refused"));
}

TEST_CASE("a session gives its credentials behind HELLO, and is ready once they are taken",
          "[client][access]") {
    const tagcache_credentials root = password_of("root", root_password);
    tagcache_session_options options = TAGCACHE_SESSION_OPTIONS_INIT;
    options.credentials = &root;
    tagcache_session* made = nullptr;
    REQUIRE(tagcache_session_new(&options, &made) == TAGCACHE_OK);
    const SessionHandle session(made);
    const tagcache_bytes output = tagcache_session_output(made);
    CHECK(text_of(output).find(root_password) != std::string::npos);
    tagcache_session_sent(made, output.size);
    REQUIRE(tagcache_session_feed(made, bytes_of(greeting())) == TAGCACHE_OK);
    CHECK_FALSE(tagcache_session_is_ready(made));
    SECTION("taken") {
        const std::string body =
            written([](wire_writer* out) { wire_encode_auth_reply(out, 3, wire("root")); });
        CHECK(tagcache_session_feed(made, bytes_of(reply(WIRE_OP_AUTH, 2, WIRE_OK, body))) ==
              TAGCACHE_OK);
        CHECK(tagcache_session_is_ready(made));
    }
    SECTION("refused: it closes, and what came behind has not been answered") {
        tagcache_pipeline* pipeline = tagcache_session_pipeline(made);
        REQUIRE(tagcache_pipeline_get(pipeline, bytes_of("k"), nullptr, nullptr) == TAGCACHE_OK);
        const std::string refusal = reply(WIRE_OP_AUTH, 2, WIRE_FORBIDDEN, error_body("no"));
        CHECK(tagcache_session_feed(made, bytes_of(refusal)) == TAGCACHE_AUTH_REQUIRED);
        CHECK(tagcache_session_error(made) == std::string("no"));
        const ResultHandle result = new_result();
        REQUIRE(tagcache_pipeline_next(pipeline, result.get(), nullptr));
        CHECK(tagcache_result_status(result.get()) == TAGCACHE_AUTH_REQUIRED);
    }
    SECTION("too busy to check them: a refusal that says so") {
        const std::string refusal = reply(WIRE_OP_AUTH, 2, WIRE_BUSY, error_body("later"));
        CHECK(tagcache_session_feed(made, bytes_of(refusal)) == TAGCACHE_BUSY);
    }
}
