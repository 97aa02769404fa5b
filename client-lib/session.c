/* SPDX-License-Identifier: MIT
 *
 * What goes out: requests become bytes, in order, checked against the server's limits. */
#include "client-lib/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "client-lib/options_check.h"
#include "protocol/frame.h"

static void set_error(tagcache_session *session, const char *text) {
    (void)snprintf(session->error, sizeof session->error, "%s", text);
}

static tagcache_status fail(tagcache_session *session, tagcache_status status, const char *text) {
    set_error(session, text);
    return status;
}

static tagcache_status fail_refused(tagcache_session *session, const client_refusal *refusal) {
    const char *name = tagcache_status_name(refusal->status);
    if (refusal->limit != 0) {
        (void)snprintf(session->error, sizeof session->error, "%s: %s (the limit is %llu)", name,
                       refusal->reason, (unsigned long long)refusal->limit);
    } else {
        (void)snprintf(session->error, sizeof session->error, "%s: %s", name, refusal->reason);
    }
    return refusal->status;
}

/* Encodes one frame at the end of the output; the request id is that of the ring's next place. */
static tagcache_status encode(tagcache_session *session, const client_request *request,
                              bool is_quiet) {
    const size_t size_max = WIRE_HEADER_BYTES + request_body_bytes_max(request);
    if (request_has_secret(request)) {
        session->output.is_secret = true;
        session->input.is_secret = true; /* TOKEN: it comes back */
    }
    uint8_t *room = byte_queue_reserve(&session->output, size_max);
    if (room == NULL || !pending_ring_reserve(&session->pending)) {
        return fail(session, TAGCACHE_LOCAL_OUT_OF_MEMORY, "no memory for the request");
    }
    wire_writer out = wire_writer_over(room, size_max);
    const size_t begin =
        wire_begin_request(&out, request->opcode, is_quiet ? WIRE_REQUEST_QUIET : 0,
                           pending_ring_next_id(&session->pending));
    request_encode(&out, request);
    wire_finish_request(&out, begin);
    if (out.failed) {
        return fail(session, TAGCACHE_LOCAL_INVALID_ARGUMENT,
                    "the request has a part that is longer than the protocol can carry");
    }
    const uint64_t body_bytes_max = session->limits.values[TAGCACHE_LIMIT_FRAME_BYTES];
    if (wire_writer_size(&out) - WIRE_HEADER_BYTES > body_bytes_max) {
        /* Not FRAME_TOO_LARGE, with which the server would close: this connection lives on. */
        const client_refusal refusal = {TAGCACHE_LOCAL_INVALID_ARGUMENT,
                                        "the request as a whole is too large", body_bytes_max};
        return fail_refused(session, &refusal);
    }
    byte_queue_commit(&session->output, wire_writer_size(&out));
    return TAGCACHE_OK;
}

/* How a request is called. */
typedef struct call_terms {
    uint64_t user_data;
    uint32_t timeout_ms;
    bool is_quiet;
    bool is_ours;
} call_terms;

static tagcache_status append(tagcache_session *session, const client_request *request,
                              const call_terms *terms) {
    const uint64_t begins_at = session->sent_bytes + byte_queue_size(&session->output);
    const tagcache_status status = encode(session, request, terms->is_quiet);
    if (status == TAGCACHE_OK) {
        /* encode() has reserved its place. */
        *pending_ring_push(&session->pending) =
            (pending_request){.user_data = terms->user_data,
                              .begins_at = begins_at,
                              .timeout_ms = terms->timeout_ms,
                              .key_count = request_key_count(request),
                              .opcode = request->opcode,
                              .is_change = request_is_change(request),
                              .is_quiet = terms->is_quiet,
                              .is_single = request->is_single,
                              .is_ours = terms->is_ours};
        session->ours_count += terms->is_ours ? 1 : 0;
        session->quiet_run_count = terms->is_quiet ? session->quiet_run_count + 1 : 0;
    }
    return status;
}

static tagcache_status append_ours(tagcache_session *session, const client_request *request) {
    const call_terms terms = {.is_ours = true, .timeout_ms = session->timeout_ms};
    return append(session, request, &terms);
}

static bool is_full(tagcache_session *session) {
    return session->pending.count >= SESSION_UNANSWERED_MAX ||
           byte_queue_size(&session->output) >= SESSION_UNSENT_BYTES_MAX ||
           (byte_queue_size(&session->input) >= SESSION_UNREAD_BYTES_MAX &&
            session_has_reply(session));
}

