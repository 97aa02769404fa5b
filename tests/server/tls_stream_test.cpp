// SPDX-License-Identifier: MIT
//
// Certificates and keys as files, and the server's side of a handshake, in this process: what
// neither socket nor loop is needed for.
#include <catch2/catch.hpp>
#include <fstream>

#include "server/tls_context.hpp"
#include "server/tls_stream.hpp"
#include "support/test_certificates.hpp"
#include "support/tls_peer.hpp"

using namespace tc;
using namespace tc::test;

namespace {

// Both sides of a connection, in the memory of the test.
struct Conversation {
    Conversation(const TlsContext& context, const TlsPeerTerms& terms)
        : server(TlsStream::open(context, 0)), client(terms) {
        REQUIRE(server != nullptr);
    }

    // Throws when the client is refused.
    Conversation& shake_hands() {
        bool is_done = false;
        while (!is_done || !server->is_established()) {
            is_done = client.shake_hands();
            exchange();
        }
        return *this;
    }
    // The server reads what the client has sent, then the client what the server has.
    void exchange() {
        const std::string sent = client.output();
        REQUIRE(server->offer({reinterpret_cast<const std::uint8_t*>(sent.data()), sent.size()}));
        Replies output;
        std::array<std::uint8_t, 64> room;
        state = server->read(room, output).state;
        REQUIRE(server->keep_rest());
        give(output);
    }
    void give(Replies& output) {
        std::array<uv_buf_t, Replies::pieces_max> pieces;
        for (std::size_t i = 0; i < output.pieces(pieces); ++i) {
            client.feed({pieces[i].base, pieces[i].len});
        }
        output.clear();
    }

    std::unique_ptr<TlsStream> server;
    TlsPeer client;
    TlsStream::State state = TlsStream::State::starved;
};

TlsOptions options_of(const IdentityFiles& files) {
    TlsOptions options;
    options.cert_file = files.cert_file;
    options.key_file = files.key_file;
    return options;
}

void write_file(const std::string& path, const std::string& text, mode_t mode = 0600) {
    std::ofstream(path) << text;
    chmod(path.c_str(), mode);
}

std::string peer_name_of(TestCertificates& certificates, const CertificateTerms& terms) {
    TlsOptions options = options_of(certificates.issue("server"));
    options.client_ca_file = certificates.ca_file();
    const TlsContext context = make_tls_context(options);
    const IdentityFiles files = certificates.issue("client", terms);
    Conversation conversation(context, {0, files.cert_file, files.key_file});
    conversation.shake_hands();
    return std::string(conversation.server->peer_name());
}

}  // namespace

TEST_CASE("a server's certificate or key that cannot be used is named with the reason") {
    TestCertificates certificates;
    const IdentityFiles good = certificates.issue("server");
    const auto refusal = [](const TlsOptions& options) -> std::string {
        try {
            (void)make_tls_context(options);
            return "";
        } catch (const std::runtime_error& error) {
            return error.what();
        }
    };
    const std::string other_key = certificates.issue_key("other.key");
    const std::string locked_key = certificates.issue_key("locked.key", "1234");
    const std::string open_key = certificates.issue_key("open.key");
    chmod(open_key.c_str(), 0644);
    const std::string junk = certificates.path("junk");
    write_file(junk, "junk");
    const std::string absent = certificates.path("absent");
    const std::string expired = certificates.issue("expired", {.valid_until_s = -1}).cert_file;
    const std::string early = certificates.issue("early", {.valid_from_s = 3600}).cert_file;

    CHECK(refusal(TlsOptions()).empty());
    CHECK(refusal(options_of(good)).empty());
    CHECK(refusal(options_of({absent, ""})) ==
          "tls.cert_file " + absent + ": No such file or directory");
    CHECK(refusal(options_of({junk, ""})) ==
          "tls.cert_file " + junk + ": no certificate in PEM form (no start line)");
    CHECK(refusal(options_of({expired, ""})) ==
          "tls.cert_file " + expired + ": the certificate has expired");
    CHECK(refusal(options_of({early, ""})) ==
          "tls.cert_file " + early + ": the certificate is not valid yet");
    CHECK(refusal(options_of({good.cert_file, absent})) ==
          "tls.key_file " + absent + ": No such file or directory");
    CHECK(refusal(options_of({good.cert_file, other_key})) ==
          "tls.key_file " + other_key + ": the private key is not that of " + good.cert_file);
    CHECK(refusal(options_of({good.cert_file, open_key})) ==
          "tls.key_file " + open_key +
              ": others on this machine can read or change the private key; chmod o-rwx it");
    CHECK(refusal(options_of({good.cert_file, locked_key})) ==
          "tls.key_file " + locked_key +
              ": the private key is locked with a passphrase; store it without one");
    CHECK_THAT(refusal(options_of({good.cert_file, junk})),
               Catch::StartsWith("tls.key_file " + junk + ": no private key in PEM form ("));
    TlsOptions mutual = options_of(good);
    mutual.client_ca_file = junk;
    CHECK(refusal(mutual) ==
          "tls.client_ca_file " + junk + ": no certificate in PEM form (no start line)");
    TlsOptions incomplete;
    incomplete.is_required = true;
    CHECK(refusal(incomplete) == "tls.required needs tls.cert_file");
    CHECK(refusal(options_of({"", good.key_file})) == "tls.key_file needs tls.cert_file");
    incomplete.is_required = false;
    incomplete.client_ca_file = certificates.ca_file();
    CHECK(refusal(incomplete) == "tls.client_ca_file needs tls.cert_file");
}

