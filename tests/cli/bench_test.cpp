// SPDX-License-Identifier: MIT
//
// bench, binary against binary. Figures are the machine's; counts are not.
#include <simdjson.h>

#include <fstream>
#include <sstream>

#include "support/child_process.hpp"
#include "support/cli_run.hpp"

using namespace tc::test;

namespace {

// One line of JSON, parsed; a member that is not there fails the test.
class Report {
 public:
    explicit Report(const std::string& text) : text_(text) {
        object_ = parser_.parse(text_).get_object();
    }

    [[nodiscard]] double number(const std::string& name) const {
        INFO(name);
        double number = 0;
        REQUIRE(object_.at_key(name).get(number) == simdjson::SUCCESS);
        return number;
    }
    // A string as it is, a number in digits.
    [[nodiscard]] std::string text(const std::string& name) const {
        INFO(name);
        simdjson::dom::element element;
        REQUIRE(object_.at_key(name).get(element) == simdjson::SUCCESS);
        std::string_view view;
        return element.get(view) == simdjson::SUCCESS ? std::string(view)
                                                      : simdjson::to_string(element);
    }
    [[nodiscard]] std::vector<std::string> list(const std::string& name) const {
        simdjson::dom::array array;
        REQUIRE(object_.at_key(name).get(array) == simdjson::SUCCESS);
        std::vector<std::string> texts;
        for (const simdjson::dom::element element : array) {
            texts.emplace_back(std::string_view(element.get_string()));
        }
        return texts;
    }

 private:
    std::string text_;
    simdjson::dom::parser parser_;
    simdjson::dom::object object_;
};

// A small run with these options, as JSON; what it is asserted to have said is one object.
Report bench_report(const Cli& cli, Cli::Words options) {
    Cli::Words words = {"bench",         "--json", "--requests",  "200",
                        "--connections", "4",      "--key-count", "50"};
    words.insert(words.end(), options.begin(), options.end());
    const CliResult result = cli(words);
    INFO(result);
    REQUIRE(result.exit_code == 0);
    return Report(result.out);
}

std::uint64_t answered_count(const Report& report) {
    std::uint64_t sum = 0;
    for (const char* kind : {"get_hit", "get_miss", "put", "invalidate"}) {
        sum += static_cast<std::uint64_t>(report.number(std::string(kind) + "_count"));
    }
    return sum;
}

std::vector<std::vector<std::string>> rows_of(const std::string& csv) {
    std::vector<std::vector<std::string>> rows;
    std::istringstream lines(csv);
    for (std::string line; std::getline(lines, line);) {
        // The last cell may be empty.
        std::istringstream cells(line + ",");
        rows.emplace_back();
        for (std::string cell; std::getline(cells, cell, ',');) {
            rows.back().push_back(cell);
        }
    }
    return rows;
}

}  // namespace

TEST_CASE("bench measures gets of what it preloaded", "[cli][bench]") {
    const RunningServer server;
    const Cli cli(server);
    const Report report = bench_report(cli, {"--preload", "--ratio", "1:0:0", "--pipeline", "8"});
    CHECK(report.number("get_hit_count") == 200);
    CHECK(report.number("hit_ratio") == 1);
    CHECK(report.number("succeeded") == 200);
    CHECK(report.number("value_bytes") == 200 * 100);
    CHECK(report.number("received_bytes") == 200 * (12 + 2 + 4 + 100));
    CHECK(report.number("get_hit_p50_us") <= report.number("get_hit_p99_99_us"));
    CHECK(report.number("get_hit_p99_99_us") <= report.number("get_hit_max_us"));
    CHECK(report.number("errors") == 0);
    CHECK(report.number("refused") == 0);
    CHECK(report.list("reasons").empty());
    CHECK(report.number("server_resident_bytes") > 1'000'000);
    CHECK(report.number("server_cpu_us") > 0);
    CHECK(report.number("client_cpu_us") > 0);
    CHECK(cli({"scan", "key:"}).out.size() == 50 * 17);
    CHECK(cli({"get", "key:000000000049"}).out.size() == 100);
}

TEST_CASE("a preload stores all values, however little of them a pipeline holds", "[cli][bench]") {
    const RunningServer server;
    const Report report =
        bench_report(Cli(server), {"--preload", "--ratio", "1:0:0", "--value-size", "100000"});
    CHECK(report.number("get_hit_count") == 200);
    CHECK(report.number("lost_connections") == 0);
}