tagcache_status session_check_call(tagcache_session *session, const tagcache_call_options *call) {
    const char *complaint = call != NULL ? options_complaint(call, sizeof *call) : NULL;
    if (complaint == NULL) {
        return TAGCACHE_OK;
    }
    if (!session->is_closed) { /* else its error says why it closed, and goes on to */
        set_error(session, complaint);
    }
    return TAGCACHE_LOCAL_INVALID_ARGUMENT;
}

tagcache_status session_append(tagcache_session *session, const client_request *request,
                               const tagcache_call_options *call) {
    static const tagcache_call_options defaults = TAGCACHE_CALL_OPTIONS_INIT;
    const tagcache_call_options *options = call != NULL ? call : &defaults;
    if (session->is_closed) {
        return session->close_reason;
    }
    if (session_check_call(session, call) != TAGCACHE_OK) {
        return TAGCACHE_LOCAL_INVALID_ARGUMENT;
    }
    if ((options->flags & ~(uint32_t)TAGCACHE_CALL_QUIET) != 0) {
        return fail(session, TAGCACHE_LOCAL_INVALID_ARGUMENT,
                    "the call's flags have a bit that is not known");
    }
    const client_refusal refusal = request_check(request, &session->limits);
    if (refusal.status != TAGCACHE_OK) {
        return fail_refused(session, &refusal);
    }
    if (is_full(session)) {
        if (session->is_closed) {
            return session->close_reason;
        }
        return fail(session, TAGCACHE_PIPELINE_FULL, "replies are waiting to be taken");
    }
    const call_terms terms = {
        .user_data = options->user_data,
        .timeout_ms = options->timeout_ms != 0 ? options->timeout_ms : session->timeout_ms,
        .is_quiet = (options->flags & TAGCACHE_CALL_QUIET) != 0};
    const tagcache_status status = append(session, request, &terms);
    if (status == TAGCACHE_OK && session->quiet_run_count >= SESSION_QUIET_RUN_MAX) {
        /* Without memory for it now, the next request tries again. */
        (void)session_fence(session);
    }
    return status;
}

tagcache_status session_fence(tagcache_session *session) {
    if (session->quiet_run_count == 0 || session->is_closed) {
        return TAGCACHE_OK;
    }
    client_request ping;
    request_bare(&ping, WIRE_OP_PING);
    return append_ours(session, &ping);
}

static tagcache_status append_first(tagcache_session *session, const client_request *request) {
    return request->refusal.status != TAGCACHE_OK ? request->refusal.status
                                                  : append_ours(session, request);
}

static tagcache_status start(tagcache_session *session, const tagcache_session_options *options) {
    uint8_t *room = byte_queue_reserve(&session->output, WIRE_PREFACE_BYTES);
    if (room == NULL) {
        return TAGCACHE_LOCAL_OUT_OF_MEMORY;
    }
    wire_writer out = wire_writer_over(room, WIRE_PREFACE_BYTES);
    const wire_client_preface preface = {WIRE_VERSION_OLDEST, WIRE_VERSION};
    wire_encode_client_preface(&out, &preface);
    byte_queue_commit(&session->output, WIRE_PREFACE_BYTES);
    client_request request;
    request_hello(&request, options->client_name);
    const tagcache_status status = append_first(session, &request);
    if (status != TAGCACHE_OK || options->credentials == NULL) {
        return status;
    }
    session->has_credentials = true;
    request_auth(&request, options->credentials);
    return append_first(session, &request);
}

tagcache_status tagcache_session_new(const tagcache_session_options *options,
                                     tagcache_session **session) {
    tagcache_session_options taken = TAGCACHE_SESSION_OPTIONS_INIT;
    *session = NULL;
    if (options != NULL &&
        options_take(&taken, sizeof taken, SESSION_OPTIONS_FIRST_SIZE, options) != NULL) {
        return TAGCACHE_LOCAL_INVALID_ARGUMENT;
    }
    options = &taken;
    tagcache_session *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return TAGCACHE_LOCAL_OUT_OF_MEMORY;
    }
    made->pending.first_id = 1;
    made->limits = limits_ceiling();
    made->reply_bytes_max =
        options->reply_bytes_max != 0 ? options->reply_bytes_max : SESSION_REPLY_BYTES_MAX;
    made->timeout_ms = options->timeout_ms != 0 ? options->timeout_ms : SESSION_TIMEOUT_MS;
    made->pipeline.session = made;
    const tagcache_status status = start(made, options);
    if (status != TAGCACHE_OK) {
        tagcache_session_free(made);
        return status;
    }
    *session = made;
    return TAGCACHE_OK;
}

