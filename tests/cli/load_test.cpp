// SPDX-License-Identifier: MIT
//
// load, binary against binary: what is stored, what is reported, how much memory it takes.
#include <sys/stat.h>

#include <fstream>

#include "support/cli_run.hpp"

using namespace tc::test;

namespace {

// "tagcache: load: line N: " before each reason.
std::string complaint(int line, const std::string& reason) {
    return "tagcache: load: line " + std::to_string(line) + ": " + reason + "\n";
}

// The number that stands behind `name` in a line of JSON.
std::uint64_t number_behind(const std::string& json, const std::string& name) {
    const std::size_t at = json.find(name);
    REQUIRE(at != std::string::npos);
    return std::stoull(json.substr(at + name.size()));
}

}  // namespace

TEST_CASE("load stores entries with tags, TTL and flags", "[cli][load]") {
    const RunningServer server;
    const Cli cli(server);
    const CliResult result =
        cli({"load", "-"},
            "{\"key\":\"a\",\"value\":\"1\",\"tags\":[\"x\",{\"base64\":\"/w==\"}],"
            "\"ttl_ms\":86400000,\"flags\":7}\n"
            "\r\n"
            " { \"value_base64\" : \"AP8=\" , \"key_base64\" : \"AGI=\" } \r\n"
            "{\"key\":\"\\u00e4\\n\",\"value\":\"\"}");
    CHECK(result.exit_code == 0);
    CHECK(result.err.empty());
    CHECK_THAT(result.out, Catch::StartsWith("loaded 3 entries, 169 B in "));
    const std::string a = cli({"get", "a", "--details"}).out;
    CHECK_THAT(a, Catch::StartsWith("key\ta\nttl\t23 h 59 min\ntags\tx, \\xFF\n"));
    CHECK_THAT(a, Catch::Contains("\nflags\t7\n"));
    CHECK(cli({"get", "AGI=", "--base64"}) == prints(std::string("\0\xFF", 2)));
    CHECK(cli({"get", "\xC3\xA4\n", "--no-value"}) == prints("0\n"));
}

TEST_CASE("a bad line is reported with its number and reason, the others are stored",
          "[cli][load]") {
    const RunningServer server;
    const Cli cli(server);
    const std::vector<std::pair<std::string, std::string>> lines = {
        {R"({"key":"a","value":"1"})", ""},
        {R"({"key":"a","value":1})", "value is not a string"},
        {R"({"key":"b"})", "no value"},
        {R"({"value":"b"})", "no key"},
        {"", ""},
        {"nonsense", "not valid JSON"},
        {R"({"key":"c","value":"2","tag":[]})", "unknown member \"tag\""},
        {R"({"key":"c","key_base64":"YQ==","value":"2"})", "the key is there twice"},
        {R"({"key":"c","value":"2","value":"2"})", "the value is there twice"},
        {R"({"key":"c","value":"2","tags":[],"tags":[]})", "tags is there twice"},
        {R"({"key":"c","value":"2","ttl_ms":1,"ttl_ms":1})", "ttl_ms is there twice"},
        {R"({"key_base64":"YQ=","value":"2"})", "key_base64 is not base64"},
        {R"({"key":"d","value":"2","ttl_ms":-1})", "ttl_ms is out of range"},
        {R"({"key":"d","value":"2","ttl_ms":"1s"})", "ttl_ms is not a whole number"},
        {R"({"key":"d","value":"2","ttl_ms":null})", "ttl_ms is not a whole number"},
        {R"({"key":"d","value":"2","flags":4294967296})", "flags is out of range"},
        {R"({"key":"d","value":"2","tags":"x"})", "tags is not an array"},
        {R"({"key":"d","value":"2","tags":[1]})",
         "a tag is neither a string nor {\"base64\": string}"},
        {R"({"key":"d","value":"2","tags":[{"base64":"*"}]})", "a tag is not base64"},
        {R"({"key":"e","value":"2"} {"key":"f","value":"2"})", "not valid JSON"},
        {R"({"key":"e","value":"2")", "not valid JSON"},
        {R"({"key":"e","value":"\ud800"})", "not valid JSON"},
        {"{\"key\":\"e\",\"value\":\"\xFF\"}",
         "not UTF-8; other bytes are written as base64, in key_base64 or value_base64"},
        {"[]", "not a JSON object"},
        {R"({"key":"","value":"2"})", "KEY_EMPTY: a key has at least one byte"},
        {R"({"key":"e","value":"2","tags":[""]})", "TAG_EMPTY: a tag has at least one byte"},
        {R"({"key":"last","value":"3"})", ""},
    };
    std::string input;
    std::string complaints;
    int bad_count = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        input += lines[i].first + "\n";
        if (!lines[i].second.empty()) {
            complaints += complaint(static_cast<int>(i) + 1, lines[i].second);
            ++bad_count;
        }
    }
    const CliResult result = cli({"load", "-"}, input);
    CHECK(result.exit_code == 1);
    CHECK(result.err ==
          complaints + "tagcache: load: " + std::to_string(bad_count) + " lines were not stored\n");
    CHECK_THAT(result.out, Catch::StartsWith("loaded 2 entries, "));
    CHECK(cli({"get", "key", "a", "last"}) == prints("1\n3\n"));
    CHECK_THAT(cli({"stats"}).out, Catch::Contains("\nentries\t2\n"));
}

