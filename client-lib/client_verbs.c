/* SPDX-License-Identifier: MIT
 *
 * The blocking verbs: each builds its request and has it answered. */
#include <stdio.h>

#include "client-lib/client.h"

tagcache_status tagcache_get(tagcache_client *client, tagcache_bytes key, tagcache_result *result,
                             const tagcache_read_options *options,
                             const tagcache_call_options *call) {
    client_request request;
    request_get(&request, WIRE_OP_GET, key, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_mget(tagcache_client *client, const tagcache_bytes *keys, size_t key_count,
                              tagcache_result *result, const tagcache_read_options *options,
                              const tagcache_call_options *call) {
    client_request request;
    request_mget(&request, keys, key_count, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_getdel(tagcache_client *client, tagcache_bytes key,
                                tagcache_result *result, const tagcache_read_options *options,
                                const tagcache_call_options *call) {
    client_request request;
    request_get(&request, WIRE_OP_GETDEL, key, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_exists(tagcache_client *client, tagcache_bytes key,
                                tagcache_result *result, const tagcache_read_options *options,
                                const tagcache_call_options *call) {
    client_request request;
    request_exists(&request, &key, 1, options);
    request.is_single = true;
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_exists_keys(tagcache_client *client, const tagcache_bytes *keys,
                                     size_t key_count, tagcache_result *result,
                                     const tagcache_read_options *options,
                                     const tagcache_call_options *call) {
    client_request request;
    request_exists(&request, keys, key_count, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_put(tagcache_client *client, tagcache_bytes key, tagcache_bytes value,
                             tagcache_result *result, const tagcache_write_options *options,
                             const tagcache_call_options *call) {
    client_request request;
    request_put(&request, WIRE_OP_PUT, key, value, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_add(tagcache_client *client, tagcache_bytes key, tagcache_bytes value,
                             tagcache_result *result, const tagcache_write_options *options,
                             const tagcache_call_options *call) {
    client_request request;
    request_put(&request, WIRE_OP_ADD, key, value, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_replace(tagcache_client *client, tagcache_bytes key, tagcache_bytes value,
                                 tagcache_result *result, const tagcache_write_options *options,
                                 const tagcache_call_options *call) {
    client_request request;
    request_put(&request, WIRE_OP_REPLACE, key, value, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_mput(tagcache_client *client, const tagcache_bytes *keys,
                              const tagcache_bytes *values, size_t count, tagcache_result *result,
                              const tagcache_write_options *const *options,
                              const tagcache_call_options *call) {
    client_request request;
    request_mput(&request, keys, values, count, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_append(tagcache_client *client, tagcache_bytes key, tagcache_bytes value,
                                tagcache_result *result, const tagcache_write_options *options,
                                const tagcache_call_options *call) {
    client_request request;
    request_put(&request, WIRE_OP_APPEND, key, value, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_prepend(tagcache_client *client, tagcache_bytes key, tagcache_bytes value,
                                 tagcache_result *result, const tagcache_write_options *options,
                                 const tagcache_call_options *call) {
    client_request request;
    request_put(&request, WIRE_OP_PREPEND, key, value, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_incr(tagcache_client *client, tagcache_bytes key, int64_t amount,
                              tagcache_result *result, const tagcache_write_options *options,
                              const tagcache_call_options *call) {
    client_request request;
    request_incr(&request, WIRE_OP_INCR, key, amount, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_decr(tagcache_client *client, tagcache_bytes key, int64_t amount,
                              tagcache_result *result, const tagcache_write_options *options,
                              const tagcache_call_options *call) {
    client_request request;
    request_incr(&request, WIRE_OP_DECR, key, amount, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_touch(tagcache_client *client, tagcache_bytes key, uint64_t ttl_ms,
                               tagcache_result *result, const tagcache_write_options *options,
                               const tagcache_call_options *call) {
    client_request request;
    request_key(&request, WIRE_OP_TOUCH, &key, ttl_ms, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_touch_keys(tagcache_client *client, const tagcache_bytes *keys,
                                    const uint64_t *if_versions, size_t key_count, uint64_t ttl_ms,
                                    tagcache_result *result, const tagcache_call_options *call) {
    client_request request;
    request_keys(&request, WIRE_OP_TOUCH, keys, if_versions, key_count, ttl_ms);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_delete(tagcache_client *client, tagcache_bytes key,
                                tagcache_result *result, const tagcache_write_options *options,
                                const tagcache_call_options *call) {
    client_request request;
    request_key(&request, WIRE_OP_DELETE, &key, 0, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_delete_keys(tagcache_client *client, const tagcache_bytes *keys,
                                     const uint64_t *if_versions, size_t key_count,
                                     tagcache_result *result, const tagcache_call_options *call) {
    client_request request;
    request_keys(&request, WIRE_OP_DELETE, keys, if_versions, key_count, 0);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_tags(tagcache_client *client, tagcache_bytes key, tagcache_result *result,
                              const tagcache_call_options *call) {
    client_request request;
    request_name(&request, WIRE_OP_TAGS, key);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_tag_add(tagcache_client *client, tagcache_bytes key,
                                 const tagcache_bytes *tags, size_t tag_count,
                                 tagcache_result *result, const tagcache_write_options *options,
                                 const tagcache_call_options *call) {
    client_request request;
    request_tag_change(&request, WIRE_OP_TAG_ADD, key, tags, tag_count, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_tag_remove(tagcache_client *client, tagcache_bytes key,
                                    const tagcache_bytes *tags, size_t tag_count,
                                    tagcache_result *result, const tagcache_write_options *options,
                                    const tagcache_call_options *call) {
    client_request request;
    request_tag_change(&request, WIRE_OP_TAG_REMOVE, key, tags, tag_count, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_tag_count(tagcache_client *client, tagcache_bytes tag,
                                   tagcache_result *result, const tagcache_call_options *call) {
    client_request request;
    request_name(&request, WIRE_OP_TAG_COUNT, tag);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_invalidate(tagcache_client *client, const tagcache_bytes *tags,
                                    size_t tag_count, tagcache_result *result,
                                    const tagcache_invalidate_options *options,
                                    const tagcache_call_options *call) {
    client_request request;
    request_invalidate(&request, tags, tag_count, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_keys_by_tag(tagcache_client *client, const tagcache_bytes *tags,
                                     size_t tag_count, tagcache_result *result,
                                     const tagcache_page_options *page,
                                     const tagcache_call_options *call) {
    client_request request;
    request_keys_by_tag(&request, tags, tag_count, page);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_tag_list(tagcache_client *client, tagcache_bytes prefix,
                                  tagcache_result *result, const tagcache_page_options *page,
                                  const tagcache_call_options *call) {
    client_request request;
    request_scan(&request, WIRE_OP_TAG_LIST, prefix, page);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_scan(tagcache_client *client, tagcache_bytes pattern,
                              tagcache_result *result, const tagcache_page_options *page,
                              const tagcache_call_options *call) {
    client_request request;
    request_scan(&request, WIRE_OP_SCAN, pattern, page);
    return client_call(client, &request, result, call);
}

static tagcache_status delete_page(tagcache_client *client, tagcache_bytes prefix,
                                   tagcache_result *result, const tagcache_page_options *page,
                                   const tagcache_call_options *call) {
    client_request request;
    request_scan(&request, WIRE_OP_DELETE_PREFIX, prefix, page);
    return client_call(client, &request, result, call);
}

/* A failure does not undo the pages before it. */
static void tell_removed_before(tagcache_client *client, uint64_t removed) {
    const size_t size = strlen(client->error);
    (void)snprintf(client->error + size, sizeof client->error - size,
                   "; %llu entries were removed before", (unsigned long long)removed);
}

/* Page after page, each asked for where the last one ended. They are taken into the client's own
 * result, because the prefix may be a view of the caller's. */
static tagcache_status delete_all_pages(tagcache_client *client, tagcache_bytes prefix,
                                        const tagcache_call_options *call) {
    tagcache_result *taken = &client->scratch;
    tagcache_page_options page = TAGCACHE_PAGE_OPTIONS_INIT;
    tagcache_status status = TAGCACHE_OK;
    uint64_t removed = 0;
    do {
        status = delete_page(client, prefix, taken, &page, call);
        removed += taken->count;
        page.cursor = tagcache_result_cursor(taken);
    } while (status == TAGCACHE_OK && page.cursor.size != 0);
    taken->count = removed;
    if (status < 0 && removed != 0) {
        tell_removed_before(client, removed);
    }
    return status;
}

tagcache_status tagcache_delete_prefix(tagcache_client *client, tagcache_bytes prefix,
                                       tagcache_result *result, const tagcache_page_options *page,
                                       const tagcache_call_options *call) {
    if (page != NULL) {
        return delete_page(client, prefix, result, page, call);
    }
    const tagcache_status status = delete_all_pages(client, prefix, call);
    if (result != NULL) {
        const tagcache_result taken = client->scratch;
        client->scratch = *result;
        *result = taken;
    }
    return status;
}

tagcache_status tagcache_flush(tagcache_client *client, tagcache_result *result,
                               const tagcache_call_options *call) {
    client_request request;
    request_bare(&request, WIRE_OP_FLUSH);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_stats(tagcache_client *client, tagcache_result *result,
                               const tagcache_call_options *call) {
    client_request request;
    request_bare(&request, WIRE_OP_STATS);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_info(tagcache_client *client, tagcache_result *result,
                              const tagcache_call_options *call) {
    client_request request;
    request_bare(&request, WIRE_OP_INFO);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_clients(tagcache_client *client, tagcache_result *result,
                                 const tagcache_page_options *page,
                                 const tagcache_call_options *call) {
    client_request request;
    request_clients(&request, page);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_hotkeys(tagcache_client *client, tagcache_result *result,
                                 const tagcache_hotkeys_options *options,
                                 const tagcache_call_options *call) {
    client_request request;
    request_hotkeys(&request, options);
    return client_call(client, &request, result, call);
}

tagcache_status tagcache_ping(tagcache_client *client, const tagcache_call_options *call) {
    client_request request;
    request_bare(&request, WIRE_OP_PING);
    return client_call(client, &request, NULL, call);
}
