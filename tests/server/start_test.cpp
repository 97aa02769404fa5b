// SPDX-License-Identifier: MIT
//
// Starting tagcached: what it says, what it refuses, and with which exit code.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support/child_process.hpp"
#include "support/running_server.hpp"
#include "support/server_stats.hpp"
#include "support/wire_client.hpp"

using namespace tc::test;

namespace {

std::vector<std::string> seventeen_addresses() {
    std::vector<std::string> arguments;
    for (int i = 1; i <= 17; ++i) {
        arguments.insert(arguments.end(), {"--bind", "127.0.0." + std::to_string(i)});
    }
    return arguments;
}

// Runs tagcached to its end.
Ended run(const std::vector<std::string>& arguments) {
    std::vector<std::string> words = {server_program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return run_program(words, {STDOUT_FILENO, STDERR_FILENO});
}

}  // namespace

TEST_CASE("the start line names addresses, reactors, memory limit and version") {
    RunningServer server(
        {"--bind", "::1", "--reactors", "3", "--memory-max", "256m", "--max-connections", "100"});
    const std::string line = server.start_line();
    INFO(line);
    CHECK(line.find("Z info event=listening address=\"127.0.0.1:") != std::string::npos);
    CHECK(line.find(", [::1]:") != std::string::npos);
    CHECK(
        line.ends_with("\" version=0.1.0 reactors=3 memory_bytes_max=268435456 "
                       "connections_max=100 process_id=" +
                       std::to_string(server.pid()) + "\n"));
}

TEST_CASE("an address that others reach needs a word that there is no authentication") {
    const Ended refused = run({"--bind", "0.0.0.0", "--port", "0"});
    CHECK(refused.exit_code == 2);
    CHECK(refused.output ==
          "tagcached: --bind 0.0.0.0: anybody who reaches this address could read and change the "
          "cache. Bind a loopback address, give the server users with --auth-users-file, or say "
          "--allow-unauthenticated.\n");
    CHECK(run({"--bind", "::", "--port", "0"}).exit_code == 2);
    RunningServer allowed({"--bind", "127.1.2.3", "--allow-unauthenticated"});
    CHECK(allowed.port() > 0);
}

TEST_CASE("options that make no sense are refused with what is wrong and exit code 2") {
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{"--nope"},
                                               {"--port", "65536"},
                                               {"--port", "-1"},
                                               {"--port", "x"},
                                               {"--bind", "localhost"},
                                               {"--bind", "300.0.0.1"},
                                               {"--reactors", "0"},
                                               {"--reactors", "65"},
                                               {"--memory-max", "1m"},
                                               {"--memory-max", "8388608t"},
                                               {"--memory-max", "99999999999g"},
                                               {"--memory-max", "12 parsecs"},
                                               {"--memory-max", "0"},
                                               {"--memory-max", "-1"},
                                               {"--memory-max", "99999999999999999999"},
                                               {"--eviction-policy", "fifo"},
                                               {"--eviction-policy", "S3-FIFO"},
                                               {"--ttl-default-ms", "-1"},
                                               {"--ttl-default-ms", "1m"},
                                               {"--ttl-max-ms", "18446744073709551616"},
                                               {"--ttl-max-ms", "0x10"},
                                               {"--ttl-max-ms", "010"},
                                               {"--ttl-jitter-percent", "101"},
                                               {"--ttl-jitter-percent", "-1"},
                                               {"--max-connections", "0"},
                                               {"--max-connections", "1000001"},
                                               seventeen_addresses(),
                                               {"extra"}}) {
        const Ended ended = run(arguments);
        INFO(arguments[0] << ' ' << (arguments.size() > 1 ? arguments[1] : "") << '\n'
                          << ended.output);
        CHECK(ended.exit_code == 2);
        CHECK(ended.output.starts_with("tagcached: "));
    }
}

TEST_CASE("options that contradict each other are refused with both of their values") {
    CHECK(run({"--ttl-default-ms", "1001", "--ttl-max-ms", "1000"}).output ==
          "tagcached: --ttl-default-ms 1001 is above --ttl-max-ms 1000.\n");
    CHECK(run({"--memory-max", "67108863"}).output ==
          "tagcached: --memory-max: 67108863 bytes are not enough for values of up to 1048576 "
          "bytes: at least 64 times as much is needed, which is 64m.\n");
    // As much as is said to be needed is enough.
    CHECK(run({"--limits-value-bytes-max", "1048577", "--memory-max", "64m"})
              .output.ends_with("which is 65m.\n"));
    CHECK(run({"--limits-value-bytes-max", "1048577", "--memory-max", "65m", "--check-config"})
              .exit_code == 0);
    CHECK(run({"--eviction-policy", "fifo"}).output ==
          "tagcached: --eviction-policy: 'fifo' is not s3-fifo, lru or none.\n"
          "Try 'tagcached --help'.\n");
    RunningServer smallest({"--memory-max", "67108864"});
    CHECK(smallest.start_line().find("memory_bytes_max=67108864 ") != std::string::npos);
    RunningServer highest({"--ttl-default-ms", "1000", "--ttl-max-ms", "1000"});
    CHECK(highest.port() > 0);
}

