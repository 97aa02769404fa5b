/* SPDX-License-Identifier: MIT
 *
 * What may be sent, how large it gets, and its bytes. */
#include "client-lib/request.h"

client_limits limits_ceiling(void) {
    client_limits limits = {{0}};
    limits.values[TAGCACHE_LIMIT_KEY_BYTES] = WIRE_KEY_BYTES_CEILING;
    limits.values[TAGCACHE_LIMIT_VALUE_BYTES] = WIRE_VALUE_BYTES_CEILING;
    limits.values[TAGCACHE_LIMIT_TAG_BYTES] = WIRE_TAG_BYTES_MAX;
    limits.values[TAGCACHE_LIMIT_TAGS] = UINT16_MAX;
    limits.values[TAGCACHE_LIMIT_KEYS] = UINT16_MAX;
    limits.values[TAGCACHE_LIMIT_FRAME_BYTES] = UINT32_MAX;
    limits.values[TAGCACHE_LIMIT_REPLY_BYTES] = UINT32_MAX;
    return limits;
}

client_limits limits_of_server(const wire_hello_reply *hello) {
    client_limits limits = {{0}};
    limits.values[TAGCACHE_LIMIT_KEY_BYTES] = hello->key_bytes_max;
    limits.values[TAGCACHE_LIMIT_VALUE_BYTES] = hello->value_bytes_max;
    limits.values[TAGCACHE_LIMIT_TAG_BYTES] = hello->tag_bytes_max;
    limits.values[TAGCACHE_LIMIT_TAGS] = hello->tags_max;
    limits.values[TAGCACHE_LIMIT_KEYS] = hello->keys_max;
    limits.values[TAGCACHE_LIMIT_FRAME_BYTES] = hello->frame_body_bytes_max;
    limits.values[TAGCACHE_LIMIT_REPLY_BYTES] = hello->reply_bytes_max;
    return limits;
}

static const client_refusal fine = {TAGCACHE_OK, NULL, 0};
static const client_refusal null_view = {TAGCACHE_LOCAL_INVALID_ARGUMENT,
                                         "bytes have a size, but their data is NULL", 0};

static bool is_null_view(wire_bytes bytes) {
    return bytes.data == NULL && bytes.size != 0;
}

/* The ceiling of a length field holds whatever limit the server has told. */
static uint64_t limit_of(const client_limits *limits, tagcache_limit limit, uint64_t ceiling) {
    const uint64_t told = limits->values[limit];
    return told < ceiling ? told : ceiling;
}

static client_refusal check_key_size(wire_bytes key, uint64_t key_bytes_max) {
    if (is_null_view(key)) {
        return null_view;
    }
    if (key.size > key_bytes_max) {
        return (client_refusal){TAGCACHE_KEY_TOO_LONG, "the key is too long", key_bytes_max};
    }
    return fine;
}

static client_refusal check_key(wire_bytes key, const client_limits *limits) {
    if (key.size == 0) {
        return (client_refusal){TAGCACHE_KEY_EMPTY, "a key has at least one byte", 0};
    }
    return check_key_size(key, limit_of(limits, TAGCACHE_LIMIT_KEY_BYTES, WIRE_KEY_BYTES_CEILING));
}

static client_refusal check_value(wire_bytes value, const client_limits *limits) {
    const uint64_t max = limit_of(limits, TAGCACHE_LIMIT_VALUE_BYTES, UINT32_MAX);
    if (is_null_view(value)) {
        return null_view;
    }
    if (value.size > max) {
        return (client_refusal){TAGCACHE_VALUE_TOO_LARGE, "the value is too large", max};
    }
    return fine;
}

static client_refusal check_tag(wire_bytes tag, const client_limits *limits) {
    const uint64_t max = limit_of(limits, TAGCACHE_LIMIT_TAG_BYTES, WIRE_TAG_BYTES_MAX);
    if (is_null_view(tag)) {
        return null_view;
    }
    if (tag.size == 0) {
        return (client_refusal){TAGCACHE_TAG_EMPTY, "a tag has at least one byte", 0};
    }
    if (tag.size > max) {
        return (client_refusal){TAGCACHE_LOCAL_INVALID_ARGUMENT, "a tag is too long", max};
    }
    return fine;
}

