/* SPDX-License-Identifier: MIT */
#include "client-lib/client_transport.h"

#include <stdlib.h>

#include "protocol/frame.h"

enum { RECEIVE_BYTES = 32 * 1024 };

bool transport_open(tagcache_client *client) {
    const tagcache_transport *transport = client->transport;
    if (client->received == NULL) {
        client->received = malloc(RECEIVE_BYTES);
    }
    client->has_heard = false;
    client->has_unread = false;
    if (client->received != NULL) {
        client->connection = transport->open(client->transport_context, client->address.host);
    }
    return client->connection != NULL;
}

void transport_close(tagcache_client *client) {
    if (client->connection != NULL) {
        client->transport->close(client->connection);
        client->connection = NULL;
    }
}

bool transport_has_output(const tagcache_client *client) {
    return client->connection != NULL && client->transport->output(client->connection).size != 0;
}

static void close_session(tagcache_client *client, tagcache_status reason) {
    session_close(client->session, reason, "%s", client->transport->error(client->connection));
}

static socket_outcome send_output(tagcache_client *client) {
    const tagcache_transport *transport = client->transport;
    tagcache_bytes output = transport->output(client->connection);
    while (output.size != 0) {
        size_t sent = 0;
        const socket_outcome outcome = socket_send(client->fd, output.data, output.size, &sent);
        if (outcome != SOCKET_DONE) {
            return outcome;
        }
        transport->sent(client->connection, sent);
        output = transport->output(client->connection);
    }
    return SOCKET_DONE;
}

/* No more is taken from the session than the kernel took before, because what is taken counts as
 * sent: whether a request is in doubt depends on it. */
socket_outcome transport_send(tagcache_client *client) {
    tagcache_session *session = client->session;
    for (;;) {
        const socket_outcome outcome = send_output(client);
        const tagcache_bytes output = tagcache_session_output(session);
        if (outcome != SOCKET_DONE || output.size == 0) {
            return outcome;
        }
        size_t taken = 0;
        const tagcache_status status = client->transport->write(client->connection, output, &taken);
        if (status != TAGCACHE_OK) {
            (void)send_output(client); /* the peer may be told why */
            close_session(client, status);
            return SOCKET_DONE;
        }
        tagcache_session_sent(session, taken);
        if (taken == 0 && !transport_has_output(client)) {
            return SOCKET_DONE; /* it has to hear from the peer first */
        }
    }
}

/* A server with too many connections says so before it knows that a transport is meant. Nothing
 * but a refusal is believed. */
static bool is_plain_refusal(tagcache_bytes bytes) {
    wire_server_preface preface;
    const wire_bytes view = {bytes.data, bytes.size};
    return bytes.size == WIRE_PREFACE_BYTES &&
           wire_decode_server_preface(view, &preface) == WIRE_FRAME_COMPLETE && preface.chosen == 0;
}

void transport_read(tagcache_client *client) {
    tagcache_session *session = client->session;
    while (!session->is_closed) {
        size_t capacity = 0;
        uint8_t *room = session_read_room(session, &capacity);
        client->has_unread = room == NULL;
        if (room == NULL) {
            if (capacity != 0) {
                session_close(session, TAGCACHE_LOCAL_OUT_OF_MEMORY, "no memory to receive into");
            }
            return;
        }
        size_t size = 0;
        const tagcache_status status =
            client->transport->read(client->connection, room, capacity, &size);
        if (status != TAGCACHE_OK) {
            (void)send_output(client);
            close_session(client, status);
            return;
        }
        if (size == 0) {
            return;
        }
        (void)session_received(session, size);
    }
}

socket_outcome transport_receive(tagcache_client *client) {
    size_t size = 0;
    const socket_outcome outcome =
        socket_receive(client->fd, client->received, RECEIVE_BYTES, &size);
    if (outcome != SOCKET_DONE) {
        return outcome;
    }
    const tagcache_bytes bytes = {client->received, size};
    const bool is_first = !client->has_heard;
    client->has_heard = true;
    if (is_first && is_plain_refusal(bytes)) {
        (void)tagcache_session_feed(client->session, bytes);
        return SOCKET_DONE;
    }
    const tagcache_status status = client->transport->feed(client->connection, bytes);
    if (status != TAGCACHE_OK) {
        close_session(client, status);
        return SOCKET_DONE;
    }
    transport_read(client);
    return SOCKET_DONE;
}
