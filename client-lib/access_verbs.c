/* SPDX-License-Identifier: MIT
 *
 * The verbs about users, their tokens, and who this client is. */
#include "client-lib/client.h"
#include "client-lib/pipeline.h"

/* A connection that has yet to be made is not begun with the old credentials: they may be why there
 * are new ones. They are copied first, because they may be views of the result. */
tagcache_status tagcache_auth(tagcache_client *client, const tagcache_credentials *credentials,
                              tagcache_result *result, const tagcache_call_options *call) {
    client_request request;
    client_credentials fresh = {0};
    request_auth(&request, credentials);
    if (request.refusal.status == TAGCACHE_OK) {
        credentials_set(&fresh, &request.message.auth);
    }
    const tagcache_credentials *own = client->session_options.credentials;
    client->session_options.credentials = NULL;
    const tagcache_status status = client_call(client, &request, result, call);
    client->session_options.credentials = own;
    if (status == TAGCACHE_OK) {
        client_adopt(client, &fresh);
    }
    credentials_wipe(&fresh);
    return status;
}

tagcache_status tagcache_pipeline_auth(tagcache_pipeline *pipeline,
                                       const tagcache_credentials *credentials,
                                       const tagcache_call_options *call) {
    client_request request;
    request_auth(&request, credentials);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_change_password(tagcache_client *client, tagcache_bytes old_password,
                                         tagcache_bytes new_password, tagcache_result *result,
                                         const tagcache_call_options *call) {
    client_request request;
    client_credentials fresh = client->credentials;
    request_change_password(&request, old_password, new_password);
    const bool is_own = credentials_replace(&fresh, old_password, new_password);
    const tagcache_status status = client_call(client, &request, result, call);
    if (status == TAGCACHE_OK && is_own) {
        client_adopt(client, &fresh);
    }
    credentials_wipe(&fresh);
    return status;
}

tagcache_status tagcache_pipeline_change_password(tagcache_pipeline *pipeline,
                                                  tagcache_bytes old_password,
                                                  tagcache_bytes new_password,
                                                  const tagcache_call_options *call) {
    client_request request;
    request_change_password(&request, old_password, new_password);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_user_list(tagcache_client *client, tagcache_result *result,
                                   const tagcache_page_options *page,
                                   const tagcache_call_options *call) {
    client_request request;
    request_user_list(&request, page);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_pipeline_user_list(tagcache_pipeline *pipeline,
                                            const tagcache_page_options *page,
                                            const tagcache_call_options *call) {
    client_request request;
    request_user_list(&request, page);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_user_add(tagcache_client *client, tagcache_bytes name,
                                  tagcache_result *result, const tagcache_user_options *options,
                                  const tagcache_call_options *call) {
    client_request request;
    request_user_set(&request, name, true, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_pipeline_user_add(tagcache_pipeline *pipeline, tagcache_bytes name,
                                           const tagcache_user_options *options,
                                           const tagcache_call_options *call) {
    client_request request;
    request_user_set(&request, name, true, options);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_user_set(tagcache_client *client, tagcache_bytes name,
                                  tagcache_result *result, const tagcache_user_options *options,
                                  const tagcache_call_options *call) {
    client_request request;
    request_user_set(&request, name, false, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_pipeline_user_set(tagcache_pipeline *pipeline, tagcache_bytes name,
                                           const tagcache_user_options *options,
                                           const tagcache_call_options *call) {
    client_request request;
    request_user_set(&request, name, false, options);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_user_remove(tagcache_client *client, tagcache_bytes name,
                                     tagcache_result *result, const tagcache_call_options *call) {
    client_request request;
    request_user_remove(&request, name);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_pipeline_user_remove(tagcache_pipeline *pipeline, tagcache_bytes name,
                                              const tagcache_call_options *call) {
    client_request request;
    request_user_remove(&request, name);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_token_list(tagcache_client *client, tagcache_bytes user,
                                    tagcache_result *result, const tagcache_call_options *call) {
    client_request request;
    request_token(&request, WIRE_TOKEN_LIST, user, 0, tagcache_text(""));
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_pipeline_token_list(tagcache_pipeline *pipeline, tagcache_bytes user,
                                             const tagcache_call_options *call) {
    client_request request;
    request_token(&request, WIRE_TOKEN_LIST, user, 0, tagcache_text(""));
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_token_new(tagcache_client *client, tagcache_bytes user, uint64_t ttl_ms,
                                   tagcache_result *result, const tagcache_call_options *call) {
    client_request request;
    request_token(&request, WIRE_TOKEN_CREATE, user, ttl_ms, tagcache_text(""));
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_pipeline_token_new(tagcache_pipeline *pipeline, tagcache_bytes user,
                                            uint64_t ttl_ms, const tagcache_call_options *call) {
    client_request request;
    request_token(&request, WIRE_TOKEN_CREATE, user, ttl_ms, tagcache_text(""));
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_token_revoke(tagcache_client *client, tagcache_bytes user,
                                      tagcache_bytes id, tagcache_result *result,
                                      const tagcache_call_options *call) {
    client_request request;
    request_token(&request, WIRE_TOKEN_REVOKE, user, 0, id);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_pipeline_token_revoke(tagcache_pipeline *pipeline, tagcache_bytes user,
                                               tagcache_bytes id,
                                               const tagcache_call_options *call) {
    client_request request;
    request_token(&request, WIRE_TOKEN_REVOKE, user, 0, id);
    return pipeline_append(pipeline, &request, call);
}
