// SPDX-License-Identifier: MIT
//
// The command line itself: what is refused, what is suggested, where options may stand.
#include "support/cli_run.hpp"

using namespace tc::test;

TEST_CASE("an unknown command is named, with the nearest one", "[cli][usage]") {
    const Cli cli;
    CHECK(cli({"pt", "k", "v"}) ==
          fails(2, "tagcache: unknown command \"pt\"; did you mean put?; see: tagcache --help\n"));
    CHECK(cli({"invalidat", "t"}) == fails(2,
                                           "tagcache: unknown command \"invalidat\"; did you "
                                           "mean invalidate?; see: tagcache --help\n"));
    CHECK(cli({"tag", "ad", "k", "t"}) ==
          fails(2,
                "tagcache: unknown command \"ad\"; did you mean add?; see: tagcache tag --help\n"));
    CHECK(cli({"frobnicate", "get"}) ==
          fails(2, "tagcache: unknown command \"frobnicate\"; see: tagcache --help\n"));
    CHECK(cli({"\x1B[31m"}) ==
          fails(2, "tagcache: unknown command \"\\x1B[31m\"; see: tagcache --help\n"));
    CHECK(cli({}) == fails(2, "tagcache: no command; see: tagcache --help\n"));
}

TEST_CASE("the word of another cache for a command is answered with ours", "[cli][usage]") {
    const Cli cli;
    CHECK(cli({"set", "k", "v"}) ==
          fails(2, "tagcache: unknown command \"set\"; did you mean put?; see: tagcache --help\n"));
    CHECK(cli({"flushall"}) == fails(2,
                                     "tagcache: unknown command \"flushall\"; did you mean flush "
                                     "all?; see: tagcache --help\n"));
    // Where it is no command of its own, it is a mistyped word like any other.
    CHECK(cli({"tag", "ls"}) ==
          fails(2, "tagcache: unknown command \"ls\"; see: tagcache tag --help\n"));
}

TEST_CASE("an unknown option is named, with the nearest one", "[cli][usage]") {
    const Cli cli;
    CHECK(cli({"put", "--tll", "5m", "k", "v"}) ==
          fails(2,
                "tagcache: unknown option --tll; did you mean --ttl? (a word that begins with - "
                "goes behind --); see: tagcache put --help\n"));
    CHECK(cli({"ping", "--prot=7"}) ==
          fails(2,
                "tagcache: unknown option --prot; did you mean --port? (a word that begins with "
                "- goes behind --); see: tagcache ping --help\n"));
    CHECK(cli({"get", "key", "k", "--match", "any"}) ==
          fails(2,
                "tagcache: unknown option --match (a word that begins with - goes behind --); "
                "see: tagcache get key --help\n"));
    CHECK(cli({"--frob"}) == fails(2, "tagcache: unknown option --frob; see: tagcache --help\n"));
}

TEST_CASE("what is missing or too much is named", "[cli][usage]") {
    const Cli cli;
    CHECK(cli({"put"}) == fails(2, "tagcache: KEY is required; see: tagcache put --help\n"));
    CHECK(cli({"put", "k"}) == fails(2,
                                     "tagcache: no value: give VALUE, - to read standard input, "
                                     "or --file FILE\n"));
    CHECK(cli({"ping", "now"}) ==
          fails(2, "tagcache: unexpected argument \"now\"; see: tagcache ping --help\n"));
    CHECK(cli({"get", "x", "key", "y"}) ==
          fails(2, "tagcache: unexpected argument \"x\"; see: tagcache get key --help\n"));
    CHECK(cli({"ping", "--port"}).exit_code == 2);
    CHECK(cli({"ping", "--port", "0x50"}) ==
          fails(2, "tagcache: --port: \"0x50\" is not a whole number\n"));
    CHECK(cli({"ping", "--port", "70000"}) ==
          fails(2, "tagcache: --port: 70000 is not a port number from 1 to 65535\n"));
    CHECK(cli({"ping", "--port", "0"}) ==
          fails(2, "tagcache: --port: 0 is not a port number from 1 to 65535\n"));
    CHECK(cli({"ping", "--timeout-ms", "0"}) ==
          fails(2, "tagcache: --timeout-ms: the least is 1\n"));
    CHECK(cli({"scan", "--limit", "0"}) == fails(2, "tagcache: --limit: the least is 1\n"));
    CHECK(cli({"ping", "--json", "--raw"}) ==
          fails(2, "{\"error\":\"--json and --raw exclude each other\"}\n"));
}

TEST_CASE("global options stand before or behind the command", "[cli][usage]") {
    const RunningServer server;
    const Cli cli;
    const std::string port = server.port_text();
    CHECK(cli({"--port", port, "put", "k", "v"}) == prints(""));
    CHECK(cli({"get", "key", "k", "--port", port}) == prints("v"));
    CHECK(cli({"get", "--port", port, "--json", "key", "k"}) ==
          prints("{\"key\":\"k\",\"status\":\"OK\",\"value_bytes\":1,\"value\":\"v\"}\n"));
    CHECK(cli({"--uri", "tagcache://localhost:" + port, "get", "k"}) == prints("v"));
    CHECK(cli({"get", "k", "--host", "127.0.0.1", "-p", port}) == prints("v"));
}

