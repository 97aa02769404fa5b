// SPDX-License-Identifier: MIT
//
// dump, and that load after dump gives the same set.
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "support/cli_run.hpp"

using namespace tc::test;

namespace {

std::vector<std::string> sorted_lines(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

// The TTL out of a line, and the line without it.
std::uint64_t take_ttl_ms(std::string& line) {
    const std::string name = "\"ttl_ms\":";
    const std::size_t begin = line.find(name);
    REQUIRE(begin != std::string::npos);
    const std::size_t digits = begin + name.size();
    const std::size_t end = line.find_first_of(",}", digits);
    const std::uint64_t ttl_ms = std::stoull(line.substr(digits, end - digits));
    line.erase(begin, end - begin);
    return ttl_ms;
}

std::string random_bytes(std::mt19937_64& random, std::size_t size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) {
        byte = static_cast<char>(random());
    }
    return bytes;
}

std::string contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string base64(std::string_view bytes);

}  // namespace

TEST_CASE("dump writes plain text where it is UTF-8 and base64 where not", "[cli][dump]") {
    const RunningServer server;
    const Cli cli(server);
    cli({"put", "a\"\\\n\x01\x7F\xC3\xA4", "-", "-t", "t", "-t", "\xFF", "--flags", "3"}, "\xFE");
    CHECK(cli({"dump", "-q"}) ==
          prints("{\"key\":\"a\\\"\\\\\\n\\u0001\\u007f\xC3\xA4\",\"value_base64\":\"/g==\","
                 "\"tags\":[\"t\",{\"base64\":\"/w==\"}],\"ttl_ms\":0,\"flags\":3}\n"));
    cli({"flush", "all"});
    CHECK(cli({"dump", "-q"}) == prints(""));
    const CliResult empty = cli({"dump"});
    CHECK_THAT(empty.err, Catch::StartsWith("dumped 0 entries, 0 B in "));
}

TEST_CASE("dump takes a prefix, a tag, or both", "[cli][dump]") {
    const RunningServer server;
    const Cli cli(server);
    cli({"put", "--pairs", "a:1", "1", "a:2", "2", "-t", "t"});
    cli({"put", "--pairs", "b:1", "3", "-t", "t"});
    cli({"put", "a:3", "4"});
    const auto count = [&](const Cli::Words& words) { return sorted_lines(cli(words).out).size(); };
    CHECK(count({"dump"}) == 4);
    CHECK(count({"dump", "--prefix", "a:"}) == 3);
    CHECK(count({"dump", "--tag", "t"}) == 3);
    CHECK(count({"dump", "-", "--tag", "t", "--prefix", "a:"}) == 2);
    CHECK(count({"dump", "--tag", "none"}) == 0);
}

