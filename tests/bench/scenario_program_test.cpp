// SPDX-License-Identifier: MIT
//
// The scenarios as a program: what it says of what it was asked, and how it ends.
#include <signal.h>

#include <catch2/catch.hpp>

#include "children_of.hpp"
#include "support/child_process.hpp"
#include "support/eventually.hpp"

namespace tc::bench::test {
namespace {

using tc::test::Child;
using tc::test::Ended;

std::vector<std::string> scenarios(std::vector<std::string> options,
                                   const char* slice_count = "1") {
    std::vector<std::string> words = {
        TC_SCENARIOS_PROGRAM, "--quick", "--slices",      slice_count, "--slice", "0.05",
        "--entries",          "500",     "--connections", "2"};
    words.insert(words.end(), options.begin(), options.end());
    return words;
}

Ended run(std::vector<std::string> words) {
    return tc::test::run_program(std::move(words), {STDOUT_FILENO, STDERR_FILENO});
}

}  // namespace

TEST_CASE("the chosen scenarios are run, each with what took place", "[bench][scenario]") {
    const Ended ended =
        run(scenarios({"--only", "invalidation,idle-connections", "--idle-connections", "20"}));
    INFO(ended.output);
    CHECK(ended.exit_code == 0);
    CHECK_THAT(ended.output, Catch::Contains("saturation: "));
    CHECK_THAT(ended.output, Catch::Contains("slices 500 entries invalidated, "));
    CHECK_THAT(ended.output, Catch::Contains("slices 20 connections stood idle, "));
    CHECK_THAT(ended.output, !Catch::Contains("load-20"));
}

TEST_CASE("hostile crowds are there while the others read", "[bench][scenario]") {
    const Ended ended =
        run(scenarios({"--only", "rush,never-reading,slowloris", "--hostile-connections", "30"}));
    INFO(ended.output);
    CHECK(ended.exit_code == 0);
    CHECK_THAT(ended.output,
               Catch::Contains("slices 30 connections asked for 1 MiB, and never read"));
    CHECK_THAT(ended.output, Catch::Contains("slices 30 connections never read, "));
    CHECK_THAT(ended.output, Catch::Contains("slices 30 connections sent a byte now and then, "));
}

TEST_CASE("as many connections stand idle as there may be open files", "[bench][scenario]") {
    std::string command = "ulimit -n 200 && exec";
    for (const std::string& word :
         scenarios({"--only", "idle-connections", "--idle-connections", "1000"})) {
        command += " '" + word + "'";
    }
    const Ended ended = run({"/bin/sh", "-c", command});
    INFO(ended.output);
    CHECK(ended.exit_code == 0);
    CHECK_THAT(ended.output, Catch::Contains("leaves room for 70 of 1000 idle connections\n"));
    CHECK_THAT(ended.output, Catch::Contains("slices 70 connections stood idle, "));
}

TEST_CASE("scenarios that are interrupted leave no server behind", "[bench][scenario]") {
    const Child child = tc::test::start_program(scenarios({"--only", "load-20"}, "1000"),
                                                {STDOUT_FILENO, STDERR_FILENO});
    std::vector<pid_t> servers;
    CHECK(tc::test::eventually([&] {
        servers = children_of(child.pid);
        return servers.size() == 1;
    }));
    kill(child.pid, SIGINT);
    CHECK(tc::test::wait_for_exit(child.pid) == 1);
    close(child.output_fd);
    for (const pid_t server : servers) {
        CHECK(kill(server, 0) != 0);
    }
}

TEST_CASE("scenarios refuse what they do not know, and say what it was", "[bench][scenario]") {
    const auto refuses = [](std::vector<std::string> options) {
        const std::string value = options.back();
        const Ended ended = run(scenarios(std::move(options)));
        INFO(ended.output);
        CHECK(ended.exit_code != 0);
        CHECK_THAT(ended.output, Catch::Contains(value));
        CHECK_THAT(ended.output, !Catch::Contains("saturation"));
    };
    refuses({"--only", "earthquake"});
    refuses({"--load", "101"});
    refuses({"--load", "half"});
    refuses({"--idle-connections", "-1"});
    refuses({"--value-size", "16385"});
    refuses({"--json"});
}

}  // namespace tc::bench::test
