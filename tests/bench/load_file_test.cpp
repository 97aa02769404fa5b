// SPDX-License-Identifier: MIT
//
// bench/make_load_file, and what `tagcache load` makes of what it writes.
#include <sstream>

#include "support/cli_run.hpp"
#include "support/places.hpp"

using namespace tc::test;

namespace {

// The script's output for these options.
std::string load_file(const std::string& options) {
    const Ended ended = run_program(
        {"/bin/sh", "-c", "exec " + source_path("bench/make_load_file") + " " + options},
        {STDOUT_FILENO, STDERR_FILENO});
    REQUIRE(ended.exit_code == 0);
    return ended.output;
}

}  // namespace

TEST_CASE("the load file of a seed is the same everywhere", "[bench][load_file]") {
    const Ended sum =
        run_program({"/bin/sh", "-c",
                     "exec " + source_path("bench/make_load_file") + " --lines 1000 | sha256sum"},
                    {STDOUT_FILENO});
    CHECK(sum.output == "1c28aad44ad3f53fc0909653eb31ec0d7f9cd69579378628abbac486b0b7ff69  -\n");
    CHECK(
        load_file("--lines 1") ==
        R"({"key":"key:000000000000","value":"5cddd2545e7c5655a3586b74fe01a54a94ecdbdc28f71506b1a)"
        R"(4be97219466ebb0f3c95406d865762b868ecec0aa2ba15804","tags":["category:830",)"
        R"("user:32165"]})"
        "\n");
}

TEST_CASE("a shorter load file is the beginning of a longer one", "[bench][load_file]") {
    const std::string longer = load_file("--lines 20");
    const std::string shorter = load_file("--lines 7");
    CHECK(longer.compare(0, shorter.size(), shorter) == 0);
    CHECK(std::count(shorter.begin(), shorter.end(), '\n') == 7);
}

TEST_CASE("load files of two seeds have the same keys and other values", "[bench][load_file]") {
    std::istringstream first(load_file("--lines 20 --seed 1"));
    std::istringstream second(load_file("--lines 20 --seed 2"));
    std::string first_line;
    std::string second_line;
    while (std::getline(first, first_line) && std::getline(second, second_line)) {
        const std::size_t value_at = first_line.find(",\"value\"");
        CHECK(first_line.substr(0, value_at) == second_line.substr(0, value_at));
        CHECK(first_line != second_line);
    }
}

TEST_CASE("tagcache load stores every line of a load file", "[bench][load_file]") {
    const RunningServer server;
    const Cli cli(server);
    const CliResult loaded = cli({"load", "-"}, load_file("--lines 3000"));
    CHECK(loaded.exit_code == 0);
    CHECK(loaded.err.empty());
    CHECK_THAT(loaded.out, Catch::StartsWith("loaded 3000 entries, "));
    const CliResult entry = cli({"get", "key:000000002999", "--details"});
    CHECK_THAT(entry.out, Catch::Contains("\ntags\tcategory:"));
    CHECK_THAT(entry.out, Catch::Contains(", user:"));
    CHECK(cli({"get", "key:000000000000", "--raw"}).out.size() >= 100);
}
