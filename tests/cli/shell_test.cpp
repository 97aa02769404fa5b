// SPDX-License-Identifier: MIT
//
// tagcache shell, binary against binary: lines from a pipe, and typed on a pseudo-terminal.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "support/cli_run.hpp"

using namespace tc::test;

namespace {

// A folder of its own for what the shell keeps.
class StateFolder {
 public:
    StateFolder() {
        char path[] = "/tmp/tagcache-shell-XXXXXX";
        REQUIRE(mkdtemp(path) != nullptr);
        path_ = path;
    }
    ~StateFolder() { std::filesystem::remove_all(path_); }

    [[nodiscard]] std::string path() const { return path_; }
    [[nodiscard]] std::string history_file() const { return path_ + "/tagcache/history"; }
    [[nodiscard]] std::string history() const {
        std::ifstream file(history_file());
        return {std::istreambuf_iterator<char>(file), {}};
    }

 private:
    std::string path_;
};

}  // namespace

TEST_CASE("a shell runs the lines of a pipe as commands", "[cli][shell]") {
    const RunningServer server;
    const Cli cli(server);
    CHECK(cli({"shell"}, "") == prints(""));
    CHECK(cli({"shell"},
              "put k 'a b' --tag t\n"
              "\n"
              "# a comment\n"
              "get k\n"
              "  put \"k 2\" c\\ d -t t\n"
              "tagcache exists k 'k 2'\n"
              "increment n\n"
              "get 'k 2'") == prints("a bk\nk 2\n1\nc d"));
    CHECK(cli({"get", "k 2"}) == prints("c d"));
}

TEST_CASE("a shell goes on behind an error, and ends with the first one's exit code",
          "[cli][shell]") {
    const RunningServer server;
    const Cli cli(server);
    CHECK(cli({"shell"},
              "put k v\n"
              "get x\n"
              "put k 'v\n"
              "frob\n"
              "get k\n") == fails(1,
                                  "not found: \"x\"\n"
                                  "tagcache: a ' is not closed\n"
                                  "tagcache: unknown command \"frob\"; see: tagcache --help\n",
                                  "v"));
    CHECK(cli({"shell"}, "get k -p 1\nget x\n").exit_code == 3);
    CHECK(cli({"shell"}, "put k v\nquit\nget x\n") == prints(""));
    // These would take the shell's place, or its input.
    CHECK(cli({"shell"}, "shell\n") ==
          fails(2, "tagcache: this command does not run in a shell\n"));
    CHECK(cli({"shell"}, "server\n").exit_code == 2);
    CHECK(cli({"shell"}, "restart\n") ==
          fails(2, "tagcache: this command does not run in a shell\n"));
    CHECK(cli({"shell"}, "put k -\nget k\n") ==
          fails(2, "tagcache: cannot read standard input: Bad file descriptor\n", "v"));
}

TEST_CASE("options of a shell are those of its lines", "[cli][shell]") {
    const RunningServer server;
    const RunningServer other;
    const Cli cli(server);
    cli({"put", "k", "v"});
    CHECK(cli({"shell", "--json"}, "exists k\nfrob\n") ==
          fails(2, "{\"error\":\"unknown command \\\"frob\\\"; see: tagcache --help\"}\n",
                "{\"key\":\"k\",\"status\":\"OK\"}\n"));
    // A line may ask another server; the next one asks the shell's again.
    CHECK(cli({"shell"}, "exists k -p " + other.port_text() + "\nexists k\n") ==
          fails(1, "not found: \"k\"\n", "k\n"));
    CHECK(Cli()({"shell", "-p", server.port_text()}, "exists k\nexists k --timeout-ms 900\n") ==
          prints("k\nk\n"));
}

TEST_CASE("the lines of a shell share one connection", "[cli][shell]") {
    const RunningServer server;
    const Cli cli(server);
    const std::string counts = cli({"shell"}, "put k v\nget k\nget k\nstats\n").out;
    CHECK_THAT(counts, Catch::Contains("\nconnections_accepted\t1\n"));
}

