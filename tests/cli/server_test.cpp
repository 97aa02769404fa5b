// SPDX-License-Identifier: MIT
//
// ping stats info status health clients hotkeys server, binary against binary.
#include <regex>

#include "support/cli_run.hpp"
#include "support/eventually.hpp"
#include "support/wire_client.hpp"

using namespace tc::test;

TEST_CASE("ping and health tell which server answered", "[cli][server]") {
    const RunningServer server;
    const Cli cli(server);
    const std::string address = "tagcache://127.0.0.1:" + server.port_text();
    CHECK_THAT(cli({"ping"}).out, Catch::StartsWith("answer from " + address + " in "));
    CHECK(cli({"ping", "-q"}) == prints(""));
    CHECK_THAT(cli({"ping", "--json"}).out, Catch::StartsWith("{\"status\":\"OK\",\"server\":\"" +
                                                              address + "\",\"elapsed_us\":"));
    CHECK_THAT(cli({"health"}).out,
               Catch::StartsWith("healthy: " + address + ", version 0.1.0, up for "));
    CHECK_THAT(cli({"health", "--json"}).out,
               Catch::StartsWith("{\"status\":\"OK\",\"server\":\"" + address +
                                 "\",\"version\":\"0.1.0\",\"uptime_ms\":"));
    CHECK(cli({"health", "-p", "1"}).exit_code == 3);
}

TEST_CASE("stats and info print the server's fields by name", "[cli][server]") {
    const RunningServer server;
    const Cli cli(server);
    cli({"put", "k", "v", "-t", "t"});
    cli({"get", "k"});
    cli({"get", "x"});
    const std::string stats = cli({"stats"}).out;
    for (const std::string line :
         {"\nentries\t1\n", "\ntags\t1\n", "\nhits\t1\n", "\nmisses\t1\n"}) {
        CHECK_THAT(stats, Catch::Contains(line));
    }
    CHECK_THAT(cli({"stats", "--json"}).out, Catch::Contains(",\"hits\":1,\"misses\":1,"));
    CHECK_THAT(cli({"stats", "--json"}).out, Catch::Contains(",\"page_latency_us\":\"\","));
    CHECK_THAT(cli({"info"}).out, Catch::StartsWith("version\t0.1.0\n"));
    CHECK_THAT(cli({"info", "--json"}).out, Catch::Contains(",\"value_bytes_max\":1048576,"));
}

TEST_CASE("on a terminal stats has headings, and every field of this server under one of them",
          "[cli][server]") {
    const RunningServer server;
    const Cli cli(server);
    cli({"put", "k", "value", "-t", "t"});
    // How wide the columns are is of no interest.
    const std::string stats =
        std::regex_replace(cli.on_terminal({"stats"}).out, std::regex(" {2,}"), "  ");
    CHECK_THAT(stats, Catch::StartsWith("Entries\n  entries "));
    CHECK_THAT(stats, Catch::Contains("\nMemory\n  used_bytes "));
    CHECK_THAT(stats, Catch::Contains("\n  value_bytes  5\n"));
    CHECK_THAT(stats, Catch::Contains("\nSince start\n  uptime_ms "));
    CHECK_THAT(stats, Catch::Contains("\nConnections\n  connections  1\n"));
    CHECK_THAT(stats, Catch::Contains("\nLongest pauses\n  pause_turn_us_max "));
    CHECK_THAT(stats, Catch::Contains("\nLatency in the server\n  read_latency_us  none yet\n"));
    CHECK_THAT(stats, Catch::Contains("\n  write_latency_us  p50 "));
    CHECK_THAT(stats, !Catch::Contains("Others"));
    // In a pipe there is a line each and nothing else.
    for (const std::string heading : {"Entries\n", "Memory\n", "  "}) {
        CHECK_THAT(cli({"stats"}).out, !Catch::Contains(heading));
    }
}

