// SPDX-License-Identifier: MIT
//
// What people see: answers on a pseudo-terminal.
#include "support/cli_run.hpp"

using namespace tc::test;

TEST_CASE("on a terminal commands answer in sentences", "[cli][terminal]") {
    const RunningServer server;
    const Cli cli(server);
    CHECK(cli.on_terminal({"put", "k", "v", "-t", "t"}) == prints("stored \"k\"\n"));
    CHECK(cli.on_terminal({"put", "k", "v", "-t", "t", "-q"}) == prints(""));
    CHECK(cli.on_terminal({"get", "k"}) == prints("v\n"));
    CHECK(cli.on_terminal({"get", "x"}) == fails(1, "", "not found: \"x\"\n"));
    CHECK(cli.on_terminal({"append", "k", "w"}) == prints("\"k\" has 2 bytes now\n"));
    CHECK(cli.on_terminal({"increment", "n"}) == prints("\"n\" is 1 now\n"));
    CHECK(cli.on_terminal({"tag", "add", "n", "t"}) == prints("added 1 tag\n"));
    CHECK(cli.on_terminal({"tag", "count", "t"}) == prints("\"t\": 2 entries\n"));
    CHECK(cli.on_terminal({"tag", "list"}) == prints("         2  t\n1 tag\n"));
    CHECK(cli.on_terminal({"touch", "n", "--ttl", "5m"}) == prints("touched \"n\"\n"));
    CHECK(cli.on_terminal({"exists", "n", "x"}) == fails(1, "", "n\nnot found: \"x\"\n"));
    CHECK(cli.on_terminal({"scan", "n"}) == prints("n\n1 key\n"));
    CHECK(cli.on_terminal({"delete", "n"}) == prints("deleted \"n\"\n"));
    CHECK(cli.on_terminal({"delete", "n", "k"}) ==
          fails(1, "", "not found: \"n\"\ndeleted 1 of 2\n"));
    CHECK(cli.on_terminal({"invalidate", "t", "--dry-run"}) == prints("would remove 0 entries\n"));
    CHECK(cli.on_terminal({"invalidate", "t"}) == prints("removed 0 entries\n"));
}

TEST_CASE("raw answers on a terminal are those of a pipe", "[cli][terminal]") {
    const RunningServer server;
    const Cli cli(server);
    CHECK(cli.on_terminal({"put", "k", "v", "--raw"}) == prints(""));
    CHECK(cli.on_terminal({"get", "k", "--raw"}) == prints("v"));
    CHECK(cli.on_terminal({"increment", "n", "--raw"}) == prints("1\n"));
    CHECK(cli.on_terminal({"get", "k", "--json"}) ==
          prints("{\"key\":\"k\",\"status\":\"OK\",\"value_bytes\":1,\"value\":\"v\"}\n"));
}

namespace {

// Every command that shows keys, tags or values of others, as sentences and as JSON.
void check_shown_safely(const Cli& cli, const std::string& key) {
    cli({"put", key, "-", "-t", key}, "\x1B[2J\tx\r\n\xC2\x9B");
    for (Cli::Words words : {Cli::Words{"scan"},
                             {"get", key},
                             {"get", "key", key, key},
                             {"get", key, "--details"},
                             {"tags", key},
                             {"tag", "list"},
                             {"get", "tag", key},
                             {"exists", key},
                             {"get", key + "x"},
                             {"get", key, "--no-value"},
                             {"tag", "count", key},
                             {"invalidate", key, "--dry-run"},
                             {"dump", "-q"},
                             {"clients"},
                             {"delete", key, key + "x"}}) {
        for (int i = 0; i < 2; ++i) {
            const CliResult result = cli.on_terminal(words);
            INFO(words[0] << ' ' << words.back());
            words.emplace_back("--json");
            CHECK(result.out.find('\x1B') == std::string::npos);
            CHECK(result.out.find('\x07') == std::string::npos);
            CHECK(result.out.find("\xC2\x9B") == std::string::npos);
            CHECK(result.out.find("\xE2\x80\xAE") == std::string::npos);
            CHECK(!result.out.empty());
        }
    }
}

}  // namespace