static client_refusal check_tags(const wire_list *tags, const client_limits *limits) {
    const uint64_t max = limit_of(limits, TAGCACHE_LIMIT_TAGS, UINT16_MAX);
    if (tags->count > max) {
        return (client_refusal){TAGCACHE_TOO_MANY_TAGS, "there are too many tags", max};
    }
    client_refusal refusal = fine;
    for (uint32_t i = 0; i < tags->count && refusal.status == TAGCACHE_OK; ++i) {
        refusal = check_tag(wire_list_at(tags, i), limits);
    }
    return refusal;
}

static client_refusal check_entry(wire_bytes key, wire_bytes value, const wire_list *tags,
                                  const client_limits *limits) {
    client_refusal refusal = check_key(key, limits);
    if (refusal.status == TAGCACHE_OK) {
        refusal = check_value(value, limits);
    }
    return refusal.status == TAGCACHE_OK ? check_tags(tags, limits) : refusal;
}

static client_refusal check_key_count(uint32_t count, const client_limits *limits) {
    const uint64_t max = limit_of(limits, TAGCACHE_LIMIT_KEYS, UINT32_MAX);
    if (count > max) {
        return (client_refusal){TAGCACHE_TOO_MANY_KEYS, "there are too many keys", max};
    }
    return fine;
}

static client_refusal check_keys(const client_request *request, const wire_list *keys,
                                 const client_limits *limits) {
    if (request->is_single) {
        return check_key(wire_list_at(keys, 0), limits);
    }
    client_refusal refusal = check_key_count(keys->count, limits);
    for (uint32_t i = 0; i < keys->count && refusal.status == TAGCACHE_OK; ++i) {
        refusal = check_key_size(wire_list_at(keys, i), WIRE_KEY_BYTES_CEILING);
    }
    return refusal;
}

static client_refusal check_mput(const mput_items *items, const client_limits *limits) {
    const client_limits ceiling = limits_ceiling();
    client_refusal refusal = check_key_count(items->count, limits);
    for (uint32_t i = 0; i < items->count && refusal.status == TAGCACHE_OK; ++i) {
        const wire_put put = request_mput_item(items, i);
        refusal = check_key_size(put.key, WIRE_KEY_BYTES_CEILING);
        if (refusal.status == TAGCACHE_OK) {
            refusal = check_value(put.value, &ceiling);
        }
        if (refusal.status == TAGCACHE_OK) {
            refusal = check_tags(&put.tags, &ceiling);
        }
    }
    return refusal;
}

static client_refusal check_pattern(wire_bytes pattern) {
    if (is_null_view(pattern)) {
        return null_view;
    }
    if (pattern.size > UINT16_MAX) {
        return (client_refusal){TAGCACHE_LOCAL_INVALID_ARGUMENT, "the pattern is too long",
                                UINT16_MAX};
    }
    return fine;
}

static client_refusal check_views(const wire_bytes *views, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        if (is_null_view(views[i])) {
            return null_view;
        }
    }
    return fine;
}

static client_refusal check_prefixes(const wire_list *list) {
    if (list->count > WIRE_PREFIXES_MAX) {
        return (client_refusal){TAGCACHE_LOCAL_INVALID_ARGUMENT,
                                "a user's list of prefixes or names is too long",
                                WIRE_PREFIXES_MAX};
    }
    client_refusal refusal = fine;
    for (uint32_t i = 0; i < list->count && refusal.status == TAGCACHE_OK; ++i) {
        const wire_bytes item = wire_list_at(list, i);
        refusal = check_views(&item, 1);
    }
    return refusal;
}

static client_refusal check_user(const wire_user *user) {
    const wire_bytes views[] = {user->name, user->password, user->old_password};
    const wire_list *lists[] = {&user->key_prefixes, &user->tag_prefixes, &user->tls_names};
    client_refusal refusal = check_views(views, sizeof views / sizeof views[0]);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0] && refusal.status == TAGCACHE_OK; ++i) {
        refusal = check_prefixes(lists[i]);
    }
    return refusal;
}

