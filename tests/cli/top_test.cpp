// SPDX-License-Identifier: MIT
//
// tagcache top, binary against binary: in a pipe, as JSON, and on a pseudo-terminal.
#include <algorithm>
#include <thread>

#include "support/cli_run.hpp"
#include "support/eventually.hpp"

using namespace tc::test;

namespace {

const std::string enter_sequence = "\x1B[?1049h";
const std::string leave_sequence = "\x1B[?1049l";

}  // namespace

TEST_CASE("top prints one block, or as many as it is told", "[cli][top]") {
    const RunningServer server;
    const Cli cli(server);
    cli({"put", "k", "v"});
    const std::string title = "tagcache://127.0.0.1:" + server.port_text() + "  version 0.1.0  ";
    const CliResult once = cli({"top", "--once", "--interval", "20ms"});
    CHECK(once.exit_code == 0);
    CHECK_THAT(once.out, Catch::StartsWith(title) && Catch::Contains("\nentries 1  "));
    CHECK_THAT(once.out, Catch::Contains("\nbusiest clients\n") && Catch::EndsWith("\n\n"));
    CHECK(once.out.find('\x1B') == std::string::npos);
    const std::string thrice = cli({"top", "--count", "3", "--interval", "1ms"}).out;
    std::size_t title_count = 0;
    for (std::size_t at = 0; (at = thrice.find(title, at)) != std::string::npos; ++at) {
        ++title_count;
    }
    CHECK(title_count == 3);
    CHECK(cli.on_terminal({"top", "--once", "--interval", "1ms"}).out.find(enter_sequence) ==
          std::string::npos);
}

TEST_CASE("top prints a JSON object an interval", "[cli][top]") {
    const RunningServer server;
    const Cli cli(server);
    const CliResult result = cli({"top", "--json", "--count", "2", "--interval", "10ms"});
    CHECK(result.exit_code == 0);
    CHECK(std::count(result.out.begin(), result.out.end(), '\n') == 2);
    CHECK_THAT(result.out, Catch::StartsWith("{\"server\":\"tagcache://127.0.0.1:") &&
                               Catch::Contains(",\"read_count\":0,\"write_count\":0,") &&
                               Catch::Contains(",\"admin_p99_us\":") &&
                               Catch::Contains(",\"hot_keys\":[],\"hot_tags\":[],\"clients\":[{"));
}

TEST_CASE("top refuses intervals that make no sense", "[cli][top]") {
    const Cli cli;
    CHECK(cli({"top", "--interval", "0"}) == fails(2, "tagcache: --interval: the least is 1\n"));
    CHECK(cli({"top", "--interval", "2d"}) == fails(2, "tagcache: --interval: the most is 1d\n"));
    CHECK(cli({"top", "--count", "0"}) == fails(2, "tagcache: --count: the least is 1\n"));
    CHECK(cli({"top", "--once", "--count", "2"}).exit_code == 2);
    CHECK(cli({"top", "-p", "1"}).exit_code == 3);
}

TEST_CASE("top takes the screen, and q or Ctrl-C gives it back", "[cli][top][terminal]") {
    const RunningServer server;
    Cli cli(server);
    cli.environment["TERM"] = "xterm";
    for (const char* key : {"q", "\x03"}) {
        const CliResult result = cli.in_dialogue({"top"}, {{"q quits", key}});
        CHECK(result.exit_code == 0);
        CHECK_THAT(result.out, Catch::StartsWith(enter_sequence) &&
                                   Catch::Contains("\x1B[1mhot keys") &&
                                   Catch::EndsWith(leave_sequence));
    }
    cli.environment["NO_COLOR"] = "1";
    CHECK(cli.in_dialogue({"top"}, {{"q quits", "q"}}).out.find("\x1B[1m") == std::string::npos);
}

TEST_CASE("top ends with a line and exit code 3 when the server goes away",
          "[cli][top][terminal]") {
    for (const bool is_on_terminal : {true, false}) {
        RunningServer server;
        Cli cli(server);
        cli.environment["TERM"] = "xterm";
        // Beside it, once its connection is there.
        bool is_watched = false;
        std::thread end([&] {
            is_watched = eventually([&] {
                const std::string clients = cli({"clients"}).out;
                return std::count(clients.begin(), clients.end(), '\n') == 2;
            });
            server.stop(SIGKILL);
        });
        const Cli::Words words = {"top", "--interval", "5ms"};
        const CliResult result = is_on_terminal ? cli.on_terminal(words) : cli(words);
        end.join();
        CHECK(is_watched);
        CHECK(result.exit_code == 3);
        CHECK_THAT(is_on_terminal ? result.out : result.err,
                   Catch::Contains("tagcache: ") && Catch::EndsWith("\n"));
        // The server may have gone before there was a screen to leave.
        if (result.out.find(enter_sequence) != std::string::npos) {
            CHECK(result.out.find(leave_sequence) < result.out.find("tagcache: "));
        }
    }
}
