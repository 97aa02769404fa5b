/* SPDX-License-Identifier: MIT
 *
 * What may stand between the bytes of a session and those of its socket. libtagcache_tls brings
 * one, see tagcache/tls.h; this is for who writes another, or brings an event loop. Include
 * tagcache.h.
 *
 * A transport turns bytes into bytes and does no I/O of its own, as a session does:
 *
 *     writable: write() what tagcache_session_output() has; send what output() has; sent(n)
 *     readable: receive; feed(bytes); read() until it gives nothing, into tagcache_session_feed()
 *
 * A handshake is made by the same calls: until it is complete, write() takes nothing and read()
 * gives nothing. */
#ifndef TAGCACHE_TRANSPORT_H
#define TAGCACHE_TRANSPORT_H

#include <tagcache/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A failure (< 0) ends the connection: TAGCACHE_CONNECT when its peer is not accepted or does not
 * accept us, TAGCACHE_CONNECTION_LOST when it has ended. */
typedef struct tagcache_transport {
    size_t struct_size; /* sizeof(tagcache_transport) */
    /* A connection to a host, as the client's options name it; NULL when there is no memory.
     * `context` is the options' transport_context. */
    void *(*open)(void *context, const char *host);
    void (*close)(void *connection);
    /* From the socket; takes all. */
    tagcache_status (*feed)(void *connection, tagcache_bytes received);
    /* For the session; *size is 0 when more has to be fed first. */
    tagcache_status (*read)(void *connection, void *room, size_t capacity, size_t *size);
    /* From the session; *taken may be less than all. */
    tagcache_status (*write)(void *connection, tagcache_bytes bytes, size_t *taken);
    /* For the socket, valid until the next call; and how much of it was sent. */
    tagcache_bytes (*output)(void *connection);
    void (*sent)(void *connection, size_t size);
    /* One line about the failure. */
    const char *(*error)(void *connection);
} tagcache_transport;

#ifdef __cplusplus
}
#endif

#endif