TEST_CASE("an address that is empty is refused, and not the default server", "[cli][usage]") {
    const RunningServer server;
    const Cli cli(server);
    cli({"put", "k", "v"});
    for (const std::string option : {"--host", "--unix", "--uri"}) {
        CHECK(cli({option, "", "flush", "all"}) == fails(2, "tagcache: " + option + " is empty\n"));
        CHECK(cli({option + "=", "flush", "all"}) ==
              fails(2, "tagcache: " + option + " is empty\n"));
    }
    CHECK(cli({"get", "k"}) == prints("v"));
}

TEST_CASE("the environment says where the server is, the command line wins", "[cli][usage]") {
    const RunningServer server;
    Cli cli;
    cli.environment["TAGCACHE_HOST"] = "localhost";
    cli.environment["TAGCACHE_PORT"] = server.port_text();
    CHECK(cli({"put", "k", "v"}) == prints(""));
    cli.environment["TAGCACHE_PORT"] = "1";
    CHECK(cli({"get", "k", "-p", server.port_text()}) == prints("v"));
    CHECK(cli({"get", "k", "--uri", "tagcache://127.0.0.1:" + server.port_text()}) == prints("v"));
    cli.environment["TAGCACHE_PORT"] = "99999";
    CHECK(cli({"ping"}) ==
          fails(2, "tagcache: TAGCACHE_PORT is not a port number from 1 to 65535\n"));
    cli.environment["TAGCACHE_PORT"] = "";
    cli.environment["TAGCACHE_HOST"] = "";
    CHECK(cli({"get", "k", "-p", server.port_text()}) == prints("v"));
}

TEST_CASE("a server that is not there is exit code 3 and says how to start one", "[cli][usage]") {
    const Cli cli;
    const std::string advice = "; start a server with: tagcache server";
    const std::string refused = "cannot connect to tagcache://127.0.0.1:1: Connection refused";
    CHECK(cli({"ping", "--port", "1"}) == fails(3, "tagcache: " + refused + advice + "\n"));
    CHECK(cli({"ping", "--port", "1", "--json"}) ==
          fails(3, "{\"error\":\"" + refused + advice + "\",\"status\":\"CONNECT\"}\n"));
    CHECK(cli({"get", "k", "--unix", "/nowhere"}) ==
          fails(3, "tagcache: cannot connect to unix:///nowhere: No such file or directory" +
                       advice + "\n"));
    CHECK(cli({"load", "/dev/null", "-p", "1"}).exit_code == 3);
    CHECK(
        cli({"ping", "--uri", "http://x"}) ==
        fails(2, "tagcache: the URI begins with none of tagcache://, tagcaches:// and unix://\n"));
    CHECK(cli({"ping", "--uri", "tagcache://x", "--host", "y"}) ==
          fails(2, "tagcache: --host excludes --uri; see: tagcache ping --help\n"));
}

TEST_CASE("help has an example for every command, and each option on a line of its own",
          "[cli][usage]") {
    const Cli cli;
    const std::string help = cli({"--help"}).out;
    CHECK(cli({"-h"}) == prints(help));
    CHECK_THAT(help, Catch::Contains("\nExample: tagcache put page:/"));
    std::size_t at = help.find("\nCommands:\n");
    REQUIRE(at != std::string::npos);
    int command_count = 0;
    for (at = help.find("\n  ", at); at < help.find("\n\nExit codes"); at = help.find("\n  ", at)) {
        at += 3;
        const std::string name = help.substr(at, help.find(' ', at) - at);
        INFO(name);
        const CliResult result = cli({name, "--help"});
        CHECK(result.exit_code == 0);
        CHECK_THAT(result.out, Catch::Contains("\nUsage: tagcache " + name));
        CHECK_THAT(result.out, Catch::Contains("\nExample: tagcache " + name));
        ++command_count;
    }
    CHECK(command_count == 40);
    CHECK_THAT(cli({"put", "--help"}).out,
               Catch::Contains("\n  --keep-ttl                Leave the TTL of the old entry\n"));
}

TEST_CASE("version needs no server", "[cli][usage]") {
    const Cli cli;
    CHECK(cli({"version"}) == prints("tagcache 0.1.0\n"));
    CHECK(cli({"--version"}) == prints("tagcache 0.1.0\n"));
    CHECK(cli({"put", "--version"}) == prints("tagcache 0.1.0\n"));
    CHECK(cli({"version", "--json"}) == prints("{\"version\":\"0.1.0\"}\n"));
}

TEST_CASE("a full disk is a failure, not silence", "[cli][usage]") {
    const RunningServer server;
    const Cli cli(server);
    cli({"put", "k", "v"});
    CHECK(cli({"dump", "/dev/full"}) ==
          fails(2, "tagcache: cannot write to /dev/full: No space left on device\n"));
}
