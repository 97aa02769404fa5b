// SPDX-License-Identifier: MIT
//
// What is said of a reactor that stands still: its thread is stopped from outside, as a debugger
// does it, so the server needs no seam for that.
#include <errno.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "support/eventually.hpp"
#include "support/running_server.hpp"
#include "support/wire_client.hpp"

using namespace tc::test;

namespace {

pid_t thread_named(pid_t process, const std::string& name) {
    for (const auto& task :
         std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
        std::string found;
        std::getline(std::ifstream(task.path() / "comm"), found);
        if (found == name) {
            return std::stoi(task.path().filename());
        }
    }
    return -1;
}

// A thread that stands still, until the object goes.
class StoppedThread {
 public:
    explicit StoppedThread(pid_t thread) : thread_(thread) {
        is_traced_ = ptrace(PTRACE_SEIZE, thread, nullptr, nullptr) == 0;
        if (is_traced_) {
            REQUIRE(ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr) == 0);
            REQUIRE(waitpid(thread, nullptr, __WALL) == thread);
        }
    }
    StoppedThread(const StoppedThread&) = delete;
    StoppedThread& operator=(const StoppedThread&) = delete;
    ~StoppedThread() { ptrace(PTRACE_DETACH, thread_, nullptr, nullptr); }

    // False where the system does not let anybody do this.
    [[nodiscard]] bool is_traced() const { return is_traced_; }

 private:
    const pid_t thread_;
    bool is_traced_ = false;
};

// Keeps a reactor busy, so that it is within a turn as a rule.
class Load {
 public:
    explicit Load(int port) : client_(WireClient::greeted(port)) {
        thread_ = std::thread([this] {
            constexpr int count = 500;
            while (!is_over_) {
                client_.send(repeated(ping_frame(), count));
                for (int i = 0; i < count; ++i) {
                    (void)client_.receive();
                }
            }
        });
    }
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;
    ~Load() {
        is_over_ = true;
        thread_.join();
    }

 private:
    WireClient client_;
    std::atomic<bool> is_over_{false};
    std::thread thread_;
};

}  // namespace

TEST_CASE("a loop that hangs is told of while it does, and a long turn once it is over",
          "[log][watchdog]") {
    RunningServer server({"--reactors", "2"});
    const Load load(server.port());
    const pid_t reactor = thread_named(server.pid(), "reactor-1");
    const pid_t other = thread_named(server.pid(), "reactor-0");
    REQUIRE(reactor > 0);
    REQUIRE(other > 0);
    // The load is on one of the two; a stop within a turn makes that a long one.
    bool is_lag_told = false;
    for (int i = 0; i < 100 && !is_lag_told; ++i) {
        {
            const StoppedThread stopped(i % 2 == 0 ? reactor : other);
            if (!stopped.is_traced()) {
                WARN("this system does not let threads be stopped");
                return;
            }
            CHECK(server.says(" error event=loop_hang reactor=" + std::to_string(1 - i % 2) +
                              " silent_ms="));
        }
        is_lag_told = server.says(" warning event=loop_lag reactor=", 500);
    }
    CHECK(is_lag_told);
}