TEST_CASE("bench counts misses as misses", "[cli][bench]") {
    const RunningServer server;
    const Cli cli(server);
    const Report report = bench_report(cli, {"--ratio", "1:0:0"});
    CHECK(report.number("get_miss_count") == 200);
    CHECK(report.number("succeeded") == 0);
    CHECK(report.number("per_second") == 0);
    CHECK(report.number("hit_ratio") == 0);
    const CliResult text = cli({"bench", "-n", "10", "--ratio", "1:0:0", "--key-count", "5"});
    CHECK_THAT(text.err, Catch::Contains("no key was found; --preload stores them before"));
}

TEST_CASE("bench puts entries with tags and TTL, and invalidates them", "[cli][bench]") {
    const RunningServer server;
    const Cli cli(server);
    const Report report =
        bench_report(cli, {"--ratio", "0:1:0", "--tags", "3", "--tag-count", "4", "--ttl", "1h",
                           "--distribution", "sequential", "--value-size", "10-20"});
    CHECK(report.number("put_count") == 200);
    CHECK(cli({"tag", "list", "tag:"}).out.size() == 4 * 6);
    const Report entry(cli({"get", "key:000000000007", "--details", "--json"}).out);
    CHECK(entry.list("tags").size() == 3);
    CHECK(entry.number("ttl_ms") > 3'500'000);
    CHECK(entry.number("value_bytes") >= 10);
    CHECK(entry.number("value_bytes") <= 20);

    const Report mixed =
        bench_report(cli, {"--ratio", "5:4:1", "--tags", "3", "--tag-count", "40", "--seed", "7"});
    CHECK(mixed.number("invalidate_count") > 5);
    CHECK(mixed.number("put_count") > 50);
    CHECK(answered_count(mixed) == 200);
}

TEST_CASE("bench takes every option, and tells which it took", "[cli][bench]") {
    const RunningServer server;
    const Cli cli(server);
    const std::vector<Cli::Words> cases = {
        {"--threads", "2"},
        {"--pipeline", "16"},
        {"--key-size", "10-30"},
        {"--key-prefix", "page:/", "--key-size", "40"},
        {"--value-size", "16:9,1000-2000:1"},
        {"--ratio", "1:1"},
        {"--distribution", "uniform"},
        {"--distribution", "zipf"},
        {"--distribution", "zipf:1.2"},
        {"--distribution", "sequential"},
        {"--distribution", "hot"},
        {"--distribution", "hot:99/2"},
        {"--tags", "2", "--tag-distribution", "zipf:1.1"},
        {"--rate", "5000"},
        {"--rate", "5000", "--arrivals", "constant"},
        {"--rate", "5000", "--arrivals", "poisson", "--threads", "2"},
        {"--warmup", "10ms"},
        {"--seed", "18446744073709551615"},
        {"--timeout-ms", "20000"},
    };
    for (const Cli::Words& options : cases) {
        INFO(options[0] << ' ' << options[1]);
        const Report report = bench_report(cli, options);
        CHECK(answered_count(report) == 200);
        const std::map<std::string, std::string> members = {
            {"--threads", "threads"},   {"--pipeline", "pipeline"},
            {"--key-size", "key_size"}, {"--value-size", "value_size"},
            {"--ratio", "ratio"},       {"--distribution", "distribution"},
            {"--seed", "seed"},         {"--rate", "rate"}};
        const auto member = members.find(options[0]);
        if (member != members.end()) {
            CHECK(report.text(member->second) == options[1]);
        }
    }
    CHECK(bench_report(cli, {"--rate", "9000"}).number("send_delay_max_us") >= 0);
}

TEST_CASE("bench runs for a duration", "[cli][bench]") {
    const RunningServer server;
    const Cli cli(server);
    const CliResult result = cli({"bench", "--duration", "50ms", "--json", "--connections", "2"});
    REQUIRE(result.exit_code == 0);
    const Report report(result.out);
    CHECK(answered_count(report) > 0);
    CHECK(report.number("seconds") > 0.01);
}