TEST_CASE("INFO tells the options that the store was given") {
    RunningServer plain;
    auto client = WireClient::greeted(plain.port());
    FieldMap info = fields_of(client, WIRE_OP_INFO);
    CHECK(info.texts.at("eviction_policy") == "s3-fifo");
    CHECK(info.numbers.at("ttl_default_ms") == 0);
    CHECK(info.numbers.at("ttl_max_ms") == 0);
    CHECK(info.numbers.at("ttl_jitter_percent") == 0);

    RunningServer told({"--eviction-policy", "lru", "--ttl-default-ms", "2000", "--ttl-max-ms",
                        "3000", "--ttl-jitter-percent", "10", "--memory-max", "65m"});
    auto other = WireClient::greeted(told.port());
    info = fields_of(other, WIRE_OP_INFO);
    CHECK(info.texts.at("eviction_policy") == "lru");
    CHECK(info.numbers.at("ttl_default_ms") == 2000);
    CHECK(info.numbers.at("ttl_max_ms") == 3000);
    CHECK(info.numbers.at("ttl_jitter_percent") == 10);
    CHECK(info.numbers.at("memory_bytes_max") == 65 * 1024 * 1024);
}

TEST_CASE("a jitter that the default TTL leaves no room for is warned of") {
    const auto later_lines = [](const std::vector<std::string>& arguments) {
        RunningServer server(arguments);
        CHECK(server.stop() == 0);
        return server.later_lines();
    };
    const auto warns = [&](const std::vector<std::string>& arguments) {
        return later_lines(arguments).find(
                   " warning event=warning reason=\"--ttl-jitter-percent has no effect on entries "
                   "without a TTL of their own, because their default is ttl.max_ms, which no TTL "
                   "passes; give a lower ttl.default_ms\"\n") != std::string::npos;
    };
    CHECK_FALSE(warns({"--ttl-jitter-percent", "5"}));
    CHECK(warns({"--ttl-jitter-percent", "5", "--ttl-max-ms", "9000"}));
    CHECK(warns({"--ttl-jitter-percent", "5", "--ttl-max-ms", "9000", "--ttl-default-ms", "9000"}));
    CHECK_FALSE(
        warns({"--ttl-jitter-percent", "5", "--ttl-max-ms", "9000", "--ttl-default-ms", "8000"}));
}

#if !defined(TC_SANITIZED)
TEST_CASE("threads that the system does not give are a clear error and exit code 1") {
    // 64 stacks of 8 MiB do not fit; a sanitizer's shadow memory would not either.
    const Ended ended = run_program({"/bin/sh", "-c", "ulimit -v 430000; exec \"$@\"", "sh",
                                     server_program, "--port", "0", "--reactors", "64"},
                                    {STDOUT_FILENO, STDERR_FILENO});
    INFO(ended.output);
    CHECK(ended.exit_code == 1);
    CHECK(ended.output.starts_with("tagcached: "));
    CHECK(ended.output.find("listening") == std::string::npos);
}
#endif

TEST_CASE("--help and --version end with 0") {
    CHECK(run({"--help"}).exit_code == 0);
    CHECK(run({"--help"}).output.find("--memory-max") != std::string::npos);
    CHECK(run({"--version"}).output == "tagcached 0.1.0\n");
}

TEST_CASE("what cannot be printed is an error") {
    const std::string users = "/tmp/tagcache-full-" + std::to_string(getpid()) + ".toml";
    for (const std::string request : {"--help", "--check-config", "--print-config",
                                      "--print-default-config", "--reset-credentials"}) {
        INFO(request);
        const Ended ended =
            run_program({"/bin/sh", "-c", "exec \"$@\" > /dev/full", "sh", server_program,
                         "--config", "", "--auth-users-file", users, request},
                        {STDERR_FILENO});
        CHECK(ended.exit_code == 1);
        CHECK_THAT(ended.output, Catch::Contains("standard output cannot be written"));
    }
    unlink(users.c_str());
}

TEST_CASE("an address that is taken or absent is a clear error and exit code 1") {
    RunningServer server;
    const Ended taken = run({"--port", server.port_text()});
    CHECK(taken.exit_code == 1);
    CHECK(taken.output == "tagcached: listen on 127.0.0.1 port " + server.port_text() +
                              ": Address already in use\n");
    CHECK(run({"--bind", "192.0.2.1", "--allow-unauthenticated", "--port", "0"}).exit_code == 1);
}

TEST_CASE("a Unix socket: a dead one is replaced, a live one and a plain file are not") {
    const std::string path = "/tmp/tagcached-start-" + std::to_string(getpid()) + ".sock";
    {
        RunningServer killed({"--unix", path});
        CHECK(run({"--port", "0", "--unix", path}).output ==
              "tagcached: --unix " + path + ": another server listens there\n");
        CHECK(killed.stop(SIGKILL) == 128 + SIGKILL);
    }
    {
        RunningServer again({"--unix", path});
        CHECK(again.port() > 0);
    }
    close(open(path.c_str(), O_CREAT | O_WRONLY, 0600));
    const Ended blocked = run({"--port", "0", "--unix", path});
    CHECK(blocked.exit_code == 1);
    CHECK(blocked.output ==
          "tagcached: --unix " + path + ": a file that is no socket is in the way\n");
    unlink(path.c_str());
    CHECK(run({"--port", "0", "--unix", "/tmp/" + std::string(120, 'x')}).exit_code == 2);
    RunningServer longest({"--unix", path + std::string(107 - path.size(), 'x')});
    CHECK_THAT(longest.start_line(), Catch::Contains("xxx\" version"));
}

TEST_CASE("the limit of open files bounds the connections") {
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    const rlimit small{200, 200};
    // The child inherits the limit; only a privileged test can raise its own again, so a child sets
    // it.
    const pid_t pid = fork();
    if (pid == 0) {
        setrlimit(RLIMIT_NOFILE, &small);
        try {
            RunningServer server({"--reactors", "2"});
            const bool is_bounded =
                server.start_line().find("connections_max=160 ") != std::string::npos;
            _exit(server.stop() == 0 && is_bounded ? 0 : 1);
        } catch (...) {
            _exit(2);
        }
    }
    int status = 0;
    waitpid(pid, &status, 0);
    CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
}
