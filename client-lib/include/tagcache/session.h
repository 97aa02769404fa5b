/* SPDX-License-Identifier: MIT
 *
 * A session: the protocol without a socket and without a clock, for those who bring an event loop
 * of their own. It turns requests into bytes to send and bytes received into replies; blocking
 * calls and pipelines are built on it. Include tagcache.h.
 *
 *     requests: tagcache_pipeline_get(tagcache_session_pipeline(session), key, NULL, NULL);
 *     writable: bytes = tagcache_session_output(session); send; tagcache_session_sent(session, n);
 *     readable: receive up to tagcache_session_want_read(); tagcache_session_feed(session, bytes);
 *               while (tagcache_pipeline_next(pipeline, result, NULL)) ...
 *     timer:    when tagcache_session_timeout_ms(session, now) is 0, or at the end of the stream:
 *               tagcache_session_close(session, TAGCACHE_TIMEOUT or TAGCACHE_CONNECTION_LOST) */
#ifndef TAGCACHE_SESSION_H
#define TAGCACHE_SESSION_H

#include <stdbool.h>
#include <tagcache/access.h>
#include <tagcache/client.h>
#include <tagcache/options.h>
#include <tagcache/pipeline.h>
#include <tagcache/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tagcache_session_options {
    size_t struct_size;
    const char *client_name;
    uint32_t reply_bytes_max;                /* a longer reply is a PROTOCOL failure; 0 = 64 MiB */
    uint32_t timeout_ms;                     /* of a request that does not say; 0 = 5000 */
    const tagcache_credentials *credentials; /* NULL = none; access.h. Whether the transport may
                                                carry them is for the caller to know */
} tagcache_session_options;
#define TAGCACHE_SESSION_OPTIONS_INIT \
    { sizeof(tagcache_session_options), NULL, 0, 0, NULL }

/* For one new connection; the preface, HELLO and, with credentials, AUTH are its first output. */
TAGCACHE_API tagcache_status tagcache_session_new(const tagcache_session_options *options,
                                                  tagcache_session **session);
TAGCACHE_API void tagcache_session_free(tagcache_session *session);

/* Where requests are appended and replies taken; lives and ends with the session. */
TAGCACHE_API tagcache_pipeline *tagcache_session_pipeline(tagcache_session *session);

/* What to send next, valid until the next call; empty when there is nothing. */
TAGCACHE_API tagcache_bytes tagcache_session_output(const tagcache_session *session);
/* So many bytes of it were handed to the transport. */
TAGCACHE_API void tagcache_session_sent(tagcache_session *session, size_t size);

/* How many bytes it takes now; 0 = take replies first. */
TAGCACHE_API size_t tagcache_session_want_read(tagcache_session *session);
/* Copies them in. A failure closes the session, as tagcache_session_close() does. */
TAGCACHE_API tagcache_status tagcache_session_feed(tagcache_session *session, tagcache_bytes bytes);
/* The connection has ended, for this reason (< 0): unanswered requests now have replies that say
 * so. */
TAGCACHE_API void tagcache_session_close(tagcache_session *session, tagcache_status reason);

/* The server has answered HELLO, and taken the credentials if there are any: its limits are known,
 * and requests are checked against them. */
TAGCACHE_API bool tagcache_session_is_ready(const tagcache_session *session);
TAGCACHE_API uint64_t tagcache_session_limit(const tagcache_session *session, tagcache_limit limit);
/* One line about the last failure, "" when there was none; of a closed session, why it closed. */
TAGCACHE_API const char *tagcache_session_error(const tagcache_session *session);

/* How long until the oldest unanswered request times out: 0 = it has, TAGCACHE_NO_TIMEOUT = never.
 * now_ms is any clock that does not jump; a request's time begins with the first of these calls
 * that sees it. */
TAGCACHE_API uint32_t tagcache_session_timeout_ms(tagcache_session *session, uint64_t now_ms);

#ifdef __cplusplus
}
#endif

#endif
