/* SPDX-License-Identifier: MIT
 *
 * The verbs of a pipeline: each builds its request and appends it. */
#include "client-lib/pipeline.h"

tagcache_status tagcache_pipeline_get(tagcache_pipeline *pipeline, tagcache_bytes key,
                                      const tagcache_read_options *options,
                                      const tagcache_call_options *call) {
    client_request request;
    request_get(&request, WIRE_OP_GET, key, options);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_mget(tagcache_pipeline *pipeline, const tagcache_bytes *keys,
                                       size_t key_count, const tagcache_read_options *options,
                                       const tagcache_call_options *call) {
    client_request request;
    request_mget(&request, keys, key_count, options);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_getdel(tagcache_pipeline *pipeline, tagcache_bytes key,
                                         const tagcache_read_options *options,
                                         const tagcache_call_options *call) {
    client_request request;
    request_get(&request, WIRE_OP_GETDEL, key, options);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_exists(tagcache_pipeline *pipeline, tagcache_bytes key,
                                         const tagcache_read_options *options,
                                         const tagcache_call_options *call) {
    client_request request;
    request_exists(&request, &key, 1, options);
    request.is_single = true;
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_exists_keys(tagcache_pipeline *pipeline,
                                              const tagcache_bytes *keys, size_t key_count,
                                              const tagcache_read_options *options,
                                              const tagcache_call_options *call) {
    client_request request;
    request_exists(&request, keys, key_count, options);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_put(tagcache_pipeline *pipeline, tagcache_bytes key,
                                      tagcache_bytes value, const tagcache_write_options *options,
                                      const tagcache_call_options *call) {
    client_request request;
    request_put(&request, WIRE_OP_PUT, key, value, options);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_add(tagcache_pipeline *pipeline, tagcache_bytes key,
                                      tagcache_bytes value, const tagcache_write_options *options,
                                      const tagcache_call_options *call) {
    client_request request;
    request_put(&request, WIRE_OP_ADD, key, value, options);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_replace(tagcache_pipeline *pipeline, tagcache_bytes key,
                                          tagcache_bytes value,
                                          const tagcache_write_options *options,
                                          const tagcache_call_options *call) {
    client_request request;
    request_put(&request, WIRE_OP_REPLACE, key, value, options);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_mput(tagcache_pipeline *pipeline, const tagcache_bytes *keys,
                                       const tagcache_bytes *values, size_t count,
                                       const tagcache_write_options *const *options,
                                       const tagcache_call_options *call) {
    client_request request;
    request_mput(&request, keys, values, count, options);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_append(tagcache_pipeline *pipeline, tagcache_bytes key,
                                         tagcache_bytes value,
                                         const tagcache_write_options *options,
                                         const tagcache_call_options *call) {
    client_request request;
    request_put(&request, WIRE_OP_APPEND, key, value, options);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_prepend(tagcache_pipeline *pipeline, tagcache_bytes key,
                                          tagcache_bytes value,
                                          const tagcache_write_options *options,
                                          const tagcache_call_options *call) {
    client_request request;
    request_put(&request, WIRE_OP_PREPEND, key, value, options);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_incr(tagcache_pipeline *pipeline, tagcache_bytes key,
                                       int64_t amount, const tagcache_write_options *options,
                                       const tagcache_call_options *call) {
    client_request request;
    request_incr(&request, WIRE_OP_INCR, key, amount, options);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_decr(tagcache_pipeline *pipeline, tagcache_bytes key,
                                       int64_t amount, const tagcache_write_options *options,
                                       const tagcache_call_options *call) {
    client_request request;
    request_incr(&request, WIRE_OP_DECR, key, amount, options);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_touch(tagcache_pipeline *pipeline, tagcache_bytes key,
                                        uint64_t ttl_ms, const tagcache_write_options *options,
                                        const tagcache_call_options *call) {
    client_request request;
    request_key(&request, WIRE_OP_TOUCH, &key, ttl_ms, options);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_touch_keys(tagcache_pipeline *pipeline,
                                             const tagcache_bytes *keys,
                                             const uint64_t *if_versions, size_t key_count,
                                             uint64_t ttl_ms, const tagcache_call_options *call) {
    client_request request;
    request_keys(&request, WIRE_OP_TOUCH, keys, if_versions, key_count, ttl_ms);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_delete(tagcache_pipeline *pipeline, tagcache_bytes key,
                                         const tagcache_write_options *options,
                                         const tagcache_call_options *call) {
    client_request request;
    request_key(&request, WIRE_OP_DELETE, &key, 0, options);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_delete_keys(tagcache_pipeline *pipeline,
                                              const tagcache_bytes *keys,
                                              const uint64_t *if_versions, size_t key_count,
                                              const tagcache_call_options *call) {
    client_request request;
    request_keys(&request, WIRE_OP_DELETE, keys, if_versions, key_count, 0);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_tags(tagcache_pipeline *pipeline, tagcache_bytes key,
                                       const tagcache_call_options *call) {
    client_request request;
    request_name(&request, WIRE_OP_TAGS, key);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_tag_add(tagcache_pipeline *pipeline, tagcache_bytes key,
                                          const tagcache_bytes *tags, size_t tag_count,
                                          const tagcache_write_options *options,
                                          const tagcache_call_options *call) {
    client_request request;
    request_tag_change(&request, WIRE_OP_TAG_ADD, key, tags, tag_count, options);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_tag_remove(tagcache_pipeline *pipeline, tagcache_bytes key,
                                             const tagcache_bytes *tags, size_t tag_count,
                                             const tagcache_write_options *options,
                                             const tagcache_call_options *call) {
    client_request request;
    request_tag_change(&request, WIRE_OP_TAG_REMOVE, key, tags, tag_count, options);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_tag_count(tagcache_pipeline *pipeline, tagcache_bytes tag,
                                            const tagcache_call_options *call) {
    client_request request;
    request_name(&request, WIRE_OP_TAG_COUNT, tag);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_invalidate(tagcache_pipeline *pipeline,
                                             const tagcache_bytes *tags, size_t tag_count,
                                             const tagcache_invalidate_options *options,
                                             const tagcache_call_options *call) {
    client_request request;
    request_invalidate(&request, tags, tag_count, options);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_keys_by_tag(tagcache_pipeline *pipeline,
                                              const tagcache_bytes *tags, size_t tag_count,
                                              const tagcache_page_options *page,
                                              const tagcache_call_options *call) {
    client_request request;
    request_keys_by_tag(&request, tags, tag_count, page);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_tag_list(tagcache_pipeline *pipeline, tagcache_bytes prefix,
                                           const tagcache_page_options *page,
                                           const tagcache_call_options *call) {
    client_request request;
    request_scan(&request, WIRE_OP_TAG_LIST, prefix, page);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_scan(tagcache_pipeline *pipeline, tagcache_bytes pattern,
                                       const tagcache_page_options *page,
                                       const tagcache_call_options *call) {
    client_request request;
    request_scan(&request, WIRE_OP_SCAN, pattern, page);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_delete_prefix(tagcache_pipeline *pipeline, tagcache_bytes prefix,
                                                const tagcache_page_options *page,
                                                const tagcache_call_options *call) {
    client_request request;
    request_scan(&request, WIRE_OP_DELETE_PREFIX, prefix, page);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_flush(tagcache_pipeline *pipeline,
                                        const tagcache_call_options *call) {
    client_request request;
    request_bare(&request, WIRE_OP_FLUSH);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_stats(tagcache_pipeline *pipeline,
                                        const tagcache_call_options *call) {
    client_request request;
    request_bare(&request, WIRE_OP_STATS);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_info(tagcache_pipeline *pipeline,
                                       const tagcache_call_options *call) {
    client_request request;
    request_bare(&request, WIRE_OP_INFO);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_clients(tagcache_pipeline *pipeline,
                                          const tagcache_page_options *page,
                                          const tagcache_call_options *call) {
    client_request request;
    request_clients(&request, page);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_hotkeys(tagcache_pipeline *pipeline,
                                          const tagcache_hotkeys_options *options,
                                          const tagcache_call_options *call) {
    client_request request;
    request_hotkeys(&request, options);
    return pipeline_append(pipeline, &request, call);
}

tagcache_status tagcache_pipeline_ping(tagcache_pipeline *pipeline,
                                       const tagcache_call_options *call) {
    client_request request;
    request_bare(&request, WIRE_OP_PING);
    return pipeline_append(pipeline, &request, call);
}
