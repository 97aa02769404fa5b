/* SPDX-License-Identifier: MIT
 *
 * The inside of a tagcache_session: the protocol of one connection as a state machine over bytes,
 * without a socket and without a clock. */
#ifndef TAGCACHE_CLIENT_LIB_SESSION_H
#define TAGCACHE_CLIENT_LIB_SESSION_H

#include <stddef.h>

#include "client-lib/byte_queue.h"
#include "client-lib/pending_ring.h"
#include "client-lib/request.h"
#include "client-lib/result.h"
#include "tagcache/tagcache.h"

/* Of the options as they first were. */
#define SESSION_OPTIONS_FIRST_SIZE offsetof(tagcache_session_options, credentials)

enum {
    SESSION_UNREAD_BYTES_MAX = 1024 * 1024, /* of replies that nobody takes */
    SESSION_UNSENT_BYTES_MAX = 1024 * 1024, /* of requests, unless a single one is larger */
    SESSION_UNANSWERED_MAX = 64 * 1024,     /* requests */
    SESSION_QUIET_RUN_MAX = 1024,           /* quiet requests between two fences */
    SESSION_REPLY_BYTES_MAX = 64 * 1024 * 1024,
    SESSION_TIMEOUT_MS = 5000,
    SESSION_ERROR_BYTES_MAX = 255
};

typedef enum session_stage {
    SESSION_AWAITS_PREFACE,
    SESSION_AWAITS_HELLO,
    SESSION_AWAITS_AUTH, /* whether the credentials are taken */
    SESSION_IS_READY
} session_stage;

/* Over a client, whose session changes with each connection; or a session's own. */
struct tagcache_pipeline {
    tagcache_client *client;   /* NULL for a session's own */
    tagcache_session *session; /* NULL for a client's */
    tagcache_result scratch;   /* takes the replies that nobody wants */
};

struct tagcache_session {
    byte_queue output;
    byte_queue input;
    uint64_t sent_bytes; /* ever; output begins there */
    pending_ring pending;
    uint32_t ours_count;      /* of pending */
    uint32_t stamped_count;   /* of pending: those in front whose deadline is set */
    uint32_t quiet_run_count; /* quiet requests since the last that has a reply */

    session_stage stage;
    bool has_credentials;
    bool is_closed;
    bool is_rest_unexecuted; /* the server has said that it runs nothing that is unanswered */
    tagcache_status close_reason;
    char error[SESSION_ERROR_BYTES_MAX + 1];

    uint32_t reply_bytes_max;
    uint32_t timeout_ms;
    client_limits limits;
    char server_version[UINT8_MAX + 1];
    tagcache_pipeline pipeline;
};

/* Whether the options of a call, which may be NULL, can be understood. */
tagcache_status session_check_call(tagcache_session *session, const tagcache_call_options *call);
/* Checks and encodes. On a refusal the session's error says why. */
tagcache_status session_append(tagcache_session *session, const client_request *request,
                               const tagcache_call_options *call);
/* A PING behind quiet requests, unless there is one. */
tagcache_status session_fence(tagcache_session *session);

/* Requests whose reply has not been taken, without our own. */
static inline size_t session_pending(const tagcache_session *session) {
    return session->pending.count - session->ours_count;
}

/* True when session_take() has something to give. */
bool session_has_reply(tagcache_session *session);
/* The next reply, or what became of the oldest request when the session has closed. */
bool session_take(tagcache_session *session, tagcache_result *result);

/* feed() without a copy: room for what the transport reads, and how much it read. */
uint8_t *session_read_room(tagcache_session *session, size_t *size);
tagcache_status session_received(tagcache_session *session, size_t size);

/* Closes, with one line about why. The first reason stands; but after the end of the transport the
 * replies that came before it are still read, and what is wrong with them takes its place. */
void session_close(tagcache_session *session, tagcache_status reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
