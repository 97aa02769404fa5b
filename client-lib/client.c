/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "client-lib/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client-lib/client_transport.h"
#include "client-lib/options_check.h"
#include "client-lib/socket.h"

tagcache_status client_fail(tagcache_client *client, tagcache_status status, const char *text) {
    (void)snprintf(client->error, sizeof client->error, "%s", text);
    return status;
}

/* NULL, or what is wrong with it. */
static const char *take_transport(tagcache_client *client, const tagcache_client_options *options) {
    client->transport = options->transport;
    client->transport_context = options->transport_context;
    if (options->transport == NULL) {
        return client->address.is_secure
                   ? "a tagcaches:// URI needs the transport of libtagcache_tls, see tagcache/tls.h"
                   : NULL;
    }
    if (client->address.is_unix) {
        return "a transport is for TCP, and not for a Unix socket";
    }
    return options_complaint(options->transport, sizeof *options->transport);
}

void client_adopt(tagcache_client *client, const client_credentials *credentials) {
    client->credentials = *credentials;
    client->credentials_view = credentials_view(&client->credentials);
    client->session_options.credentials = &client->credentials_view;
}

/* NULL, or what is wrong with them. */
static const char *take_credentials(tagcache_client *client,
                                    const tagcache_client_options *options) {
    const char *uri_user = client->address.user;
    if (options->credentials == NULL) {
        return uri_user[0] != '\0' ? "the URI names a user, but there is no password or token"
                                   : NULL;
    }
    tagcache_credentials credentials = TAGCACHE_CREDENTIALS_INIT;
    const char *complaint = options_complaint(options->credentials, sizeof credentials);
    if (complaint != NULL) {
        return complaint;
    }
    credentials = *options->credentials;
    credentials.struct_size = sizeof credentials;
    if (uri_user[0] != '\0') {
        const bool is_other = credentials.user.data == NULL ||
                              credentials.user.size != strlen(uri_user) ||
                              memcmp(credentials.user.data, uri_user, credentials.user.size) != 0;
        if (credentials.user.size != 0 && is_other) {
            return "the URI and the credentials name different users";
        }
        credentials.user = tagcache_text(uri_user);
    }
    wire_auth auth;
    complaint = credentials_read(&credentials, &auth);
    if (complaint == NULL) {
        client_credentials taken;
        credentials_set(&taken, &auth);
        client_adopt(client, &taken);
        credentials_wipe(&taken);
    }
    return complaint;
}

static const char *take_flags(tagcache_client *client, const tagcache_client_options *options) {
    if ((options->flags & ~(uint32_t)TAGCACHE_CLIENT_PLAINTEXT_SECRETS) != 0 ||
        options->reserved != 0) {
        return "the client's flags have a bit that is not known";
    }
    client->allows_plaintext_secrets = (options->flags & TAGCACHE_CLIENT_PLAINTEXT_SECRETS) != 0;
    return NULL;
}

static tagcache_status take_options(tagcache_client *client,
                                    const tagcache_client_options *options) {
    tagcache_client_options taken = TAGCACHE_CLIENT_OPTIONS_INIT;
    const char *complaint = options_take(&taken, sizeof taken, CLIENT_OPTIONS_FIRST_SIZE, options);
    options = &taken;
    if (complaint == NULL) {
        complaint = address_read(options, &client->address);
    }
    if (complaint == NULL) {
        complaint = take_transport(client, options);
    }
    if (complaint == NULL) {
        complaint = take_flags(client, options);
    }
    if (complaint == NULL) {
        complaint = take_credentials(client, options);
    }
    if (complaint != NULL) {
        return client_fail(client, TAGCACHE_LOCAL_INVALID_ARGUMENT, complaint);
    }
    const char *name = options->client_name != NULL ? options->client_name : "";
    if (strlen(name) >= sizeof client->client_name) {
        return client_fail(client, TAGCACHE_LOCAL_INVALID_ARGUMENT,
                           "the client's name is longer than 63 bytes");
    }
    memcpy(client->client_name, name, strlen(name) + 1);
    client->session_options.client_name = client->client_name;
    client->session_options.reply_bytes_max = options->reply_bytes_max;
    client->connect_timeout_ms =
        options->connect_timeout_ms != 0 ? options->connect_timeout_ms : CLIENT_CONNECT_TIMEOUT_MS;
    client->timeout_ms = options->timeout_ms != 0 ? options->timeout_ms : CLIENT_TIMEOUT_MS;
    client->is_valid = true;
    return TAGCACHE_OK;
}