TEST_CASE("status is short for people and complete in JSON", "[cli][server]") {
    const RunningServer server;
    const Cli cli(server);
    cli({"put", "k", "v"});
    cli({"get", "k"});
    const std::string status = cli({"status"}).out;
    CHECK_THAT(status, Catch::StartsWith("server\ttagcache://127.0.0.1:"));
    CHECK_THAT(status, Catch::Contains("\nentries\t1\n"));
    CHECK_THAT(status, Catch::Contains("\nhit ratio\t100.0 %\n"));
    const std::string json = cli({"status", "--json"}).out;
    CHECK_THAT(json, Catch::Contains(",\"entries\":1,"));
    CHECK_THAT(json, Catch::Contains(",\"reactors\":"));
    const std::size_t uptime = json.find("\"uptime_ms\":");
    CHECK(json.find("\"uptime_ms\":", uptime + 1) == std::string::npos);
}

TEST_CASE("clients prints this connection among the others", "[cli][server]") {
    const RunningServer server;
    const Cli cli(server);
    CHECK_THAT(cli({"clients"}).out, Catch::Contains("\tname=tagcache\t"));
    CHECK_THAT(cli({"clients", "--json"}).out, Catch::Contains(",\"name\":\"tagcache\","));
}

TEST_CASE("server runs the tagcached beside this program with all its arguments", "[cli][server]") {
    const Cli cli;
    CHECK_THAT(cli({"server", "--version"}).out, Catch::StartsWith("tagcached 0.1.0"));
    CHECK_THAT(cli({"server", "--", "--help"}).out, Catch::Contains("Usage: tagcached"));
    CHECK(cli({"server", "--frob"}).exit_code == 2);
    CHECK(cli({"--port", "1985", "server"}) ==
          fails(2,
                "tagcache: options of the server come behind the word server: tagcache server "
                "--port 1985\n"));
}

TEST_CASE("a server that stands still is exit code 3", "[cli][server]") {
    const RunningServer server;
    const Cli cli(server);
    // A stopped process keeps its sockets and answers nothing. It has to accept us before.
    REQUIRE(cli({"ping"}).exit_code == 0);
    server.hold();
    const CliResult read = cli({"get", "k", "--timeout-ms", "50"});
    const CliResult change = cli({"put", "k", "v", "--timeout-ms", "50"});
    kill(server.pid(), SIGCONT);
    CHECK(read.exit_code == 3);
    CHECK(change.exit_code == 3);
}

TEST_CASE("clients kill closes a connection, and says when there is none", "[cli][clients]") {
    const RunningServer server;
    const Cli cli(server);
    auto victim = WireClient::greeted(server.port());
    REQUIRE(victim.call(ping_frame()).status == WIRE_OK);
    CHECK(cli({"clients", "kill", "1"}).exit_code == 0);
    CHECK(victim.is_closed_by_server());
    // The client may hear of it first.
    const CliResult gone = fails(1, "there is no connection 1\n");
    CHECK(eventually([&] { return cli({"clients", "kill", "1"}) == gone; }));
    CHECK(cli({"clients", "kill"}).exit_code == 2);
    CHECK(cli({"clients", "kill", "x"}).exit_code == 2);
}

TEST_CASE("slowlog lists what took long, the latest first, until it is reset", "[cli][slowlog]") {
    const RunningServer server({"--log-slow-us", "1"});
    const Cli cli(server);
    CHECK(cli({"put", "a\x1B", "v"}).exit_code == 0);
    CHECK(cli({"slowlog", "reset"}).exit_code == 0);
    CHECK(cli({"put", "slow\x1B", "v"}).exit_code == 0);
    CHECK(cli({"config", "set", "log.slow_us", "0", "--live"}).exit_code == 0);
    CHECK(std::stoi(cli({"slowlog", "len"}).out) >= 2);
    const CliResult all = cli({"slowlog"});
    CHECK_THAT(all.out, Catch::Contains("\topcode=PUT\tname=slow\\x1B\trequests=1\t") &&
                            !Catch::Contains("name=a"));
    CHECK(std::ranges::count(cli({"slowlog", "get", "1"}).out, '\n') == 1);
    CHECK_THAT(cli({"slowlog", "--json"}).out, Catch::Contains("\"opcode\":\"PUT\""));
    CHECK_THAT(cli.on_terminal({"slowlog"}).out, Catch::Contains("duration_us"));
    CHECK(cli({"slowlog", "get", "x"}).exit_code == 2);
    CHECK(cli({"slowlog", "reset"}).exit_code == 0);
    CHECK(cli({"slowlog", "len"}) == prints("0\n"));
    CHECK(cli({"slowlog"}) == prints(""));
}

