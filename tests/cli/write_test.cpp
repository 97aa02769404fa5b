// SPDX-License-Identifier: MIT
//
// put add replace append prepend increment decrement, binary against binary.
#include "support/cli_run.hpp"

using namespace tc::test;

namespace {

// The version out of {"key":...,"version":"123"}.
std::string version_in(const std::string& json) {
    const std::string name = "\"version\":\"";
    const std::size_t begin = json.find(name);
    REQUIRE(begin != std::string::npos);
    const std::size_t digits = begin + name.size();
    return json.substr(digits, json.find('"', digits) - digits);
}

}  // namespace

TEST_CASE("put stores a value that get prints byte by byte", "[cli][put]") {
    const RunningServer server;
    const Cli cli(server);
    CHECK(cli({"put", "page:/", "<html>"}) == prints(""));
    CHECK(cli({"get", "page:/"}) == prints("<html>"));
    CHECK(cli({"put", "page:/", "new"}) == prints(""));
    CHECK(cli({"get", "key", "page:/"}) == prints("new"));
}

TEST_CASE("put takes a value with NUL and bytes that are no UTF-8 from standard input",
          "[cli][put]") {
    const RunningServer server;
    const Cli cli(server);
    const std::string value("a\0b\xFF\n\r\n", 7);
    CHECK(cli({"put", "bin", "-"}, value) == prints(""));
    CHECK(cli({"get", "bin"}) == prints(value));
    CHECK(cli({"put", "empty", "-"}, "") == prints(""));
    CHECK(cli({"get", "empty"}) == prints(""));
}

TEST_CASE("put takes a value from a file", "[cli][put]") {
    const RunningServer server;
    const Cli cli(server);
    const std::string path = source_path("LICENSE");
    CHECK(cli({"put", "licence", "--file", path}) == prints(""));
    CHECK_THAT(cli({"get", "licence"}).out, Catch::StartsWith("MIT License"));
    CHECK(cli({"put", "x", "--file", "/nowhere"}) ==
          fails(2, "tagcache: cannot open /nowhere: No such file or directory\n"));
}

TEST_CASE("words that look like options, lists or commands can be keys and values", "[cli][put]") {
    const RunningServer server;
    const Cli cli(server);
    for (const std::string word : {"get", "key", "[a,b]", "++", "-x", "--json", "--", "{}", "%s",
                                   "\x01", "-5", "a=b", "--x=", "/?"}) {
        INFO(word);
        CHECK(cli({"put", "--", word, word}) == prints(""));
        CHECK(cli({"get", "key", "--", word}) == prints(word));
        CHECK(cli({"get", "--", word}) == prints(word));
        CHECK(cli({"delete", "--", word}) == prints("1\n"));
    }
    CHECK(cli({"put", "[a]", "[b,c]"}) == prints(""));
    CHECK(cli({"get", "key", "[a]"}) == prints("[b,c]"));
    CHECK(cli({"put", "balance", "-5"}) == prints(""));
    CHECK(cli({"put", "nothing", ""}) == prints(""));
    CHECK(cli({"get", "nothing"}) == prints(""));
}

TEST_CASE("a tag is one word, also with a comma, a bracket or nothing but spaces", "[cli][put]") {
    const RunningServer server;
    const Cli cli(server);
    CHECK(cli({"put", "k", "v", "-t", "a,b", "--tag=[c]", "-t", "  ", "--tag", "a,b"}) ==
          prints(""));
    CHECK(cli({"tags", "k"}) == prints("a,b\n[c]\n  \n"));
    CHECK(cli({"put", "k", "v", "--tag="}) ==
          fails(5, "tagcache: put \"k\": TAG_EMPTY: a tag has at least one byte\n"));
}

