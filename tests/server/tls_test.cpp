// SPDX-License-Identifier: MIT
//
// TLS against a real server: who is let in, and what bytes may do on the way. Ids are those of the
// catalogue of bad inputs.
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "support/eventually.hpp"
#include "support/process_memory.hpp"
#include "support/running_server.hpp"
#include "support/server_stats.hpp"
#include "support/tls_peer.hpp"
#include "support/tls_server.hpp"

using namespace tc::test;

namespace {

constexpr std::size_t mebibyte = 1024 * 1024;
#if defined(TC_SANITIZED)
constexpr int handshake_count = 300;
#else
constexpr int handshake_count = 10'000;
#endif

std::uint64_t stat(WireClient& probe, const std::string& name) {
    return counter_of(probe, name);
}

}  // namespace

TEST_CASE("TLS 1.2, TLS 1.3 and plaintext are served on one port") {
    TlsServer server;
    auto plain = server.probe();
    REQUIRE(plain.call(put_frame("k", "value")).status == WIRE_OK);
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsClient client(server.port(), {version, "", ""});
        client.greet();
        CHECK(SSL_version(client.peer().ssl()) == version);
        CHECK(client.peer().peer_common_name() == "localhost");
        CHECK(client.call(get_frame("k")).value() == "value");
        CHECK(stat(plain, "tls_connections") == 1);
        client.wire().reset();
        CHECK(eventually([&] { return stat(plain, "tls_connections") == 0; }));
    }
    CHECK(stat(plain, "tls_handshakes") == 2);
    CHECK(stat(plain, "tls_handshake_failures") == 0);
}

TEST_CASE("TLS 1.1 is refused by an alert, and counts as a failed handshake") {
    TlsServer server;
    auto probe = server.probe();
    TlsClient client(server.port(), {TLS1_1_VERSION, "", ""});
    CHECK_THROWS_WITH(client.shake_hands(), Catch::Contains("alert protocol version"));
    CHECK(eventually([&] { return stat(probe, "tls_handshake_failures") == 1; }));
}

TEST_CASE("C6: a TLS conversation that comes and goes byte by byte is answered", "[wire]") {
    TlsServer server;
    TlsClient client(server.port());
    client.piece_bytes = 1;
    client.greet();
    const std::string value(3000, 'v');
    CHECK(client.call(put_frame("k", value)).status == WIRE_OK);
    CHECK(client.call(get_frame("k")).value() == value);
}

TEST_CASE("C6: a TLS hello that is cut at any byte leaves a working server", "[wire]") {
    TlsServer server;
    TlsPeer peer;
    peer.shake_hands();
    const std::string hello = peer.output();
    REQUIRE(hello.size() > 100);
    for (std::size_t cut = 1; cut < hello.size(); ++cut) {
        WireClient client(server.port());
        client.send(hello.substr(0, cut));
    }
    auto probe = server.probe();
    CHECK(eventually([&] { return stat(probe, "tls_handshake_failures") == hello.size() - 1; }));
    CHECK(eventually([&] { return stat(probe, "connections") == 1; }));
    CHECK(TlsClient(server.port()).greet().call(ping_frame()).status == WIRE_OK);
}

TEST_CASE("C6: what is no TLS behind its first byte is refused by an alert", "[wire]") {
    TlsServer server;
    WireClient client(server.port());
    client.send(std::string("\x16\x03\x01\x00\x40", 5) + std::string(64, 'x'));
    while (client.receive_more()) {
    }
    CHECK(client.input().substr(0, 1) == "\x15");
}

TEST_CASE("C6: a handshake or a record that does not go on is closed by a deadline") {
    TlsServer server;
    auto probe = server.probe();
    TlsPeer peer;
    peer.shake_hands();
    WireClient stuck(server.port());
    stuck.send(peer.output().substr(0, 50));
    TlsClient trickling(server.port());
    trickling.greet();
    trickling.peer().write(ping_frame());
    trickling.wire().send(trickling.peer().output().substr(0, 7));
    TlsClient idle(server.port());
    idle.greet();

    CHECK(stuck.is_closed_by_server());
    CHECK(trickling.receive().status == WIRE_TOO_SLOW);
    CHECK(trickling.is_closed_by_server());
    CHECK(stat(probe, "connections_slow") == 2);
    CHECK(stat(probe, "tls_handshake_failures") == 1);
    CHECK(idle.call(ping_frame()).status == WIRE_OK);
}

TEST_CASE("C6: a client that asks for renegotiation gets none, and harms nobody") {
    TlsServer server;
    TlsClient client(server.port(), {TLS1_2_VERSION, "", ""});
    client.greet();
    SSL_renegotiate(client.peer().ssl());
    CHECK_THROWS_WITH(client.shake_hands(), Catch::Contains("no renegotiation"));
    CHECK(TlsClient(server.port()).greet().call(ping_frame()).status == WIRE_OK);
}