TEST_CASE("what the server refuses is matched to its line", "[cli][load]") {
    const RunningServer server({"--memory-max", "64m", "--eviction-policy", "none"});
    const Cli cli(server);
    std::string input;
    const std::string value(1000 * 1000, 'v');
    for (int i = 0; i < 100; ++i) {
        input += "{\"key\":\"k" + std::to_string(i) + "\",\"value\":\"" + value + "\"}\n";
    }
    const CliResult result = cli({"load", "-", "--json"}, input);
    CHECK(result.exit_code == 1);
    CHECK_THAT(result.err, Catch::StartsWith("{\"line\":") && Catch::Contains("OUT_OF_MEMORY") ||
                               Catch::Contains("memory"));
    // Each refused line was refused, and each other one is there.
    int refused_count = 0;
    for (int i = 0; i < 100; ++i) {
        const bool is_refused =
            result.err.find("{\"line\":" + std::to_string(i + 1) + ",") != std::string::npos;
        refused_count += is_refused ? 1 : 0;
        CHECK(cli({"exists", "k" + std::to_string(i), "-q"}).exit_code == (is_refused ? 1 : 0));
    }
    CHECK(refused_count > 0);
    CHECK_THAT(result.out, Catch::StartsWith("{\"entries\":" + std::to_string(100 - refused_count) +
                                             ",\"bad_lines\":0,\"refused_lines\":" +
                                             std::to_string(refused_count) + ",\"lost_lines\":0,"));
}

TEST_CASE("a value that is too large is refused on its line, the next one stored", "[cli][load]") {
    const RunningServer server;
    const Cli cli(server);
    const std::string large(1024 * 1024 + 1, 'v');
    const CliResult result = cli({"load", "-"}, "{\"key\":\"a\",\"value\":\"" + large +
                                                    "\"}\n{\"key\":\"b\",\"value\":\"x\"}\n");
    CHECK(result.exit_code == 1);
    CHECK_THAT(result.err, Catch::StartsWith("tagcache: load: line 1: VALUE_TOO_LARGE"));
    CHECK(cli({"scan"}) == prints("b\n"));
}

TEST_CASE("a line of 8 MiB is read, a longer one is a bad line", "[cli][load]") {
    const RunningServer server;
    const Cli cli(server);
    const std::string head = "{\"key\":\"k\",\"value\":\"v\"";
    const std::size_t line_max = 8 * 1024 * 1024;
    const std::string longest = head + std::string(line_max - head.size() - 1, ' ') + "}";
    const std::string next = "\n{\"key\":\"next\",\"value\":\"v\"}\n";
    CHECK(cli({"load", "-", "-q"}, longest + next) == prints(""));
    CHECK(cli({"load", "-", "-q"}, longest + " " + next) ==
          fails(1, complaint(1, "longer than 8.0 MiB")));
    CHECK(cli({"load", "-", "-q"}, std::string(3 * line_max, 'x')) ==
          fails(1, complaint(1, "longer than 8.0 MiB")));
    CHECK(cli({"delete", "k", "next"}) == prints("2\n"));
}