TEST_CASE("bench prints a table for people", "[cli][bench]") {
    const RunningServer server;
    const Cli cli(server);
    const CliResult result = cli({"bench", "-n", "500", "-c", "2", "-P", "4", "--key-count", "20",
                                  "--preload", "--ratio", "8:1:1", "--tags", "1"});
    CHECK(result.exit_code == 0);
    for (const char* part :
         {"server      tagcache://127.0.0.1:",
          "load        2 connections, 1 thread, pipeline 4, "
          "closed loop\n",
          "p99.99", "\nget hit ", "\nput ", "\ninvalidate ", "\nthroughput  ", "\nhit ratio   ",
          " us of CPU per operation, ", " resident\n", "\nrefused     0\nerrors      0\n"}) {
        CHECK_THAT(result.out, Catch::Contains(part));
    }
    CHECK_THAT(cli({"bench", "-n", "20", "--rate", "1000", "--key-count", "20"}).out,
               Catch::Contains("open loop at 1000/s, constant arrivals\n"));
}

TEST_CASE("bench prints CSV", "[cli][bench]") {
    const RunningServer server;
    const Cli cli(server);
    const CliResult result =
        cli({"bench", "-n", "100", "--csv", "--ratio", "0:1:0", "--key-count", "20"});
    CHECK(result.exit_code == 0);
    const std::vector<std::vector<std::string>> rows = rows_of(result.out);
    REQUIRE(rows.size() == 7);
    CHECK(rows[0] == std::vector<std::string>{"operation", "count", "per_second", "p50_us",
                                              "p90_us", "p99_us", "p99_9_us", "p99_99_us",
                                              "max_us"});
    for (const std::vector<std::string>& row : rows) {
        CHECK(row.size() == rows[0].size());
    }
    CHECK(rows[3][0] == "put");
    CHECK(rows[3][1] == "100");
    CHECK(std::stod(rows[3][8]) > 0);
    CHECK(rows[1] == std::vector<std::string>{"get hit", "0", "0.00", "", "", "", "", "", ""});
}

TEST_CASE("bench writes its latencies for HdrHistogram", "[cli][bench]") {
    const RunningServer server;
    const Cli cli(server);
    const std::string path = "bench_test." + std::to_string(getpid()) + ".hdr";
    CHECK(cli({"bench", "-n", "100", "--hdr", path, "--ratio", "0:1:0", "-q"}).exit_code == 0);
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    unlink(path.c_str());
    CHECK_THAT(text.str(), Catch::StartsWith("       Value     Percentile TotalCount"));
    CHECK_THAT(text.str(), Catch::Contains("Total count    =          100]"));
    CHECK(cli({"bench", "-n", "1", "--hdr", "/nonexistent/file"}).exit_code == 2);
}

TEST_CASE("bench shows what is refused, and fails", "[cli][bench]") {
    const RunningServer server({"--memory-max", "64MiB", "--eviction-policy", "none"});
    const Cli cli(server);
    const CliResult result =
        cli({"bench", "--json", "-n", "3000", "-c", "2", "-P", "4", "--ratio", "0:1:0",
             "--key-count", "3000", "--value-size", "65536", "--distribution", "sequential"});
    INFO(result);
    CHECK(result.exit_code == 5);
    const Report report(result.out);
    CHECK(report.number("refused") > 0);
    CHECK(report.number("put_count") > 0);
    CHECK(report.number("refused") + report.number("put_count") == 3000);
    CHECK(report.number("succeeded") == report.number("put_count"));
    REQUIRE(report.list("reasons").size() == 1);
    CHECK_THAT(report.list("reasons")[0], Catch::EndsWith(" OUT_OF_MEMORY"));
}

TEST_CASE("bench without a server ends like every command", "[cli][bench]") {
    std::string port;
    {
        const RunningServer server;
        port = server.port_text();
    }
    const CliResult result = Cli()({"bench", "--port", port});
    CHECK(result.exit_code == 3);
    CHECK_THAT(result.err, Catch::Contains("Connection refused; start a server with: tagcache"));
    const RunningServer crowded({"--max-connections", "4"});
    const CliResult refused = Cli(crowded)({"bench", "--connections", "8"});
    CHECK(refused.exit_code == 3);
    CHECK(refused.err == "tagcache: bench: the server has too many connections\n");
}

