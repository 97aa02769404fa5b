/* SPDX-License-Identifier: MIT */
#include "protocol/entry_messages.h"

enum {
    GET_WANTED = WIRE_FIELD_TTL | WIRE_FIELD_TAGS | WIRE_FIELD_VERSION | WIRE_FIELD_FLAGS,
    GET_OPTIONS = GET_WANTED | WIRE_GET_TOUCH | WIRE_GET_NO_VALUE,
    PUT_FIELDS = WIRE_FIELD_TTL | WIRE_FIELD_TAGS | WIRE_FIELD_VERSION | WIRE_FIELD_FLAGS,
    ITEM_OPTIONS = PUT_FIELDS | WIRE_PUT_KEEP_TTL | WIRE_PUT_KEEP_TAGS,
    PUT_OPTIONS = ITEM_OPTIONS | WIRE_PUT_RETURN_VERSION,
    APPEND_OPTIONS = WIRE_FIELD_TTL | WIRE_FIELD_VERSION | WIRE_PUT_RETURN_VERSION,
    INCR_OPTIONS = WIRE_FIELD_TTL | WIRE_FIELD_TAGS | WIRE_PUT_RETURN_VERSION
};

/* An item takes at least `item_bytes_min` bytes, so a count that cannot be true is refused before
 * anything walks it. */
static uint32_t read_count(wire_reader *in, size_t item_bytes_min) {
    const uint32_t count = wire_read_u32(in);
    in->failed |= count > wire_reader_left(in) / item_bytes_min;
    return in->failed ? 0 : count;
}

static wire_bytes rest_since(const wire_reader *in, const uint8_t *begin) {
    return (wire_bytes){begin, in->failed ? 0 : (size_t)(in->next - begin)};
}

static void read_get(wire_reader *in, wire_get *get, unsigned known) {
    get->options = wire_read_options(in, known);
    get->ttl_ms = (get->options & WIRE_GET_TOUCH) != 0 ? wire_read_u64(in) : 0;
}

bool wire_decode_get(wire_bytes body, wire_get *get) {
    wire_reader in = wire_reader_over(body);
    read_get(&in, get, GET_OPTIONS);
    get->key = wire_read_bytes16(&in);
    return wire_reader_finished(&in);
}

bool wire_decode_getdel(wire_bytes body, wire_get *get) {
    wire_reader in = wire_reader_over(body);
    read_get(&in, get, GET_WANTED);
    get->key = wire_read_bytes16(&in);
    return wire_reader_finished(&in);
}

void wire_encode_get(wire_writer *out, const wire_get *get) {
    wire_write_u16(out, get->options);
    if ((get->options & WIRE_GET_TOUCH) != 0) {
        wire_write_u64(out, get->ttl_ms);
    }
    wire_write_bytes16(out, get->key);
}

bool wire_decode_mget(wire_bytes body, wire_mget *mget) {
    wire_reader in = wire_reader_over(body);
    wire_get get;
    read_get(&in, &get, GET_OPTIONS);
    mget->options = get.options;
    mget->ttl_ms = get.ttl_ms;
    mget->keys = (wire_list){read_count(&in, 2), NULL, {NULL, 0}};
    const uint8_t *begin = in.next;
    for (uint32_t i = 0; i < mget->keys.count && !in.failed; ++i) {
        (void)wire_read_bytes16(&in);
    }
    mget->keys.raw = rest_since(&in, begin);
    return wire_reader_finished(&in);
}

void wire_encode_mget(wire_writer *out, const wire_mget *mget) {
    wire_write_u16(out, mget->options);
    if ((mget->options & WIRE_GET_TOUCH) != 0) {
        wire_write_u64(out, mget->ttl_ms);
    }
    wire_write_u32(out, mget->keys.count);
    if (mget->keys.array == NULL) {
        wire_write_raw(out, mget->keys.raw);
        return;
    }
    for (uint32_t i = 0; i < mget->keys.count; ++i) {
        wire_write_bytes16(out, wire_list_at(&mget->keys, i));
    }
}

