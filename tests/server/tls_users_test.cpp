// SPDX-License-Identifier: MIT
//
// Users who are known by the name in their certificate: no AUTH, and all the rest as for others.
#include "support/tls_peer.hpp"
#include "support/tls_server.hpp"
#include "support/users.hpp"

using namespace tc::test;

namespace {

NewUser with_tls_names(const std::string& name, std::vector<std::string> tls_names) {
    NewUser user{name, WIRE_RIGHT_READ | WIRE_RIGHT_WRITE, {"app:"}, {}, ""};
    user.options =
        WIRE_USER_CREATE | WIRE_USER_RIGHTS | WIRE_USER_KEY_PREFIXES | WIRE_USER_TLS_NAMES;
    user.tls_names = std::move(tls_names);
    return user;
}

// A server with users that asks for certificates, and takes clients without.
class CertifiedServer {
 public:
    CertifiedServer() : guarded_(arguments()) {}

    GuardedServer& guarded() { return guarded_; }
    TestCertificates& clients() { return clients_; }
    // What it answers to the request of a client with a certificate of these terms.
    int status_for(const CertificateTerms& terms, const std::string& frame) {
        const IdentityFiles files = clients_.issue("client", terms);
        TlsClient client(guarded_.server().port(), {0, files.cert_file, files.key_file});
        return client.greet().call(frame).status;
    }

 private:
    std::vector<std::string> arguments() {
        const IdentityFiles own = certificates_.issue("server");
        std::vector<std::string> words = mutual(clients_, "optional");
        words.insert(words.end(),
                     {"--tls-cert-file", own.cert_file, "--tls-key-file", own.key_file});
        return words;
    }

    TestCertificates certificates_;
    TestCertificates clients_{"CA of clients"};
    GuardedServer guarded_;
};

const CertificateTerms app = {.common_name = "app-1", .alternative_names = "DNS:other.example"};

}  // namespace

TEST_CASE("a certificate's name makes its client a user, with that user's rights", "[access]") {
    CertifiedServer server;
    server.guarded().add(with_tls_names("app", {"app-0", "app-1"}));
    CHECK(server.status_for(app, get_frame("app:k")) == WIRE_NOT_FOUND);
    CHECK(server.status_for(app, get_frame("other")) == WIRE_FORBIDDEN);
    CHECK(server.status_for(app, user_delete_frame("root")) == WIRE_FORBIDDEN);
    // Without a common name it is the first alternative one; with one, that one alone.
    CHECK(server.status_for({.common_name = "", .alternative_names = "DNS:app-0"},
                            get_frame("app:k")) == WIRE_NOT_FOUND);
    CHECK(server.status_for({.common_name = "stranger", .alternative_names = "DNS:app-0"},
                            get_frame("app:k")) == WIRE_AUTH_REQUIRED);
}

TEST_CASE("a certificate with another name, and none, are nobody", "[access]") {
    CertifiedServer server;
    server.guarded().add(with_tls_names("app", {"app-1"}));
    const auto name = GENERATE(as<std::string>{}, "stranger", "app-10", "APP-1", "app",
                               std::string("app-1\0x", 7));
    CHECK(server.status_for({.common_name = name, .alternative_names = ""}, get_frame("app:k")) ==
          WIRE_AUTH_REQUIRED);
    TlsClient bare(server.guarded().server().port());
    CHECK(bare.greet().call(get_frame("app:k")).status == WIRE_AUTH_REQUIRED);
}

TEST_CASE("a certificate's user may authenticate as another one", "[access]") {
    CertifiedServer server;
    server.guarded().add(with_tls_names("app", {"app-1"}));
    const IdentityFiles files = server.clients().issue("client", app);
    TlsClient client(server.guarded().server().port(), {0, files.cert_file, files.key_file});
    client.greet();
    // Refused, it stays who it is.
    CHECK(client.call(auth_frame("root", "a wrong password")).status == WIRE_FORBIDDEN);
    CHECK(client.call(get_frame("app:k")).status == WIRE_NOT_FOUND);
    CHECK(client.call(auth_frame("root", "a good password")).status == WIRE_OK);
    CHECK(client.call(get_frame("other")).status == WIRE_NOT_FOUND);
}

TEST_CASE("a certificate's name that is taken from its user lets nobody in any more", "[access]") {
    CertifiedServer server;
    server.guarded().add(with_tls_names("app", {"app-1"}));
    const IdentityFiles files = server.clients().issue("client", app);
    const int port = server.guarded().server().port();
    TlsClient client(port, {0, files.cert_file, files.key_file});
    CHECK(client.greet().call(get_frame("app:k")).status == WIRE_NOT_FOUND);
    NewUser change = with_tls_names("app", {});
    change.options = WIRE_USER_TLS_NAMES;
    server.guarded().add(change);
    CHECK(client.call(get_frame("app:k")).status == WIRE_AUTH_REQUIRED);
    CHECK(client.is_closed_by_server());
    CHECK(server.status_for(app, get_frame("app:k")) == WIRE_AUTH_REQUIRED);
    // It is free for another one.
    server.guarded().add(with_tls_names("heir", {"app-1"}));
    CHECK(server.status_for(app, get_frame("app:k")) == WIRE_NOT_FOUND);
}
