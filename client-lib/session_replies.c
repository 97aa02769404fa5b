/* SPDX-License-Identifier: MIT
 *
 * What comes in: bytes become replies, matched with the requests they answer. Nothing that a peer
 * sends is trusted: what is not a reply to the oldest request that must have one closes the session
 * with PROTOCOL. */
#include "client-lib/session.h"
#include "protocol/frame.h"

enum { READ_BYTES = 64 * 1024 };

static wire_bytes received(const tagcache_session *session) {
    return (wire_bytes){byte_queue_front(&session->input), byte_queue_size(&session->input)};
}

static void pop(tagcache_session *session) {
    session->ours_count -= pending_ring_at(&session->pending, 0)->is_ours ? 1 : 0;
    session->stamped_count -= session->stamped_count != 0 ? 1 : 0;
    pending_ring_pop(&session->pending);
}

static void close_refused(tagcache_session *session, const wire_server_preface *preface) {
    session->is_rest_unexecuted = true;
    switch (preface->reason) {
        case WIRE_REFUSAL_VERSION:
            session_close(session, TAGCACHE_CONNECT,
                          "the server speaks protocol versions %u to %u, this library %u to %u",
                          preface->version_min, preface->version_max, WIRE_VERSION_OLDEST,
                          WIRE_VERSION);
            return;
        case WIRE_REFUSAL_NOT_TAGCACHE:
            session_close(session, TAGCACHE_CONNECT,
                          "the server did not take this for the TagCache protocol");
            return;
        case WIRE_REFUSAL_TOO_MANY_CONNECTIONS:
            session_close(session, TAGCACHE_CONNECT, "the server has too many connections");
            return;
        case WIRE_REFUSAL_TLS_REQUIRED:
            session_close(session, TAGCACHE_CONNECT, "the server requires TLS; see tagcache/tls.h");
            return;
        case WIRE_REFUSAL_CREDENTIALS_REQUIRED:
            session_close(session, TAGCACHE_CONNECT,
                          "the server has no users yet, and serves only its own machine until it "
                          "has");
            return;
        case WIRE_REFUSAL_SHUTTING_DOWN:
            session_close(session, TAGCACHE_CONNECT, "the server is shutting down");
            return;
        default:
            session_close(session, TAGCACHE_CONNECT,
                          "the server refuses connections for a reason unknown here (%u)",
                          preface->reason);
    }
}

/* True when the preface is behind us. */
static bool pass_preface(tagcache_session *session) {
    wire_server_preface preface;
    switch (wire_decode_server_preface(received(session), &preface)) {
        case WIRE_FRAME_NEED_MORE: return false;
        case WIRE_FRAME_COMPLETE: break;
        default:
            session_close(session, TAGCACHE_PROTOCOL, "what answers there is no TagCache server");
            return false;
    }
    if (preface.chosen == 0) {
        close_refused(session, &preface);
        return false;
    }
    if (preface.chosen < WIRE_VERSION_OLDEST || preface.chosen > WIRE_VERSION) {
        session_close(session, TAGCACHE_PROTOCOL,
                      "the server chose protocol version %u, which was not offered",
                      preface.chosen);
        return false;
    }
    byte_queue_consume(&session->input, WIRE_PREFACE_BYTES);
    session->stage = SESSION_AWAITS_HELLO;
    return true;
}

/* A status that the server closes with ends the session for this reason; nothing follows it. */
static void close_by_server(tagcache_session *session, tagcache_status reason,
                            const wire_reply *reply) {
    wire_error error = {0, 0, {"", 0}};
    if (!wire_decode_error(reply->body, &error)) {
        error.message = (wire_bytes){"", 0};
    }
    session_close(session, reason, "the server closes the connection: %s: %.*s",
                  tagcache_status_name(status_of_wire(reply->status)), (int)error.message.size,
                  (const char *)error.message.data);
    byte_queue_consume(&session->input, byte_queue_size(&session->input));
}

static void take_hello(tagcache_session *session, const wire_reply *reply) {
    wire_hello_reply hello;
    if (reply->status != WIRE_OK) {
        session->is_rest_unexecuted = reply->status >= WIRE_STATUS_CLOSING_FIRST;
        close_by_server(session, TAGCACHE_CONNECT, reply);
    } else if (!wire_decode_hello_reply(reply->body, &hello)) {
        session_close(session, TAGCACHE_PROTOCOL, "the server's answer to HELLO is malformed");
    } else {
        session->limits = limits_of_server(&hello);
        memcpy(session->server_version, hello.server_version.data, hello.server_version.size);
        session->server_version[hello.server_version.size] = '\0';
        session->stage = session->has_credentials ? SESSION_AWAITS_AUTH : SESSION_IS_READY;
    }
}

