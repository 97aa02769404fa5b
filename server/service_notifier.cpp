// SPDX-License-Identifier: MIT
#include "server/service_notifier.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>

#include "server/clock.hpp"
#include "server/environment.hpp"
#include "server/server.hpp"

namespace tc {

namespace {

std::string_view text_of(const char* name) noexcept {
    const char* const text = variable(name);
    return text != nullptr ? text : "";
}

std::optional<std::uint64_t> number_of(std::string_view text) noexcept {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                    : std::nullopt;
}

// Half of what the manager waits for a sign of life; 0 when it waits for none, or for that of
// another process.
std::uint64_t keep_alive_ms() noexcept {
    const std::string_view process = text_of("WATCHDOG_PID");
    if (!process.empty() && number_of(process) != static_cast<std::uint64_t>(getpid())) {
        return 0;
    }
    const std::uint64_t wait_us = number_of(text_of("WATCHDOG_USEC")).value_or(0);
    return wait_us == 0 ? 0 : std::max<std::uint64_t>(wait_us / 2'000, 1);
}

}  // namespace

NotifySocket::NotifySocket(std::string_view name) noexcept {
    // A path has to end with a zero.
    if (name.size() < 2 || name.size() >= sizeof address_.sun_path ||
        (name[0] != '/' && name[0] != '@')) {
        return;
    }
    address_.sun_family = AF_UNIX;
    std::memcpy(address_.sun_path, name.data(), name.size());
    if (name[0] == '@') {
        address_.sun_path[0] = '\0';
    }
    address_bytes_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    fd_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

NotifySocket::~NotifySocket() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

void NotifySocket::send(std::string_view lines) const noexcept {
    if (fd_ >= 0) {
        (void)sendto(fd_, lines.data(), lines.size(), MSG_NOSIGNAL,
                     reinterpret_cast<const sockaddr*>(&address_), address_bytes_);
    }
}

ServiceNotifier::ServiceNotifier(const Server& server)
    : server_(server), socket_(text_of("NOTIFY_SOCKET")), keep_alive_ms_(keep_alive_ms()) {}

void ServiceNotifier::start(uv_loop_t* loop) noexcept {
    uv_timer_init(loop, &timer_);
    timer_.data = this;
    if (keep_alive_ms_ > 0) {
        uv_timer_start(
            &timer_,
            [](uv_timer_t* timer) noexcept {
                static_cast<ServiceNotifier*>(timer->data)->keep_alive();
            },
            keep_alive_ms_, keep_alive_ms_);
    }
    tell_ready();
}

void ServiceNotifier::tell_ready() noexcept {
    char lines[512];
    const int size = std::snprintf(lines, sizeof lines, "READY=1\nSTATUS=Serving on %s",
                                   server_.address_text().c_str());
    socket_.send({lines, std::min(static_cast<std::size_t>(size), sizeof lines - 1)});
}

// With the time, by which the manager knows which of its requests this answers.
void ServiceNotifier::tell_reloading() noexcept {
    char lines[128];
    const int size =
        std::snprintf(lines, sizeof lines, "RELOADING=1\nMONOTONIC_USEC=%llu\nSTATUS=Reloading",
                      static_cast<unsigned long long>(monotonic_ns() / 1'000));
    socket_.send({lines, static_cast<std::size_t>(size)});
}

void ServiceNotifier::tell_stopping() noexcept {
    socket_.send("STOPPING=1\nSTATUS=Stopping");
}

void ServiceNotifier::keep_alive() noexcept {
    if (server_.reactors_are_alive()) {
        socket_.send("WATCHDOG=1");
        if (has_hung_) {
            tell_ready();
        }
        has_hung_ = false;
    } else if (!has_hung_) {
        has_hung_ = true;
        socket_.send("STATUS=A reactor hangs: the watchdog is not kept content");
    }
}

void ServiceNotifier::close() noexcept {
    if (timer_.data != nullptr) {
        uv_close(reinterpret_cast<uv_handle_t*>(&timer_), nullptr);
    }
}

}  // namespace tc
