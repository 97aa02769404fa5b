/* SPDX-License-Identifier: MIT
 *
 * The inside of a tagcache_client: a session, and the socket that moves its bytes. */
#ifndef TAGCACHE_CLIENT_LIB_CLIENT_H
#define TAGCACHE_CLIENT_LIB_CLIENT_H

#include <stddef.h>

#include "client-lib/address.h"
#include "client-lib/credentials.h"
#include "client-lib/session.h"

/* Of the options as they first were. */
#define CLIENT_OPTIONS_FIRST_SIZE offsetof(tagcache_client_options, transport)

enum {
    CLIENT_ERROR_BYTES_MAX = 700,
    CLIENT_CONNECT_TIMEOUT_MS = 2000,
    CLIENT_TIMEOUT_MS = 5000,
    CLIENT_IDLE_MS = 100 /* from then on a connection is looked at before it is used again */
};

struct tagcache_client {
    server_address address;
    tagcache_session_options session_options;
    char client_name[WIRE_CLIENT_NAME_BYTES_MAX + 1];
    uint32_t connect_timeout_ms;
    uint32_t timeout_ms;
    bool allows_plaintext_secrets;
    client_credentials credentials;
    tagcache_credentials credentials_view; /* what session_options point to, if there are any */
    bool is_valid;                         /* else the options made no sense, and error says why */

    const tagcache_transport *transport; /* NULL: the socket's bytes are the session's */
    void *transport_context;

    int fd;
    void *connection;          /* the transport's; NULL without one */
    uint8_t *received;         /* room for what the transport is fed with */
    bool is_private;           /* the connection is encrypted, or does not leave this machine */
    bool has_heard;            /* the peer has sent something */
    bool has_unread;           /* the transport may have more than the session had room for */
    tagcache_session *session; /* of this connection or the last one; NULL before the first */
    uint64_t used_at_ms;
    tagcache_pipeline *pipeline; /* NULL or the one that is over this client */
    tagcache_result scratch;     /* takes the reply when the caller has no result */
    char error[CLIENT_ERROR_BYTES_MAX + 1];
};

/* Sets the error and returns the status. */
tagcache_status client_fail(tagcache_client *client, tagcache_status status, const char *text);

/* Checks what a call brings, before anything is done. */
tagcache_status client_begin(tagcache_client *client, const tagcache_call_options *call,
                             uint64_t *deadline_ms);

/* These are its credentials from the next connection on. */
void client_adopt(tagcache_client *client, const client_credentials *credentials);

/* Connected, greeted and, with credentials, authenticated on return with OK. */
tagcache_status client_open(tagcache_client *client, uint64_t deadline_ms);

/* Whether the request may go over this connection, or tells a secret to those on the way. REQUIRES:
 * open. */
tagcache_status client_admit(tagcache_client *client, const client_request *request);

/* Sends what there is to send; then, unless sending was all that was wanted and it is done, waits
 * until bytes can be moved, and moves them. The session is closed when the deadline has passed or
 * the connection has ended. */
void client_exchange(tagcache_client *client, bool is_for_reply, uint64_t deadline_ms);

/* Whether bytes of the session's requests have not been handed to the kernel yet. */
bool client_has_unsent(const tagcache_client *client);

/* The session's next reply, if there is one. A failure becomes the client's error. */
bool client_take(tagcache_client *client, tagcache_result *result);

/* One request, one reply. */
tagcache_status client_call(tagcache_client *client, const client_request *request,
                            tagcache_result *result, const tagcache_call_options *call);

#endif