TEST_CASE("load takes at most 64 MiB of memory for 100 MB of entries", "[cli][load]") {
    const RunningServer server;
    const Cli cli(server);
    char path[] = "/tmp/tagcache-load-XXXXXX";
    close(mkstemp(path));
    std::ofstream file(path);
    const std::string value(900, 'v');
    for (int i = 0; i < 100'000; ++i) {
        file << "{\"key\":\"k" + std::to_string(i) + "\",\"value\":\"" + value +
                    "\",\"tags\":[\"a\",\"b" + std::to_string(i % 100) +
                    "\"],\"ttl_ms\":3600000}\n";
    }
    // And one of the largest values, each byte of it escaped.
    file << "{\"key\":\"escaped\",\"value\":\"";
    for (int i = 0; i < 1024 * 1024; ++i) {
        file << "\\u0001";
    }
    file << "\"}\n" << std::flush;
    const CliResult result = cli({"load", path});
    unlink(path);
    CHECK(result.exit_code == 0);
    CHECK_THAT(result.out, Catch::StartsWith("loaded 100001 entries, "));
#ifndef TC_SANITIZED
    CHECK(result.memory_kib < 64 * 1024);
#endif
    CHECK(cli({"tag", "count", "a", "b7"}) == prints("100000\n1000\n"));
    CHECK(cli({"get", "escaped", "--no-value"}) == prints("1048576\n"));
}

TEST_CASE("no line makes load take more than 64 MiB of memory", "[cli][load]") {
    const RunningServer server;
    const Cli cli(server);
    constexpr std::size_t line_max = 8 * 1024 * 1024;
    // One line at a time: what a child takes begins with what its parent takes.
    const auto check = [&](const std::string& line, int exit_code) {
        const CliResult result = cli({"load", "-", "-q"}, line);
        INFO(line.substr(0, 60));
        CHECK(result.exit_code == exit_code);
#ifndef TC_SANITIZED
        CHECK(result.memory_kib < 64 * 1024);
#endif
    };
    std::string line;
    line.reserve(line_max);
    // The worst that is an entry: each byte escaped, and as many tags as there can be.
    line = "{\"key\":\"worst\",\"value\":\"";
    for (int i = 0; i < 1024 * 1024; ++i) {
        line += "\\u0000";
    }
    line += "\",\"tags\":[\"a,\\\"b\"";
    for (int i = 1; i < 512; ++i) {
        line += ",{\"base64\":\"" + std::string(333, 'A') + std::to_string(100 + i) + "\"}";
    }
    line += "]}";
    check(line, 0);
    CHECK(cli({"get", "worst", "--no-value"}) == prints("1048576\n"));
    CHECK(cli({"tag", "count", "a,\"b"}) == prints("1\n"));
    // And what has no end of tags, numbers and lists.
    for (const std::string item : {"\"\",", "0,", "[],", "[]"}) {
        line = "{\"key\":\"k\",\"value\":\"v\",\"tags\":[";
        while (line.size() + item.size() + 3 < line_max) {
            line += item;
        }
        line += "0]}";
        check(line, 1);
    }
}

TEST_CASE("a server that goes away during a load is exit code 3", "[cli][load]") {
    RunningServer server;
    const Cli cli(server);
    // The server stops while load waits for input that a third party writes, so by a named pipe.
    const std::string fifo = "/tmp/tagcache-fifo-" + std::to_string(getpid());
    REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
    const pid_t writer = fork();
    if (writer == 0) {
        const int fd = open(fifo.c_str(), O_WRONLY);
        const std::string line = "{\"key\":\"k\",\"value\":\"" + std::string(1000, 'v') + "\"}\n";
        for (int i = 0; i < 2000; ++i) {
            if (write(fd, line.data(), line.size()) < 0) {
                _exit(1);
            }
            if (i == 1000) {
                kill(server.pid(), SIGKILL);
            }
        }
        _exit(0);
    }
    const CliResult result = cli({"load", fifo, "--json"});
    waitpid(writer, nullptr, 0);
    unlink(fifo.c_str());
    CHECK(server.wait() == 128 + SIGKILL);
    CHECK(result.exit_code == 3);
    // Each line that was read is in the summary, as stored or as lost.
    const std::uint64_t stored = number_behind(result.out, "\"entries\":");
    const std::uint64_t lost = number_behind(result.out, "\"lost_lines\":");
    CHECK(lost > 0);
    CHECK(stored + lost <= 2000);
    CHECK_THAT(result.err, Catch::Contains(std::to_string(lost) + " lines are without an answer") ||
                               Catch::Contains("(1 line is without an answer)"));
    CHECK_THAT(result.err, Catch::Contains("; " + std::to_string(stored) + " line"));
    CHECK_THAT(result.err, Catch::Contains(" stored: load the file again"));
    CHECK_THAT(result.err, !Catch::Contains("nothing was changed"));
}
