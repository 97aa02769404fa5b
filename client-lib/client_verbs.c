/* SPDX-License-Identifier: MIT
 *
 * The blocking verbs: each builds its request and has it answered. */
#include "client-lib/client.h"
#include "client-lib/socket.h"

tagcache_status tagcache_get(tagcache_client *client, tagcache_bytes key, tagcache_result *result,
                             const tagcache_read_options *options,
                             const tagcache_call_options *call) {
    const client_request request = request_get(WIRE_OP_GET, key, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_mget(tagcache_client *client, const tagcache_bytes *keys, size_t key_count,
                              tagcache_result *result, const tagcache_read_options *options,
                              const tagcache_call_options *call) {
    const client_request request = request_mget(keys, key_count, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_getdel(tagcache_client *client, tagcache_bytes key,
                                tagcache_result *result, const tagcache_read_options *options,
                                const tagcache_call_options *call) {
    const client_request request = request_get(WIRE_OP_GETDEL, key, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_exists(tagcache_client *client, tagcache_bytes key,
                                tagcache_result *result, const tagcache_read_options *options,
                                const tagcache_call_options *call) {
    client_request request = request_exists(&key, 1, options);
    request.is_single = true;
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_exists_keys(tagcache_client *client, const tagcache_bytes *keys,
                                     size_t key_count, tagcache_result *result,
                                     const tagcache_read_options *options,
                                     const tagcache_call_options *call) {
    const client_request request = request_exists(keys, key_count, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_put(tagcache_client *client, tagcache_bytes key, tagcache_bytes value,
                             tagcache_result *result, const tagcache_write_options *options,
                             const tagcache_call_options *call) {
    const client_request request = request_put(WIRE_OP_PUT, key, value, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_add(tagcache_client *client, tagcache_bytes key, tagcache_bytes value,
                             tagcache_result *result, const tagcache_write_options *options,
                             const tagcache_call_options *call) {
    const client_request request = request_put(WIRE_OP_ADD, key, value, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_replace(tagcache_client *client, tagcache_bytes key, tagcache_bytes value,
                                 tagcache_result *result, const tagcache_write_options *options,
                                 const tagcache_call_options *call) {
    const client_request request = request_put(WIRE_OP_REPLACE, key, value, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_mput(tagcache_client *client, const tagcache_bytes *keys,
                              const tagcache_bytes *values, size_t count, tagcache_result *result,
                              const tagcache_write_options *const *options,
                              const tagcache_call_options *call) {
    const client_request request = request_mput(keys, values, count, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_append(tagcache_client *client, tagcache_bytes key, tagcache_bytes value,
                                tagcache_result *result, const tagcache_write_options *options,
                                const tagcache_call_options *call) {
    const client_request request = request_put(WIRE_OP_APPEND, key, value, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_prepend(tagcache_client *client, tagcache_bytes key, tagcache_bytes value,
                                 tagcache_result *result, const tagcache_write_options *options,
                                 const tagcache_call_options *call) {
    const client_request request = request_put(WIRE_OP_PREPEND, key, value, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_incr(tagcache_client *client, tagcache_bytes key, int64_t amount,
                              tagcache_result *result, const tagcache_write_options *options,
                              const tagcache_call_options *call) {
    const client_request request = request_incr(WIRE_OP_INCR, key, amount, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_decr(tagcache_client *client, tagcache_bytes key, int64_t amount,
                              tagcache_result *result, const tagcache_write_options *options,
                              const tagcache_call_options *call) {
    const client_request request = request_incr(WIRE_OP_DECR, key, amount, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_touch(tagcache_client *client, tagcache_bytes key, uint64_t ttl_ms,
                               tagcache_result *result, const tagcache_write_options *options,
                               const tagcache_call_options *call) {
    const client_request request = request_key(WIRE_OP_TOUCH, &key, ttl_ms, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_touch_keys(tagcache_client *client, const tagcache_bytes *keys,
                                    const uint64_t *if_versions, size_t key_count, uint64_t ttl_ms,
                                    tagcache_result *result, const tagcache_call_options *call) {
    const client_request request =
        request_keys(WIRE_OP_TOUCH, keys, if_versions, key_count, ttl_ms);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_delete(tagcache_client *client, tagcache_bytes key,
                                tagcache_result *result, const tagcache_write_options *options,
                                const tagcache_call_options *call) {
    const client_request request = request_key(WIRE_OP_DELETE, &key, 0, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_delete_keys(tagcache_client *client, const tagcache_bytes *keys,
                                     const uint64_t *if_versions, size_t key_count,
                                     tagcache_result *result, const tagcache_call_options *call) {
    const client_request request = request_keys(WIRE_OP_DELETE, keys, if_versions, key_count, 0);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_tags(tagcache_client *client, tagcache_bytes key, tagcache_result *result,
                              const tagcache_call_options *call) {
    const client_request request = request_name(WIRE_OP_TAGS, key);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_tag_add(tagcache_client *client, tagcache_bytes key,
                                 const tagcache_bytes *tags, size_t tag_count,
                                 tagcache_result *result, const tagcache_write_options *options,
                                 const tagcache_call_options *call) {
    const client_request request =
        request_tag_change(WIRE_OP_TAG_ADD, key, tags, tag_count, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_tag_remove(tagcache_client *client, tagcache_bytes key,
                                    const tagcache_bytes *tags, size_t tag_count,
                                    tagcache_result *result, const tagcache_write_options *options,
                                    const tagcache_call_options *call) {
    const client_request request =
        request_tag_change(WIRE_OP_TAG_REMOVE, key, tags, tag_count, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_tag_count(tagcache_client *client, tagcache_bytes tag,
                                   tagcache_result *result, const tagcache_call_options *call) {
    const client_request request = request_name(WIRE_OP_TAG_COUNT, tag);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_invalidate(tagcache_client *client, const tagcache_bytes *tags,
                                    size_t tag_count, tagcache_result *result,
                                    const tagcache_invalidate_options *options,
                                    const tagcache_call_options *call) {
    const client_request request = request_invalidate(tags, tag_count, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_keys_by_tag(tagcache_client *client, const tagcache_bytes *tags,
                                     size_t tag_count, tagcache_result *result,
                                     const tagcache_page_options *page,
                                     const tagcache_call_options *call) {
    const client_request request = request_keys_by_tag(tags, tag_count, page);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_tag_list(tagcache_client *client, tagcache_bytes prefix,
                                  tagcache_result *result, const tagcache_page_options *page,
                                  const tagcache_call_options *call) {
    const client_request request = request_scan(WIRE_OP_TAG_LIST, prefix, page);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_scan(tagcache_client *client, tagcache_bytes pattern,
                              tagcache_result *result, const tagcache_page_options *page,
                              const tagcache_call_options *call) {
    const client_request request = request_scan(WIRE_OP_SCAN, pattern, page);
    return client_call(client, &request, result, call);
}

static tagcache_status delete_page(tagcache_client *client, tagcache_bytes prefix,
                                   tagcache_result *result, const tagcache_page_options *page,
                                   const tagcache_call_options *call) {
    const client_request request = request_scan(WIRE_OP_DELETE_PREFIX, prefix, page);
    return client_call(client, &request, result, call);
}

/* Page after page, each asked for where the last one ended, within the one deadline. */
static tagcache_status delete_all_pages(tagcache_client *client, tagcache_bytes prefix,
                                        tagcache_result *result,
                                        const tagcache_call_options *call) {
    uint64_t deadline_ms = 0;
    if (client_begin(client, call, &deadline_ms) != TAGCACHE_OK) {
        return delete_page(client, prefix, result, NULL, call);
    }
    tagcache_page_options page = TAGCACHE_PAGE_OPTIONS_INIT;
    tagcache_call_options page_call = TAGCACHE_CALL_OPTIONS_INIT;
    page_call.flags = call != NULL ? call->flags : 0;
    page_call.user_data = call != NULL ? call->user_data : 0;
    tagcache_status status = TAGCACHE_OK;
    uint64_t removed = 0;
    do {
        page_call.timeout_ms = socket_left_ms(deadline_ms);
        status = delete_page(client, prefix, result, &page, &page_call);
        removed += result->count;
        page.cursor = tagcache_result_cursor(result);
    } while (status == TAGCACHE_OK && page.cursor.size != 0);
    result->count = removed;
    return status;
}

tagcache_status tagcache_delete_prefix(tagcache_client *client, tagcache_bytes prefix,
                                       tagcache_result *result, const tagcache_page_options *page,
                                       const tagcache_call_options *call) {
    tagcache_result *taken = result != NULL ? result : &client->scratch;
    return page == NULL ? delete_all_pages(client, prefix, taken, call)
                        : delete_page(client, prefix, taken, page, call);
}

tagcache_status tagcache_flush(tagcache_client *client, tagcache_result *result,
                               const tagcache_call_options *call) {
    const client_request request = request_bare(WIRE_OP_FLUSH);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_stats(tagcache_client *client, tagcache_result *result,
                               const tagcache_call_options *call) {
    const client_request request = request_bare(WIRE_OP_STATS);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_info(tagcache_client *client, tagcache_result *result,
                              const tagcache_call_options *call) {
    const client_request request = request_bare(WIRE_OP_INFO);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_clients(tagcache_client *client, tagcache_result *result,
                                 const tagcache_page_options *page,
                                 const tagcache_call_options *call) {
    const client_request request = request_clients(page);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_ping(tagcache_client *client, const tagcache_call_options *call) {
    const client_request request = request_bare(WIRE_OP_PING);
    return client_call(client, &request, NULL, call);
}