TEST_CASE("a client's name is its certificate's common name, or else its first DNS name") {
    TestCertificates certificates;
    CHECK(peer_name_of(certificates, {.common_name = "app-1", .alternative_names = "DNS:a"}) ==
          "app-1");
    CHECK(peer_name_of(certificates, {.common_name = "", .alternative_names = "DNS:a,DNS:b"}) ==
          "a");
    CHECK(peer_name_of(certificates, {.common_name = "", .alternative_names = "IP:10.0.0.1"})
              .empty());
    CHECK(peer_name_of(certificates, {.common_name = "Zo\xC3\xAB", .alternative_names = ""}) ==
          "Zo\xC3\xAB");
}

TEST_CASE("C6: a certificate's name with a zero or a line feed in it is no name") {
    TestCertificates certificates;
    CHECK(peer_name_of(certificates,
                       {.common_name = std::string("admin\0.x", 8), .alternative_names = ""})
              .empty());
    CHECK(peer_name_of(certificates, {.common_name = "a\nb", .alternative_names = ""}).empty());
}

TEST_CASE("a client that was not asked for a certificate has no name") {
    TestCertificates certificates;
    const TlsContext context = make_tls_context(options_of(certificates.issue("server")));
    const IdentityFiles files = certificates.issue("client", {.common_name = "app-1"});
    Conversation conversation(context, {0, files.cert_file, files.key_file});
    conversation.shake_hands();
    CHECK(conversation.server->peer_name().empty());
}

namespace {

// Whether a second connection could do without a full handshake.
bool comes_back(const TlsContext& context, const TlsPeerTerms& terms) {
    Conversation first(context, terms);
    first.shake_hands();
    (void)first.client.read();  // the ticket
    SSL_SESSION* session = SSL_get1_session(first.client.ssl());
    first.client.finish();
    Conversation second(context, terms);
    SSL_set_session(second.client.ssl(), session);
    SSL_SESSION_free(session);
    second.shake_hands();
    return SSL_session_reused(second.client.ssl()) == 1;
}

}  // namespace

TEST_CASE("a session ticket brings a client back without a full handshake") {
    TestCertificates certificates;
    const TlsContext context = make_tls_context(options_of(certificates.issue("server")));
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        CHECK(comes_back(context, {version, "", ""}));
    }
}

TEST_CASE("who is known by a certificate shows it each time, since it may have expired") {
    TestCertificates certificates;
    TlsOptions options = options_of(certificates.issue("server"));
    options.client_ca_file = certificates.ca_file();
    const TlsContext context = make_tls_context(options);
    const IdentityFiles files = certificates.issue("client", {.common_name = "app-1"});
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        CHECK_FALSE(comes_back(context, {version, files.cert_file, files.key_file}));
    }
}

TEST_CASE("reloaded certificates are for new handshakes, and bad ones change nothing") {
    TestCertificates certificates;
    const IdentityFiles files = certificates.issue("server", {.common_name = "before"});
    TlsContexts contexts(options_of(files));
    Conversation old(contexts.current(), {});
    old.shake_hands();

    certificates.issue("server", {.common_name = "after"});
    contexts.use(contexts.read_again(options_of(files)));
    Conversation fresh(contexts.current(), {});
    CHECK(fresh.shake_hands().client.peer_common_name() == "after");

    certificates.issue("server", {.common_name = "late", .valid_until_s = -1});
    CHECK_THROWS_WITH(contexts.read_again(options_of(files)),
                      "tls.cert_file " + files.cert_file + ": the certificate has expired");
    write_file(files.cert_file, "junk");
    CHECK_THROWS_WITH(contexts.read_again(options_of(files)),
                      Catch::Contains("no certificate in PEM form"));
    contexts.use(contexts.read_again(options_of(certificates.issue("next"))));
    CHECK(Conversation(contexts.current(), {}).shake_hands().client.peer_common_name() == "after");

    // What began before goes on.
    old.client.write("hello");
    old.exchange();
    CHECK(old.state == TlsStream::State::starved);
    CHECK(old.client.peer_common_name() == "before");
}

TEST_CASE("ciphertext that was not read keeps until it is") {
    TestCertificates certificates;
    const TlsContext context = make_tls_context(options_of(certificates.issue("server")));
    Conversation conversation(context, {});
    conversation.shake_hands();
    std::string expected;
    for (int i = 0; i < 100; ++i) {
        const std::string word(static_cast<std::size_t>(i * 7 % 50 + 1),
                               static_cast<char>('a' + i % 26));
        expected += word;
        conversation.client.write(word);
    }
    std::string read_text;
    std::array<std::uint8_t, 13> room;
    Replies output;
    std::string sent = conversation.client.output();
    TlsStream::State state = TlsStream::State::has_more;
    while (state == TlsStream::State::has_more) {
        const std::string piece = sent.substr(0, 100);
        sent.erase(0, piece.size());
        REQUIRE(conversation.server->offer(
            {reinterpret_cast<const std::uint8_t*>(piece.data()), piece.size()}));
        const TlsStream::Read read = conversation.server->read(room, output);
        read_text.append(room.begin(), room.begin() + static_cast<std::ptrdiff_t>(read.size_bytes));
        REQUIRE(conversation.server->keep_rest());
        state = !sent.empty() ? TlsStream::State::has_more : read.state;
    }
    CHECK(read_text == expected);
}
