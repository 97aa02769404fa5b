/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "client-lib/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { BACKLOG_RETRY_MS = 10 };

uint64_t socket_now_ms(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t socket_deadline(uint32_t timeout_ms) {
    return timeout_ms == TAGCACHE_NO_TIMEOUT ? SOCKET_NO_DEADLINE : socket_now_ms() + timeout_ms;
}

void socket_describe(int code, char *text, size_t text_size) {
    if (strerror_r(code, text, text_size) != 0) {
        (void)snprintf(text, text_size, "error %d", code);
    }
}

/* For poll(): -1 = forever. */
static int left_ms(uint64_t deadline_ms) {
    if (deadline_ms == SOCKET_NO_DEADLINE) {
        return -1;
    }
    const uint64_t now_ms = socket_now_ms();
    const uint64_t left = deadline_ms > now_ms ? deadline_ms - now_ms : 0;
    return left < INT32_MAX ? (int)left : INT32_MAX;
}

socket_outcome socket_wait(int fd, bool wants_read, bool wants_write, uint64_t deadline_ms) {
    struct pollfd watched = {fd, 0, 0};
    watched.events = (short)((wants_read ? POLLIN : 0) | (wants_write ? POLLOUT : 0));
    for (;;) {
        const int timeout_ms = left_ms(deadline_ms);
        const int ready = poll(&watched, 1, timeout_ms);
        if (ready > 0) {
            return SOCKET_DONE;
        }
        if (ready < 0 && errno != EINTR) {
            return SOCKET_FAILED;
        }
        if (timeout_ms == 0) {
            return SOCKET_WOULD_BLOCK;
        }
    }
}

static bool is_would_block(int code) {
    return code == EAGAIN || code == EWOULDBLOCK;
}

socket_outcome socket_send(int fd, const void *data, size_t size, size_t *sent) {
    *sent = 0;
    ssize_t count = 0;
    do {
        count = send(fd, data, size, MSG_NOSIGNAL);
    } while (count < 0 && errno == EINTR);
    if (count >= 0) {
        *sent = (size_t)count;
        return SOCKET_DONE;
    }
    return is_would_block(errno) ? SOCKET_WOULD_BLOCK : SOCKET_FAILED;
}

socket_outcome socket_receive(int fd, void *data, size_t capacity, size_t *received) {
    *received = 0;
    ssize_t count = 0;
    do {
        count = recv(fd, data, capacity, 0);
    } while (count < 0 && errno == EINTR);
    if (count > 0) {
        *received = (size_t)count;
        return SOCKET_DONE;
    }
    if (count == 0) {
        return SOCKET_AT_END;
    }
    return is_would_block(errno) ? SOCKET_WOULD_BLOCK : SOCKET_FAILED;
}

/* 0, or an errno value. */
static int wait_connected(int fd, uint64_t deadline_ms) {
    switch (socket_wait(fd, false, true, deadline_ms)) {
        case SOCKET_DONE: break;
        case SOCKET_WOULD_BLOCK: return ETIMEDOUT;
        default: return errno;
    }
    int code = 0;
    socklen_t size = sizeof code;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno;
}

/* 0, or an errno value. A Unix socket whose backlog is full says EAGAIN and can only be asked
 * again. */
static int start_connecting(int fd, const struct sockaddr *name, socklen_t size,
                            uint64_t deadline_ms) {
    while (connect(fd, name, size) != 0) {
        const int code = errno;
        if (code == EINPROGRESS || code == EINTR) {
            return wait_connected(fd, deadline_ms);
        }
        if (code != EAGAIN) {
            return code;
        }
        const int left = left_ms(deadline_ms);
        if (left == 0) {
            return ETIMEDOUT;
        }
        (void)poll(NULL, 0, left < 0 || left > BACKLOG_RETRY_MS ? BACKLOG_RETRY_MS : left);
    }
    return 0;
}

/* The descriptor, or SOCKET_NONE with *code set. */
static int open_connected(int family, const struct sockaddr *name, socklen_t size,
                          uint64_t deadline_ms, int *code) {
    const int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        *code = errno;
        return SOCKET_NONE;
    }
    *code = start_connecting(fd, name, size, deadline_ms);
    if (*code != 0) {
        (void)close(fd);
        return SOCKET_NONE;
    }
    if (family != AF_UNIX) {
        const int on = 1;
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    return fd;
}

static int connect_unix(const server_address *address, uint64_t deadline_ms, int *code) {
    struct sockaddr_un name;
    memset(&name, 0, sizeof name);
    _Static_assert(sizeof name.sun_path > ADDRESS_PATH_BYTES_MAX, "a path fits with its zero");
    name.sun_family = AF_UNIX;
    memcpy(name.sun_path, address->path, strlen(address->path) + 1);
    return open_connected(AF_UNIX, (const struct sockaddr *)&name, sizeof name, deadline_ms, code);
}

/* An equal part of the time that is left, so that an address that swallows packets leaves some for
 * those behind it. */
static uint64_t share_of(uint64_t deadline_ms, size_t addresses_left) {
    if (deadline_ms == SOCKET_NO_DEADLINE || addresses_left <= 1) {
        return deadline_ms;
    }
    const uint64_t now_ms = socket_now_ms();
    return deadline_ms > now_ms ? now_ms + (deadline_ms - now_ms) / addresses_left : now_ms;
}

static int connect_each(const struct addrinfo *found, uint64_t deadline_ms, int *code) {
    size_t left_count = 0;
    for (const struct addrinfo *one = found; one != NULL; one = one->ai_next) {
        ++left_count;
    }
    for (const struct addrinfo *one = found; one != NULL; one = one->ai_next, --left_count) {
        const int fd = open_connected(one->ai_family, one->ai_addr, one->ai_addrlen,
                                      share_of(deadline_ms, left_count), code);
        if (fd != SOCKET_NONE) {
            return fd;
        }
    }
    return SOCKET_NONE;
}

static bool is_loopback(const struct sockaddr_storage *name) {
    if (name->ss_family == AF_INET) {
        struct sockaddr_in ipv4;
        memcpy(&ipv4, name, sizeof ipv4);
        return ntohl(ipv4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    struct sockaddr_in6 ipv6;
    memcpy(&ipv6, name, sizeof ipv6);
    return IN6_IS_ADDR_LOOPBACK(&ipv6.sin6_addr) ||
           (IN6_IS_ADDR_V4MAPPED(&ipv6.sin6_addr) && ipv6.sin6_addr.s6_addr[12] == IN_LOOPBACKNET);
}

bool socket_is_local(int fd) {
    struct sockaddr_storage name;
    memset(&name, 0, sizeof name);
    socklen_t size = sizeof name;
    if (getpeername(fd, (struct sockaddr *)&name, &size) != 0) {
        return false;
    }
    switch (name.ss_family) {
        case AF_UNIX: return true;
        case AF_INET:
        case AF_INET6: return is_loopback(&name);
        default: return false;
    }
}

int socket_connect(const server_address *address, uint64_t deadline_ms, char *error,
                   size_t error_size) {
    int code = 0;
    int fd = SOCKET_NONE;
    if (address->is_unix) {
        fd = connect_unix(address, deadline_ms, &code);
    } else {
        char port[8];
        (void)snprintf(port, sizeof port, "%u", address->port);
        struct addrinfo hints;
        memset(&hints, 0, sizeof hints);
        hints.ai_family = AF_UNSPEC;
        hints.ai_socktype = SOCK_STREAM;
        hints.ai_flags = AI_NUMERICSERV;
        struct addrinfo *found = NULL;
        const int failure = getaddrinfo(address->host, port, &hints, &found);
        if (failure != 0) {
            (void)snprintf(error, error_size, "%s", gai_strerror(failure));
            return SOCKET_NONE;
        }
        fd = connect_each(found, deadline_ms, &code);
        freeaddrinfo(found);
    }
    if (fd == SOCKET_NONE) {
        socket_describe(code, error, error_size);
    }
    return fd;
}