wire_bytes wire_next_key(wire_reader *keys) {
    return wire_read_bytes16(keys);
}

void wire_read_hit(wire_reader *in, wire_hit *hit) {
    memset(hit, 0, sizeof *hit);
    hit->present = wire_read_options(in, GET_WANTED | WIRE_GET_NO_VALUE);
    if ((hit->present & WIRE_FIELD_TTL) != 0) {
        hit->ttl_ms = wire_read_u64(in);
    }
    if ((hit->present & WIRE_FIELD_VERSION) != 0) {
        hit->version = wire_read_u64(in);
    }
    if ((hit->present & WIRE_FIELD_FLAGS) != 0) {
        hit->flags = wire_read_u32(in);
    }
    if ((hit->present & WIRE_GET_NO_VALUE) != 0) {
        hit->value_bytes = wire_read_u32(in);
    }
    if ((hit->present & WIRE_FIELD_TAGS) != 0) {
        hit->tags = wire_read_tags(in);
    }
    hit->value = wire_read_bytes32(in);
    if ((hit->present & WIRE_GET_NO_VALUE) == 0) {
        hit->value_bytes = (uint32_t)hit->value.size;
    }
}

void wire_write_value_head(wire_writer *out, uint32_t value_bytes) {
    wire_write_u16(out, 0);
    wire_write_u32(out, value_bytes);
}

void wire_write_hit_head(wire_writer *out, const wire_hit *hit) {
    wire_write_u16(out, hit->present);
    if ((hit->present & WIRE_FIELD_TTL) != 0) {
        wire_write_u64(out, hit->ttl_ms);
    }
    if ((hit->present & WIRE_FIELD_VERSION) != 0) {
        wire_write_u64(out, hit->version);
    }
    if ((hit->present & WIRE_FIELD_FLAGS) != 0) {
        wire_write_u32(out, hit->flags);
    }
    if ((hit->present & WIRE_GET_NO_VALUE) != 0) {
        wire_write_u32(out, hit->value_bytes);
    }
    if ((hit->present & WIRE_FIELD_TAGS) != 0) {
        wire_write_tags(out, &hit->tags);
    }
    out->failed |= hit->value.size > UINT32_MAX;
    wire_write_u32(out, (uint32_t)hit->value.size);
}

void wire_write_hit(wire_writer *out, const wire_hit *hit) {
    wire_write_hit_head(out, hit);
    wire_write_raw(out, hit->value);
}

bool wire_decode_hit(wire_bytes body, wire_hit *hit) {
    wire_reader in = wire_reader_over(body);
    wire_read_hit(&in, hit);
    return wire_reader_finished(&in);
}

bool wire_decode_mget_reply(wire_bytes body, uint32_t *count, wire_reader *items) {
    wire_reader in = wire_reader_over(body);
    *count = read_count(&in, 1);
    *items = in;
    for (uint32_t i = 0; i < *count && !in.failed; ++i) {
        wire_hit hit;
        (void)wire_next_mget_item(&in, &hit);
    }
    return wire_reader_finished(&in);
}

uint8_t wire_next_mget_item(wire_reader *items, wire_hit *hit) {
    const uint8_t status = wire_read_u8(items);
    if (status == WIRE_OK) {
        wire_read_hit(items, hit);
    }
    return status;
}

static void read_put(wire_reader *in, wire_put *put, unsigned known) {
    const uint16_t options = wire_read_options(in, known);
    put->options = options;
    put->ttl_ms = (options & WIRE_FIELD_TTL) != 0 ? wire_read_u64(in) : 0;
    put->if_version = (options & WIRE_FIELD_VERSION) != 0 ? wire_read_u64(in) : 0;
    put->flags = (options & WIRE_FIELD_FLAGS) != 0 ? wire_read_u32(in) : 0;
    put->tags =
        (options & WIRE_FIELD_TAGS) != 0 ? wire_read_tags(in) : (wire_list){0, NULL, {NULL, 0}};
    put->key = wire_read_bytes16(in);
    put->value = wire_read_bytes32(in);
}

