/* SPDX-License-Identifier: MIT
 *
 * A connected, non-blocking stream socket, and the monotonic clock that its deadlines are read on.
 */
#ifndef TAGCACHE_CLIENT_LIB_SOCKET_H
#define TAGCACHE_CLIENT_LIB_SOCKET_H

#include "client-lib/address.h"

enum { SOCKET_NONE = -1, SOCKET_ERROR_BYTES_MAX = 160 };

#define SOCKET_NO_DEADLINE UINT64_MAX

typedef enum socket_outcome {
    SOCKET_DONE,
    SOCKET_WOULD_BLOCK,
    SOCKET_AT_END, /* the peer has closed its side */
    SOCKET_FAILED  /* errno says why */
} socket_outcome;

uint64_t socket_now_ms(void);
/* SOCKET_NO_DEADLINE for TAGCACHE_NO_TIMEOUT. */
uint64_t socket_deadline(uint32_t timeout_ms);

/* Tries the addresses of the host one after the other. The file descriptor, or SOCKET_NONE and one
 * line that says why. The resolver's own time is outside of the deadline. */
int socket_connect(const server_address *address, uint64_t deadline_ms, char *error,
                   size_t error_size);

socket_outcome socket_send(int fd, const void *data, size_t size, size_t *sent);
socket_outcome socket_receive(int fd, void *data, size_t capacity, size_t *received);

/* Waits until the socket is ready for one of what is wanted; SOCKET_WOULD_BLOCK when the deadline
 * has passed. */
socket_outcome socket_wait(int fd, bool wants_read, bool wants_write, uint64_t deadline_ms);

/* Whether the peer is on this machine: what is sent to it crosses no network. */
bool socket_is_local(int fd);

void socket_describe(int code, char *text, size_t text_size);

#endif