TEST_CASE("hotkeys lists what is read most, or named most, the hottest first", "[cli][hotkeys]") {
    const RunningServer server;
    const Cli cli(server);
    CHECK(cli({"hotkeys"}) == prints(""));
    // Enough that the server's sample has them for certain.
    Cli::Words reads = {"get", "key"};
    reads.insert(reads.end(), 1000, "hot\x1B");
    reads.insert(reads.end(), 500, "warm");
    Cli::Words counts = {"tag", "count"};
    counts.insert(counts.end(), 1000, "t");
    for (int i = 0; i < 4; ++i) {
        cli(reads);
    }
    cli(counts);
    CHECK(cli({"hotkeys"}) == prints("hot\x1B\nwarm\n"));
    CHECK(cli({"hotkeys", "--limit", "1"}) == prints("hot\x1B\n"));
    CHECK(cli({"hotkeys", "--null"}) == prints(std::string("hot\x1B\0warm\0", 10)));
    CHECK(cli({"hotkeys", "--tags", "--limit", "5000"}) == prints("t\n"));
    CHECK_THAT(cli({"hotkeys", "--json"}).out,
               Catch::StartsWith("{\"key\":\"hot\\u001b\",\"rate\":"));
    CHECK_THAT(cli({"hotkeys", "--tags", "--json"}).out,
               Catch::StartsWith("{\"tag\":\"t\",\"rate\":"));
    CHECK_THAT(cli.on_terminal({"hotkeys"}).out,
               Catch::Contains("/s  hot\\x1B\n") && Catch::EndsWith("/s  warm\n2 keys\n"));
    CHECK_THAT(cli.on_terminal({"hotkeys", "--tags"}).out, Catch::EndsWith("/s  t\n1 tag\n"));
    CHECK(cli({"hotkeys", "--limit", "0"}) == fails(2, "tagcache: --limit: the least is 1\n"));
}

TEST_CASE("what acts on this machine alone refuses the address of a server", "[cli][server]") {
    Cli cli;
    // Were it not refused, it would find no service manager, or no server.
    cli.environment["PATH"] = "/nonexistent";
    for (const char* command : {"restart", "reset-credentials"}) {
        for (const Cli::Words& address : {Cli::Words{"--host", "cache2"},
                                          {"-p", "1"},
                                          {"--unix", "/s"},
                                          {"--uri", "unix:///s"}}) {
            INFO(command << ' ' << address[0]);
            CHECK(cli({address[0], address[1], command}) ==
                  fails(2,
                        "tagcache: this command acts on this machine, and goes to no server: leave "
                        "--uri, --host, --port and --unix out, or run it there\n"));
        }
        for (const char* host : {"cache2", "localhost.example"}) {
            cli.environment["TAGCACHE_HOST"] = host;
            const CliResult refused = cli({command});
            CHECK(refused.exit_code == 2);
            CHECK_THAT(refused.err, Catch::Contains("TAGCACHE_HOST names another one"));
        }
        cli.environment["TAGCACHE_HOST"] = "127.0.0.1";
        CHECK_THAT(cli({command}).err, !Catch::Contains("acts on this machine"));
        cli.environment.erase("TAGCACHE_HOST");
    }
}