tagcache_status tagcache_client_new(const tagcache_client_options *options,
                                    tagcache_client **client) {
    static const tagcache_client_options defaults = TAGCACHE_CLIENT_OPTIONS_INIT;
    static const tagcache_session_options session_defaults = TAGCACHE_SESSION_OPTIONS_INIT;
    *client = calloc(1, sizeof **client);
    if (*client == NULL) {
        return TAGCACHE_LOCAL_OUT_OF_MEMORY;
    }
    (*client)->fd = SOCKET_NONE;
    (*client)->session_options = session_defaults;
    return take_options(*client, options != NULL ? options : &defaults);
}

static void close_socket(tagcache_client *client) {
    if (client->fd != SOCKET_NONE) {
        (void)close(client->fd);
        client->fd = SOCKET_NONE;
    }
    transport_close(client);
}

void tagcache_client_disconnect(tagcache_client *client) {
    if (client->session != NULL) {
        session_close(client->session, TAGCACHE_CONNECTION_LOST, "the client has disconnected");
    }
    close_socket(client);
}

void tagcache_client_free(tagcache_client *client) {
    if (client != NULL) {
        close_socket(client);
        tagcache_session_free(client->session);
        result_dispose(&client->scratch);
        credentials_wipe(&client->credentials);
        free(client->received);
        free(client);
    }
}

const char *tagcache_client_error(const tagcache_client *client) {
    return client->error;
}

const char *tagcache_client_address(const tagcache_client *client) {
    return client->address.text;
}

const char *tagcache_client_server_version(const tagcache_client *client) {
    return client->session != NULL ? client->session->server_version : "";
}

uint64_t tagcache_client_limit(const tagcache_client *client, tagcache_limit limit) {
    return client->session != NULL ? tagcache_session_limit(client->session, limit) : 0;
}

bool client_has_unsent(const tagcache_client *client) {
    return tagcache_session_output(client->session).size != 0 || transport_has_output(client);
}

static socket_outcome receive_once(tagcache_client *client, uint8_t *room, size_t capacity) {
    if (client->transport != NULL) {
        return transport_receive(client);
    }
    size_t size = 0;
    const socket_outcome outcome = socket_receive(client->fd, room, capacity, &size);
    if (outcome == SOCKET_DONE) {
        (void)session_received(client->session, size);
    }
    return outcome;
}

/* What the peer sent before it went away (a refusal, most likely) is worth more than the error of a
 * send. */
static void read_last_words(tagcache_client *client) {
    socket_outcome outcome = SOCKET_DONE;
    while (outcome == SOCKET_DONE && !client->session->is_closed) {
        size_t size = 0;
        uint8_t *room = session_read_room(client->session, &size);
        if (room == NULL) {
            return;
        }
        outcome = receive_once(client, room, size);
    }
}

static socket_outcome send_session(tagcache_client *client) {
    tagcache_session *session = client->session;
    tagcache_bytes output = tagcache_session_output(session);
    socket_outcome outcome = SOCKET_DONE;
    while (output.size != 0 && outcome == SOCKET_DONE) {
        size_t sent = 0;
        outcome = socket_send(client->fd, output.data, output.size, &sent);
        tagcache_session_sent(session, sent);
        output = tagcache_session_output(session);
    }
    return outcome;
}

static void send_output(tagcache_client *client) {
    const socket_outcome outcome =
        client->transport != NULL ? transport_send(client) : send_session(client);
    if (outcome == SOCKET_FAILED) {
        char reason[SOCKET_ERROR_BYTES_MAX];
        socket_describe(errno, reason, sizeof reason);
        read_last_words(client);
        session_close(client->session, TAGCACHE_CONNECTION_LOST, "sending failed: %s", reason);
    }
}