void tagcache_session_free(tagcache_session *session) {
    if (session != NULL) {
        byte_queue_dispose(&session->output);
        byte_queue_dispose(&session->input);
        pending_ring_dispose(&session->pending);
        result_dispose(&session->pipeline.scratch);
        free(session);
    }
}

tagcache_pipeline *tagcache_session_pipeline(tagcache_session *session) {
    return &session->pipeline;
}

tagcache_bytes tagcache_session_output(const tagcache_session *session) {
    return (tagcache_bytes){byte_queue_front(&session->output), byte_queue_size(&session->output)};
}

void tagcache_session_sent(tagcache_session *session, size_t size) {
    const size_t unsent = byte_queue_size(&session->output);
    const size_t sent = size < unsent ? size : unsent;
    session->sent_bytes += sent;
    byte_queue_consume(&session->output, sent);
}

/* Replies that came before it are as good as ever. */
static bool is_end_of_transport(tagcache_status reason) {
    return reason == TAGCACHE_CONNECTION_LOST || reason == TAGCACHE_TIMEOUT;
}

void session_close(tagcache_session *session, tagcache_status reason, const char *format, ...) {
    const bool is_of_input = !is_end_of_transport(reason) && byte_queue_size(&session->input) != 0;
    if (session->is_closed && !is_of_input) {
        return;
    }
    session->is_closed = true;
    session->close_reason = reason;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(session->error, sizeof session->error, format, arguments);
    va_end(arguments);
    byte_queue_consume(&session->output, byte_queue_size(&session->output));
    if (!is_end_of_transport(reason)) { /* behind a broken frame there are no replies */
        byte_queue_consume(&session->input, byte_queue_size(&session->input));
    }
}

void tagcache_session_close(tagcache_session *session, tagcache_status reason) {
    if (session->is_closed) {
        return;
    }
    if (reason == TAGCACHE_TIMEOUT && session->stage == SESSION_AWAITS_AUTH) {
        session_close(session, reason,
                      "the credentials were not answered in time; the server lets those wait that "
                      "it refuses");
    } else if (reason == TAGCACHE_TIMEOUT) {
        session_close(session, reason, "the server did not answer in time");
    } else if (reason >= 0 || reason == TAGCACHE_CONNECTION_LOST) {
        session_close(session, TAGCACHE_CONNECTION_LOST, "the connection was closed");
    } else {
        session_close(session, reason, "the connection was closed: %s",
                      tagcache_status_name(reason));
    }
}

bool tagcache_session_is_ready(const tagcache_session *session) {
    return session->stage == SESSION_IS_READY && !session->is_closed;
}

uint64_t tagcache_session_limit(const tagcache_session *session, tagcache_limit limit) {
    const bool is_known =
        session->stage == SESSION_IS_READY && limit > 0 && (int)limit < LIMIT_COUNT;
    return is_known ? session->limits.values[limit] : 0;
}

const char *tagcache_session_error(const tagcache_session *session) {
    return session->error;
}

uint32_t tagcache_session_timeout_ms(tagcache_session *session, uint64_t now_ms) {
    for (; session->stamped_count < session->pending.count; ++session->stamped_count) {
        pending_request *fresh = pending_ring_at(&session->pending, session->stamped_count);
        fresh->deadline_ms =
            fresh->timeout_ms == TAGCACHE_NO_TIMEOUT ? UINT64_MAX : now_ms + fresh->timeout_ms;
    }
    if (session->is_closed || session->pending.count == 0) {
        return TAGCACHE_NO_TIMEOUT;
    }
    const uint64_t deadline_ms = pending_ring_at(&session->pending, 0)->deadline_ms;
    if (deadline_ms == UINT64_MAX) {
        return TAGCACHE_NO_TIMEOUT;
    }
    return deadline_ms > now_ms ? (uint32_t)(deadline_ms - now_ms) : 0;
}
