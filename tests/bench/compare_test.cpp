// SPDX-License-Identifier: MIT
//
// The comparison as a program: what it says of what it was asked, and how it ends.
#include <signal.h>

#include <catch2/catch.hpp>

#include "children_of.hpp"
#include "support/child_process.hpp"
#include "support/eventually.hpp"

namespace tc::bench::test {
namespace {

using tc::test::Child;
using tc::test::Ended;

std::vector<std::string> compare(std::vector<std::string> options) {
    std::vector<std::string> words = {
        TC_COMPARE_PROGRAM, "--rivals", "echo",          "--keys", "1000",
        "--threads",        "1",        "--connections", "2"};
    words.insert(words.end(), options.begin(), options.end());
    return words;
}

}  // namespace

TEST_CASE("a comparison prints the chosen rows, memory and goals", "[bench][compare]") {
    const Ended ended =
        tc::test::run_program(compare({"--pairs", "2", "--slice", "0.02", "--operations", "get,mix",
                                       "--values", "100", "--depths", "4"}),
                              {STDOUT_FILENO, STDERR_FILENO});
    INFO(ended.output);
    CHECK(ended.exit_code == 0);
    CHECK_THAT(ended.output, Catch::Contains("\nget 100 B, depth 4, 2 connections "));
    CHECK_THAT(ended.output, Catch::Contains("\nmix 100 B, depth 4, 2 connections "));
    CHECK_THAT(ended.output, !Catch::Contains("\nput 100 B"));
    CHECK_THAT(ended.output, Catch::Contains("\nvalues of 100 "));
    CHECK_THAT(ended.output, Catch::Contains("\nGoals\n"));
}

TEST_CASE("a comparison that is interrupted leaves no server behind", "[bench][compare]") {
    const Child child =
        tc::test::start_program(compare({"--pairs", "1000", "--slice", "0.05", "--operations",
                                         "get", "--values", "100", "--depths", "4"}),
                                {STDOUT_FILENO, STDERR_FILENO});
    std::vector<pid_t> servers;
    CHECK(tc::test::eventually([&] {
        servers = children_of(child.pid);
        return servers.size() == 2;
    }));
    kill(child.pid, SIGINT);
    CHECK(tc::test::wait_for_exit(child.pid) == 1);
    close(child.output_fd);
    for (const pid_t server : servers) {
        CHECK(kill(server, 0) != 0);
    }
}

TEST_CASE("a comparison refuses what it does not know", "[bench][compare]") {
    const auto exit_code = [](std::vector<std::string> options) {
        return tc::test::run_program(compare(std::move(options)), {STDOUT_FILENO, STDERR_FILENO})
            .exit_code;
    };
    CHECK(exit_code({"--operations", "steal"}) != 0);
    CHECK(exit_code({"--rivals", "oracle"}) != 0);
    CHECK(exit_code({"--pairs", "0"}) != 0);
}

}  // namespace tc::bench::test
