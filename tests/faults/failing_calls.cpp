// SPDX-License-Identifier: MIT
//
// System calls of a server that fail, or do less than asked, at random; and clocks that jump. They
// are defined here instead of in libc, so libuv calls these too, and nothing in the server knows.
// That is the one seam: another program to link, and not a line in tagcached.
//
// TC_FAULT_SEED: calls on clients' sockets, accept4() and the store's allocations fail from now and
// then. TC_WALL_CLOCK_JUMPS: the wall clock is off by up to a day, by another amount at each look.
// SIGRTMIN: the machine has been suspended for an hour. What was done is said at the end.
#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "store/memory.hpp"

namespace {

constexpr std::size_t fds_max = 65536;
constexpr long day_s = 86'400;
constexpr long suspend_s = 3'600;

enum Done : std::size_t {
    interrupted,
    not_ready,
    short_read,
    short_write,
    reset,
    accept_failed,
    wait_interrupted,
    allocation_failed,
    done_count
};
constexpr std::array<const char*, done_count> done_names = {
    "interrupted", "not_ready",     "short_read",       "short_write",
    "reset",       "accept_failed", "wait_interrupted", "allocation_failed"};

std::array<std::atomic<bool>, fds_max> is_client_fd{};
std::array<std::atomic<std::uint64_t>, done_count> counts{};
std::atomic<bool> has_started{false};  // somebody has connected
std::atomic<long> suspended_s{0};

// 0 = nothing fails.
std::uint64_t fault_seed() noexcept {
    static const std::uint64_t seed = [] {
        const char* const given = std::getenv("TC_FAULT_SEED");
        return given != nullptr ? std::strtoull(given, nullptr, 10) : 0;
    }();
    return seed;
}

// Marsaglia, Xorshift RNGs, 2003; a row of numbers for each thread.
std::uint64_t random_below(std::uint64_t end) noexcept {
    static std::atomic<std::uint64_t> thread_count{0};
    thread_local std::uint64_t state = (fault_seed() + ++thread_count) * 0x9E3779B97F4A7C15;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (state >> 11) % end;
}

bool happens(Done done, std::uint64_t once_in) noexcept {
    if (fault_seed() == 0 || random_below(once_in) != 0) {
        return false;
    }
    counts[done].fetch_add(1, std::memory_order_relaxed);
    return true;
}

bool is_client(int fd) noexcept {
    return fd >= 0 && static_cast<std::size_t>(fd) < fds_max &&
           is_client_fd[static_cast<std::size_t>(fd)].load(std::memory_order_relaxed);
}

// Whether a read or write of a client's socket fails; errno says how.
bool fails(int fd) noexcept {
    if (!is_client(fd)) {
        return false;
    }
    errno = happens(interrupted, 20) ? EINTR
            : happens(not_ready, 20) ? EAGAIN
            : happens(reset, 1'000)  ? ECONNRESET
                                     : 0;
    return errno != 0;
}

std::size_t shortened(Done done, int fd, std::size_t size) noexcept {
    return size > 1 && is_client(fd) && happens(done, 8)
               ? 1 + random_below(std::min<std::size_t>(size - 1, 100))
               : size;
}

void set_client(int fd, bool is_one) noexcept {
    if (fd >= 0 && static_cast<std::size_t>(fd) < fds_max) {
        is_client_fd[static_cast<std::size_t>(fd)].store(is_one, std::memory_order_relaxed);
    }
}

[[gnu::constructor]] void expect_suspend() noexcept {
    signal(SIGRTMIN, [](int) { suspended_s.fetch_add(suspend_s); });
}

[[gnu::destructor]] void tell() noexcept {
    for (std::size_t i = 0; i < done_count; ++i) {
        std::fprintf(stderr, "%s=%llu\n", done_names[i],
                     static_cast<unsigned long long>(counts[i].load()));
    }
}

}  // namespace

extern "C" {

ssize_t read(int fd, void* bytes, size_t size) {
    return fails(fd) ? -1 : syscall(SYS_read, fd, bytes, shortened(short_read, fd, size));
}

ssize_t write(int fd, const void* bytes, size_t size) {
    return fails(fd) ? -1 : syscall(SYS_write, fd, bytes, shortened(short_write, fd, size));
}

ssize_t writev(int fd, const iovec* pieces, int count) {
    if (fails(fd)) {
        return -1;
    }
    // A short one takes a part of the first piece.
    const std::size_t first = count > 0 ? pieces[0].iov_len : 0;
    const std::size_t taken = shortened(short_write, fd, first);
    return taken == first ? syscall(SYS_writev, fd, pieces, count)
                          : syscall(SYS_write, fd, pieces[0].iov_base, taken);
}

int close(int fd) {
    set_client(fd, false);
    return static_cast<int>(syscall(SYS_close, fd));
}

int accept4(int listener, sockaddr* address, socklen_t* address_bytes, int flags) {
    if (happens(accept_failed, 4)) {
        constexpr std::array errors = {EMFILE, ENFILE, ENOMEM, ENOBUFS, ECONNABORTED, EINTR};
        errno = errors[random_below(errors.size())];
        return -1;
    }
    const auto fd = static_cast<int>(syscall(SYS_accept4, listener, address, address_bytes, flags));
    set_client(fd, true);
    has_started = has_started || fd >= 0;
    return fd;
}

int epoll_pwait(int fd, epoll_event* events, int count, int timeout_ms, const sigset_t* signals) {
    if (happens(wait_interrupted, 50)) {
        errno = EINTR;
        return -1;
    }
    constexpr std::size_t signal_set_bytes = 8;  // the kernel's
    return static_cast<int>(
        syscall(SYS_epoll_pwait, fd, events, count, timeout_ms, signals, signal_set_bytes));
}

int epoll_wait(int fd, epoll_event* events, int count, int timeout_ms) {
    return epoll_pwait(fd, events, count, timeout_ms, nullptr);
}

int clock_gettime(clockid_t clock, timespec* now) noexcept {
    static const bool jumps = std::getenv("TC_WALL_CLOCK_JUMPS") != nullptr;
    const auto result = static_cast<int>(syscall(SYS_clock_gettime, clock, now));
    if (clock == CLOCK_BOOTTIME) {
        now->tv_sec += suspended_s.load(std::memory_order_relaxed);
    } else if (jumps && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        now->tv_sec += static_cast<long>(random_below(2 * day_s)) - day_s;
    }
    return result;
}

}  // extern "C"

namespace tc {

bool allocation_fault_is_due() noexcept {
    return has_started.load(std::memory_order_relaxed) && happens(allocation_failed, 500);
}

}  // namespace tc