TEST_CASE("C6: thousands of handshakes leave neither memory nor connections behind") {
    TlsServer server;
    auto probe = server.probe();
    const auto shake = [&](int count) {
        for (int i = 0; i < count; ++i) {
            TlsClient client(server.port());
            client.shake_hands();
            if (i % 2 == 0) {
                client.wire().reset();
            }
        }
        CHECK(eventually([&] { return stat(probe, "connections") == 1; }));
    };
    shake(handshake_count / 5);
    const std::uint64_t before_bytes = process_bytes(server.running().pid(), "VmRSS:");
    shake(handshake_count);
    // Of those that reset, the server may see the reset before the last message of the handshake.
    const std::uint64_t made_count = std::uint64_t{handshake_count} * 6 / 5;
    CHECK(stat(probe, "tls_handshakes") >= made_count / 2);
    CHECK(stat(probe, "tls_handshakes") <= made_count);
    CHECK(stat(probe, "tls_connections") == 0);
#if !defined(TC_SANITIZED)
    // A leak of the smallest thing that a handshake allocates would show: 10 thousand times 400 B.
    CHECK(process_bytes(server.running().pid(), "VmRSS:") < before_bytes + 4 * mebibyte);
#else
    CHECK(before_bytes != 0);
#endif
}

TEST_CASE("a client without the certificate that is required is refused by an alert") {
    TestCertificates clients;
    const IdentityFiles known = clients.issue("client", {.common_name = "app-1"});
    const IdentityFiles expired = clients.issue("expired", {.valid_until_s = -60});
    TestCertificates others("Another CA");
    const IdentityFiles foreign = others.issue("client", {.common_name = "app-1"});
    TlsServer server(mutual(clients));
    auto probe = server.probe();

    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsClient proven(server.port(), {version, known.cert_file, known.key_file});
        CHECK(proven.greet().call(ping_frame()).status == WIRE_OK);
        TlsClient bare(server.port(), {version, "", ""});
        CHECK_THROWS_WITH(bare.greet(), Catch::Contains("alert"));
        TlsClient stranger(server.port(), {version, foreign.cert_file, foreign.key_file});
        CHECK_THROWS_WITH(stranger.greet(), Catch::Contains("alert unknown ca"));
        TlsClient late(server.port(), {version, expired.cert_file, expired.key_file});
        CHECK_THROWS_WITH(late.greet(), Catch::Contains("alert certificate expired"));
    }
    CHECK(eventually([&] { return stat(probe, "tls_handshake_failures") == 6; }));
}

TEST_CASE("an optional client certificate may be left out, and a wrong one may not be shown") {
    TestCertificates clients;
    TestCertificates others("Another CA");
    const IdentityFiles foreign = others.issue("client");
    TlsServer server(mutual(clients, "optional"));
    CHECK(TlsClient(server.port()).greet().call(ping_frame()).status == WIRE_OK);
    TlsClient stranger(server.port(), {0, foreign.cert_file, foreign.key_file});
    CHECK_THROWS_WITH(stranger.greet(), Catch::Contains("alert unknown ca"));
}

TEST_CASE("C6: where TLS is required a plaintext client is told so, but not on the Unix socket") {
    TestCertificates directory;
    const std::string path = directory.path("socket");
    TlsServer server({"--tls-required", "--unix", path});
    for (const std::string& bytes :
         {client_preface(), std::string("GET / HTTP/1.1\r\n\r\n"), client_preface().substr(0, 1)}) {
        WireClient client(server.port());
        client.send(bytes);
        const wire_server_preface preface = client.receive_preface();
        CHECK(preface.chosen == 0);
        CHECK(preface.reason == WIRE_REFUSAL_TLS_REQUIRED);
        CHECK(client.is_closed_by_server());
    }
    WireClient local(path);
    local.send(client_preface());
    CHECK(local.receive_preface().chosen == WIRE_VERSION);
    CHECK(TlsClient(server.port()).greet().call(ping_frame()).status == WIRE_OK);
}

TEST_CASE("C6: a server without a certificate refuses TLS by an alert") {
    RunningServer server;
    TlsClient client(server.port());
    CHECK_THROWS_WITH(client.shake_hands(), Catch::Contains("alert handshake failure"));
    auto probe = WireClient::greeted(server.port());
    CHECK(eventually([&] { return stat(probe, "tls_handshake_failures") == 1; }));
}

TEST_CASE("a value of a mebibyte goes both ways over TLS", "[wire]") {
    TlsServer server;
    TlsClient client(server.port());
    client.greet();
    std::string value(mebibyte, '\0');
    for (std::size_t i = 0; i < value.size(); ++i) {
        value[i] = static_cast<char>(i * 2654435761U >> 13);
    }
    CHECK(client.call(put_frame("big", value)).status == WIRE_OK);
    CHECK((client.call(get_frame("big")).value() == value));
}