client_refusal request_check(const client_request *request, const client_limits *limits) {
    static const wire_bytes no_value = {NULL, 0};
    if (request->refusal.status != TAGCACHE_OK) {
        return request->refusal;
    }
    switch (request->opcode) {
        case WIRE_OP_GET:
        case WIRE_OP_GETDEL: return check_key(request->message.get.key, limits);
        case WIRE_OP_MGET: return check_keys(request, &request->message.mget.keys, limits);
        case WIRE_OP_EXISTS:
        case WIRE_OP_TOUCH:
        case WIRE_OP_DELETE: return check_keys(request, &request->message.keys.keys, limits);
        case WIRE_OP_PUT:
        case WIRE_OP_ADD:
        case WIRE_OP_REPLACE:
        case WIRE_OP_APPEND:
        case WIRE_OP_PREPEND:
            return check_entry(request->message.put.key, request->message.put.value,
                               &request->message.put.tags, limits);
        case WIRE_OP_MPUT: return check_mput(&request->message.mput, limits);
        case WIRE_OP_INCR:
        case WIRE_OP_DECR:
            return check_entry(request->message.incr.key, no_value, &request->message.incr.tags,
                               limits);
        case WIRE_OP_TAGS: return check_key(request->message.name, limits);
        case WIRE_OP_TAG_COUNT: return check_tag(request->message.name, limits);
        case WIRE_OP_TAG_ADD:
        case WIRE_OP_TAG_REMOVE:
            return check_entry(request->message.tag_change.key, no_value,
                               &request->message.tag_change.tags, limits);
        case WIRE_OP_INVALIDATE: return check_tags(&request->message.invalidate.tags, limits);
        case WIRE_OP_KEYS_BY_TAG: return check_tags(&request->message.keys_by_tag.tags, limits);
        case WIRE_OP_TAG_LIST:
        case WIRE_OP_SCAN:
        case WIRE_OP_DELETE_PREFIX: return check_pattern(request->message.scan.pattern);
        case WIRE_OP_USER: return check_user(&request->message.user);
        case WIRE_OP_TOKEN: {
            const wire_bytes views[] = {request->message.token.name, request->message.token.id};
            return check_views(views, 2);
        }
        default: return fine;
    }
}

/* All that a body can hold beside its keys, values, tags and names. */
enum { BODY_FIXED_BYTES_MAX = 96, ITEM_FIXED_BYTES_MAX = 48 };

/* A length of a tag takes 1 byte, that of a key with its if_version 10. */
static size_t list_bytes(const wire_list *list, size_t item_bytes) {
    size_t size = 0;
    for (uint32_t i = 0; i < list->count; ++i) {
        size += wire_list_at(list, i).size + item_bytes;
    }
    return size;
}

static size_t item_bytes(const wire_put *put) {
    return ITEM_FIXED_BYTES_MAX + put->key.size + put->value.size + list_bytes(&put->tags, 1);
}

static size_t mput_bytes(const mput_items *items) {
    size_t size = 0;
    for (uint32_t i = 0; i < items->count; ++i) {
        const wire_put put = request_mput_item(items, i);
        size += item_bytes(&put);
    }
    return size;
}

static size_t user_bytes(const wire_user *user) {
    return user->name.size + user->password.size + user->old_password.size +
           list_bytes(&user->key_prefixes, 1) + list_bytes(&user->tag_prefixes, 1) +
           list_bytes(&user->tls_names, 1);
}

static size_t variable_bytes(const client_request *request) {
    switch (request->opcode) {
        case WIRE_OP_HELLO:
            return request->message.hello.client_name.size + request->message.hello.library.size;
        case WIRE_OP_GET:
        case WIRE_OP_GETDEL: return request->message.get.key.size;
        case WIRE_OP_MGET: return list_bytes(&request->message.mget.keys, 2);
        case WIRE_OP_EXISTS:
        case WIRE_OP_TOUCH:
        case WIRE_OP_DELETE: return list_bytes(&request->message.keys.keys, 10);
        case WIRE_OP_PUT:
        case WIRE_OP_ADD:
        case WIRE_OP_REPLACE:
        case WIRE_OP_APPEND:
        case WIRE_OP_PREPEND: return item_bytes(&request->message.put);
        case WIRE_OP_MPUT: return mput_bytes(&request->message.mput);
        case WIRE_OP_INCR:
        case WIRE_OP_DECR:
            return request->message.incr.key.size + list_bytes(&request->message.incr.tags, 1);
        case WIRE_OP_TAGS:
        case WIRE_OP_TAG_COUNT: return request->message.name.size;
        case WIRE_OP_TAG_ADD:
        case WIRE_OP_TAG_REMOVE:
            return request->message.tag_change.key.size +
                   list_bytes(&request->message.tag_change.tags, 1);
        case WIRE_OP_INVALIDATE: return list_bytes(&request->message.invalidate.tags, 1);
        case WIRE_OP_KEYS_BY_TAG: return list_bytes(&request->message.keys_by_tag.tags, 1);
        case WIRE_OP_TAG_LIST:
        case WIRE_OP_SCAN:
        case WIRE_OP_DELETE_PREFIX: return request->message.scan.pattern.size;
        case WIRE_OP_CONFIG:
            return request->message.config.name.size + request->message.config.value.size;
        case WIRE_OP_AUTH:
            return request->message.auth.name.size + request->message.auth.secret.size;
        case WIRE_OP_USER: return user_bytes(&request->message.user);
        case WIRE_OP_TOKEN:
            return request->message.token.name.size + request->message.token.id.size;
        default: return 0;
    }
}