static void receive_input(tagcache_client *client) {
    tagcache_session *session = client->session;
    size_t capacity = 0;
    uint8_t *room = session_read_room(session, &capacity);
    if (room == NULL) {
        if (capacity != 0) {
            session_close(session, TAGCACHE_LOCAL_OUT_OF_MEMORY, "no memory to receive into");
        }
        return;
    }
    switch (receive_once(client, room, capacity)) {
        case SOCKET_DONE:
        case SOCKET_WOULD_BLOCK: break;
        case SOCKET_AT_END:
            session_close(session, TAGCACHE_CONNECTION_LOST, "the server closed the connection");
            break;
        case SOCKET_FAILED: {
            char reason[SOCKET_ERROR_BYTES_MAX];
            socket_describe(errno, reason, sizeof reason);
            session_close(session, TAGCACHE_CONNECTION_LOST, "receiving failed: %s", reason);
        }
    }
}

static void move_when_ready(tagcache_client *client, uint64_t deadline_ms) {
    tagcache_session *session = client->session;
    const bool wants_read = tagcache_session_want_read(session) != 0;
    if (wants_read && client->has_unread) {
        transport_read(client);
        return;
    }
    /* A transport that shakes hands has nothing to write although the session has. */
    const bool wants_write = client->transport != NULL ? transport_has_output(client)
                                                       : tagcache_session_output(session).size != 0;
    switch (socket_wait(client->fd, wants_read, wants_write, deadline_ms)) {
        case SOCKET_DONE:
            if (wants_read) {
                receive_input(client);
            }
            break;
        case SOCKET_WOULD_BLOCK: tagcache_session_close(session, TAGCACHE_TIMEOUT); break;
        default: session_close(session, TAGCACHE_CONNECTION_LOST, "waiting for the server failed");
    }
}

void client_exchange(tagcache_client *client, bool is_for_reply, uint64_t deadline_ms) {
    send_output(client);
    const bool is_done = !is_for_reply && !client_has_unsent(client);
    if (!client->session->is_closed && !is_done) {
        move_when_ready(client, deadline_ms);
    }
    if (client->session->is_closed) {
        close_socket(client);
    }
}

/* A server that was restarted has closed its connections long before the next request finds out;
 * looking first saves a change from being in doubt. */
static bool is_still_connected(tagcache_client *client) {
    if (client->session == NULL || client->fd == SOCKET_NONE || client->session->is_closed) {
        return false;
    }
    const bool is_idle = session_pending(client->session) == 0 &&
                         socket_now_ms() - client->used_at_ms >= CLIENT_IDLE_MS;
    if (is_idle && socket_wait(client->fd, true, false, 0) == SOCKET_DONE) {
        receive_input(client);
    }
    return !client->session->is_closed;
}

static tagcache_status fail_to_open(tagcache_client *client, tagcache_status status,
                                    const char *reason) {
    (void)snprintf(client->error, sizeof client->error, "cannot connect to %s: %s",
                   client->address.text, reason);
    return status;
}

static bool is_authenticating(const tagcache_session *session) {
    return session->stage == SESSION_AWAITS_AUTH;
}

static tagcache_status fail_to_authenticate(tagcache_client *client) {
    const tagcache_session *session = client->session;
    (void)snprintf(client->error, sizeof client->error, "cannot authenticate at %s: %s",
                   client->address.text, session->error);
    return session->close_reason == TAGCACHE_CONNECTION_LOST ? TAGCACHE_CONNECT
                                                             : session->close_reason;
}

/* The verdict on credentials has the time of the whole call: a server checks them slowly, and lets
 * those wait that it refuses. */
static tagcache_status greet(tagcache_client *client, uint64_t connect_deadline_ms,
                             uint64_t deadline_ms) {
    tagcache_session *session = client->session;
    while (!session->is_closed && !tagcache_session_is_ready(session)) {
        client_exchange(client, true,
                        is_authenticating(session) ? deadline_ms : connect_deadline_ms);
    }
    if (!session->is_closed) {
        return TAGCACHE_OK;
    }
    if (is_authenticating(session)) {
        return fail_to_authenticate(client);
    }
    const bool is_peer_wrong = session->close_reason == TAGCACHE_PROTOCOL ||
                               session->close_reason == TAGCACHE_LOCAL_OUT_OF_MEMORY;
    return fail_to_open(client, is_peer_wrong ? session->close_reason : TAGCACHE_CONNECT,
                        session->error);
}

