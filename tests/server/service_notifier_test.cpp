// SPDX-License-Identifier: MIT
//
// What a service manager is told: this test is one, with a datagram socket of its own.
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "support/eventually.hpp"
#include "support/named_thread.hpp"
#include "support/running_server.hpp"
#include "support/stopped_thread.hpp"
#include "support/wire_client.hpp"

using namespace tc::test;

namespace {

// For children that are started while it lives.
class Variables {
 public:
    explicit Variables(std::vector<std::pair<std::string, std::string>> values)
        : values_(std::move(values)) {
        for (const auto& [name, value] : values_) {
            setenv(name.c_str(), value.c_str(), 1);
        }
    }
    Variables(const Variables&) = delete;
    Variables& operator=(const Variables&) = delete;
    ~Variables() {
        for (const auto& [name, value] : values_) {
            unsetenv(name.c_str());
        }
    }

 private:
    std::vector<std::pair<std::string, std::string>> values_;
};

class Supervisor {
 public:
    // In the abstract namespace, so that there is nothing to be removed; or below /tmp.
    explicit Supervisor(bool is_abstract = true)
        : name_((is_abstract ? "@" : "/tmp/") + std::string("tagcached-notify-") +
                std::to_string(getpid())),
          fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, name_.data(), name_.size());
        if (is_abstract) {
            address.sun_path[0] = '\0';
        }
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
        REQUIRE(bind(fd_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    }
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;
    ~Supervisor() {
        close(fd_);
        if (name_[0] == '/') {
            unlink(name_.c_str());
        }
    }

    [[nodiscard]] const std::string& name() const { return name_; }

    // "" when nothing comes for so long.
    [[nodiscard]] std::string receive(int silence_ms_max = 30'000) const {
        char block[4096];
        pollfd readable{fd_, POLLIN, 0};
        const ssize_t size =
            poll(&readable, 1, silence_ms_max) == 1 ? recv(fd_, block, sizeof block, 0) : 0;
        return {block, static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
    }

    // The next that begins so, whatever comes before it; "" when it does not come.
    [[nodiscard]] std::string await(const std::string& begin) const {
        std::string message = receive();
        while (!message.empty() && message.rfind(begin, 0) != 0) {
            message = receive();
        }
        return message;
    }

 private:
    const std::string name_;
    const int fd_;
};

std::uint64_t monotonic_us() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
           static_cast<std::uint64_t>(now.tv_nsec) / 1'000;
}

}  // namespace

TEST_CASE("a service manager is told when the server serves, reloads and stops", "[service]") {
    const Supervisor manager(GENERATE(true, false));
    const Variables variables({{"NOTIFY_SOCKET", manager.name()}});
    RunningServer server;
    CHECK(manager.receive() == "READY=1\nSTATUS=Serving on 127.0.0.1:" + server.port_text());

    const std::uint64_t before_us = monotonic_us();
    kill(server.pid(), SIGHUP);
    const std::string reloading = manager.receive();
    const std::string begin = "RELOADING=1\nMONOTONIC_USEC=";
    REQUIRE(reloading.substr(0, begin.size()) == begin);
    const std::uint64_t told_us = std::stoull(reloading.substr(begin.size()));
    CHECK(told_us >= before_us);
    CHECK(told_us <= monotonic_us());
    CHECK(manager.receive() == "READY=1\nSTATUS=Serving on 127.0.0.1:" + server.port_text());

    CHECK(server.stop() == 0);
    CHECK(manager.receive() == "STOPPING=1\nSTATUS=Stopping");
}

TEST_CASE("systemd's watchdog is kept content unless a reactor hangs", "[service]") {
    const Supervisor manager;
    const Variables variables({{"NOTIFY_SOCKET", manager.name()}, {"WATCHDOG_USEC", "200000"}});
    RunningServer server({"--reactors", "2"});
    CHECK(manager.await("WATCHDOG=1") == "WATCHDOG=1");
    pid_t reactor = -1;
    REQUIRE(eventually([&] { return (reactor = thread_named(server.pid(), "reactor-1")) > 0; }));
    {
        const StoppedThread stopped(reactor);
        if (!stopped.is_traced()) {
            WARN("this test is skipped: no thread may be stopped here");
            return;
        }
        CHECK(manager.await("STATUS=A reactor hangs") != "");
        CHECK(manager.receive(1'000) == "");
    }
    CHECK(manager.await("WATCHDOG=1") == "WATCHDOG=1");
    CHECK(manager.await("READY=1") != "");
}

TEST_CASE("a watchdog that waits for another process hears nothing from us", "[service]") {
    const Supervisor manager;
    const Variables variables(
        {{"NOTIFY_SOCKET", manager.name()}, {"WATCHDOG_USEC", "2000"}, {"WATCHDOG_PID", "1"}});
    RunningServer server;
    kill(server.pid(), SIGHUP);
    CHECK(manager.receive().rfind("READY=1", 0) == 0);
    CHECK(manager.receive().rfind("RELOADING=1", 0) == 0);
    CHECK(manager.receive().rfind("READY=1", 0) == 0);
    CHECK(server.stop() == 0);
    CHECK(manager.receive().rfind("STOPPING=1", 0) == 0);
}

TEST_CASE("a service manager that is not there harms nobody", "[service]") {
    const std::string name = GENERATE(as<std::string>(), "/nonexistent/socket", "relative", "@", "",
                                      "/" + std::string(200, 'x'));
    const Variables variables({{"NOTIFY_SOCKET", name}, {"WATCHDOG_USEC", "1000"}});
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    CHECK(client.call(ping_frame()).status == WIRE_OK);
    CHECK(server.stop() == 0);
}