TEST_CASE("help in a shell is that of the program", "[cli][shell]") {
    const Cli cli;
    CHECK(cli({"shell"}, "help\n") == prints(cli({"--help"}).out));
    CHECK(cli({"shell"}, "help get tag\n") == prints(cli({"get", "tag", "--help"}).out));
    CHECK(cli({"shell"}, "get --help\nversion\n").out ==
          cli({"get", "--help"}).out + cli({"version"}).out);
}

TEST_CASE("a shell on a terminal prompts, completes, drops lines and remembers",
          "[cli][shell][terminal]") {
    const RunningServer server;
    const StateFolder state;
    Cli cli(server);
    cli.environment["XDG_STATE_HOME"] = state.path();
    const std::string prompt = "tagcache://127.0.0.1:" + server.port_text() + "> ";
    const CliResult result =
        cli.in_dialogue({"shell"}, {{prompt, "put k v\n"},
                                    {"stored \"k\"\n", ""},
                                    {prompt, "inval\t"},
                                    {"invalidate ", "t --dry\t"},
                                    {"--dry-run ", "\n"},
                                    {"would remove 0 entries", ""},
                                    // What the editor alone answers tells that it reads the keys.
                                    {prompt, "del\t"},
                                    {"delete", "\x03"},
                                    {"^C\n", ""},
                                    {prompt, "get k\n"},
                                    {"v\n", ""},
                                    {prompt, " get secret\n"},
                                    {"not found", ""},
                                    {prompt, "ping --password secret\n"},
                                    {"--password-file FILE", ""},
                                    {prompt, "ping --token-file x --token=secret\n"},
                                    {"--token-file FILE", ""},
                                    {prompt, "ping --token-file /missing\n"},
                                    {"No such file", ""},
                                    {prompt, "get 'k\n"},
                                    {"a ' is not closed", ""},
                                    {prompt, "tag \t"},
                                    {"add  count  list  remove", "\x03"},
                                    {"^C\n", ""},
                                    {prompt, "qu\t"},
                                    {"quit ", "\n"}});
    CHECK(result.exit_code == 0);
    struct stat status {};
    REQUIRE(stat(state.history_file().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    const std::string history = state.history();
    CHECK_THAT(history, Catch::Contains("invalidate") && Catch::Contains("get\\040k") &&
                            Catch::Contains("/missing"));
    CHECK_THAT(history, !Catch::Contains("secret") && !Catch::Contains("delete"));
}

TEST_CASE("Ctrl-C ends what runs in a shell, not the shell", "[cli][shell][terminal]") {
    const RunningServer server;
    Cli cli(server);
    const CliResult result =
        cli.in_dialogue({"shell"}, {{"> ", "top --count 1000 --interval 10ms\n"},
                                    {"busiest clients\n", "\x03"},
                                    {"tagcache: interrupted\n", ""},
                                    {"> ", "flush all\n"},
                                    {"[y/N] ", "\x03"},
                                    {"tagcache: interrupted\n", ""},
                                    {"> ", "exists x\n"},
                                    {"not found", ""},
                                    {"> ", "quit\n"}});
    CHECK(result.exit_code == 0);
}

TEST_CASE("a shell connects again, and says so", "[cli][shell][terminal]") {
    const StateFolder folder;
    const std::string socket = folder.path() + "/socket";
    std::optional<RunningServer> server;
    const std::vector<std::string> arguments = {"--unix", socket};
    server.emplace(arguments);
    const std::string prompt = "unix://" + socket + "> ";
    const CliResult result = Cli().in_dialogue(
        {"shell", "--unix", socket},
        {{prompt, "put k v\n"},
         {"stored", ""},
         {prompt, "", [&] { server.reset(); }},
         {"", "get k\n"},
         {"tagcache: cannot connect to unix://", ""},
         {prompt, "", [&] { server.emplace(arguments); }},
         {"", "get k\n"},
         {"tagcache: the connection was lost; connected to unix://" + socket + " again\n", ""},
         {"not found", ""},
         {prompt, "",
          [&] {
              server.reset();
              server.emplace(arguments);
          }},
         {"", "exists k\n"},
         {"connected to unix://" + socket + " again\n", ""},
         {prompt, "exists k\n"},
         {"not found", ""},
         {prompt, "quit\n"}});
    CHECK(result.exit_code == 0);
}
