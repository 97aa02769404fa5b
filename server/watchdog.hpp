// SPDX-License-Identifier: MIT
//
// Looks at the reactors from the main thread: one whose loop does not turn is told of while it
// hangs, again each time that this has doubled. (A turn that was merely long is told of by the
// reactor itself, once it is over.)
//
// Threads: the main thread's.
#pragma once

#include <uv.h>

#include <cstdint>
#include <vector>

namespace tc {

class Server;

class Watchdog {
 public:
    // REQUIRES: the server has its reactors. Throws std::bad_alloc.
    explicit Watchdog(Server& server);

    void start(uv_loop_t* loop) noexcept;
    void close() noexcept;

 private:
    void look() noexcept;

    Server& server_;
    uv_timer_t timer_{};
    std::uint64_t looked_at_ms_ = 0;
    std::vector<std::uint64_t> tell_after_ms_;  // of each reactor: how long it has to hang
};

}  // namespace tc
