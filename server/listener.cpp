// SPDX-License-Identifier: MIT
#include "server/listener.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "server/limits.hpp"
#include "server/peer_address.hpp"
#include "server/server.hpp"

namespace tc {

namespace {

constexpr std::uint64_t pause_ms = 100;

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(what + ": " + std::system_category().message(errno));
}

int new_socket(int family, const std::string& name) {
    const int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        fail("socket for " + name);
    }
    return fd;
}

// Closes the socket again unless all went well.
[[noreturn]] void close_and_fail(int fd, const std::string& what) {
    const int error = errno;
    ::close(fd);
    errno = error;
    fail(what);
}

sockaddr_un unix_address(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    // The setting takes no longer one.
    static_assert(sizeof address.sun_path > limits::unix_path_bytes_max);
    path.copy(address.sun_path, limits::unix_path_bytes_max);
    return address;
}

// A socket file without a server behind it is left over from one that was killed.
void remove_dead_socket(const sockaddr_un& address, const std::string& path) {
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0) {
        return;
    }
    if (!S_ISSOCK(status.st_mode)) {
        throw std::runtime_error("--unix " + path + ": a file that is no socket is in the way");
    }
    const int fd = new_socket(AF_UNIX, path);
    const int result = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    const bool is_dead = result != 0 && errno == ECONNREFUSED;
    ::close(fd);
    if (!is_dead) {
        throw std::runtime_error("--unix " + path + ": another server listens there");
    }
    unlink(path.c_str());
}

}  // namespace

std::unique_ptr<Listener> Listener::on_tcp(Server& server, const std::string& address,
                                           std::uint16_t port) {
    const std::string name = address + " port " + std::to_string(port);
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int error = getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found);
    if (error != 0) {
        throw std::runtime_error(name + ": " + gai_strerror(error));
    }
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, freeaddrinfo);
    const int fd = new_socket(found->ai_family, name);
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (found->ai_family == AF_INET6) {
        // "::" leaves IPv4 to a --bind of its own.
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    }
    if (bind(fd, found->ai_addr, found->ai_addrlen) != 0 ||
        listen(fd, limits::listen_backlog) != 0) {
        close_and_fail(fd, "listen on " + name);
    }
    return std::unique_ptr<Listener>(new Listener(server, fd, ""));
}

std::unique_ptr<Listener> Listener::on_unix(Server& server, const std::string& path) {
    const sockaddr_un address = unix_address(path);
    remove_dead_socket(address, path);
    const int fd = new_socket(AF_UNIX, path);
    // Only this user may connect; the mode has to be right before the first listen().
    const mode_t mask = umask(0177);
    const int result = bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    umask(mask);
    if (result != 0 || listen(fd, limits::listen_backlog) != 0) {
        close_and_fail(fd, "listen on " + path);
    }
    return std::unique_ptr<Listener>(new Listener(server, fd, path));
}

Listener::Listener(Server& server, int fd, std::string unix_path)
    : server_(server), fd_(fd), unix_path_(std::move(unix_path)) {
    sockaddr_storage address{};
    socklen_t address_bytes = sizeof address;
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &address_bytes);
    address_ = address_text(reinterpret_cast<const sockaddr*>(&address), address_bytes);
    if (address.ss_family == AF_INET) {
        port_ = ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
    } else if (address.ss_family == AF_INET6) {
        port_ = ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
    }
}

Listener::~Listener() {
    close_socket();
}

void Listener::close_socket() noexcept {
    if (fd_ < 0) {
        return;
    }
    ::close(fd_);
    fd_ = -1;
    if (!unix_path_.empty()) {
        unlink(unix_path_.c_str());
    }
}

void Listener::start(uv_loop_t* loop) {
    const int error = uv_poll_init(loop, &poll_, fd_);
    if (error != 0) {
        throw std::runtime_error("poll " + address_ + ": " + uv_strerror(error));
    }
    uv_timer_init(loop, &pause_timer_);
    poll_.data = this;
    pause_timer_.data = this;
    is_started_ = true;
    poll();
}

void Listener::close() noexcept {
    if (is_started_) {
        uv_close(reinterpret_cast<uv_handle_t*>(&poll_), nullptr);
        uv_close(reinterpret_cast<uv_handle_t*>(&pause_timer_), nullptr);
        is_started_ = false;
    }
    close_socket();
}

void Listener::poll() noexcept {
    uv_poll_start(&poll_, UV_READABLE, [](uv_poll_t* poll, int, int) noexcept {
        static_cast<Listener*>(poll->data)->accept_some();
    });
}

// Out of descriptors or memory: connections wait in the kernel's queue until some are free again.
void Listener::pause() noexcept {
    uv_poll_stop(&poll_);
    uv_timer_start(
        &pause_timer_,
        [](uv_timer_t* timer) noexcept { static_cast<Listener*>(timer->data)->poll(); }, pause_ms,
        0);
}

void Listener::accept_some() noexcept {
    for (std::uint32_t i = 0; i < limits::accepts_per_turn_max; ++i) {
        const int fd = accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            server_.place(fd);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            return pause();
        }
        if (errno != ECONNABORTED && errno != EINTR && errno != EPROTO) {
            return;  // EAGAIN: all accepted
        }
    }
}

}  // namespace tc
