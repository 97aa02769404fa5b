/* SPDX-License-Identifier: MIT */
#include "client-lib/pipeline.h"

#include <stdlib.h>

#include "client-lib/socket.h"

static tagcache_session *session_of(const tagcache_pipeline *pipeline) {
    return pipeline->client != NULL ? pipeline->client->session : pipeline->session;
}

static const char *error_of(const tagcache_pipeline *pipeline) {
    return pipeline->client != NULL ? pipeline->client->error : pipeline->session->error;
}

tagcache_status tagcache_pipeline_new(tagcache_client *client, tagcache_pipeline **pipeline) {
    *pipeline = NULL;
    if (client->pipeline != NULL) {
        return client_fail(client, TAGCACHE_LOCAL_INVALID_ARGUMENT,
                           "the client has a pipeline already");
    }
    *pipeline = calloc(1, sizeof **pipeline);
    if (*pipeline == NULL) {
        return client_fail(client, TAGCACHE_LOCAL_OUT_OF_MEMORY, "no memory for a pipeline");
    }
    (*pipeline)->client = client;
    client->pipeline = *pipeline;
    return TAGCACHE_OK;
}

static void drop_unanswered(tagcache_pipeline *pipeline) {
    tagcache_session *session = session_of(pipeline);
    if (session != NULL && session_pending(session) != 0) {
        tagcache_client_disconnect(pipeline->client);
        while (session_take(session, &pipeline->scratch)) {
        }
    }
}

void tagcache_pipeline_free(tagcache_pipeline *pipeline) {
    if (pipeline == NULL || pipeline->client == NULL) {
        return; /* a session's own ends with the session */
    }
    drop_unanswered(pipeline);
    pipeline->client->pipeline = NULL;
    result_dispose(&pipeline->scratch);
    free(pipeline);
}

static bool has_room(const tagcache_session *session) {
    return byte_queue_size(&session->output) < PIPELINE_SEND_BYTES &&
           session->pending.count < SESSION_UNANSWERED_MAX;
}

/* Sends while there is much to send, and reads meanwhile, so that the server can always write;
 * stops when replies have piled up that the caller has to take. */
static void make_room(tagcache_client *client, uint64_t deadline_ms) {
    tagcache_session *session = client->session;
    while (!session->is_closed && !has_room(session)) {
        const bool is_waiting = byte_queue_size(&session->output) == 0;
        if (tagcache_session_want_read(session) == 0 ||
            (is_waiting && session_has_reply(session))) {
            return;
        }
        client_exchange(client, is_waiting, deadline_ms);
    }
}

static tagcache_status append_to_client(tagcache_client *client, const client_request *request,
                                        const tagcache_call_options *call) {
    uint64_t deadline_ms = 0;
    tagcache_status status = client_begin(client, call, &deadline_ms);
    if (status != TAGCACHE_OK) {
        return status;
    }
    const bool has_pending = client->session != NULL && session_pending(client->session) != 0;
    if (!has_pending) {
        status = client_open(client, deadline_ms);
        if (status != TAGCACHE_OK) {
            return status;
        }
    }
    status = client_admit(client, request);
    if (status != TAGCACHE_OK) {
        return status;
    }
    make_room(client, deadline_ms);
    status = session_append(client->session, request, call);
    return status == TAGCACHE_OK ? status : client_fail(client, status, client->session->error);
}

tagcache_status pipeline_append(tagcache_pipeline *pipeline, const client_request *request,
                                const tagcache_call_options *call) {
    return pipeline->client != NULL ? append_to_client(pipeline->client, request, call)
                                    : session_append(pipeline->session, request, call);
}

/* Waits for the next reply. False when none is to come. */
static bool wait_for_reply(tagcache_client *client, tagcache_result *result, uint64_t deadline_ms) {
    tagcache_session *session = client->session;
    while (!client_take(client, result)) {
        if (session_pending(session) == 0) {
            return false;
        }
        if (session_fence(session) != TAGCACHE_OK) {
            session_close(session, TAGCACHE_LOCAL_OUT_OF_MEMORY, "no memory to ask the server");
        } else {
            client_exchange(client, true, deadline_ms);
        }
    }
    client->used_at_ms = socket_now_ms();
    return true;
}

static bool take_next(tagcache_pipeline *pipeline, tagcache_result *result, uint64_t deadline_ms) {
    const tagcache_session *session = session_of(pipeline);
    if (session == NULL) {
        return false;
    }
    return pipeline->client != NULL ? wait_for_reply(pipeline->client, result, deadline_ms)
                                    : session_take(pipeline->session, result);
}

static tagcache_status begin(tagcache_pipeline *pipeline, const tagcache_call_options *call,
                             uint64_t *deadline_ms) {
    *deadline_ms = SOCKET_NO_DEADLINE;
    return pipeline->client != NULL ? client_begin(pipeline->client, call, deadline_ms)
                                    : session_check_call(pipeline->session, call);
}

bool tagcache_pipeline_next(tagcache_pipeline *pipeline, tagcache_result *result,
                            const tagcache_call_options *call) {
    if (result == NULL) {
        result = &pipeline->scratch;
    }
    uint64_t deadline_ms = 0;
    const tagcache_status status = begin(pipeline, call, &deadline_ms);
    if (status != TAGCACHE_OK) {
        const reply_origin origin = {0};
        result_fail(result, &origin, status, error_of(pipeline));
        return false;
    }
    if (take_next(pipeline, result, deadline_ms)) {
        return true;
    }
    result_clear(result);
    return false;
}

bool tagcache_pipeline_has_reply(tagcache_pipeline *pipeline) {
    tagcache_session *session = session_of(pipeline);
    return session != NULL && session_has_reply(session);
}

size_t tagcache_pipeline_pending(const tagcache_pipeline *pipeline) {
    const tagcache_session *session = session_of(pipeline);
    return session != NULL ? session_pending(session) : 0;
}

static tagcache_status send_all(tagcache_client *client, uint64_t deadline_ms) {
    tagcache_session *session = client->session;
    while (!session->is_closed && client_has_unsent(client)) {
        if (tagcache_session_want_read(session) == 0) {
            return client_fail(client, TAGCACHE_PIPELINE_FULL, "replies are waiting to be taken");
        }
        client_exchange(client, false, deadline_ms);
    }
    return session->is_closed ? client_fail(client, session->close_reason, session->error)
                              : TAGCACHE_OK;
}

tagcache_status tagcache_pipeline_send(tagcache_pipeline *pipeline,
                                       const tagcache_call_options *call) {
    uint64_t deadline_ms = 0;
    tagcache_status status = begin(pipeline, call, &deadline_ms);
    tagcache_session *session = session_of(pipeline);
    if (status != TAGCACHE_OK || session == NULL || session_pending(session) == 0) {
        return status;
    }
    status = session_fence(session);
    if (status != TAGCACHE_OK || pipeline->client == NULL) {
        return status;
    }
    return send_all(pipeline->client, deadline_ms);
}

tagcache_status tagcache_pipeline_finish(tagcache_pipeline *pipeline, uint64_t *failed,
                                         const tagcache_call_options *call) {
    uint64_t failed_count = 0;
    uint64_t deadline_ms = 0;
    tagcache_status first = begin(pipeline, call, &deadline_ms);
    if (first == TAGCACHE_OK) {
        while (take_next(pipeline, &pipeline->scratch, deadline_ms)) {
            if (pipeline->scratch.status < 0) {
                ++failed_count;
                first = first == TAGCACHE_OK ? pipeline->scratch.status : first;
            }
        }
    }
    if (failed != NULL) {
        *failed = failed_count;
    }
    return first;
}
