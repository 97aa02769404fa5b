// SPDX-License-Identifier: MIT
//
// One bad item of many: it is reported as what it is, and hides nothing of the others.
#include "support/cli_run.hpp"

using namespace tc::test;

TEST_CASE("a pair that is refused hides none of those that are stored", "[cli][batch]") {
    const RunningServer server;
    const Cli cli(server);
    CHECK(cli({"put", "--pairs", "a", "1", "", "2", "b", "3"}) ==
          fails(5, "tagcache: put \"\": KEY_EMPTY\n"));
    CHECK(cli({"get", "key", "a", "b"}) == prints("1\n3\n"));
    const CliResult json = cli({"put", "--pairs", "a", "1", "", "2", "b", "3", "--json"});
    CHECK(json.exit_code == 5);
    CHECK(json.err.empty());
    CHECK_THAT(json.out, Catch::StartsWith("{\"key\":\"a\",\"status\":\"OK\",\"version\":"));
    CHECK_THAT(json.out, Catch::Contains("\n{\"key\":\"\",\"status\":\"KEY_EMPTY\"}\n"
                                         "{\"key\":\"b\",\"status\":\"OK\",\"version\":"));
}

TEST_CASE("a key that is refused hides nothing of the other keys", "[cli][batch]") {
    const RunningServer server;
    const Cli cli(server);
    cli({"put", "--pairs", "a", "1", "b", "2"});
    CHECK(cli({"exists", "a", "", "x", "b"}) ==
          fails(5, "tagcache: exists \"\": KEY_EMPTY\nnot found: \"x\"\n", "a\nb\n"));
    CHECK(cli({"get", "key", "a", "", "b"}) ==
          fails(5, "tagcache: get \"\": KEY_EMPTY\n", "1\n2\n"));
    CHECK(cli({"get", "key", "a", "", "--json"}) ==
          fails(5, "",
                "{\"key\":\"a\",\"status\":\"OK\",\"value_bytes\":1,\"value\":\"1\"}\n"
                "{\"key\":\"\",\"status\":\"KEY_EMPTY\"}\n"));
    CHECK(cli({"touch", "a", "", "b", "--ttl", "1h"}) ==
          fails(5, "tagcache: touch \"\": KEY_EMPTY\n", "2\n"));
    CHECK(cli({"delete", "a", "", "b", "-q"}) ==
          fails(5, "tagcache: delete \"\": KEY_EMPTY\n", "2\n"));
    CHECK(cli({"scan"}) == prints(""));
}

TEST_CASE("what a command has said before it fails is there", "[cli][batch]") {
    const RunningServer server;
    const Cli cli(server);
    cli({"put", "a", "1", "-t", "t"});
    CHECK(cli({"tag", "count", "t", "", "t"}) ==
          fails(5, "tagcache: tag count \"\": TAG_EMPTY: a tag has at least one byte\n", "1\n"));
    // Where that cannot be written either, the first failure is the one that counts.
    const std::string line = "TAGCACHE_PORT=" + server.port_text() + " '" + cli_program +
                             "' tag count t '' 2>/dev/null >/dev/full";
    CHECK(WEXITSTATUS(std::system(line.c_str())) == 5);
}
