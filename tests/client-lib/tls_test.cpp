// SPDX-License-Identifier: MIT
//
// libtagcache_tls: whom a client talks to, whom it refuses and why, and bytes in any pieces. Ids
// are those of the catalogue of bad inputs.
#include <openssl/ssl.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "client-lib/handles.hpp"
#include "client-lib/replies.hpp"
#include "support/loopback_listener.hpp"
#include "support/server_stats.hpp"
#include "support/tls_server.hpp"
#include "support/users.hpp"
#include "tagcache/tls.h"
#include "tagcache/tls.hpp"

using namespace tc::test;

namespace {

constexpr std::size_t mebibyte = 1024 * 1024;

using TlsHandle = std::unique_ptr<tagcache_tls, Free<tagcache_tls, tagcache_tls_free>>;

tagcache_tls_options trusting(const std::string& ca_file) {
    tagcache_tls_options options = TAGCACHE_TLS_OPTIONS_INIT;
    options.ca_file = ca_file.c_str();
    return options;
}

TlsHandle new_tls(const tagcache_tls_options& options) {
    tagcache_tls* tls = nullptr;
    const tagcache_status status = tagcache_tls_new(&options, &tls);
    TlsHandle owned(tls);
    if (status != TAGCACHE_OK) {
        throw std::runtime_error(tagcache_tls_error(tls));
    }
    return owned;
}

tagcache_client_options client_options(const std::string& uri, const TlsHandle& tls) {
    tagcache_client_options options = TAGCACHE_CLIENT_OPTIONS_INIT;
    options.uri = uri.c_str();
    options.timeout_ms = 60'000;
    options.connect_timeout_ms = 60'000;
    options.transport = tagcache_tls_transport();
    options.transport_context = tls.get();
    return options;
}

ClientHandle new_client(const tagcache_client_options& options) {
    tagcache_client* client = nullptr;
    if (tagcache_client_new(&options, &client) != TAGCACHE_OK) {
        const ClientHandle owned(client);
        throw std::runtime_error(tagcache_client_error(client));
    }
    return ClientHandle(client);
}

std::string uri_of(int port) {
    return "tagcaches://127.0.0.1:" + std::to_string(port);
}

// What a client with these options says when it cannot connect; "" when it can.
std::string refusal(int port, const tagcache_tls_options& options) {
    const TlsHandle tls = new_tls(options);
    const std::string uri = uri_of(port);
    const ClientHandle client = new_client(client_options(uri, tls));
    const tagcache_status status = tagcache_client_connect(client.get(), nullptr);
    CHECK((status == TAGCACHE_OK || status == TAGCACHE_CONNECT));
    return tagcache_client_error(client.get());
}

// A server's side in memory, for certificates that tagcached would not start with.
class ServerSide {
 public:
    explicit ServerSide(const IdentityFiles& files) : context_(SSL_CTX_new(TLS_server_method())) {
        REQUIRE(SSL_CTX_use_certificate_chain_file(context_.get(), files.cert_file.c_str()) == 1);
        REQUIRE(SSL_CTX_use_PrivateKey_file(context_.get(), files.key_file.c_str(),
                                            SSL_FILETYPE_PEM) == 1);
        ssl_.reset(SSL_new(context_.get()));
        SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_accept_state(ssl_.get());
    }

    void feed(std::string_view bytes) {
        BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size()));
    }
    // Reads what there is and answers each byte with itself.
    void echo() {
        char block[4096];
        std::size_t size = 0;
        std::size_t written = 0;
        while (SSL_read_ex(ssl_.get(), block, sizeof block, &size) == 1) {
            SSL_write_ex(ssl_.get(), block, size, &written);
        }
    }
    std::string output() {
        std::string bytes(BIO_ctrl_pending(SSL_get_wbio(ssl_.get())), '\0');
        if (!bytes.empty()) {
            BIO_read(SSL_get_wbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size()));
        }
        return bytes;
    }

 private:
    struct Free {
        void operator()(SSL* ssl) const { SSL_free(ssl); }
        void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    };
    std::unique_ptr<SSL_CTX, Free> context_;
    std::unique_ptr<SSL, Free> ssl_;
};