bool wire_decode_put(wire_bytes body, wire_put *put) {
    wire_reader in = wire_reader_over(body);
    read_put(&in, put, PUT_OPTIONS);
    return wire_reader_finished(&in);
}

bool wire_decode_append(wire_bytes body, wire_put *put) {
    wire_reader in = wire_reader_over(body);
    read_put(&in, put, APPEND_OPTIONS);
    return wire_reader_finished(&in);
}

void wire_encode_put(wire_writer *out, const wire_put *put) {
    wire_write_u16(out, put->options);
    if ((put->options & WIRE_FIELD_TTL) != 0) {
        wire_write_u64(out, put->ttl_ms);
    }
    if ((put->options & WIRE_FIELD_VERSION) != 0) {
        wire_write_u64(out, put->if_version);
    }
    if ((put->options & WIRE_FIELD_FLAGS) != 0) {
        wire_write_u32(out, put->flags);
    }
    if ((put->options & WIRE_FIELD_TAGS) != 0) {
        wire_write_tags(out, &put->tags);
    }
    wire_write_bytes16(out, put->key);
    wire_write_bytes32(out, put->value);
}

bool wire_decode_mput(wire_bytes body, wire_mput *mput) {
    wire_reader in = wire_reader_over(body);
    mput->options = wire_read_options(&in, WIRE_PUT_RETURN_VERSION);
    mput->count = read_count(&in, 8);
    const uint8_t *begin = in.next;
    for (uint32_t i = 0; i < mput->count && !in.failed; ++i) {
        wire_put put;
        wire_next_put(&in, &put);
    }
    mput->items = rest_since(&in, begin);
    return wire_reader_finished(&in);
}

void wire_encode_mput(wire_writer *out, const wire_mput *mput) {
    wire_write_u16(out, mput->options);
    wire_write_u32(out, mput->count);
    wire_write_raw(out, mput->items);
}

void wire_next_put(wire_reader *items, wire_put *put) {
    read_put(items, put, ITEM_OPTIONS);
}

bool wire_decode_incr(wire_bytes body, wire_incr *incr) {
    memset(incr, 0, sizeof *incr);
    wire_reader in = wire_reader_over(body);
    incr->options = wire_read_options(&in, INCR_OPTIONS);
    incr->amount = wire_read_i64(&in);
    if ((incr->options & WIRE_FIELD_TTL) != 0) {
        incr->ttl_ms = wire_read_u64(&in);
    }
    if ((incr->options & WIRE_FIELD_TAGS) != 0) {
        incr->tags = wire_read_tags(&in);
    }
    incr->key = wire_read_bytes16(&in);
    return wire_reader_finished(&in);
}

void wire_encode_incr(wire_writer *out, const wire_incr *incr) {
    wire_write_u16(out, incr->options);
    wire_write_i64(out, incr->amount);
    if ((incr->options & WIRE_FIELD_TTL) != 0) {
        wire_write_u64(out, incr->ttl_ms);
    }
    if ((incr->options & WIRE_FIELD_TAGS) != 0) {
        wire_write_tags(out, &incr->tags);
    }
    wire_write_bytes16(out, incr->key);
}

/* EXISTS answers with versions, so its keys carry none. */
static uint16_t item_options(uint8_t opcode, uint16_t options) {
    return opcode == WIRE_OP_EXISTS ? 0 : options;
}