TEST_CASE("a TTL has a unit, or is said to be in milliseconds", "[cli][put]") {
    const RunningServer server;
    const Cli cli(server);
    CHECK(cli({"put", "k", "v", "--ttl", "1d"}) == prints(""));
    CHECK_THAT(cli({"get", "k", "--details"}).out, Catch::Contains("ttl\t23 h 59 min\n"));
    CHECK(cli({"put", "k", "v", "--ttl-ms", "7200000"}) == prints(""));
    CHECK_THAT(cli({"get", "k", "--details"}).out, Catch::Contains("ttl\t1 h 59 min\n"));
    CHECK(cli({"put", "k", "v", "--ttl", "0"}) == prints(""));
    CHECK_THAT(cli({"get", "k", "--details"}).out, Catch::Contains("ttl\tnone\n"));
    CHECK(cli({"put", "k", "v", "--ttl", "60"}) ==
          fails(2,
                "tagcache: --ttl: \"60\" is not a duration; say 500ms, 30s, 5m, 2h, 1d, or 0 for "
                "no expiry\n"));
    CHECK(cli({"put", "k", "v", "--ttl", "1s", "--ttl-ms", "5"}).exit_code == 2);
    CHECK(cli({"put", "k", "v", "--ttl", "213503982335d"}).exit_code == 2);
    CHECK(cli({"put", "k", "v", "--ttl-ms", "18446744073709551616"}).exit_code == 2);
}

TEST_CASE("add stores only what is absent, replace only what is there", "[cli][add][replace]") {
    const RunningServer server;
    const Cli cli(server);
    CHECK(cli({"replace", "k", "v"}) == fails(1, "not stored: \"k\" does not exist\n"));
    CHECK(cli({"add", "k", "first", "-t", "t"}) == prints(""));
    CHECK(cli({"add", "k", "second"}) == fails(1, "not stored: \"k\" exists already\n"));
    CHECK(cli({"add", "k", "second", "--quiet"}) == fails(1, ""));
    CHECK(cli({"replace", "k", "third", "--keep-tags"}) == prints(""));
    CHECK(cli({"get", "k"}) == prints("third"));
    CHECK(cli({"tags", "k"}) == prints("t\n"));
    CHECK(cli({"add", "k", "x", "--json"}) ==
          fails(1, "", "{\"key\":\"k\",\"status\":\"EXISTS\"}\n"));
}

TEST_CASE("if-version stores only over the version it names", "[cli][put]") {
    const RunningServer server;
    const Cli cli(server);
    const std::string version = version_in(cli({"put", "k", "v", "--json"}).out);
    CHECK(cli({"put", "k", "w", "--if-version", "1"}) ==
          fails(1, "not stored: \"k\" has another version\n"));
    CHECK(cli({"put", "k", "w", "--if-version", version}) == prints(""));
    CHECK(cli({"put", "k", "x", "--if-version", version, "--json"}) ==
          fails(1, "", "{\"key\":\"k\",\"status\":\"VERSION_MISMATCH\"}\n"));
    CHECK(cli({"put", "none", "x", "--if-version", version}) ==
          fails(1, "not stored: \"none\" does not exist\n"));
    CHECK(cli({"get", "k"}) == prints("w"));
}

TEST_CASE("a put that keeps TTL and tags keeps them", "[cli][put]") {
    const RunningServer server;
    const Cli cli(server);
    CHECK(cli({"put", "k", "v", "-t", "red", "--ttl", "1d", "--flags", "7"}) == prints(""));
    CHECK(cli({"put", "k", "w", "--keep-ttl", "--keep-tags"}) == prints(""));
    CHECK_THAT(cli({"get", "k", "--details"}).out, Catch::StartsWith("key\tk\nttl\t23 h 59 min\n"
                                                                     "tags\tred\n"));
    CHECK(cli({"put", "k", "w"}) == prints(""));
    CHECK_THAT(cli({"get", "k", "--details"}).out,
               Catch::StartsWith("key\tk\nttl\tnone\ntags\t\nversion\t"));
    CHECK(cli({"put", "k", "w", "--keep-tags", "-t", "x"}).exit_code == 2);
}

