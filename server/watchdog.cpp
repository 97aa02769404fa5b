// SPDX-License-Identifier: MIT
#include "server/watchdog.hpp"

#include "server/limits.hpp"
#include "server/server.hpp"

namespace tc {

Watchdog::Watchdog(Server& server)
    : server_(server), tell_after_ms_(server.reactor_count(), limits::loop_hang_ms) {}

void Watchdog::start(uv_loop_t* loop) noexcept {
    uv_timer_init(loop, &timer_);
    timer_.data = this;
    looked_at_ms_ = uv_now(loop);
    uv_timer_start(
        &timer_, [](uv_timer_t* timer) noexcept { static_cast<Watchdog*>(timer->data)->look(); },
        limits::watch_ms, limits::watch_ms);
}

void Watchdog::close() noexcept {
    if (timer_.data != nullptr) {
        uv_close(reinterpret_cast<uv_handle_t*>(&timer_), nullptr);
    }
}

void Watchdog::look() noexcept {
    const std::uint64_t now_ms = uv_now(timer_.loop);
    // Late itself: the process was stopped, or the machine gave no time to anybody.
    const bool is_late = now_ms - looked_at_ms_ > 2 * limits::watch_ms;
    looked_at_ms_ = now_ms;
    server_.log().tell_suppressed();
    for (const auto& reactor : server_.reactors()) {
        const std::uint64_t silent_ms = reactor->silent_ms(now_ms);
        std::uint64_t& tell_after_ms = tell_after_ms_[reactor->index()];
        if (silent_ms < limits::loop_hang_ms) {
            tell_after_ms = limits::loop_hang_ms;
        } else if (silent_ms >= tell_after_ms && !is_late) {
            tell_after_ms = 2 * silent_ms;
            server_.log().write(LogLevel::error, LogEvent::loop_hang,
                                {{"reactor", reactor->index()}, {"silent_ms", silent_ms}});
        }
    }
}

}  // namespace tc