bool wire_decode_keys(wire_bytes body, uint8_t opcode, wire_keys *keys) {
    wire_reader in = wire_reader_over(body);
    keys->options = wire_read_options(&in, WIRE_FIELD_VERSION);
    keys->ttl_ms = opcode == WIRE_OP_TOUCH ? wire_read_u64(&in) : 0;
    keys->if_versions = NULL;
    keys->keys = (wire_list){read_count(&in, 2), NULL, {NULL, 0}};
    const uint8_t *begin = in.next;
    for (uint32_t i = 0; i < keys->keys.count && !in.failed; ++i) {
        uint64_t if_version = 0;
        (void)wire_next_versioned_key(&in, item_options(opcode, keys->options), &if_version);
    }
    keys->keys.raw = rest_since(&in, begin);
    return wire_reader_finished(&in);
}

void wire_encode_keys(wire_writer *out, uint8_t opcode, const wire_keys *keys) {
    wire_write_u16(out, keys->options);
    if (opcode == WIRE_OP_TOUCH) {
        wire_write_u64(out, keys->ttl_ms);
    }
    wire_write_u32(out, keys->keys.count);
    if (keys->keys.array == NULL) {
        wire_write_raw(out, keys->keys.raw);
        return;
    }
    for (uint32_t i = 0; i < keys->keys.count; ++i) {
        if ((item_options(opcode, keys->options) & WIRE_FIELD_VERSION) != 0) {
            wire_write_u64(out, keys->if_versions[i]);
        }
        wire_write_bytes16(out, wire_list_at(&keys->keys, i));
    }
}

wire_bytes wire_next_versioned_key(wire_reader *items, uint16_t options, uint64_t *if_version) {
    *if_version = (options & WIRE_FIELD_VERSION) != 0 ? wire_read_u64(items) : 0;
    return wire_read_bytes16(items);
}

bool wire_decode_results(wire_bytes body, wire_results *results) {
    wire_reader in = wire_reader_over(body);
    results->count = wire_read_u32(&in);
    results->present = wire_read_options(&in, WIRE_FIELD_VERSION);
    in.failed |= results->count > wire_reader_left(&in);
    const uint8_t *begin = in.next;
    for (uint32_t i = 0; i < results->count && !in.failed; ++i) {
        uint64_t version = 0;
        (void)wire_next_result(&in, results->present, &version);
    }
    results->items = rest_since(&in, begin);
    return wire_reader_finished(&in);
}

uint8_t wire_next_result(wire_reader *items, uint16_t present, uint64_t *version) {
    const uint8_t status = wire_read_u8(items);
    const bool has_version = status == WIRE_OK && (present & WIRE_FIELD_VERSION) != 0;
    *version = has_version ? wire_read_u64(items) : 0;
    return status;
}

void wire_write_results_head(wire_writer *out, uint32_t count, uint16_t present) {
    wire_write_u32(out, count);
    wire_write_u16(out, present);
}

void wire_write_result(wire_writer *out, uint16_t present, uint8_t status, uint64_t version) {
    wire_write_u8(out, status);
    if (status == WIRE_OK && (present & WIRE_FIELD_VERSION) != 0) {
        wire_write_u64(out, version);
    }
}

bool wire_decode_stored(wire_bytes body, uint64_t *version) {
    wire_reader in = wire_reader_over(body);
    *version = wire_read_last_version(&in);
    return wire_reader_finished(&in);
}

bool wire_decode_length(wire_bytes body, uint32_t *value_bytes, uint64_t *version) {
    wire_reader in = wire_reader_over(body);
    *value_bytes = wire_read_u32(&in);
    *version = wire_read_last_version(&in);
    return wire_reader_finished(&in);
}

bool wire_decode_number(wire_bytes body, int64_t *value, uint64_t *version) {
    wire_reader in = wire_reader_over(body);
    *value = wire_read_i64(&in);
    *version = wire_read_last_version(&in);
    return wire_reader_finished(&in);
}

void wire_write_version(wire_writer *out, uint64_t version) {
    if (version != 0) {
        wire_write_u64(out, version);
    }
}
