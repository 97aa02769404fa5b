/* SPDX-License-Identifier: MIT
 *
 * One blocking call: a request goes out, its reply comes back. */
#include <stdio.h>

#include "client-lib/client.h"
#include "client-lib/socket.h"

bool client_take(tagcache_client *client, tagcache_result *result) {
    if (!session_take(client->session, result)) {
        return false;
    }
    if (result->status < 0) {
        (void)snprintf(
            client->error, sizeof client->error, "%s: %.*s", tagcache_status_name(result->status),
            (int)result->error.message.size,
            result->error.message.size == 0 ? "" : (const char *)result->error.message.data);
    }
    if (client->session->is_closed) {
        tagcache_client_disconnect(client);
    }
    return true;
}

static tagcache_status check_call(tagcache_client *client, const client_request *request,
                                  const tagcache_call_options *call, uint64_t *deadline_ms) {
    const tagcache_status status = client_begin(client, call, deadline_ms);
    if (status != TAGCACHE_OK) {
        return status;
    }
    if (client->session != NULL && session_pending(client->session) != 0) {
        return client_fail(client, TAGCACHE_LOCAL_INVALID_ARGUMENT,
                           "the client's pipeline has replies that were not taken");
    }
    if (call != NULL && (call->flags & TAGCACHE_CALL_QUIET) != 0) {
        return client_fail(client, TAGCACHE_LOCAL_INVALID_ARGUMENT,
                           "a call that waits for its reply cannot be quiet");
    }
    return request->refusal.status == TAGCACHE_OK
               ? TAGCACHE_OK
               : client_fail(client, request->refusal.status, request->refusal.reason);
}

static tagcache_status append(tagcache_client *client, const client_request *request,
                              const tagcache_call_options *call, uint64_t deadline_ms) {
    tagcache_status status = client_open(client, deadline_ms);
    if (status == TAGCACHE_OK) {
        status = client_admit(client, request);
    }
    if (status == TAGCACHE_OK) {
        status = session_append(client->session, request, call);
        if (status != TAGCACHE_OK) {
            (void)client_fail(client, status, client->session->error);
        }
    }
    return status;
}

tagcache_status client_call(tagcache_client *client, const client_request *request,
                            tagcache_result *result, const tagcache_call_options *call) {
    if (result == NULL) {
        result = &client->scratch;
    }
    uint64_t deadline_ms = 0;
    tagcache_status status = check_call(client, request, call, &deadline_ms);
    if (status == TAGCACHE_OK) {
        status = append(client, request, call, deadline_ms);
    }
    if (status != TAGCACHE_OK) {
        const reply_origin origin = {.opcode = request->opcode};
        result_fail(result, &origin, status, client->error);
        return status;
    }
    while (!client_take(client, result)) {
        client_exchange(client, true, deadline_ms);
    }
    client->used_at_ms = socket_now_ms();
    return result->status;
}