// Sends a text through the transport to a server that echoes, `piece_bytes` at a time both ways;
// what came back, or why nothing did.
std::string echoed(const IdentityFiles& files, const std::string& ca_file, std::string text,
                   std::size_t piece_bytes) {
    const tagcache_transport& transport = *tagcache_tls_transport();
    const TlsHandle tls = new_tls(trusting(ca_file));
    const std::unique_ptr<void, void (*)(void*)> owned(transport.open(tls.get(), "localhost"),
                                                       transport.close);
    void* const connection = owned.get();
    ServerSide server(files);
    const std::size_t expected_bytes = text.size();
    std::string answer;
    while (answer.size() < expected_bytes) {
        std::size_t taken = 0;
        if (transport.write(connection, {text.data(), text.size()}, &taken) != TAGCACHE_OK) {
            return transport.error(connection);
        }
        text.erase(0, taken);
        const tagcache_bytes sent = transport.output(connection);
        const std::size_t sent_bytes = std::min(piece_bytes, sent.size);
        server.feed({static_cast<const char*>(sent.data), sent_bytes});
        transport.sent(connection, sent_bytes);
        server.echo();
        const std::string received = server.output();
        for (std::size_t at = 0; at < received.size(); at += piece_bytes) {
            const std::string piece = received.substr(at, piece_bytes);
            CHECK(transport.feed(connection, {piece.data(), piece.size()}) == TAGCACHE_OK);
            char room[100];
            std::size_t size = 1;
            while (size != 0) {
                if (transport.read(connection, room, sizeof room, &size) != TAGCACHE_OK) {
                    return transport.error(connection);
                }
                answer.append(room, size);
            }
        }
    }
    return answer;
}

}  // namespace

TEST_CASE("a client speaks TLS with a server whose certificate names its host", "[client][tls]") {
    TlsServer server;
    const std::string ca_file = server.certificates().ca_file();
    const TlsHandle tls = new_tls(trusting(ca_file));
    const std::string uri = uri_of(server.port());
    const ClientHandle client = new_client(client_options(uri, tls));
    CHECK(tagcache_client_address(client.get()) == uri);
    const ResultHandle result = new_result();
    const std::string value(mebibyte, 'v');
    REQUIRE(tagcache_put(client.get(), tagcache_text("big"), {value.data(), value.size()}, nullptr,
                         nullptr, nullptr) == TAGCACHE_OK);
    REQUIRE(tagcache_get(client.get(), tagcache_text("big"), result.get(), nullptr, nullptr) ==
            TAGCACHE_OK);
    CHECK(tagcache_result_value(result.get()).size == mebibyte);
    auto probe = server.probe();
    CHECK(counter_of(probe, "tls_connections") == 1);
}

