// SPDX-License-Identifier: MIT
//
// Servers that say what ours never would, or go away in the middle.
#include "client-lib/fake_server.hpp"
#include "protocol/tag_messages.h"
#include "support/cli_run.hpp"

using namespace tc::test;

namespace {

const std::string evil = "\x1B]0;owned\x07\nok\xC2\x9B";
const std::string evil_shown = "\\x1B]0;owned\\x07\\x0Aok\\xC2\\x9B";

Cli talking_to(const FakeServer& server) {
    Cli cli;
    cli.environment["TAGCACHE_PORT"] = std::to_string(server.port());
    return cli;
}

// Answers each request with the body, one after the other, and waits for the end.
FakeServer::Script answering(std::vector<std::string> bodies, std::uint8_t status = WIRE_OK) {
    return [bodies, status](Peer& peer) {
        peer.greet();
        for (const std::string& body : bodies) {
            const wire_request request = peer.request();
            peer.send(reply(request.opcode, request.request_id, status, body));
        }
        peer.until_client_closes();
    };
}

std::string fields_body(const std::vector<std::pair<std::string, std::string>>& texts) {
    return written([&](wire_writer* out) {
        wire_write_u16(out, static_cast<std::uint16_t>(texts.size()));
        for (const auto& [name, text] : texts) {
            wire_field field{};
            field.name = wire(name);
            field.type = WIRE_FIELD_TEXT;
            field.text = wire(text);
            wire_write_field(out, &field);
        }
    });
}

std::string results_body(std::uint8_t status) {
    return written([&](wire_writer* out) {
        wire_write_results_head(out, 1, 0);
        wire_write_result(out, 0, status, 0);
    });
}

}  // namespace

TEST_CASE("an answer that does not come is exit code 3, and a change is in doubt then",
          "[cli][hostile]") {
    const FakeServer silent(std::vector<FakeServer::Script>(2, [](Peer& peer) {
        peer.greet();
        (void)peer.request();
        peer.until_client_closes();
    }));
    const std::string timeout_ms = "1000";  // for the greeting, too
    const CliResult read = talking_to(silent)({"get", "k", "--timeout-ms", timeout_ms});
    CHECK(read.exit_code == 3);
    CHECK_THAT(read.err, Catch::Contains("TIMEOUT") && !Catch::Contains("look before"));
    const CliResult change = talking_to(silent)({"put", "k", "v", "--timeout-ms", timeout_ms});
    CHECK(change.exit_code == 3);
    CHECK_THAT(change.err, Catch::Contains("the change may have been made or not: look before"));
}

TEST_CASE("a server's text stays text, on one line", "[cli][hostile]") {
    const FakeServer refusing(
        std::vector<FakeServer::Script>(2, answering({error_body(evil)}, WIRE_BUSY)));
    CHECK(talking_to(refusing)({"put", "k", "v"}) ==
          fails(5, "tagcache: put \"k\": BUSY: " + evil_shown + "; try again later\n"));
    CHECK(talking_to(refusing)({"load", "-", "-q"}, "{\"key\":\"k\",\"value\":\"v\"}\n") ==
          fails(1, "tagcache: load: line 1: " + evil_shown + "\n"));

    const std::string fields = fields_body({{"version", evil}});
    const FakeServer informing({answering({fields, fields_body({})}), answering({"", fields})});
    CHECK_THAT(talking_to(informing)({"status"}).out,
               Catch::Contains("\nversion\t" + evil_shown + "\n"));
    CHECK_THAT(talking_to(informing)({"health"}).out,
               Catch::Contains(", version " + evil_shown + ", up for "));
}

TEST_CASE("an outcome that is not known is told by its name", "[cli][hostile]") {
    const std::string stale = tagcache_status_name(TAGCACHE_STALE);
    const FakeServer server({answering({""}, WIRE_STALE), answering({results_body(WIRE_STALE)}),
                             answering({""}, WIRE_STALE)});
    const Cli cli = talking_to(server);
    CHECK(cli({"get", "k"}) == fails(1, "not done: \"k\": " + stale + "\n"));
    CHECK(cli({"delete", "k"}) == fails(1, "not done: \"k\": " + stale + "\n", "0\n"));
    CHECK(cli({"tags", "k"}) == fails(1, "not done: \"k\": " + stale + "\n"));
}

TEST_CASE("a server is to be started only where none listens", "[cli][hostile]") {
    const std::string full = server_preface(0, WIRE_REFUSAL_TOO_MANY_CONNECTIONS);
    const FakeServer server(
        {[](Peer& peer) { peer.until_client_closes(); }, [&](Peer& peer) { peer.send(full); }});
    const Cli cli = talking_to(server);
    const CliResult silent = cli({"ping", "--timeout-ms", "100"});
    CHECK(silent.exit_code == 3);
    CHECK_THAT(silent.err, Catch::StartsWith("tagcache: cannot connect to ") &&
                               !Catch::Contains("start a server"));
    const CliResult refused = cli({"ping"});
    CHECK(refused.exit_code == 3);
    CHECK_THAT(refused.err, Catch::EndsWith("too many connections\n"));
    const CliResult unknown = cli({"ping", "--host", "no.such.host.invalid"});
    CHECK(unknown.exit_code == 3);
    CHECK_THAT(unknown.err, !Catch::Contains("start a server"));
}

TEST_CASE("delete-prefix that fails says what it removed before", "[cli][hostile]") {
    const FakeServer server([](Peer& peer) {
        peer.greet();
        for (const int removed : {1000, 7}) {
            const wire_request request = peer.request();
            peer.send(reply(request.opcode, request.request_id, WIRE_OK,
                            removed_body(static_cast<std::uint64_t>(removed), "cursor")));
        }
        (void)peer.request();
        peer.hang_up();
    });
    const CliResult result = talking_to(server)({"delete-prefix", "k"});
    CHECK(result.exit_code == 3);
    CHECK(result.out.empty());
    CHECK_THAT(result.err, Catch::Contains("; 1007 entries were removed before; "));
}

TEST_CASE("a load of which a line is in doubt is in doubt", "[cli][hostile]") {
    const FakeServer server([](Peer& peer) {
        peer.greet();
        (void)peer.request();
        peer.reset();
    });
    std::string lines;
    for (int i = 0; i < 5000; ++i) {
        lines += "{\"key\":\"k\",\"value\":\"" + std::string(1000, 'v') + "\"}\n";
    }
    const CliResult result = talking_to(server)({"load", "-", "--json"}, lines);
    CHECK(result.exit_code == 3);
    CHECK_THAT(result.err, Catch::EndsWith("\"status\":\"IN_DOUBT\"}\n"));
    CHECK_THAT(result.err, Catch::Contains("; 0 lines were stored: load the file again"));
    CHECK_THAT(result.out, Catch::StartsWith("{\"entries\":0,"));
}