static const char *const plaintext_refusal =
    "a secret is not sent to another machine over a connection that is not encrypted";

static bool may_send_secrets(const tagcache_client *client) {
    return client->is_private || client->allows_plaintext_secrets;
}

static tagcache_status fail_to_send_secret(tagcache_client *client) {
    (void)snprintf(client->error, sizeof client->error, "%s: %s; use TLS, or allow it",
                   client->address.text, plaintext_refusal);
    return TAGCACHE_LOCAL_INVALID_ARGUMENT;
}

tagcache_status client_admit(tagcache_client *client, const client_request *request) {
    return request_has_secret(request) && !may_send_secrets(client) ? fail_to_send_secret(client)
                                                                    : TAGCACHE_OK;
}

tagcache_status client_open(tagcache_client *client, uint64_t deadline_ms) {
    if (is_still_connected(client)) {
        return TAGCACHE_OK;
    }
    close_socket(client);
    tagcache_session_free(client->session);
    tagcache_status status = tagcache_session_new(&client->session_options, &client->session);
    if (status != TAGCACHE_OK) {
        return client_fail(client, status, "no memory for a connection");
    }
    uint64_t connect_deadline_ms = socket_deadline(client->connect_timeout_ms);
    if (deadline_ms < connect_deadline_ms) {
        connect_deadline_ms = deadline_ms;
    }
    char reason[SOCKET_ERROR_BYTES_MAX];
    client->fd = socket_connect(&client->address, connect_deadline_ms, reason, sizeof reason);
    if (client->fd == SOCKET_NONE) {
        session_close(client->session, TAGCACHE_CONNECT, "%s", reason);
        return fail_to_open(client, TAGCACHE_CONNECT, reason);
    }
    client->is_private = client->transport != NULL || socket_is_local(client->fd);
    if (client->session_options.credentials != NULL && !may_send_secrets(client)) {
        session_close(client->session, TAGCACHE_CONNECT, "%s", plaintext_refusal);
        close_socket(client);
        return fail_to_send_secret(client);
    }
    if (client->transport != NULL && !transport_open(client)) {
        session_close(client->session, TAGCACHE_LOCAL_OUT_OF_MEMORY, "no memory for a connection");
        close_socket(client);
        return client_fail(client, TAGCACHE_LOCAL_OUT_OF_MEMORY, "no memory for a connection");
    }
    status = greet(client, connect_deadline_ms, deadline_ms);
    client->used_at_ms = socket_now_ms();
    return status;
}

tagcache_status client_begin(tagcache_client *client, const tagcache_call_options *call,
                             uint64_t *deadline_ms) {
    if (!client->is_valid) {
        return TAGCACHE_LOCAL_INVALID_ARGUMENT; /* the error that client_new gave still stands */
    }
    client->error[0] = '\0';
    const char *complaint = call != NULL ? options_complaint(call, sizeof *call) : NULL;
    if (complaint != NULL) {
        return client_fail(client, TAGCACHE_LOCAL_INVALID_ARGUMENT, complaint);
    }
    const bool has_timeout = call != NULL && call->timeout_ms != 0;
    *deadline_ms = socket_deadline(has_timeout ? call->timeout_ms : client->timeout_ms);
    return TAGCACHE_OK;
}

tagcache_status tagcache_client_connect(tagcache_client *client,
                                        const tagcache_call_options *call) {
    uint64_t deadline_ms = 0;
    const tagcache_status status = client_begin(client, call, &deadline_ms);
    if (status != TAGCACHE_OK) {
        return status;
    }
    /* A new connection would forget them, and with them which changes are in doubt. */
    if (client->session != NULL && session_pending(client->session) != 0 &&
        !is_still_connected(client)) {
        return client_fail(client, TAGCACHE_LOCAL_INVALID_ARGUMENT,
                           "the client's pipeline has replies that were not taken");
    }
    return client_open(client, deadline_ms);
}
