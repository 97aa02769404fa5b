// SPDX-License-Identifier: MIT
//
// get key, getdel, exists, tags, get tag, scan, tag list, binary against binary.
#include <algorithm>

#include "support/cli_run.hpp"

using namespace tc::test;

namespace {

// Lines in order: a listing has none.
std::string sorted_lines(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        lines.push_back(text.substr(begin, end - begin + 1));
        begin = end + 1;
    }
    std::sort(lines.begin(), lines.end());
    std::string sorted;
    for (const std::string& line : lines) {
        sorted += line;
    }
    return sorted;
}

void put_numbered(const Cli& cli, int count) {
    std::string lines;
    for (int i = 0; i < count; ++i) {
        lines += "{\"key\":\"k" + std::to_string(i) + "\",\"value\":\"" + std::to_string(i) +
                 "\",\"tags\":[\"all\",\"mod:" + std::to_string(i % 7) + "\"]}\n";
    }
    REQUIRE(cli({"load", "-"}, lines).exit_code == 0);
}

}  // namespace

TEST_CASE("get of one missing key says so on stderr only", "[cli][get]") {
    const RunningServer server;
    const Cli cli(server);
    CHECK(cli({"get", "nope"}) == fails(1, "not found: \"nope\"\n"));
    CHECK(cli({"get", "nope", "-q"}) == fails(1, ""));
    CHECK(cli({"get", "nope", "--json"}) ==
          fails(1, "", "{\"key\":\"nope\",\"status\":\"NOT_FOUND\"}\n"));
    CHECK(cli({"getdel", "nope"}) == fails(1, "not found: \"nope\"\n"));
    CHECK(cli({"tags", "nope"}) == fails(1, "not found: \"nope\"\n"));
}

TEST_CASE("get of several keys prints each value and a line feed, or NUL", "[cli][get]") {
    const RunningServer server;
    const Cli cli(server);
    cli({"put", "--pairs", "a", "1", "b", "two\nlines"});
    CHECK(cli({"get", "key", "a", "b"}) == prints("1\ntwo\nlines\n"));
    CHECK(cli({"get", "key", "a", "b", "--null"}) == prints(std::string("1\0two\nlines\0", 12)));
    CHECK(cli({"get", "key", "b", "x", "a"}) == fails(1, "not found: \"x\"\n", "two\nlines\n1\n"));
    CHECK(cli({"get", "key", "a", "x", "--json"}) ==
          fails(1, "",
                "{\"key\":\"a\",\"status\":\"OK\",\"value_bytes\":1,\"value\":\"1\"}\n"
                "{\"key\":\"x\",\"status\":\"NOT_FOUND\"}\n"));
}

TEST_CASE("get of one word is unambiguous: key and tag are always commands", "[cli][get]") {
    const RunningServer server;
    const Cli cli(server);
    cli({"put", "--pairs", "key", "1", "tag", "2", "x", "3"});
    CHECK(cli({"get", "x"}) == prints("3"));
    CHECK(cli({"get", "key", "key", "tag"}) == prints("1\n2\n"));
    CHECK(cli({"get", "--", "tag"}) == prints("2"));
    CHECK(cli({"get", "key"}) ==
          fails(2, "tagcache: KEY is required; see: tagcache get key --help\n"));
    CHECK(cli({"get", "x", "key"}).exit_code == 2);
    CHECK(cli({"get", "x", "x"}) ==
          fails(2, "tagcache: unexpected argument \"x\"; see: tagcache get --help\n"));
    CHECK(cli({"get"}) == fails(2, "tagcache: no key; see: tagcache get --help\n"));
}