/* Refused credentials have a status of their own: a verb's FORBIDDEN says that its user may not do
 * it, which is another matter. The session ends, so that nothing is done as nobody. */
static void take_auth(tagcache_session *session, const wire_reply *reply) {
    wire_error error = {0, 0, {"", 0}};
    if (reply->status == WIRE_OK) {
        session->stage = SESSION_IS_READY;
        return;
    }
    if (!wire_decode_error(reply->body, &error)) {
        error.message = (wire_bytes){"", 0};
    }
    const bool is_forbidden = reply->status == WIRE_FORBIDDEN;
    session_close(session, is_forbidden ? TAGCACHE_AUTH_REQUIRED : status_of_wire(reply->status),
                  "%.*s", (int)error.message.size, (const char *)error.message.data);
}

/* Finds the request that the reply answers and makes it the oldest: quiet ones before it, which
 * have none, went well. */
static bool match(tagcache_session *session, const wire_reply *reply) {
    const uint32_t index = reply->request_id - session->pending.first_id;
    const bool is_known = index < session->pending.count &&
                          pending_ring_at(&session->pending, index)->opcode == reply->opcode;
    if (!is_known) {
        /* A frame whose header cannot be read is refused without saying which it was. */
        if (reply->status >= WIRE_STATUS_CLOSING_FIRST) {
            close_by_server(session, status_of_wire(reply->status), reply);
        } else {
            session_close(session, TAGCACHE_PROTOCOL, "a reply answers none of the requests");
        }
        return false;
    }
    for (uint32_t i = 0; i < index; ++i) {
        if (!pending_ring_at(&session->pending, i)->is_quiet) {
            session_close(session, TAGCACHE_PROTOCOL, "a reply is missing or out of order");
            return false;
        }
    }
    for (uint32_t i = 0; i < index; ++i) {
        pop(session);
    }
    return true;
}

static void take_ours(tagcache_session *session, const wire_reply *reply) {
    if (session->stage == SESSION_AWAITS_HELLO) {
        take_hello(session, reply);
    } else if (session->stage == SESSION_AWAITS_AUTH) {
        take_auth(session, reply);
    } else if (reply->status >= WIRE_STATUS_CLOSING_FIRST) {
        session->is_rest_unexecuted = true;
        close_by_server(session, TAGCACHE_CONNECTION_LOST, reply);
    }
    if (byte_queue_size(&session->input) != 0) { /* else closing has dropped it */
        byte_queue_consume(&session->input, reply->frame_bytes);
    }
    pop(session);
}

/* Deals with all in front that is not for the caller. True when a reply that is stands in front,
 * complete, and belongs to the oldest request. */
static bool advance(tagcache_session *session, wire_reply *reply) {
    if (session->stage == SESSION_AWAITS_PREFACE &&
        (session->is_closed || !pass_preface(session))) {
        return false;
    }
    for (;;) {
        switch (wire_parse_reply(received(session), session->reply_bytes_max, reply)) {
            case WIRE_FRAME_NEED_MORE: return false;
            case WIRE_FRAME_COMPLETE: break;
            case WIRE_FRAME_OVERSIZED:
                session_close(session, TAGCACHE_PROTOCOL,
                              "a reply of %zu bytes is larger than reply_bytes_max (%u)",
                              reply->frame_bytes - WIRE_HEADER_BYTES, session->reply_bytes_max);
                return false;
            case WIRE_FRAME_BROKEN:
                session_close(session, TAGCACHE_PROTOCOL, "a reply's header is malformed");
                return false;
        }
        if (!match(session, reply)) {
            return false;
        }
        if (!pending_ring_at(&session->pending, 0)->is_ours) {
            return true;
        }
        take_ours(session, reply);
    }
}

static void skip_ours(tagcache_session *session) {
    while (session->pending.count != 0 && pending_ring_at(&session->pending, 0)->is_ours) {
        pop(session);
    }
}

bool session_has_reply(tagcache_session *session) {
    wire_reply reply;
    return advance(session, &reply) || (session->is_closed && session_pending(session) != 0);
}

