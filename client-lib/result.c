/* SPDX-License-Identifier: MIT
 *
 * How a reply becomes a result: copied once, decoded once, so that accessors only read. */
#define _DEFAULT_SOURCE /* explicit_bzero */

#include "client-lib/result.h"

#include <stdlib.h>

tagcache_result *tagcache_result_new(void) {
    return calloc(1, sizeof(tagcache_result));
}

static void wipe_token(tagcache_result *result) {
    if (result->opcode == WIRE_OP_TOKEN && result->storage != NULL) {
        explicit_bzero(result->storage, result->capacity);
    }
}

void result_dispose(tagcache_result *result) {
    wipe_token(result);
    free(result->storage);
}

void tagcache_result_free(tagcache_result *result) {
    if (result != NULL) {
        result_dispose(result);
        free(result);
    }
}

void result_clear(tagcache_result *result) {
    wipe_token(result);
    uint8_t *storage = result->storage;
    const size_t capacity = result->capacity;
    memset(result, 0, sizeof *result);
    result->storage = storage;
    result->capacity = capacity;
}

/* A copy in the result's own memory; data is NULL when there was none for it. */
static wire_bytes hold(tagcache_result *result, wire_bytes bytes) {
    if (bytes.size == 0) {
        return (wire_bytes){NULL, 0};
    }
    if (bytes.size > result->capacity) {
        uint8_t *storage = realloc(result->storage, bytes.size);
        if (storage == NULL) {
            return (wire_bytes){NULL, 0};
        }
        result->storage = storage;
        result->capacity = bytes.size;
    }
    memcpy(result->storage, bytes.data, bytes.size);
    return (wire_bytes){result->storage, bytes.size};
}

static void begin(tagcache_result *result, const reply_origin *origin, tagcache_status status) {
    result_clear(result);
    result->opcode = origin->opcode;
    result->request_id = origin->request_id;
    result->user_data = origin->user_data;
    result->status = status;
}

void result_fail(tagcache_result *result, const reply_origin *origin, tagcache_status status,
                 const char *text) {
    begin(result, origin, status);
    result->error.message = hold(result, (wire_bytes){text, strlen(text)});
}

static void set_tags(tagcache_result *result, const wire_list *tags) {
    result->entry.present |= WIRE_FIELD_TAGS;
    result->entry.tags = *tags;
    tagcache_result_rewind(result);
}

static void set_version(tagcache_result *result, uint64_t version) {
    if (version != 0) {
        result->entry.present |= WIRE_FIELD_VERSION;
        result->entry.version = version;
    }
}

static bool decode_items(tagcache_result *result, wire_bytes body) {
    wire_results results;
    const bool is_sound = wire_decode_results(body, &results);
    result->item_count = results.count;
    result->items_present = results.present;
    result->items_left = wire_reader_over(results.items);
    return is_sound;
}

static bool decode_page(tagcache_result *result, wire_bytes body) {
    wire_page page;
    const bool is_sound = wire_decode_page(body, &page);
    result->item_count = page.count;
    result->items_present = page.present;
    result->items_left = wire_reader_over(page.items);
    result->cursor = page.cursor;
    return is_sound;
}

static bool decode_fields(tagcache_result *result, wire_bytes body) {
    uint16_t count = 0;
    const bool is_sound = wire_decode_fields(body, &count, &result->fields);
    result->field_count = count;
    tagcache_result_rewind(result);
    return is_sound;
}

static bool decode_tag_change(tagcache_result *result, wire_bytes body) {
    uint16_t changed = 0;
    uint64_t version = 0;
    const bool is_sound = wire_decode_tag_change_reply(body, &changed, &version);
    result->count = changed;
    set_version(result, version);
    return is_sound;
}

static bool decode_write(tagcache_result *result, wire_bytes body) {
    uint64_t version = 0;
    bool is_sound = false;
    switch (result->opcode) {
        case WIRE_OP_APPEND:
        case WIRE_OP_PREPEND:
            is_sound = wire_decode_length(body, &result->entry.value_bytes, &version);
            break;
        case WIRE_OP_INCR:
        case WIRE_OP_DECR: is_sound = wire_decode_number(body, &result->number, &version); break;
        default: is_sound = wire_decode_stored(body, &version);
    }
    set_version(result, version);
    return is_sound;
}