TEST_CASE("details show TTL, tags, version, flags, size and the value escaped", "[cli][get]") {
    const RunningServer server;
    const Cli cli(server);
    cli({"put", "k\x1B[31m", "-", "-t", "a", "-t", "b", "--flags", "9"}, "x\x1B\n\xFF");
    const std::string out = cli({"get", "k\x1B[31m", "--details"}).out;
    CHECK_THAT(out, Catch::StartsWith("key\tk\\x1B[31m\nttl\tnone\ntags\ta, b\nversion\t1"));
    CHECK_THAT(out, Catch::EndsWith("\nflags\t9\nsize\t4\nvalue\tx\\x1B\n\\xFF\n"));
    const std::string json = cli({"get", "k\x1B[31m", "--details", "--json"}).out;
    CHECK_THAT(json, Catch::StartsWith("{\"key\":\"k\\u001b[31m\",\"status\":\"OK\",\"ttl_ms\":0,"
                                       "\"version\":\"1"));
    CHECK_THAT(json, Catch::EndsWith("\",\"flags\":9,\"tags\":[\"a\",\"b\"],\"value_bytes\":4,"
                                     "\"value_base64\":\"eBsK/w==\"}\n"));
}

TEST_CASE("no-value prints sizes, touch gives a TTL", "[cli][get]") {
    const RunningServer server;
    const Cli cli(server);
    cli({"put", "k", "12345"});
    CHECK(cli({"get", "k", "--no-value"}) == prints("5\n"));
    CHECK(cli({"get", "k", "--touch", "1d"}) == prints("12345"));
    CHECK_THAT(cli({"get", "k", "--details"}).out, Catch::Contains("ttl\t23 h 59 min\n"));
    CHECK(cli({"get", "key", "k", "k", "--touch", "0", "--no-value"}) == prints("5\n5\n"));
    CHECK_THAT(cli({"get", "k", "--details"}).out, Catch::Contains("ttl\tnone\n"));
}

TEST_CASE("getdel prints a value once", "[cli][getdel]") {
    const RunningServer server;
    const Cli cli(server);
    cli({"put", "job", "work", "-t", "jobs"});
    CHECK_THAT(cli({"getdel", "job", "--details"}).out, Catch::EndsWith("value\twork\n"));
    CHECK(cli({"getdel", "job"}).exit_code == 1);
    CHECK(cli({"tag", "count", "jobs"}) == prints("0\n"));
}

TEST_CASE("more values than a reply takes are fetched all the same", "[cli][get]") {
    const RunningServer server;
    const Cli cli(server);
    const std::string value(1024 * 1024, 'v');
    Cli::Words words = {"get", "key"};
    std::string expected;
    for (int i = 0; i < 20; ++i) {
        const std::string key = "big" + std::to_string(i);
        REQUIRE(cli({"put", key, "-"}, value).exit_code == 0);
        words.push_back(key);
        expected += value + "\n";
    }
    CHECK((cli(words).out == expected));
}

TEST_CASE("more keys than a batch takes are asked for in several", "[cli][get]") {
    const RunningServer server;
    const Cli cli(server);
    put_numbered(cli, 3000);
    Cli::Words keys;
    std::string values;
    for (int i = 0; i < 3000; ++i) {
        keys.push_back("k" + std::to_string(i));
        values += std::to_string(i) + "\n";
    }
    const auto with = [&](Cli::Words words) {
        words.insert(words.end(), keys.begin(), keys.end());
        return cli(words);
    };
    CHECK(with({"get", "key"}).out == values);
    CHECK(with({"touch", "--ttl", "1h"}) == prints("3000\n"));
    CHECK(with({"exists", "-q"}).exit_code == 0);
    CHECK(with({"delete"}) == prints("3000\n"));
}

TEST_CASE("exists prints the keys that are there", "[cli][exists]") {
    const RunningServer server;
    const Cli cli(server);
    cli({"put", "--pairs", "a", "1", "b", "2"});
    CHECK(cli({"exists", "a"}) == prints("a\n"));
    CHECK(cli({"exists", "b", "x", "a"}) == fails(1, "not found: \"x\"\n", "b\na\n"));
    CHECK(cli({"exists", "b", "x", "--json"}) ==
          fails(1, "",
                "{\"key\":\"b\",\"status\":\"OK\"}\n"
                "{\"key\":\"x\",\"status\":\"NOT_FOUND\"}\n"));
}