TEST_CASE("several entries are put with one request", "[cli][put]") {
    const RunningServer server;
    const Cli cli(server);
    CHECK(cli({"put", "--pairs", "a", "1", "b", "2", "-t", "t"}) == prints(""));
    CHECK(cli({"get", "key", "a", "b"}) == prints("1\n2\n"));
    CHECK(cli({"tag", "count", "t"}) == prints("2\n"));
    CHECK(cli({"put", "--pairs", "a", "1", "b"}) ==
          fails(2, "tagcache: --pairs takes KEY VALUE KEY VALUE and so on\n"));
    CHECK(cli({"put", "a", "hello", "world"}) ==
          fails(2, "tagcache: unexpected argument \"world\": quote a value that has spaces\n"));
}

TEST_CASE("pairs that do not fit into one request together are all stored", "[cli][put]") {
    const RunningServer server;
    const Cli cli(server);
    Cli::Words words = {"put", "--pairs", "-t", "large"};
    for (int i = 0; i < 12; ++i) {
        words.push_back("k" + std::to_string(i));
        words.push_back(std::string(120'000, 'v'));
    }
    CHECK(cli(words) == prints(""));
    CHECK(cli({"tag", "count", "large"}) == prints("12\n"));
    // Also where it is the tags that make them large.
    words = {"put", "--pairs"};
    for (int i = 0; i < 1000; ++i) {
        words.push_back("small" + std::to_string(i));
        words.push_back("");
    }
    for (int i = 0; i < 20; ++i) {
        words.push_back("--tag");
        words.push_back(std::string(250, 't') + std::to_string(i));
    }
    CHECK(cli(words) == prints(""));
    CHECK(cli({"get", "small99", "--no-value"}) == prints("0\n"));
}

TEST_CASE("a value is given once, and only in ways that mean one thing", "[cli][put]") {
    const RunningServer server;
    const Cli cli(server);
    for (const std::string value : {"v", "-", ""}) {
        CHECK(cli({"put", "k", value, "--file", "/dev/null"}) ==
              fails(2, "tagcache: the value is given twice: as VALUE and with --file\n"));
    }
    CHECK(cli({"put", "--pairs", "a", "-", "b", "2"}, "x") ==
          fails(2, "tagcache: --pairs does not read standard input: - is no value\n"));
    CHECK(cli({"put", "--pairs", "a", "3", "b", "4", "--if-version", "1"}) ==
          fails(2, "tagcache: --if-version goes with one key, not with --pairs\n"));
    CHECK(cli({"scan"}) == prints(""));
}

TEST_CASE("append and prepend print the new size", "[cli][append]") {
    const RunningServer server;
    const Cli cli(server);
    CHECK(cli({"append", "log", "x"}) == fails(1, "not stored: \"log\" does not exist\n"));
    CHECK(cli({"put", "log", "b"}) == prints(""));
    CHECK(cli({"append", "log", "c"}) == prints("2\n"));
    CHECK(cli({"prepend", "log", "-"}, "a\n") == prints("4\n"));
    CHECK(cli({"get", "log"}) == prints("a\nbc"));
    CHECK_THAT(cli({"append", "log", "d", "--json"}).out,
               Catch::StartsWith("{\"key\":\"log\",\"status\":\"OK\",\"value_bytes\":5,\"version\":"
                                 "\"1"));
}

TEST_CASE("increment and decrement print the new number", "[cli][increment]") {
    const RunningServer server;
    const Cli cli(server);
    CHECK(cli({"increment", "n"}) == prints("1\n"));
    CHECK(cli({"increment", "n", "--by", "010"}) == prints("11\n"));
    CHECK(cli({"decrement", "n", "--by", "20"}) == prints("-9\n"));
    CHECK(cli({"increment", "n", "--by", "-1"}) == prints("-10\n"));
    CHECK(cli({"increment", "n", "--by=-1"}) == prints("-11\n"));
    CHECK(cli({"increment", "new", "-t", "counters", "--ttl", "1h"}) == prints("1\n"));
    CHECK(cli({"tags", "new"}) == prints("counters\n"));
    CHECK(cli({"put", "text", "abc"}) == prints(""));
    CHECK(cli({"increment", "text"}) ==
          fails(5,
                "tagcache: increment \"text\": NOT_A_NUMBER: the value is not a decimal 64-bit "
                "number\n"));
    CHECK(cli({"increment", "n", "--by", "9223372036854775808"}) ==
          fails(2, "tagcache: --by: 9223372036854775808 is out of range\n"));
    CHECK(cli({"increment", "n", "--by", "ten"}) ==
          fails(2, "tagcache: --by: \"ten\" is not a whole number\n"));
}

TEST_CASE("D1: a key of 1 and of 1024 bytes is stored, an empty one and one of 1025 refused",
          "[cli][put]") {
    const RunningServer server;
    const Cli cli(server);
    CHECK(cli({"put", "k", "v"}).exit_code == 0);
    CHECK(cli({"put", std::string(1024, 'k'), "v"}).exit_code == 0);
    const CliResult empty = cli({"put", "", "v"});
    CHECK(empty == fails(5, "tagcache: put \"\": KEY_EMPTY: a key has at least one byte\n"));
    const CliResult longer = cli({"put", std::string(1025, 'k'), "v"});
    CHECK(longer.exit_code == 5);
    CHECK_THAT(longer.err, Catch::Contains("kkk...\": KEY_TOO_LONG: "));
    CHECK(longer.err.size() < 400);
}

TEST_CASE("D3: a value over the limit is refused with the limit, one of the limit stored",
          "[cli][put]") {
    const RunningServer server;
    const Cli cli(server);
    const std::string largest(1024 * 1024, 'v');
    CHECK(cli({"put", "k", "-"}, largest).exit_code == 0);
    CHECK(cli({"get", "k"}).out == largest);
    CHECK(cli({"put", "k", "-"}, largest + "v") ==
          fails(5,
                "tagcache: put \"k\": VALUE_TOO_LARGE: the value is too large (the limit is "
                "1048576)\n"));
    CHECK(cli({"get", "k"}).out == largest);
}

TEST_CASE("a TTL that the server does not allow is refused with what it does allow", "[cli][put]") {
    const RunningServer server({"--ttl-max-ms", "60000"});
    const Cli cli(server);
    const std::string reason =
        ": TTL_TOO_LONG: a TTL is 1 to 60000 ms on this server; give a shorter --ttl, or start the "
        "server with a longer --ttl-max-ms\n";
    CHECK(cli({"put", "k", "v", "--ttl", "61s"}) == fails(5, "tagcache: put \"k\"" + reason));
    CHECK(cli({"add", "k", "v", "--ttl", "0"}) == fails(5, "tagcache: add \"k\"" + reason));
    CHECK(cli({"increment", "n", "--ttl", "1d"}) == fails(5, "tagcache: increment \"n\"" + reason));
    CHECK(cli({"put", "k", "v", "--ttl", "60s"}) == prints(""));
    CHECK(cli({"touch", "k", "--ttl", "61s"}) == fails(5, "tagcache: touch" + reason));
    CHECK(cli({"append", "k", "v", "--ttl", "61s"}) == fails(5, "tagcache: append \"k\"" + reason));
    CHECK(cli({"get", "k"}) == prints("v"));
    // Of several, each that is refused says so.
    const CliResult pairs = cli({"put", "--pairs", "a", "1", "b", "2", "--ttl", "61s"});
    CHECK(pairs.exit_code == 5);
    CHECK_THAT(pairs.err,
               Catch::Contains("\"a\": TTL_TOO_LONG") && Catch::Contains("\"b\": TTL_TOO_LONG"));
    const CliResult loaded = cli({"load", "-"}, "{\"key\":\"l\",\"value\":\"v\",\"ttl_ms\":0}\n");
    CHECK(loaded.exit_code == 1);
    CHECK_THAT(loaded.err, Catch::Contains("line 1: a TTL is 1 to 60000 ms on this server\n"));
}