TEST_CASE("load of a dump gives the same set, with binary names and shrinking TTLs",
          "[cli][dump][load]") {
    const RunningServer from;
    const RunningServer to;
    const Cli first(from);
    const Cli second(to);
    const auto seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    std::string lines;
    for (int i = 0; i < 3000; ++i) {
        const auto encoded = [&](std::size_t size) { return base64(random_bytes(random, size)); };
        lines += "{\"key_base64\":\"" + encoded(1 + random() % 40) + "\",\"value_base64\":\"" +
                 encoded(random() % 200) + "\",\"tags\":[\"t" + std::to_string(random() % 10) +
                 "\",{\"base64\":\"" + encoded(1 + random() % 3) +
                 "\"}],\"flags\":" + std::to_string(random() % 1000) +
                 (random() % 2 == 0 ? ",\"ttl_ms\":3600000}\n" : "}\n");
    }
    for (const int size : {40'000, 1024 * 1024}) {
        lines += "{\"key\":\"large " + std::to_string(size) + "\",\"value\":\"" +
                 std::string(static_cast<std::size_t>(size), 'x') + "\"}\n";
    }
    REQUIRE(first({"load", "-", "-q"}, lines).exit_code == 0);
    std::vector<std::string> before = sorted_lines(first({"dump", "-q"}).out);
    REQUIRE(second({"load", "-", "-q"}, first({"dump", "-q"}).out) == prints(""));
    std::vector<std::string> after = sorted_lines(second({"dump", "-q"}).out);
    REQUIRE(before.size() == after.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
        const std::uint64_t ttl_before_ms = take_ttl_ms(before[i]);
        const std::uint64_t ttl_after_ms = take_ttl_ms(after[i]);
        CHECK((ttl_before_ms == 0) == (ttl_after_ms == 0));
        CHECK(ttl_after_ms <= ttl_before_ms);
    }
    std::sort(before.begin(), before.end());
    std::sort(after.begin(), after.end());
    CHECK((before == after));
}

TEST_CASE("values that do not fit into one reply together are all in the dump", "[cli][dump]") {
    const RunningServer server;
    const Cli cli(server);
    const std::string value(1024 * 1024, 'v');
    for (int i = 0; i < 20; ++i) {
        REQUIRE(cli({"put", "big" + std::to_string(i), "-"}, value).exit_code == 0);
    }
    const std::vector<std::string> lines = sorted_lines(cli({"dump"}).out);
    CHECK(lines.size() == 20);
    for (const std::string& line : lines) {
        CHECK(line.size() > value.size());
    }
}

TEST_CASE("a dump file is there whole or not at all", "[cli][dump]") {
    RunningServer server;
    const Cli cli(server);
    char folder[] = "/tmp/tagcache-dump-XXXXXX";
    REQUIRE(mkdtemp(folder) != nullptr);
    const std::string path = std::string(folder) + "/entries.jsonl";
    cli({"put", "k", "v"});
    CHECK(cli({"dump", path, "-q"}) == prints(""));
    const std::string whole = contents(path);
    CHECK(whole == "{\"key\":\"k\",\"value\":\"v\",\"ttl_ms\":0}\n");
    struct stat status {};
    REQUIRE(stat(path.c_str(), &status) == 0);
    const mode_t mask = umask(0);
    umask(mask);
    CHECK((status.st_mode & 0777) == (0666 & ~mask));
    CHECK(cli({"dump", std::string(folder) + "/no/such"}).exit_code == 2);
    CHECK(server.stop() == 0);
    CHECK(cli({"dump", path}).exit_code == 3);
    CHECK(contents(path) == whole);
    CHECK(unlink(path.c_str()) == 0);
    // Nothing else was left there.
    CHECK(rmdir(folder) == 0);
}

TEST_CASE("a dump to - is one to standard output, also beside a file of that name", "[cli][dump]") {
    const RunningServer server;
    const Cli cli(server);
    cli({"put", "k", "v"});
    char folder[] = "/tmp/tagcache-dump-XXXXXX";
    REQUIRE(mkdtemp(folder) != nullptr);
    const std::filesystem::path before = std::filesystem::current_path();
    std::filesystem::current_path(folder);
    std::ofstream("-") << "mine\n";
    CHECK_THAT(cli({"dump", "-", "-q"}).out, Catch::StartsWith("{\"key\":\"k\""));
    CHECK(contents("-") == "mine\n");
    CHECK(unlink("-") == 0);
    std::filesystem::current_path(before);
    CHECK(rmdir(folder) == 0);
}

TEST_CASE("a dump to a symbolic link is written where the link leads", "[cli][dump]") {
    const RunningServer server;
    const Cli cli(server);
    char folder[] = "/tmp/tagcache-dump-XXXXXX";
    REQUIRE(mkdtemp(folder) != nullptr);
    const std::string target = std::string(folder) + "/entries.jsonl";
    const std::string link = std::string(folder) + "/latest";
    std::ofstream(target) << "old\n";
    REQUIRE(symlink("entries.jsonl", link.c_str()) == 0);
    CHECK(cli({"dump", link, "-q"}) == prints(""));
    struct stat status {};
    REQUIRE(lstat(link.c_str(), &status) == 0);
    CHECK(S_ISLNK(status.st_mode));
    CHECK(contents(target).empty());
    CHECK(unlink(link.c_str()) == 0);
    CHECK(unlink(target.c_str()) == 0);
    CHECK(rmdir(folder) == 0);
}

TEST_CASE("a reader that has seen enough ends a dump quietly", "[cli][dump]") {
    const RunningServer server;
    const Cli cli(server);
    std::string lines;
    for (int i = 0; i < 20'000; ++i) {
        lines += "{\"key\":\"k" + std::to_string(i) + "\",\"value\":\"" + std::string(100, 'v') +
                 "\"}\n";
    }
    REQUIRE(cli({"load", "-", "-q"}, lines).exit_code == 0);
    int out[2];
    int err[2];
    REQUIRE(pipe(out) == 0);
    REQUIRE(pipe(err) == 0);
    const std::string port = server.port_text();
    const pid_t child = fork();
    if (child == 0) {
        dup2(out[1], STDOUT_FILENO);
        dup2(err[1], STDERR_FILENO);
        close(out[0]);
        close(err[0]);
        execl(cli_program, "tagcache", "dump", "-p", port.c_str(), nullptr);
        _exit(127);
    }
    close(out[1]);
    close(err[1]);
    char byte = 0;
    CHECK(read(out[0], &byte, 1) == 1);
    close(out[0]);
    CHECK(read(err[0], &byte, 1) == 0);
    close(err[0]);
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGPIPE);
}

namespace {

std::string base64(std::string_view bytes) {
    constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t j = i; j < i + 3; ++j) {
            group = group << 8 | (j < bytes.size() ? static_cast<unsigned char>(bytes[j]) : 0U);
        }
        for (int shift = 18; shift >= 0; shift -= 6) {
            text += digits[group >> shift & 0x3F];
        }
    }
    const std::size_t padding = (3 - bytes.size() % 3) % 3;
    return text.replace(text.size() - padding, padding, padding, '=');
}

}  // namespace