TEST_CASE("scan prints every key once, over many pages", "[cli][scan]") {
    const RunningServer server;
    const Cli cli(server);
    put_numbered(cli, 5000);
    std::string keys;
    for (int i = 0; i < 5000; ++i) {
        keys += "k" + std::to_string(i) + "\n";
    }
    CHECK(sorted_lines(cli({"scan"}).out) == sorted_lines(keys));
    CHECK(sorted_lines(cli({"get", "tag", "all"}).out) == sorted_lines(keys));
    CHECK(sorted_lines(cli({"scan", "k499"}).out) ==
          "k499\nk4990\nk4991\nk4992\nk4993\nk4994\nk4995\nk4996\nk4997\nk4998\nk4999\n");
    CHECK(sorted_lines(cli({"scan", "--glob", "k1[12]?9"}).out).size() == 20 * 6);
    CHECK(cli({"scan", "--limit", "7", "--json"}).out.find("{\"key\":\"k") == 0);
    CHECK(sorted_lines(cli({"scan", "--limit", "7"}).out).size() >= 7 * 3);
    const std::string seven = cli({"scan", "--limit", "7"}).out;
    CHECK(std::count(seven.begin(), seven.end(), '\n') == 7);
    CHECK(cli({"scan", "none"}) == prints(""));
    CHECK(cli({"scan", "k", "--glob", "k*"}) ==
          fails(2, "tagcache: PREFIX excludes --glob; see: tagcache scan --help\n"));
}

TEST_CASE("get tag lists the keys of any or of all tags", "[cli][get]") {
    const RunningServer server;
    const Cli cli(server);
    cli({"put", "a", "1", "-t", "red"});
    cli({"put", "b", "2", "-t", "red", "-t", "big"});
    cli({"put", "c", "3", "-t", "big"});
    CHECK(sorted_lines(cli({"get", "tag", "red", "big"}).out) == "a\nb\nc\n");
    CHECK(cli({"get", "tag", "red", "big", "--match", "all"}) == prints("b\n"));
    CHECK(cli({"get", "tag", "red", "big", "--all-tags", "--json"}) == prints("{\"key\":\"b\"}\n"));
    CHECK(cli({"get", "tag", "none"}) == prints(""));
    CHECK(cli({"get", "tag", "red", "--match", "some"}) ==
          fails(2, "tagcache: --match: some not in {any,all}; see: tagcache get tag --help\n"));
}

TEST_CASE("tag list prints tags, with their entries in JSON", "[cli][tag]") {
    const RunningServer server;
    const Cli cli(server);
    put_numbered(cli, 14);
    CHECK(sorted_lines(cli({"tag", "list", "mod:"}).out) ==
          "mod:0\nmod:1\nmod:2\nmod:3\nmod:4\nmod:5\nmod:6\n");
    CHECK(cli({"tag", "list", "mod:3", "--json"}) == prints("{\"tag\":\"mod:3\",\"entries\":2}\n"));
    CHECK(cli({"tag", "list", "a", "--null"}) == prints(std::string("all\0", 4)));
}

TEST_CASE("D2: any bytes can be a key and a tag, named in base64", "[cli][get]") {
    const RunningServer server;
    const Cli cli(server);
    // The bytes 00 0D 0A FF, and 1B 5B.
    CHECK(cli({"put", "AA0K/w==", "value", "-t", "G1s=", "--base64"}) == prints(""));
    CHECK(cli({"get", "AA0K/w==", "--base64"}) == prints("value"));
    CHECK(cli({"scan", "--null"}) == prints(std::string("\0\r\n\xFF\0", 5)));
    CHECK(cli({"scan", "--json"}) == prints("{\"key_base64\":\"AA0K/w==\"}\n"));
    CHECK(cli({"tags", "AA0K/w==", "--base64", "--json"}) ==
          prints("{\"key_base64\":\"AA0K/w==\",\"status\":\"OK\",\"tags\":[\"\\u001b[\"]}\n"));
    CHECK(cli({"scan", "AA0=", "--base64"}).out.size() == 5);
    CHECK(cli({"get", "x", "--base64"}) == fails(2, "tagcache: --base64: \"x\" is not base64\n"));
}