TEST_CASE("nothing that is stored reaches the terminal as a control sequence", "[cli][terminal]") {
    const RunningServer server;
    const Cli cli(server);
    // One key that is UTF-8, and one that is not.
    for (const std::string key : {"\x1B]0;owned\x07\xE2\x80\xAE\xC2\x9B"
                                  "2Jk",
                                  "\x1B]0;owned\x07\xE2\x80\xAE\xFFk"}) {
        check_shown_safely(cli, key);
    }
    const std::string key = "\x1B]0;owned\x07\xE2\x80\xAE\xFFk";
    const std::string shown = "\\x1B]0;owned\\x07\\xE2\\x80\\xAE\\xFFk";
    cli({"put", key, "v"});
    CHECK(cli.on_terminal({"scan"}) == prints(shown + "\n1 key\n"));
    CHECK(cli.on_terminal({"get", "key", key, key}) == prints(shown + ": v\n" + shown + ": v\n"));
}

TEST_CASE("colour is for capable terminals whose owner does not mind", "[cli][terminal]") {
    const RunningServer server;
    Cli cli(server);
    const auto has_colour = [&](const Cli::Words& words) {
        return cli.on_terminal(words).out.find("\x1B[1m") != std::string::npos;
    };
    CHECK_FALSE(has_colour({"stats"}));
    cli.environment["TERM"] = "xterm";
    CHECK(has_colour({"stats"}));
    CHECK_FALSE(has_colour({"stats", "--no-color"}));
    CHECK_FALSE(has_colour({"stats", "--raw"}));
    CHECK(cli({"stats"}).out.find('\x1B') == std::string::npos);
    cli.environment["NO_COLOR"] = "1";
    CHECK_FALSE(has_colour({"stats"}));
}

TEST_CASE("flush all asks on a terminal, and takes only yes for an answer", "[cli][terminal]") {
    const RunningServer server;
    const Cli cli(server);
    cli({"put", "k", "v"});
    const std::string question =
        "Remove every entry of tagcache://127.0.0.1:" + server.port_text() + "? [y/N] ";
    const CliResult no = cli.on_terminal({"flush", "all"}, "n\n");
    CHECK(no.exit_code == 1);
    CHECK_THAT(no.out, Catch::Contains(question) && Catch::EndsWith("nothing was removed\n"));
    CHECK(cli.on_terminal({"flush", "all"}, "\n").exit_code == 1);
    CHECK(cli.on_terminal({"flush", "all"}, "\x04").exit_code == 1);
    const CliResult yes = cli.on_terminal({"flush", "all"}, "y\n");
    CHECK(yes.exit_code == 0);
    CHECK_THAT(yes.out, Catch::EndsWith("removed 1 entry\n"));
    CHECK(cli.on_terminal({"flush", "all", "--yes"}) == prints("removed 0 entries\n"));
}

TEST_CASE("names and sizes stand in columns, with what they mean", "[cli][terminal]") {
    const RunningServer server;
    const Cli cli(server);
    const std::string info = cli.on_terminal({"info"}).out;
    CHECK_THAT(info, Catch::Contains("\nvalue_bytes_max       1048576 (1.0 MiB)\n"));
    CHECK_THAT(info, Catch::Contains("\nkeys_max              1024\n"));
    CHECK_THAT(cli.on_terminal({"status"}).out, Catch::Contains("\nhit ratio    none yet\n"));
    const std::string clients = cli.on_terminal({"clients"}).out;
    CHECK_THAT(clients, Catch::StartsWith("id  address "));
}

TEST_CASE("load draws a bar on a terminal and takes it away", "[cli][terminal]") {
    const RunningServer server;
    const Cli cli(server);
    std::string lines;
    for (int i = 0; i < 1000; ++i) {
        lines += "{\"key\":\"k" + std::to_string(i) + "\",\"value\":\"v\"}\n";
    }
    char path[] = "/tmp/tagcache-load-XXXXXX";
    const int fd = mkstemp(path);
    REQUIRE(write(fd, lines.data(), lines.size()) == static_cast<ssize_t>(lines.size()));
    close(fd);
    const CliResult result = cli.on_terminal({"load", path});
    unlink(path);
    CHECK(result.exit_code == 0);
    CHECK_THAT(result.out, Catch::Contains(" %  ") && Catch::Contains(" entries  "));
    CHECK_THAT(result.out, Catch::Contains("\x1B[Kloaded 1000 entries, "));
    CHECK_FALSE(Catch::Contains("\x1B").match(cli.on_terminal({"load", "/dev/null"}).out));
}