size_t request_body_bytes_max(const client_request *request) {
    return BODY_FIXED_BYTES_MAX + variable_bytes(request);
}

static void encode_mput(wire_writer *out, const mput_items *items) {
    uint16_t options = 0;
    for (uint32_t i = 0; items->options != NULL && i < items->count; ++i) {
        const tagcache_write_options *item = items->options[i];
        options |= item != NULL ? (uint16_t)(item->fields & WIRE_PUT_RETURN_VERSION) : 0;
    }
    wire_write_u16(out, options);
    wire_write_u32(out, items->count);
    for (uint32_t i = 0; i < items->count; ++i) {
        const wire_put put = request_mput_item(items, i);
        wire_encode_put(out, &put);
    }
}

void request_encode(wire_writer *out, const client_request *request) {
    switch (request->opcode) {
        case WIRE_OP_HELLO: wire_encode_hello(out, &request->message.hello); break;
        case WIRE_OP_GET:
        case WIRE_OP_GETDEL: wire_encode_get(out, &request->message.get); break;
        case WIRE_OP_MGET: wire_encode_mget(out, &request->message.mget); break;
        case WIRE_OP_EXISTS:
        case WIRE_OP_TOUCH:
        case WIRE_OP_DELETE: wire_encode_keys(out, request->opcode, &request->message.keys); break;
        case WIRE_OP_PUT:
        case WIRE_OP_ADD:
        case WIRE_OP_REPLACE:
        case WIRE_OP_APPEND:
        case WIRE_OP_PREPEND: wire_encode_put(out, &request->message.put); break;
        case WIRE_OP_MPUT: encode_mput(out, &request->message.mput); break;
        case WIRE_OP_INCR:
        case WIRE_OP_DECR: wire_encode_incr(out, &request->message.incr); break;
        case WIRE_OP_TAGS: wire_encode_tags(out, request->message.name); break;
        case WIRE_OP_TAG_COUNT: wire_encode_tag_count(out, request->message.name); break;
        case WIRE_OP_TAG_ADD:
        case WIRE_OP_TAG_REMOVE: wire_encode_tag_change(out, &request->message.tag_change); break;
        case WIRE_OP_INVALIDATE: wire_encode_invalidate(out, &request->message.invalidate); break;
        case WIRE_OP_KEYS_BY_TAG:
            wire_encode_keys_by_tag(out, &request->message.keys_by_tag);
            break;
        case WIRE_OP_TAG_LIST:
        case WIRE_OP_SCAN:
        case WIRE_OP_DELETE_PREFIX: wire_encode_scan(out, &request->message.scan); break;
        case WIRE_OP_CLIENT: wire_encode_client(out, &request->message.client); break;
        case WIRE_OP_CONFIG: wire_encode_config(out, &request->message.config); break;
        case WIRE_OP_SLOWLOG: wire_encode_slowlog(out, &request->message.slowlog); break;
        case WIRE_OP_SHUTDOWN: wire_encode_shutdown(out); break;
        case WIRE_OP_AUTH: wire_encode_auth(out, &request->message.auth); break;
        case WIRE_OP_USER: wire_encode_user(out, &request->message.user); break;
        case WIRE_OP_TOKEN: wire_encode_token(out, &request->message.token); break;
        case WIRE_OP_HOTKEYS: wire_encode_hotkeys(out, &request->message.hotkeys); break;
        default: break; /* PING FLUSH STATS INFO have no body */
    }
}