static bool decode_hit(tagcache_result *result, wire_bytes body) {
    const bool is_sound = wire_decode_hit(body, &result->entry);
    tagcache_result_rewind(result);
    return is_sound;
}

static bool decode_tags(tagcache_result *result, wire_bytes body) {
    wire_list tags;
    const bool is_sound = wire_decode_tags_reply(body, &tags);
    set_tags(result, &tags);
    return is_sound;
}

static bool decode_auth(tagcache_result *result, wire_bytes body) {
    uint8_t rights = 0;
    const bool is_sound = wire_decode_auth_reply(body, &rights, &result->name);
    result->rights = rights;
    return is_sound;
}

static bool decode_body(tagcache_result *result, wire_bytes body) {
    switch (result->opcode) {
        case WIRE_OP_GET:
        case WIRE_OP_GETDEL: return decode_hit(result, body);
        case WIRE_OP_MGET:
            return wire_decode_mget_reply(body, &result->item_count, &result->items_left);
        case WIRE_OP_EXISTS:
        case WIRE_OP_MPUT:
        case WIRE_OP_TOUCH:
        case WIRE_OP_DELETE: return decode_items(result, body);
        case WIRE_OP_TAGS: return decode_tags(result, body);
        case WIRE_OP_TAG_ADD:
        case WIRE_OP_TAG_REMOVE: return decode_tag_change(result, body);
        case WIRE_OP_TAG_COUNT:
        case WIRE_OP_INVALIDATE:
        case WIRE_OP_FLUSH: return wire_decode_count(body, &result->count);
        case WIRE_OP_KEYS_BY_TAG:
        case WIRE_OP_TAG_LIST:
        case WIRE_OP_SCAN: return decode_page(result, body);
        case WIRE_OP_DELETE_PREFIX:
            return wire_decode_removed(body, &result->count, &result->cursor);
        case WIRE_OP_STATS:
        case WIRE_OP_INFO: return decode_fields(result, body);
        case WIRE_OP_AUTH: return decode_auth(result, body);
        case WIRE_OP_CLIENT:
        case WIRE_OP_USER:
        case WIRE_OP_TOKEN:
            return wire_decode_client_reply(body, &result->item_count, &result->cursor,
                                            &result->items_left);
        case WIRE_OP_CONFIG:
        case WIRE_OP_SLOWLOG:
            return wire_decode_config_reply(body, &result->item_count, &result->items_left);
        case WIRE_OP_HOTKEYS:
            return wire_decode_hotkeys_reply(body, &result->item_count, &result->items_left);
        case WIRE_OP_PING:
        case WIRE_OP_SHUTDOWN: return body.size == 0;
        default: return decode_write(result, body);
    }
}

static bool is_batch(uint8_t opcode) {
    switch (opcode) {
        case WIRE_OP_MGET:
        case WIRE_OP_EXISTS:
        case WIRE_OP_MPUT:
        case WIRE_OP_TOUCH:
        case WIRE_OP_DELETE: return true;
        default: return false;
    }
}

/* A verb on one key travels as a batch of one; its item's status is the answer. */
static bool unwrap_single(tagcache_result *result) {
    if (!tagcache_result_next(result)) {
        return false;
    }
    result->status = result->item_status;
    if (result->status < 0) {
        const char *name = tagcache_status_name(result->status);
        result->error.message = (wire_bytes){name, strlen(name)};
    }
    return true;
}

tagcache_status result_take(tagcache_result *result, const reply_origin *origin, uint8_t status,
                            wire_bytes body) {
    begin(result, origin, status_of_wire(status));
    const wire_bytes held = hold(result, body);
    if (held.size != body.size) {
        return TAGCACHE_LOCAL_OUT_OF_MEMORY;
    }
    if (result->status < 0) {
        return wire_decode_error(held, &result->error) ? TAGCACHE_OK : TAGCACHE_PROTOCOL;
    }
    if (result->status != TAGCACHE_OK) {
        return TAGCACHE_OK; /* a later version may say more behind an outcome than we know */
    }
    if (!decode_body(result, held) ||
        (is_batch(result->opcode) && result->item_count != origin->key_count)) {
        return TAGCACHE_PROTOCOL;
    }
    result->items_left_count = result->item_count;
    const bool is_sound = !origin->is_single || unwrap_single(result);
    return is_sound ? TAGCACHE_OK : TAGCACHE_PROTOCOL;
}
