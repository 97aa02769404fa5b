/* SPDX-License-Identifier: MIT
 *
 * The verbs by which a server is run. */
#include "client-lib/client.h"
#include "client-lib/pipeline.h"

tagcache_status tagcache_config(tagcache_client *client, tagcache_config_action action,
                                tagcache_bytes key, tagcache_bytes value, tagcache_result *result,
                                const tagcache_call_options *call) {
    client_request request;
    request_config(&request, action, key, value);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_pipeline_config(tagcache_pipeline *pipeline, tagcache_config_action action,
                                         tagcache_bytes key, tagcache_bytes value,
                                         const tagcache_call_options *call) {
    client_request request;
    request_config(&request, action, key, value);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_clients_kill(tagcache_client *client, uint64_t id,
                                      const tagcache_call_options *call) {
    client_request request;
    request_clients_kill(&request, id);
    return client_call(client, &request, NULL, call);
}

tagcache_status tagcache_pipeline_clients_kill(tagcache_pipeline *pipeline, uint64_t id,
                                               const tagcache_call_options *call) {
    client_request request;
    request_clients_kill(&request, id);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_set_name(tagcache_client *client, tagcache_bytes name,
                                  const tagcache_call_options *call) {
    client_request request;
    request_set_name(&request, name);
    return client_call(client, &request, NULL, call);
}

tagcache_status tagcache_pipeline_set_name(tagcache_pipeline *pipeline, tagcache_bytes name,
                                           const tagcache_call_options *call) {
    client_request request;
    request_set_name(&request, name);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_slowlog(tagcache_client *client, tagcache_slowlog_action action,
                                 uint32_t limit, tagcache_result *result,
                                 const tagcache_call_options *call) {
    client_request request;
    request_slowlog(&request, action, limit);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_pipeline_slowlog(tagcache_pipeline *pipeline,
                                          tagcache_slowlog_action action, uint32_t limit,
                                          const tagcache_call_options *call) {
    client_request request;
    request_slowlog(&request, action, limit);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_shutdown(tagcache_client *client, const tagcache_call_options *call) {
    client_request request;
    request_bare(&request, WIRE_OP_SHUTDOWN);
    return client_call(client, &request, NULL, call);
}

tagcache_status tagcache_pipeline_shutdown(tagcache_pipeline *pipeline,
                                           const tagcache_call_options *call) {
    client_request request;
    request_bare(&request, WIRE_OP_SHUTDOWN);
    return pipeline_append(pipeline, &request, call);
}