static reply_origin origin_of(const tagcache_session *session) {
    const pending_request *oldest = pending_ring_at(&session->pending, 0);
    const reply_origin origin = {oldest->opcode, oldest->is_single, oldest->key_count,
                                 session->pending.first_id, oldest->user_data};
    return origin;
}

/* What became of the oldest request, if it was not answered for this reason. */
static tagcache_status fate_of_oldest(const tagcache_session *session, tagcache_status reason) {
    const pending_request *oldest = pending_ring_at(&session->pending, 0);
    const bool may_have_run =
        oldest->begins_at < session->sent_bytes && !session->is_rest_unexecuted;
    return may_have_run && oldest->is_change ? TAGCACHE_IN_DOUBT : reason;
}

static void fail_oldest(tagcache_session *session, tagcache_status reason, const char *text,
                        tagcache_result *result) {
    const reply_origin origin = origin_of(session);
    result_fail(result, &origin, fate_of_oldest(session, reason), text);
    pop(session);
}

static void take_reply(tagcache_session *session, const wire_reply *reply,
                       tagcache_result *result) {
    const reply_origin origin = origin_of(session);
    if (origin.opcode == WIRE_OP_TOKEN) {
        session->input.is_secret = true; /* whatever else was consumed since it was asked for */
    }
    switch (result_take(result, &origin, reply->status, reply->body)) {
        case TAGCACHE_OK: pop(session); break;
        case TAGCACHE_PROTOCOL:
            session_close(session, TAGCACHE_PROTOCOL, "a reply's body is malformed");
            fail_oldest(session, TAGCACHE_PROTOCOL, session->error, result);
            return;
        default:
            fail_oldest(session, TAGCACHE_LOCAL_OUT_OF_MEMORY, "no memory for the reply", result);
    }
    if (reply->status >= WIRE_STATUS_CLOSING_FIRST) {
        session->is_rest_unexecuted = true;
        close_by_server(session, TAGCACHE_CONNECTION_LOST, reply);
    } else {
        byte_queue_consume(&session->input, reply->frame_bytes);
    }
}

bool session_take(tagcache_session *session, tagcache_result *result) {
    wire_reply reply;
    if (advance(session, &reply)) {
        take_reply(session, &reply, result);
        return true;
    }
    if (!session->is_closed) {
        return false;
    }
    skip_ours(session);
    if (session->pending.count == 0) {
        return false;
    }
    fail_oldest(session, session->close_reason, session->error, result);
    return true;
}

size_t tagcache_session_want_read(tagcache_session *session) {
    if (session->is_closed) {
        return 0;
    }
    wire_reply reply = {0};
    size_t held_max = SESSION_UNREAD_BYTES_MAX;
    const bool has_reply = advance(session, &reply);
    if (session->is_closed) {
        return 0;
    }
    if (!has_reply && reply.frame_bytes > held_max) {
        held_max = reply.frame_bytes;
    }
    const size_t held = byte_queue_size(&session->input);
    return held < held_max ? held_max - held : 0;
}

uint8_t *session_read_room(tagcache_session *session, size_t *size) {
    const size_t wanted = tagcache_session_want_read(session);
    *size = wanted < READ_BYTES ? wanted : READ_BYTES;
    return *size == 0 ? NULL : byte_queue_reserve(&session->input, *size);
}

tagcache_status session_received(tagcache_session *session, size_t size) {
    wire_reply reply;
    byte_queue_commit(&session->input, size);
    (void)advance(session, &reply);
    return session->is_closed ? session->close_reason : TAGCACHE_OK;
}

tagcache_status tagcache_session_feed(tagcache_session *session, tagcache_bytes bytes) {
    if (session->is_closed) {
        return session->close_reason;
    }
    if (bytes.size > tagcache_session_want_read(session)) {
        return TAGCACHE_LOCAL_INVALID_ARGUMENT;
    }
    uint8_t *room = byte_queue_reserve(&session->input, bytes.size);
    if (room == NULL) {
        session_close(session, TAGCACHE_LOCAL_OUT_OF_MEMORY, "no memory for what was received");
        return TAGCACHE_LOCAL_OUT_OF_MEMORY;
    }
    if (bytes.size != 0) {
        memcpy(room, bytes.data, bytes.size);
    }
    return session_received(session, bytes.size);
}
