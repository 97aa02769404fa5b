// SPDX-License-Identifier: MIT
//
// delete, touch, delete-prefix, flush, binary against binary.
#include "support/cli_run.hpp"

using namespace tc::test;

TEST_CASE("delete prints how many keys were there", "[cli][delete]") {
    const RunningServer server;
    const Cli cli(server);
    cli({"put", "--pairs", "a", "1", "b", "2", "c", "3"});
    CHECK(cli({"delete", "a"}) == prints("1\n"));
    CHECK(cli({"delete", "a"}) == fails(1, "not found: \"a\"\n", "0\n"));
    CHECK(cli({"delete", "b", "a", "c", "c"}) ==
          fails(1, "not found: \"a\"\nnot found: \"c\"\n", "2\n"));
    CHECK(cli({"put", "a", "1"}).exit_code == 0);
    CHECK(cli({"delete", "a", "x", "--json"}) ==
          fails(1, "",
                "{\"key\":\"a\",\"status\":\"OK\"}\n"
                "{\"key\":\"x\",\"status\":\"NOT_FOUND\"}\n"));
}

TEST_CASE("delete and touch compare a version when told to", "[cli][delete]") {
    const RunningServer server;
    const Cli cli(server);
    cli({"put", "a", "1"});
    CHECK(cli({"delete", "a", "--if-version", "1"}) ==
          fails(1, "not done: \"a\" has another version\n", "0\n"));
    CHECK(cli({"touch", "a", "--ttl", "1h", "--if-version", "1"}) ==
          fails(1, "not done: \"a\" has another version\n", "0\n"));
    CHECK(cli({"delete", "a", "b", "--if-version", "1"}) ==
          fails(2, "tagcache: --if-version goes with one key\n"));
    const std::string details = cli({"get", "a", "--details"}).out;
    const std::size_t begin = details.find("version\t") + 8;
    const std::string version = details.substr(begin, details.find('\n', begin) - begin);
    CHECK(cli({"touch", "a", "--ttl", "1h", "--if-version", version}) == prints("1\n"));
    CHECK(cli({"delete", "a", "--if-version", version}) == prints("1\n"));
}

TEST_CASE("touch needs a TTL, and prints how many keys got it", "[cli][touch]") {
    const RunningServer server;
    const Cli cli(server);
    cli({"put", "--pairs", "a", "1", "b", "2"});
    CHECK(cli({"touch", "a", "b", "--ttl", "1d"}) == prints("2\n"));
    CHECK_THAT(cli({"get", "a", "--details"}).out, Catch::Contains("ttl\t23 h 59 min\n"));
    CHECK(cli({"touch", "a", "x", "--ttl-ms", "0"}) == fails(1, "not found: \"x\"\n", "1\n"));
    CHECK_THAT(cli({"get", "a", "--details"}).out, Catch::Contains("ttl\tnone\n"));
    CHECK(cli({"touch", "a"}) == fails(2,
                                       "tagcache: touch needs --ttl DURATION, as in: tagcache "
                                       "touch KEY --ttl 5m\n"));
}

TEST_CASE("delete-prefix deletes what begins so, and never everything", "[cli][delete]") {
    const RunningServer server;
    const Cli cli(server);
    cli({"put", "--pairs", "s:1", "1", "s:2", "2", "t:1", "3"});
    CHECK(cli({"delete-prefix", "s:"}) == prints("2\n"));
    CHECK(cli({"delete-prefix", "s:", "--json"}) == prints("{\"entries\":0}\n"));
    CHECK(cli({"delete-prefix", ""}) ==
          fails(2,
                "tagcache: an empty prefix would remove everything; if that is meant: tagcache "
                "flush all\n"));
    CHECK(cli({"scan"}) == prints("t:1\n"));
}

TEST_CASE("flush is delete, invalidate and the end of everything", "[cli][flush]") {
    const RunningServer server;
    const Cli cli(server);
    cli({"put", "--pairs", "a", "1", "b", "2", "c", "3", "d", "4", "-t", "t"});
    cli({"put", "e", "5"});
    CHECK(cli({"flush", "key", "a", "x"}) == fails(1, "not found: \"x\"\n", "1\n"));
    CHECK(cli({"flush", "tag", "t", "--dry-run"}) == prints("3\n"));
    CHECK(cli({"flush", "tag", "t"}) == prints("3\n"));
    CHECK(cli({"flush", "all"}) == prints("1\n"));
    CHECK(cli({"flush", "all", "--json", "--yes"}) == prints("{\"entries\":0}\n"));
    CHECK(cli({"flush"}) == fails(2, "tagcache: no command; see: tagcache flush --help\n"));
    CHECK(cli({"flush", "al"}) ==
          fails(2,
                "tagcache: unknown command \"al\"; did you mean all?; see: tagcache flush "
                "--help\n"));
}
