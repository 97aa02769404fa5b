// SPDX-License-Identifier: MIT
//
// tags, tag add|remove|count, invalidate, binary against binary.
#include "support/cli_run.hpp"

using namespace tc::test;

TEST_CASE("tag add and remove print how many tags changed", "[cli][tag]") {
    const RunningServer server;
    const Cli cli(server);
    CHECK(cli({"tag", "add", "k", "t"}) == fails(1, "not found: \"k\"\n"));
    cli({"put", "k", "v", "-t", "a"});
    CHECK(cli({"tag", "add", "k", "a", "b", "c", "b"}) == prints("2\n"));
    CHECK(cli({"tags", "k"}) == prints("a\nb\nc\n"));
    CHECK(cli({"tag", "remove", "k", "a", "x"}) == prints("1\n"));
    CHECK_THAT(cli({"tag", "remove", "k", "b", "--json"}).out,
               Catch::StartsWith("{\"key\":\"k\",\"status\":\"OK\",\"changed\":1,\"version\":\"1"));
    CHECK(cli({"tags", "k", "--json"}) ==
          prints("{\"key\":\"k\",\"status\":\"OK\",\"tags\":[\"c\"]}\n"));
    CHECK(cli({"get", "k"}) == prints("v"));
}

TEST_CASE("tag count prints a number for each tag", "[cli][tag]") {
    const RunningServer server;
    const Cli cli(server);
    cli({"put", "--pairs", "a", "1", "b", "2", "-t", "t"});
    CHECK(cli({"tag", "count", "t", "none"}) == prints("2\n0\n"));
    CHECK(cli({"tag", "count", "t", "--json"}) == prints("{\"tag\":\"t\",\"entries\":2}\n"));
}

TEST_CASE("invalidate prints how many entries it removed, each once", "[cli][invalidate]") {
    const RunningServer server;
    const Cli cli(server);
    cli({"put", "a", "1", "-t", "red"});
    cli({"put", "b", "2", "-t", "red", "-t", "big"});
    cli({"put", "c", "3", "-t", "big"});
    cli({"put", "d", "4"});
    CHECK(cli({"invalidate", "red", "big", "--dry-run"}) == prints("3\n"));
    CHECK(cli({"invalidate", "red", "big", "--match", "all", "--dry-run", "--json"}) ==
          prints("{\"tags\":[\"red\",\"big\"],\"match\":\"all\",\"dry_run\":true,"
                 "\"entries\":1}\n"));
    CHECK(cli({"invalidate", "red", "big", "--all-tags"}) == prints("1\n"));
    CHECK(cli({"invalidate", "red", "big"}) == prints("2\n"));
    CHECK(cli({"scan"}) == prints("d\n"));
}

TEST_CASE("an invalidation that removes nothing is a success", "[cli][invalidate]") {
    const RunningServer server;
    const Cli cli(server);
    CHECK(cli({"invalidate", "never seen"}) == prints("0\n"));
    CHECK(cli({"invalidate", "x", "--match", "all", "--all-tags"}).exit_code == 2);
    CHECK(cli({"invalidate"}) ==
          fails(2, "tagcache: TAG is required; see: tagcache invalidate --help\n"));
}

TEST_CASE("D4: 512 tags are taken, 513 refused, the same tag twice counts once", "[cli][tag]") {
    const RunningServer server;
    const Cli cli(server);
    Cli::Words words = {"put", "k", "v", "-t", "t0"};
    for (int i = 0; i < 511; ++i) {
        words.push_back("--tag=t" + std::to_string(i));
    }
    CHECK(cli(words) == prints(""));
    CHECK(cli({"tag", "list", "t510"}) == prints("t510\n"));
    words.push_back("--tag=one more");
    const CliResult refused = cli(words);
    CHECK(refused.exit_code == 5);
    CHECK_THAT(refused.err, Catch::Contains("TOO_MANY_TAGS"));
}
