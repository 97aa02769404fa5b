// SPDX-License-Identifier: MIT
//
// What is said of a reactor that stands still: its thread is stopped from outside, as a debugger
// does it, so the server needs no seam for that.
#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>

#include "protocol/admin_messages.h"
#include "support/eventually.hpp"
#include "support/named_thread.hpp"
#include "support/running_server.hpp"
#include "support/stopped_thread.hpp"
#include "support/wire_client.hpp"

using namespace tc::test;

namespace {

// Keeps a reactor busy with what costs it more than us, so that it is within a turn as a rule.
class Load {
 public:
    explicit Load(int port) : client_(WireClient::greeted(port)) {
        thread_ = std::thread([this] {
            constexpr int count = 500;
            const wire_hotkeys question{WIRE_HOTKEYS_KEYS, 1000};
            const std::string request = frame(
                WIRE_OP_HOTKEYS, 0, [&](wire_writer* out) { wire_encode_hotkeys(out, &question); });
            while (!is_over_) {
                client_.send(repeated(request, count));
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
    RunningServer server({"--reactors", "1"});
    const Load load(server.port());
    pid_t reactor = -1;
    REQUIRE(eventually([&] { return (reactor = thread_named(server.pid(), "reactor-0")) > 0; }));
    // A stop within a turn makes that a long one.
    bool is_lag_told = false;
    for (int i = 0; i < 100 && !is_lag_told; ++i) {
        {
            const StoppedThread stopped(reactor);
            if (!stopped.is_traced()) {
                WARN("this test is skipped: no thread may be stopped here");
                return;
            }
            CHECK(server.says(" error event=loop_hang reactor=0 silent_ms="));
        }
        is_lag_told = server.says(" warning event=loop_lag reactor=", 500);
    }
    CHECK(is_lag_told);
}
