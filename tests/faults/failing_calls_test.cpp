// SPDX-License-Identifier: MIT
//
// A server whose system calls and allocations fail at random, or whose clocks jump, against what
// its clients know they stored (failing_calls.cpp). The numbers are those of the catalogue of bad
// inputs, "Faults".
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <sstream>
#include <thread>

#include "faults/modelled_client.hpp"
#include "histories/history_checks.hpp"
#include "support/eventually.hpp"
#include "support/running_server.hpp"
#include "support/server_stats.hpp"

using namespace tc::test;

namespace {

#if defined(TC_SANITIZED)
constexpr std::uint64_t answers_wanted = 150'000;
#else
constexpr std::uint64_t answers_wanted = 1'000'000;
#endif
constexpr std::uint32_t client_count = 4;

// A server of the faulty program, which got this environment.
class FaultyServer {
 public:
    FaultyServer(const char* variable, const std::string& value) {
        setenv("TC_SERVER_UNDER_TEST", TC_FAULTY_SERVER, 1);
        setenv(variable, value.c_str(), 1);
        server_.emplace(std::vector<std::string>{"--reactors", "2"});
        unsetenv(variable);
        unsetenv("TC_SERVER_UNDER_TEST");
    }
    RunningServer& operator*() { return *server_; }
    RunningServer* operator->() { return &*server_; }

 private:
    std::optional<RunningServer> server_;
};

// Each fault by name, with how often it happened.
std::map<std::string, std::uint64_t> faults_told(const std::string& lines) {
    std::map<std::string, std::uint64_t> faults;
    std::istringstream in(lines);
    for (std::string line; std::getline(in, line);) {
        // Lines of the log begin with a time.
        const std::size_t at = line.find('=');
        if (at != line.npos && line.find(' ') == line.npos) {
            faults[line.substr(0, at)] = std::stoull(line.substr(at + 1));
        }
    }
    return faults;
}

std::string put_with_ttl(std::string_view key, std::uint64_t ttl_ms) {
    wire_put put{};
    put.options = WIRE_FIELD_TTL;
    put.ttl_ms = ttl_ms;
    put.key = bytes(key);
    put.value = bytes("v");
    return frame(WIRE_OP_PUT, 0, [&](wire_writer* out) { wire_encode_put(out, &put); });
}

bool is_there(WireClient& client, std::string_view key) {
    return client.call(get_frame(key)).status == WIRE_OK;
}

}  // namespace

TEST_CASE("faults 3.7 and 3.10: whatever calls and allocations fail, replies are right") {
    const std::uint64_t seed = history_seed("failing calls") + 1;
    FaultyServer server("TC_FAULT_SEED", std::to_string(seed));
    std::vector<ModelledClient> clients;
    for (std::uint32_t i = 0; i < client_count; ++i) {
        clients.emplace_back(server->port(), i, seed);
    }
    std::vector<std::string> failures(client_count);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < clients.size(); ++i) {
        threads.emplace_back([&, i] {
            try {
                clients[i].run(answers_wanted / client_count);
            } catch (const std::exception& error) {
                failures[i] = error.what();
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    INFO("TC_TEST_SEED=" << seed - 1);
    std::uint64_t hits = 0;
    std::uint64_t lost_connections = 0;
    for (std::size_t i = 0; i < clients.size(); ++i) {
        INFO(failures[i]);
        CHECK(failures[i].empty());
        hits += clients[i].hits();
        lost_connections += clients[i].lost_connections();
    }
    CHECK(hits > answers_wanted / 10);
    CHECK(lost_connections > 0);
    CHECK(server->stop() == 0);
    const std::string told = server->later_lines();
    std::printf("failing calls: %llu hits, %llu lost connections\n%s",
                static_cast<unsigned long long>(hits),
                static_cast<unsigned long long>(lost_connections), told.c_str());
    const auto faults = faults_told(told);
    CHECK(faults.size() == 8);
    for (const auto& [name, count] : faults) {
        INFO(name);
        CHECK(count > 0);
    }
}

TEST_CASE("fault 3.5: a wall clock that jumps by days changes no TTL") {
    FaultyServer server("TC_WALL_CLOCK_JUMPS", "1");
    auto client = WireClient::greeted(server->port());
    for (int i = 0; i < 200; ++i) {
        REQUIRE(client.call(put_with_ttl("hour" + std::to_string(i), 3'600'000)).status == WIRE_OK);
        REQUIRE(client.call(put_with_ttl("soon" + std::to_string(i), 20)).status == WIRE_OK);
    }
    CHECK(eventually([&] { return !is_there(client, "soon199"); }));
    for (int i = 0; i < 200; ++i) {
        CHECK(is_there(client, "hour" + std::to_string(i)));
        CHECK_FALSE(is_there(client, "soon" + std::to_string(i)));
    }
}

TEST_CASE("fault 3.5: TTLs go on while the machine is suspended, and connections stay") {
    FaultyServer server("TC_WALL_CLOCK_JUMPS", "1");
    auto client = WireClient::greeted(server->port());
    auto other = WireClient::greeted(server->port());
    REQUIRE(client.call(put_with_ttl("half", 1'800'000)).status == WIRE_OK);
    REQUIRE(client.call(put_with_ttl("two", 7'200'000)).status == WIRE_OK);
    CHECK(is_there(client, "half"));
    kill(server->pid(), SIGRTMIN);  // an hour passes
    CHECK(eventually([&] { return !is_there(client, "half"); }));
    CHECK(is_there(client, "two"));
    CHECK(is_there(other, "two"));
}