TEST_CASE("C1: every reply of a full pipeline arrives over TLS, and then the end") {
    TlsServer server;
    constexpr std::uint32_t count = 20'000;
    TlsClient client(server.port());
    client.greet();
    std::string frames = put_frame("k", "value");
    for (std::uint32_t i = 1; i <= count; ++i) {
        frames += get_frame("k", i);
    }
    client.send(frames);
    client.peer().finish();
    client.send_output();
    CHECK(client.receive().status == WIRE_OK);
    for (std::uint32_t i = 1; i <= count; ++i) {
        const Reply reply = client.receive();
        REQUIRE(reply.request_id == i);
        REQUIRE(reply.value() == "value");
    }
    CHECK(client.is_closed_by_server());
    CHECK(client.peer().is_ended());  // said in TLS, so that nobody can have cut it short
}

TEST_CASE("C2: resets within records and with replies queued leave a working server") {
    TlsServer server;
    auto probe = server.probe();
    REQUIRE(probe.call(put_frame("big", std::string(256 * 1024, 'v'))).status == WIRE_OK);
    for (int i = 0; i < 100; ++i) {
        TlsClient client(server.port());
        client.greet();
        switch (i % 3) {
            case 0:
                client.peer().write(ping_frame());
                client.wire().send(client.peer().output().substr(0, 20));
                break;
            case 1: client.send(repeated(get_frame("big"), 40)); break;
            default: break;
        }
        client.wire().reset();
    }
    CHECK(eventually([&] { return stat(probe, "connections") == 1; }));
    CHECK(stat(probe, "tls_connections") == 0);
}

TEST_CASE("a record that was changed on the way ends the connection") {
    TlsServer server;
    auto probe = server.probe();
    TlsClient client(server.port());
    client.greet();
    client.peer().write(put_frame("k", "v"));
    std::string record = client.peer().output();
    record[10] = static_cast<char>(record[10] ^ 1);
    client.wire().send(record);
    CHECK_THROWS_WITH(client.receive(), Catch::Contains("alert bad record mac"));
    CHECK(probe.call(get_frame("k")).status == WIRE_NOT_FOUND);
}

TEST_CASE("C3: a TLS client that never reads is neither read nor executed beyond a bound") {
    TlsServer server;
    auto probe = server.probe();
    REQUIRE(probe.call(put_frame("big", std::string(mebibyte, 'v'))).status == WIRE_OK);
    TlsClient client(server.port());
    client.greet();
    client.send(repeated(get_frame("big"), 300));
    CHECK(eventually([&] { return stat(probe, "paused_reads") >= 1; }));
    CHECK(stat(probe, "requests") < 100);
    for (const FieldMap& listed : clients_of(probe)) {
        CHECK(listed.numbers.at("unsent_bytes") <= 3 * mebibyte);
    }
    for (int i = 0; i < 300; ++i) {
        REQUIRE(client.receive().body.size() > mebibyte);
    }
}

TEST_CASE("SIGHUP reads the certificate again, and a bad one leaves the old one in use") {
    TlsServer server;
    const auto name_shown = [&] {
        return TlsClient(server.port()).greet().peer().peer_common_name();
    };
    TlsClient old(server.port());
    old.greet();
    server.certificates().issue("server", {.common_name = "after"});
    kill(server.running().pid(), SIGHUP);
    CHECK(eventually([&] { return name_shown() == "after"; }));

    server.certificates().issue("server", {.common_name = "late", .valid_until_s = -60});
    kill(server.running().pid(), SIGHUP);
    REQUIRE(server.running().says("configuration_refused"));
    CHECK(old.call(ping_frame()).status == WIRE_OK);
    CHECK(name_shown() == "after");
    CHECK(server.running().stop() == 0);
    CHECK_THAT(server.running().later_lines(),
               Catch::Contains("event=configuration_refused reason=\"tls.cert_file") &&
                   Catch::Contains("the certificate has expired"));
}

TEST_CASE("C14: a stop tells TLS clients, also one in the middle of its handshake") {
    TlsServer server;
    TlsClient client(server.port());
    client.greet();
    TlsPeer peer;
    peer.shake_hands();
    WireClient beginner(server.port());
    beginner.send(peer.output().substr(0, 50));
    CHECK(client.call(ping_frame()).status == WIRE_OK);
    kill(server.running().pid(), SIGTERM);
    CHECK(client.receive().status == WIRE_SHUTTING_DOWN);
    CHECK(client.is_closed_by_server());
    CHECK(client.peer().is_ended());
    CHECK(beginner.is_closed_by_server());
    CHECK(server.running().wait() == 0);
}
