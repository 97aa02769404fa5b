/* SPDX-License-Identifier: MIT
 *
 * Statuses, and the one struct that is everywhere: a view of bytes. Include tagcache.h. */
#ifndef TAGCACHE_STATUS_H
#define TAGCACHE_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__)
#define TAGCACHE_API __attribute__((visibility("default")))
#else
#define TAGCACHE_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* 0 = OK; 01..3F an answer; -40..-FF a refusal of the server; <= -1000 a failure on this side. A
 * later server's codes pass through: judge an unknown one by its range. */
typedef int32_t tagcache_status;

enum {
    TAGCACHE_OK = 0,

    TAGCACHE_NOT_FOUND = 0x01,
    TAGCACHE_EXISTS = 0x02,
    TAGCACHE_NOT_STORED = 0x03,
    TAGCACHE_STALE = 0x04,
    TAGCACHE_VERSION_MISMATCH = 0x05,
    TAGCACHE_TRUNCATED = 0x06, /* an item of an MGET that did not fit into the reply: ask again */

    /* Refused; the connection stays. */
    TAGCACHE_UNSUPPORTED = -0x40,
    TAGCACHE_NO_SUCH_NAMESPACE = -0x41,
    TAGCACHE_INVALID_ARGUMENT = -0x42,
    TAGCACHE_KEY_EMPTY = -0x43,
    TAGCACHE_KEY_TOO_LONG = -0x44,
    TAGCACHE_VALUE_TOO_LARGE = -0x45,
    TAGCACHE_TAG_EMPTY = -0x46,
    TAGCACHE_TOO_MANY_TAGS = -0x47,
    TAGCACHE_TOO_MANY_KEYS = -0x48,
    TAGCACHE_TTL_TOO_LONG = -0x49,
    TAGCACHE_NOT_A_NUMBER = -0x4A,
    TAGCACHE_NUMBER_OVERFLOW = -0x4B,
    TAGCACHE_REPLY_TOO_LARGE = -0x4C,
    TAGCACHE_FORBIDDEN = -0x4D,
    TAGCACHE_MOVED = -0x4E,

    /* Not now: retry later. */
    TAGCACHE_OUT_OF_MEMORY = -0x80,
    TAGCACHE_BUSY = -0x81,

    /* The server closes the connection. */
    TAGCACHE_MALFORMED = -0xC0,
    TAGCACHE_FRAME_TOO_LARGE = -0xC1,
    TAGCACHE_TOO_SLOW = -0xC2,
    TAGCACHE_SHUTTING_DOWN = -0xC3,
    TAGCACHE_AUTH_REQUIRED = -0xC4,

    /* Found on this side. */
    TAGCACHE_CONNECT = -1000,         /* no connection: nothing of the request has left */
    TAGCACHE_TIMEOUT = -1001,         /* of a read, or before a byte of a change could leave */
    TAGCACHE_CONNECTION_LOST = -1002, /* likewise */
    TAGCACHE_PROTOCOL = -1003,        /* the peer does not speak the protocol */
    TAGCACHE_IN_DOUBT = -1004,        /* a change that may or may not have been made */
    /* The call makes no sense, or more than fits into one request; nothing was sent. */
    TAGCACHE_LOCAL_INVALID_ARGUMENT = -1005,
    TAGCACHE_LOCAL_OUT_OF_MEMORY = -1006,
    TAGCACHE_PIPELINE_FULL = -1007 /* not appended: take replies first */
};

/* "NOT_FOUND"; for a code this version does not know, the name of its range. */
TAGCACHE_API const char *tagcache_status_name(tagcache_status status);

/* True when the connection is gone after this status: CONNECT, TIMEOUT, CONNECTION_LOST, PROTOCOL,
 * IN_DOUBT, and what the server closes with. */
TAGCACHE_API bool tagcache_status_closes(tagcache_status status);

TAGCACHE_API const char *tagcache_library_version(void); /* "0.1.0" */

typedef struct tagcache_bytes {
    const void *data; /* may be NULL when size is 0 */
    size_t size;
} tagcache_bytes;

static inline tagcache_bytes tagcache_text(const char *text) {
    tagcache_bytes bytes;
    bytes.data = text;
    bytes.size = strlen(text);
    return bytes;
}

typedef struct tagcache_client tagcache_client;
typedef struct tagcache_result tagcache_result;
typedef struct tagcache_pipeline tagcache_pipeline;
typedef struct tagcache_session tagcache_session;
typedef struct tagcache_credentials tagcache_credentials; /* access.h */

#ifdef __cplusplus
}
#endif

#endif