TEST_CASE("bench refuses options that make no sense", "[cli][bench]") {
    const RunningServer server;
    const Cli cli(server);
    const std::vector<std::pair<Cli::Words, std::string>> cases = {
        {{"--connections", "0"}, "--connections: from 1 to 100000"},
        {{"--threads", "0"}, "--threads: from 1 to 1024"},
        {{"--threads", "8", "--connections", "4"}, "--threads: more than the 4 connections"},
        {{"--pipeline", "10001"}, "--pipeline: from 1 to 10000"},
        {{"--pipeline", "x"}, "--pipeline: \"x\" is not a whole number"},
        {{"--requests", "0"}, "--requests: from 1 to 18446744073709551615"},
        {{"--duration", "0"}, "--duration: from 1 to 4294967295"},
        {{"--duration", "10"}, "--duration: \"10\" is not a duration; say 500ms, 30s or 5m"},
        {{"--rate", "0"}, "--rate: from 1 to 1000000000"},
        {{"--key-count", "0"}, "--key-count: from 1 to 1099511627776"},
        {{"--key-size", "8"},
         "--key-size: 1000000 keys that begin with \"key:\" need 10 bytes at least"},
        {{"--key-size", "70000"}, "--key-size: the server takes 1024 at most"},
        {{"--key-size", "1-"},
         "--key-size: \"1-\" is not a size; say 100, 16-1024, or 100:70,16-1024:30 with weights"},
        {{"--value-size", "1073741824"}, "--value-size: the server takes "},
        {{"--ratio", "1"}, "--ratio: \"1\" is not a ratio; say 90:9:1 for gets, puts and"},
        {{"--distribution", "normal"},
         "--distribution: \"normal\" is not a distribution; say uniform, zipf, zipf:1.2, "
         "sequential, hot or hot:90/1"},
        {{"--tag-distribution", "sequential"}, "--tag-distribution: tags have no sequence"},
        {{"--tags", "5", "--tag-count", "4"}, "--tags: more than the 4 of --tag-count"},
        {{"--tag-count", "0"}, "--tag-count: from 1 to 1099511627776"},
        {{"--csv", "--json"}, "--json and --csv exclude each other"},
        {{"--arrivals", "poisson"}, "--arrivals requires --rate"},
        {{"--arrivals", "random", "--rate", "5"}, "--arrivals: random not in {constant,poisson}"},
        {{"word"}, "unexpected argument \"word\""},
    };
    for (const auto& [options, message] : cases) {
        Cli::Words words = {"bench"};
        words.insert(words.end(), options.begin(), options.end());
        const CliResult result = cli(words);
        INFO(options[0] << ": " << result);
        CHECK(result.exit_code == 2);
        CHECK(result.out.empty());
        CHECK_THAT(result.err, Catch::Contains(message));
    }
}

TEST_CASE("an interrupted bench prints what it has measured", "[cli][bench]") {
    const RunningServer server;
    const Cli cli(server);
    const Child bench = start_program({cli_program, "bench", "--port", server.port_text(),
                                       "--duration", "1h", "--json", "-c", "2"},
                                      {STDOUT_FILENO});
    // Only once it serves the signal: its connections are there, and the run has begun.
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (cli({"stats"}).out.find("\nstored\t0\n") != std::string::npos) {
        REQUIRE(std::chrono::steady_clock::now() < deadline);
    }
    kill(bench.pid, SIGINT);
    std::string out;
    char block[4096];
    for (ssize_t count = 0; (count = read(bench.output_fd, block, sizeof block)) > 0;) {
        out.append(block, static_cast<std::size_t>(count));
    }
    close(bench.output_fd);
    CHECK(wait_for_exit(bench.pid) == 0);
    const Report report(out);
    CHECK(report.text("stopped") == "true");
    CHECK(report.number("succeeded") > 0);
    CHECK(report.number("errors") == 0);
}

TEST_CASE("on a terminal bench shows how it goes", "[cli][bench]") {
    const RunningServer server;
    const Cli cli(server);
    const CliResult result = cli.on_terminal({"bench", "--duration", "700ms", "-c", "2"});
    CHECK(result.exit_code == 0);
    CHECK_THAT(result.out, Catch::Contains("bench  "));
    CHECK_THAT(result.out, Catch::Contains("/s  p99 "));
    CHECK_THAT(result.out, Catch::Contains("\x1B[K"));
}
