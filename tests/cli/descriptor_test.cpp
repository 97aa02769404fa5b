// SPDX-License-Identifier: MIT
//
// Standard descriptors that are closed, or do not block.
#include "support/cli_run.hpp"
#include "support/wire_client.hpp"

using namespace tc::test;

namespace {

// Runs a line of the shell in which $tagcache is the program, and returns its exit code.
int run_shell(const RunningServer& server, const std::string& line) {
    const std::string variables =
        "TAGCACHE_PORT=" + server.port_text() + " tagcache='" + cli_program + "' sh -c '";
    const int status = std::system((variables + line + "'").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Both ends of a pipe whose ends, both of them, do not block.
struct Pipe {
    Pipe() {
        if (pipe2(fds, O_NONBLOCK | O_CLOEXEC) != 0) {
            throw std::runtime_error("pipe");
        }
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe() {
        close(fds[0]);
        close_writing();
    }
    void close_writing() {
        if (fds[1] >= 0) {
            close(fds[1]);
            fds[1] = -1;
        }
    }
    // Until a byte or the end is there.
    void wait_readable() const {
        pollfd readable{fds[0], POLLIN, 0};
        REQUIRE(poll(&readable, 1, 60'000) == 1);
    }

    int fds[2] = {-1, -1};
};

pid_t start(const RunningServer& server, std::vector<std::string> words, int input, int output,
            int errors) {
    words.insert(words.begin(), {"tagcache", "-p", server.port_text()});
    std::vector<char*> argv;
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    const pid_t child = fork();
    if (child == 0) {
        dup2(input, STDIN_FILENO);
        dup2(output, STDOUT_FILENO);
        dup2(errors, STDERR_FILENO);
        execv(cli_program, argv.data());
        _exit(127);
    }
    return child;
}

}  // namespace

TEST_CASE("what is printed never reaches the server in place of a closed standard descriptor",
          "[cli][descriptor]") {
    const RunningServer server;
    const Cli cli(server);
    // A value that would empty the cache, were it sent as it is; large enough to be written while
    // there is a connection.
    std::string evil;
    while (evil.size() < 100'000) {
        evil += raw_frame(WIRE_OP_FLUSH, 1, "");
    }
    REQUIRE(cli({"put", "evil", "-"}, evil) == prints(""));
    REQUIRE(cli({"put", "k", "v"}) == prints(""));
    CHECK(run_shell(server, "$tagcache get evil >&- 2>/dev/null") == 2);
    CHECK(run_shell(server, "$tagcache get evil >&- 2>&-") == 2);
    CHECK(run_shell(server, "$tagcache get evil <&- >&- 2>&-") == 2);
    CHECK(run_shell(server, "test $($tagcache get k <&-) = v") == 0);
    CHECK(run_shell(server, "$tagcache get none 2>&-") != 0);
    CHECK(run_shell(server, "$tagcache put stdin - <&- 2>/dev/null") == 2);
    CHECK(run_shell(server, "$tagcache put silent value <&- >&- 2>&-") == 0);
    CHECK(cli({"get", "key", "k", "silent"}) == prints("v\nvalue\n"));
    CHECK(cli({"exists", "evil", "stdin"}) == fails(1, "not found: \"stdin\"\n", "evil\n"));
}

TEST_CASE("standard input that does not block is waited for", "[cli][descriptor]") {
    const RunningServer server;
    const Cli cli(server);
    Pipe input;
    Pipe errors;
    const std::string lines = "nonsense\n";
    CHECK(write(input.fds[1], lines.data(), lines.size()) == static_cast<ssize_t>(lines.size()));
    const pid_t child =
        start(server, {"load", "-", "-q"}, input.fds[0], STDOUT_FILENO, errors.fds[1]);
    // It has complained about all there was, and looks for more.
    errors.wait_readable();
    const std::string entry = "{\"key\":\"k\",\"value\":\"v\"}\n";
    CHECK(write(input.fds[1], entry.data(), entry.size()) == static_cast<ssize_t>(entry.size()));
    input.close_writing();
    CHECK(wait_for_exit(child) == 1);
    CHECK(cli({"get", "k"}) == prints("v"));
}

TEST_CASE("standard output that does not block is waited for", "[cli][descriptor]") {
    const RunningServer server;
    const Cli cli(server);
    // More than any pipe holds.
    const std::string value(1024 * 1024, 'v');
    REQUIRE(cli({"put", "k", "-"}, value) == prints(""));
    Pipe output;
    const pid_t child = start(server, {"get", "k"}, STDIN_FILENO, output.fds[1], STDERR_FILENO);
    output.close_writing();
    std::string received;
    std::vector<char> block(65536);
    ssize_t count = 1;
    while (count != 0) {
        output.wait_readable();
        count = read(output.fds[0], block.data(), block.size());
        REQUIRE(count >= 0);
        received.append(block.data(), static_cast<std::size_t>(count));
    }
    CHECK(wait_for_exit(child) == 0);
    CHECK((received == value));
}
