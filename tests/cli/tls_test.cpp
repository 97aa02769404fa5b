// SPDX-License-Identifier: MIT
//
// TLS on the command line: how it is asked for, and what is said when it fails.
#include <catch2/catch.hpp>

#include "support/cli_run.hpp"
#include "support/server_stats.hpp"
#include "support/tls_server.hpp"

using namespace tc::test;

TEST_CASE("TLS is asked for by an option, a URI or the environment", "[cli][tls]") {
    TlsServer server({"--tls-required"});
    const std::string ca_file = server.certificates().ca_file();
    const std::string port = server.running().port_text();
    Cli cli(server.running());
    CHECK(cli({"put", "k", "v", "--tls", "--tls-ca-file", ca_file}) == prints(""));
    CHECK(cli({"get", "k", "--tls-ca-file", ca_file}) == prints("v"));
    CHECK(cli({"get", "k", "--tls-insecure"}) == prints("v"));
    cli.environment["TAGCACHE_TLS_CA_FILE"] = ca_file;
    CHECK(cli({"get", "k", "--tls"}) == prints("v"));
    CHECK(cli({"get", "k", "--uri", "tagcaches://127.0.0.1:" + port}) == prints("v"));
    CHECK(cli({"get", "k", "--tls-server-name", "localhost"}) == prints("v"));
    CHECK(cli({"get", "k"}).exit_code == 3);  // the file alone does not ask for it
    cli.environment["TAGCACHE_TLS"] = "1";
    CHECK(cli({"get", "k"}) == prints("v"));
    CHECK(cli({"shell"}, "get k\nput k w\nget k\n").out == "vw");
    CHECK(cli({"bench", "--requests", "200", "--connections", "2", "--pipeline", "4"}).exit_code ==
          0);
    cli.environment["TAGCACHE_TLS"] = "yes";
    CHECK(cli({"get", "k"}) == fails(2, "tagcache: TAGCACHE_TLS is neither 0 nor 1\n"));
}

TEST_CASE("a client certificate is shown on request", "[cli][tls]") {
    TestCertificates clients;
    const IdentityFiles files = clients.issue("client");
    TlsServer server(mutual(clients));
    const Cli cli(server.running());
    const std::string ca_file = server.certificates().ca_file();
    CHECK(cli({"ping", "--raw", "--tls-ca-file", ca_file, "--tls-cert-file", files.cert_file,
               "--tls-key-file", files.key_file})
              .exit_code == 0);
    const CliResult refused = cli({"ping", "--tls-ca-file", ca_file});
    CHECK(refused.exit_code == 3);
    CHECK_THAT(refused.err, Catch::Contains("alert certificate required"));
}

TEST_CASE("what keeps TLS from working is said in a line", "[cli][tls]") {
    TlsServer server({}, {.common_name = "x", .alternative_names = "DNS:cache.example"});
    const Cli cli(server.running());
    const std::string ca_file = server.certificates().ca_file();
    const std::string address = "tagcaches://127.0.0.1:" + server.running().port_text();
    CHECK(cli({"get", "k", "--tls-ca-file", ca_file}) ==
          fails(3, "tagcache: cannot connect to " + address +
                       ": the server's certificate does not name '127.0.0.1'\n"));
    CHECK_THAT(cli({"get", "k", "--tls"}).err, Catch::Contains("signed by nobody whom we trust"));
    CHECK(cli({"get", "k", "--tls-ca-file", "/nowhere"}) ==
          fails(2, "tagcache: the CA file /nowhere: No such file or directory\n"));
    CHECK(cli({"get", "k", "--tls", "--unix", "/nowhere"}) ==
          fails(2, "tagcache: a transport is for TCP, and not for a Unix socket\n"));
}
