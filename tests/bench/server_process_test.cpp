// SPDX-License-Identifier: MIT
//
// The comparison's servers, with our own as an example, and what becomes of them.
#include "bench/server_process.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>

#include "bench/contender.hpp"
#include "bench/native_protocol.hpp"
#include "driver/run.hpp"
#include "support/eventually.hpp"
#include "support/places.hpp"

namespace tc::bench::test {
namespace {

std::vector<std::string> tagcached(std::uint16_t port) {
    return {tc::test::server_program, "--port", std::to_string(port), "--reactors", "1"};
}

// One that has ended but was not waited for does not count.
bool is_running(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string number;
    std::string name;
    char state = 'Z';
    file >> number >> name >> state;
    return state != 'Z';
}

}  // namespace

TEST_CASE("a server of the comparison accepts connections and tells what it uses",
          "[bench][server_process]") {
    pid_t pid = -1;
    {
        const ServerProcess server(tagcached, std::nullopt);
        pid = server.pid();
        CHECK(is_running(pid));
        CHECK(server.resident_bytes() > 1024 * 1024);
        const std::uint64_t before_ns = server.cpu_ns();
        driver::Load load;
        load.key_count = 1'000;
        driver::RunPlan plan;
        plan.endpoint = driver::tcp_endpoint("127.0.0.1", server.port());
        plan.protocol = [] { return std::make_unique<NativeProtocol>(); };
        plan.connection_count = 2;
        plan.request_count = 1'000;
        const std::atomic<bool> stop{false};
        const driver::RunReport report = driver::run(load.preload(), plan, stop);
        CHECK(report.counters.succeeded_count() == 1'000);
        CHECK(server.cpu_ns() > before_ns);
    }
    CHECK_FALSE(is_running(pid));
}

TEST_CASE("a server that does not start is an error", "[bench][server_process]") {
    const auto refuses = [](std::uint16_t /*port*/) {
        return std::vector<std::string>{tc::test::server_program, "--no-such-option"};
    };
    CHECK_THROWS_WITH(ServerProcess(refuses, std::nullopt),
                      Catch::Contains("does not accept connections on port"));
}

TEST_CASE("a server does not outlive a comparison that is killed", "[bench][server_process]") {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t comparison = fork();
    if (comparison == 0) {
        const ServerProcess server(tagcached, std::nullopt);
        const pid_t pid = server.pid();
        const ssize_t written = write(ends[1], &pid, sizeof pid);
        pause();
        _exit(written == sizeof pid ? 0 : 1);
    }
    pid_t server = -1;
    REQUIRE(read(ends[0], &server, sizeof server) == sizeof server);
    CHECK(is_running(server));
    kill(comparison, SIGKILL);
    waitpid(comparison, nullptr, 0);
    CHECK(tc::test::eventually([&] { return !is_running(server); }));
    close(ends[0]);
    close(ends[1]);
}

TEST_CASE("who takes part in a row", "[bench][server_process]") {
    const Contender memcached{"memcached", "/bin/true", Speech::meta};
    const Contender echo{"echo", "/bin/true", Speech::echo};
    const Contender missing{"valkey", "", Speech::resp};
    CHECK(memcached.takes_part_in({RowKind::put, 100, 1, 1, 2}));
    CHECK_FALSE(memcached.takes_part_in({RowKind::put_tags, 100, 1, 1, 1}));
    CHECK(echo.takes_part_in({RowKind::mix, 100, 1, 1, 1}));
    CHECK_FALSE(echo.takes_part_in({RowKind::get, 100, 1, 1, 2}));
    CHECK_FALSE(missing.is_installed());
}

TEST_CASE("rivals are started as they do best", "[bench][server_process]") {
    const auto words = [](const char* name, Speech speech, std::uint32_t threads) {
        return Contender{name, "/bin/true", speech}.command(threads)(4242);
    };
    const auto has = [](const std::vector<std::string>& all, std::vector<std::string> pair) {
        return std::search(all.begin(), all.end(), pair.begin(), pair.end()) != all.end();
    };
    CHECK(has(words("memcached", Speech::meta, 2), {"-t", "2"}));
    CHECK(has(words("memcached", Speech::meta, 1), {"-R", "1000"}));
    CHECK(has(words("redis", Speech::resp, 2), {"--io-threads", "2"}));
    CHECK(has(words("redis", Speech::resp, 1), {"--save", ""}));
    CHECK(has(words("tagcached", Speech::native, 2), {"--reactors", "2"}));
    CHECK(words("echo", Speech::echo, 1).back() == "4242");
}

}  // namespace tc::bench::test