TEST_CASE("a deep pipeline with large replies goes through TLS", "[client][tls]") {
    TlsServer server;
    const std::string ca_file = server.certificates().ca_file();
    const TlsHandle tls = new_tls(trusting(ca_file));
    const std::string uri = uri_of(server.port());
    const ClientHandle client = new_client(client_options(uri, tls));
    const std::string value(20'000, 'v');
    REQUIRE(tagcache_put(client.get(), tagcache_text("k"), {value.data(), value.size()}, nullptr,
                         nullptr, nullptr) == TAGCACHE_OK);
    const PipelineHandle pipeline = new_pipeline(client);
    constexpr int count = 5000;  // a hundred megabytes: both sides push back
    const ResultHandle result = new_result();
    int taken_count = 0;
    const auto take = [&] {
        REQUIRE(tagcache_pipeline_next(pipeline.get(), result.get(), nullptr));
        REQUIRE(tagcache_result_value(result.get()).size == value.size());
        ++taken_count;
    };
    for (int i = 0; i < count; ++i) {
        while (tagcache_pipeline_get(pipeline.get(), tagcache_text("k"), nullptr, nullptr) ==
               TAGCACHE_PIPELINE_FULL) {
            take();
        }
    }
    REQUIRE(tagcache_pipeline_send(pipeline.get(), nullptr) != TAGCACHE_CONNECTION_LOST);
    while (taken_count < count) {
        take();
    }
    CHECK(!tagcache_pipeline_next(pipeline.get(), result.get(), nullptr));
}

TEST_CASE("a server's certificate that proves nothing is refused with the reason",
          "[client][tls]") {
    TestCertificates others("Another CA");
    const std::string other_ca_file = others.ca_file();
    TlsServer server({}, {.common_name = "x", .alternative_names = "DNS:cache.example"});
    const std::string ca_file = server.certificates().ca_file();
    const std::string prefix = "cannot connect to " + uri_of(server.port()) + ": ";

    tagcache_tls_options options = trusting(ca_file);
    CHECK(refusal(server.port(), options) ==
          prefix + "the server's certificate does not name '127.0.0.1'");
    options.server_name = "other.example";
    CHECK(refusal(server.port(), options) ==
          prefix + "the server's certificate does not name 'other.example'");
    options.server_name = "cache.example";
    CHECK(refusal(server.port(), options).empty());
    options.ca_file = other_ca_file.c_str();
    CHECK_THAT(
        refusal(server.port(), options),
        Catch::StartsWith(prefix + "the server's certificate is signed by nobody whom we trust ("));
    options.ca_file = nullptr;  // the system's
    CHECK_THAT(refusal(server.port(), options), Catch::Contains("signed by nobody whom we trust"));
    options.flags = TAGCACHE_TLS_NO_VERIFY;
    CHECK(refusal(server.port(), options).empty());
}

TEST_CASE("TLS whose options were refused trusts nobody", "[client][tls]") {
    const TlsServer server;
    tagcache_tls_options options = TAGCACHE_TLS_OPTIONS_INIT;
    options.flags = 0x80;
    tagcache_tls* refused = nullptr;
    REQUIRE(tagcache_tls_new(&options, &refused) == TAGCACHE_LOCAL_INVALID_ARGUMENT);
    const TlsHandle tls(refused);
    const ClientHandle client = new_client(client_options(uri_of(server.port()), tls));
    CHECK(tagcache_client_connect(client.get(), nullptr) == TAGCACHE_CONNECT);
    CHECK_THAT(tagcache_client_error(client.get()),
               Catch::Contains("signed by nobody whom we trust"));
}

TEST_CASE("a server's certificate that has expired is refused", "[client][tls]") {
    TestCertificates certificates;
    const IdentityFiles late = certificates.issue("late", {.valid_until_s = -60});
    CHECK(echoed(late, certificates.ca_file(), "x", 100) == "the server's certificate has expired");
    const IdentityFiles early = certificates.issue("early", {.valid_from_s = 3600});
    CHECK(echoed(early, certificates.ca_file(), "x", 100) ==
          "the server's certificate is not valid: certificate is not yet valid");
}

TEST_CASE("C6: the transport takes and gives bytes in pieces of any size", "[client][tls]") {
    TestCertificates certificates;
    const IdentityFiles files = certificates.issue("server");
    std::string text(40'000, '\0');
    for (std::size_t i = 0; i < text.size(); ++i) {
        text[i] = static_cast<char>(i * 7);
    }
    for (const std::size_t piece_bytes : {1, 7, 1000, 1'000'000}) {
        CAPTURE(piece_bytes);
        CHECK((echoed(files, certificates.ca_file(), text, piece_bytes) == text));
    }
}

TEST_CASE("a server that asks for a certificate says what is wrong with ours", "[client][tls]") {
    TestCertificates clients;
    const IdentityFiles files = clients.issue("client", {.common_name = "app-1"});
    TlsServer server(mutual(clients));
    const std::string ca_file = server.certificates().ca_file();
    tagcache_tls_options options = trusting(ca_file);
    CHECK_THAT(refusal(server.port(), options), Catch::Contains("alert certificate required"));
    options.cert_file = files.cert_file.c_str();
    options.key_file = files.key_file.c_str();
    CHECK(refusal(server.port(), options).empty());
    TestCertificates others("Another CA");
    const IdentityFiles foreign = others.issue("client");
    options.cert_file = foreign.cert_file.c_str();
    options.key_file = foreign.key_file.c_str();
    CHECK_THAT(refusal(server.port(), options), Catch::Contains("alert unknown ca"));
}

TEST_CASE("a client is the user whom its certificate names", "[client][tls]") {
    TestCertificates clients;
    TestCertificates certificates;
    const IdentityFiles own = certificates.issue("server");
    std::vector<std::string> arguments = mutual(clients, "optional");
    arguments.insert(arguments.end(),
                     {"--tls-cert-file", own.cert_file, "--tls-key-file", own.key_file});
    GuardedServer guarded(arguments);
    NewUser app{"app", WIRE_RIGHT_READ, {""}, {}, ""};
    app.options |= WIRE_USER_TLS_NAMES;
    app.tls_names = {"app-1"};
    guarded.add(app);
    const IdentityFiles files = clients.issue("client", {.common_name = "app-1"});
    const std::string ca_file = certificates.ca_file();
    tagcache_tls_options options = trusting(ca_file);
    options.cert_file = files.cert_file.c_str();
    options.key_file = files.key_file.c_str();
    const TlsHandle tls = new_tls(options);
    const std::string uri = uri_of(guarded.server().port());
    const ClientHandle client = new_client(client_options(uri, tls));
    CHECK(tagcache_get(client.get(), bytes_of("k"), nullptr, nullptr, nullptr) ==
          TAGCACHE_NOT_FOUND);
    CHECK(tagcache_flush(client.get(), nullptr, nullptr) == TAGCACHE_FORBIDDEN);
    // Credentials beside it count more; TLS carries them anywhere.
    tagcache_credentials root = TAGCACHE_CREDENTIALS_INIT;
    root.user = bytes_of("root");
    root.password = bytes_of("a good password");
    CHECK(tagcache_auth(client.get(), &root, nullptr, nullptr) == TAGCACHE_OK);
    CHECK(tagcache_flush(client.get(), nullptr, nullptr) == TAGCACHE_OK);
}

TEST_CASE("C6: TLS and plaintext that meet say so", "[client][tls]") {
    const tagcache_tls_options system = TAGCACHE_TLS_OPTIONS_INIT;
    RunningServer plain;
    CHECK_THAT(refusal(plain.port(), system),
               Catch::Contains("the server ended TLS: sslv3 alert handshake failure"));
    TlsServer secure({"--tls-required"});
    const ClientHandle client = new_client(secure.port());
    CHECK(tagcache_client_connect(client.get(), nullptr) == TAGCACHE_CONNECT);
    CHECK_THAT(tagcache_client_error(client.get()), Catch::Contains("the server requires TLS"));
}

TEST_CASE("a refusal that precedes TLS is understood", "[client][tls]") {
    TlsServer server({"--max-connections", "1"});
    auto only = server.probe();
    const tagcache_tls_options system = TAGCACHE_TLS_OPTIONS_INIT;
    CHECK_THAT(refusal(server.port(), system),
               Catch::Contains("the server has too many connections"));
}

TEST_CASE("C6: a handshake that is not answered ends with the time to connect", "[client][tls]") {
    const LoopbackListener silent;
    const TlsHandle tls = new_tls(TAGCACHE_TLS_OPTIONS_INIT);
    const std::string uri = uri_of(silent.port());
    tagcache_client_options options = client_options(uri, tls);
    options.connect_timeout_ms = 100;
    const ClientHandle client = new_client(options);
    CHECK(tagcache_ping(client.get(), nullptr) == TAGCACHE_CONNECT);
    CHECK_THAT(tagcache_client_error(client.get()),
               Catch::Contains("the server did not answer in time"));
}

TEST_CASE("a client connects again when its TLS connection has gone", "[client][tls]") {
    TlsServer server;
    const std::string ca_file = server.certificates().ca_file();
    const TlsHandle tls = new_tls(trusting(ca_file));
    const std::string uri = uri_of(server.port());
    const ClientHandle client = new_client(client_options(uri, tls));
    for (int i = 0; i < 3; ++i) {
        CHECK(tagcache_ping(client.get(), nullptr) == TAGCACHE_OK);
        tagcache_client_disconnect(client.get());
    }
    auto probe = server.probe();
    CHECK(counter_of(probe, "tls_handshakes") == 3);
}

TEST_CASE("what cannot be done about TLS is an invalid argument", "[client][tls]") {
    tagcache_client_options options = TAGCACHE_CLIENT_OPTIONS_INIT;
    options.uri = "tagcaches://localhost";
    CHECK_THROWS_WITH(
        new_client(options),
        "a tagcaches:// URI needs the transport of libtagcache_tls, see tagcache/tls.h");
    const TlsHandle tls = new_tls(TAGCACHE_TLS_OPTIONS_INIT);
    CHECK_THROWS_WITH(new_client(client_options("unix:///run/x", tls)),
                      "a transport is for TCP, and not for a Unix socket");

    TestCertificates certificates;
    const std::string absent = certificates.path("absent");
    const std::string junk = certificates.path("junk");
    std::ofstream(junk) << "junk";
    const IdentityFiles files = certificates.issue("client");
    const std::string other_key = certificates.issue_key("other.key");
    tagcache_tls_options tls_options = trusting(absent);
    CHECK_THROWS_WITH(new_tls(tls_options),
                      "the CA file " + absent + ": No such file or directory");
    tls_options.ca_file = junk.c_str();
    CHECK_THROWS_WITH(new_tls(tls_options), Catch::StartsWith("the CA file " + junk + ": "));
    tls_options.ca_file = nullptr;
    tls_options.key_file = files.key_file.c_str();
    CHECK_THROWS_WITH(new_tls(tls_options), "a key file is of no use without a certificate");
    tls_options.cert_file = files.cert_file.c_str();
    CHECK(new_tls(tls_options) != nullptr);
    tls_options.key_file = other_key.c_str();
    CHECK_THROWS_WITH(new_tls(tls_options), Catch::Contains("key values mismatch"));
    tls_options.flags = 0x80;
    CHECK_THROWS_WITH(new_tls(tls_options), "the flags have a bit that is not known");
}

TEST_CASE("options of a client that was built before transports are taken", "[client][tls]") {
    tagcache_client_options options = TAGCACHE_CLIENT_OPTIONS_INIT;
    options.struct_size = offsetof(tagcache_client_options, transport);
    options.transport = tagcache_tls_transport();  // bytes that it does not know
    options.uri = "tagcache://127.0.0.1:1";
    const ClientHandle client = new_client(options);
    CHECK(tagcache_ping(client.get(), nullptr) == TAGCACHE_CONNECT);
    CHECK_THAT(tagcache_client_error(client.get()), Catch::Contains("tagcache://127.0.0.1:1: "));
}

TEST_CASE("the C++ wrapper speaks TLS", "[client][tls]") {
    TlsServer server;
    const std::string ca_file = server.certificates().ca_file();
    const std::string uri = uri_of(server.port());
    const tagcache::Tls tls(trusting(ca_file));
    tagcache::Client client(tls.client_options(uri.c_str()));
    client.put("k", "v");
    CHECK(client.get("k") == "v");
    CHECK_THROWS_AS(tagcache::Tls(trusting("/nowhere")), tagcache::Error);
}
