// SPDX-License-Identifier: MIT
//
// Tells the service manager that started us how we are, in the protocol of sd_notify(3): datagrams
// of a few lines to the socket that NOTIFY_SOCKET names. Without that variable nobody is told. It
// also keeps systemd's watchdog content, but only while no reactor stands still, so that a server
// that hangs is started again. (Ours, because libsystemd would be one more library in the process
// for what is one sendto().)
//
// Threads: the main thread's.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <uv.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace tc {

class Server;

// A socket of a service manager, opened once; unless there is one, all is done by doing nothing.
class NotifySocket {
 public:
    // A path, or a name in the abstract namespace behind '@'.
    explicit NotifySocket(std::string_view name) noexcept;
    ~NotifySocket();
    NotifySocket(const NotifySocket&) = delete;
    NotifySocket& operator=(const NotifySocket&) = delete;

    // Lines of sd_notify(3). A manager that does not read, or is gone, misses them.
    void send(std::string_view lines) const noexcept;

 private:
    sockaddr_un address_{};
    socklen_t address_bytes_ = 0;
    int fd_ = -1;
};

class ServiceNotifier {
 public:
    // Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
    explicit ServiceNotifier(const Server& server);

    // The server listens.
    void start(uv_loop_t* loop) noexcept;
    // For the configuration being read again, and tell_ready() for its end.
    void tell_reloading() noexcept;
    void tell_ready() noexcept;
    void tell_stopping() noexcept;
    void close() noexcept;

 private:
    void keep_alive() noexcept;

    const Server& server_;
    const NotifySocket socket_;
    const std::uint64_t keep_alive_ms_;  // 0 = there is no watchdog
    uv_timer_t timer_{};
    bool has_hung_ = false;
};

}  // namespace tc
