/* SPDX-License-Identifier: MIT
 *
 * What can be read off a result. */
#include "client-lib/result.h"

static tagcache_bytes view_of(wire_bytes bytes) {
    return (tagcache_bytes){bytes.data, bytes.size};
}

tagcache_status tagcache_result_status(const tagcache_result *result) {
    return result->status;
}

uint64_t tagcache_result_user_data(const tagcache_result *result) {
    return result->user_data;
}

uint32_t tagcache_result_request_id(const tagcache_result *result) {
    return result->request_id;
}

tagcache_bytes tagcache_result_message(const tagcache_result *result) {
    return view_of(result->error.message);
}

uint32_t tagcache_result_detail(const tagcache_result *result) {
    return result->error.detail;
}

uint32_t tagcache_result_retry_after_ms(const tagcache_result *result) {
    return result->error.retry_after_ms;
}

uint64_t tagcache_result_count(const tagcache_result *result) {
    return result->count;
}

int64_t tagcache_result_number(const tagcache_result *result) {
    return result->number;
}

uint32_t tagcache_result_rights(const tagcache_result *result) {
    return result->rights;
}

tagcache_bytes tagcache_result_cursor(const tagcache_result *result) {
    return view_of(result->cursor);
}

uint32_t tagcache_result_fields(const tagcache_result *result) {
    return result->entry.present &
           (unsigned)(WIRE_FIELD_TTL | WIRE_FIELD_TAGS | WIRE_FIELD_VERSION | WIRE_FIELD_FLAGS);
}

tagcache_bytes tagcache_result_value(const tagcache_result *result) {
    return view_of(result->entry.value);
}

uint64_t tagcache_result_value_bytes(const tagcache_result *result) {
    return result->entry.value_bytes;
}

uint64_t tagcache_result_ttl_ms(const tagcache_result *result) {
    return result->entry.ttl_ms;
}

uint64_t tagcache_result_version(const tagcache_result *result) {
    return result->entry.version;
}

uint32_t tagcache_result_flags(const tagcache_result *result) {
    return result->entry.flags;
}

size_t tagcache_result_tag_count(const tagcache_result *result) {
    return result->entry.tags.count;
}

bool tagcache_result_next_tag(tagcache_result *result, tagcache_bytes *tag) {
    if (result->tags_left_count == 0) {
        return false;
    }
    --result->tags_left_count;
    *tag = view_of(wire_next_tag(&result->tags_left));
    return true;
}

void tagcache_result_rewind(tagcache_result *result) {
    result->tags_left = wire_reader_over(result->entry.tags.raw);
    result->tags_left_count = result->entry.tags.count;
    result->fields_left = result->fields;
    result->fields_left_count = result->field_count;
}

size_t tagcache_result_item_count(const tagcache_result *result) {
    return result->item_count;
}

static void next_mget_item(tagcache_result *result) {
    wire_hit hit;
    memset(&hit, 0, sizeof hit);
    result->item_status = status_of_wire(wire_next_mget_item(&result->items_left, &hit));
    result->entry = hit;
    tagcache_result_rewind(result);
}

static void next_fields(tagcache_result *result) {
    result->field_count = wire_read_u16(&result->items_left);
    result->fields = result->items_left;
    tagcache_result_rewind(result);
    for (uint32_t i = 0; i < result->field_count; ++i) {
        wire_field field;
        wire_read_field(&result->items_left, &field);
    }
    memset(&result->field, 0, sizeof result->field);
}

static void next_batch_item(tagcache_result *result) {
    uint64_t version = 0;
    const uint8_t status = wire_next_result(&result->items_left, result->items_present, &version);
    result->item_status = status_of_wire(status);
    result->entry.version = version;
    result->entry.present = version != 0 ? WIRE_FIELD_VERSION : 0;
}

bool tagcache_result_next(tagcache_result *result) {
    if (result->items_left_count == 0) {
        return false;
    }
    --result->items_left_count;
    switch (result->opcode) {
        case WIRE_OP_MGET: next_mget_item(result); break;
        case WIRE_OP_CLIENT:
        case WIRE_OP_CONFIG:
        case WIRE_OP_SLOWLOG:
        case WIRE_OP_USER:
        case WIRE_OP_TOKEN: next_fields(result); break;
        case WIRE_OP_KEYS_BY_TAG:
        case WIRE_OP_TAG_LIST:
        case WIRE_OP_SCAN:
            result->name =
                wire_next_name(&result->items_left, result->items_present, &result->entries);
            break;
        case WIRE_OP_HOTKEYS:
            result->name = wire_next_hot_name(&result->items_left, &result->rate);
            break;
        default: next_batch_item(result);
    }
    return true;
}

tagcache_status tagcache_result_item_status(const tagcache_result *result) {
    return result->item_status;
}

tagcache_bytes tagcache_result_name(const tagcache_result *result) {
    return view_of(result->name);
}

uint64_t tagcache_result_entries(const tagcache_result *result) {
    return result->entries;
}

uint64_t tagcache_result_rate(const tagcache_result *result) {
    return result->rate;
}

bool tagcache_result_next_field(tagcache_result *result) {
    if (result->fields_left_count == 0) {
        return false;
    }
    --result->fields_left_count;
    wire_read_field(&result->fields_left, &result->field);
    return true;
}

tagcache_bytes tagcache_result_field_name(const tagcache_result *result) {
    return view_of(result->field.name);
}

tagcache_field_type tagcache_result_field_type(const tagcache_result *result) {
    return (tagcache_field_type)result->field.type;
}

uint64_t tagcache_result_field_u64(const tagcache_result *result) {
    return result->field.u64;
}

int64_t tagcache_result_field_i64(const tagcache_result *result) {
    return result->field.i64;
}

double tagcache_result_field_f64(const tagcache_result *result) {
    return result->field.f64;
}

tagcache_bytes tagcache_result_field_text(const tagcache_result *result) {
    return view_of(result->field.text);
}
