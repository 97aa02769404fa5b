/* SPDX-License-Identifier: MIT */
#include "protocol/tag_messages.h"

/* A cursor is opaque, but its length is not. */
static wire_bytes read_cursor(wire_reader *in) {
    const wire_bytes cursor = wire_read_bytes8(in);
    in->failed |= cursor.size > WIRE_CURSOR_BYTES_MAX;
    return cursor;
}

bool wire_decode_tags(wire_bytes body, wire_bytes *key) {
    wire_reader in = wire_reader_over(body);
    *key = wire_read_bytes16(&in);
    return wire_reader_finished(&in);
}

void wire_encode_tags(wire_writer *out, wire_bytes key) {
    wire_write_bytes16(out, key);
}

bool wire_decode_tags_reply(wire_bytes body, wire_list *tags) {
    wire_reader in = wire_reader_over(body);
    *tags = wire_read_tags(&in);
    return wire_reader_finished(&in);
}

wire_bytes wire_next_tag(wire_reader *tags) {
    return wire_read_bytes8(tags);
}

bool wire_decode_tag_change(wire_bytes body, wire_tag_change *change) {
    wire_reader in = wire_reader_over(body);
    change->options = wire_read_options(&in, WIRE_PUT_RETURN_VERSION);
    change->tags = wire_read_tags(&in);
    change->key = wire_read_bytes16(&in);
    return wire_reader_finished(&in);
}

void wire_encode_tag_change(wire_writer *out, const wire_tag_change *change) {
    wire_write_u16(out, change->options);
    wire_write_tags(out, &change->tags);
    wire_write_bytes16(out, change->key);
}

bool wire_decode_tag_change_reply(wire_bytes body, uint16_t *changed, uint64_t *version) {
    wire_reader in = wire_reader_over(body);
    *changed = wire_read_u16(&in);
    *version = wire_read_last_version(&in);
    return wire_reader_finished(&in);
}

bool wire_decode_invalidate(wire_bytes body, wire_invalidate *invalidate) {
    wire_reader in = wire_reader_over(body);
    invalidate->options = wire_read_options(&in, WIRE_TAGS_ALL | WIRE_INVALIDATE_DRY_RUN);
    invalidate->tags = wire_read_tags(&in);
    return wire_reader_finished(&in);
}

void wire_encode_invalidate(wire_writer *out, const wire_invalidate *invalidate) {
    wire_write_u16(out, invalidate->options);
    wire_write_tags(out, &invalidate->tags);
}

bool wire_decode_count(wire_bytes body, uint64_t *count) {
    wire_reader in = wire_reader_over(body);
    *count = wire_read_u64(&in);
    return wire_reader_finished(&in);
}

bool wire_decode_tag_count(wire_bytes body, wire_bytes *tag) {
    wire_reader in = wire_reader_over(body);
    *tag = wire_read_bytes8(&in);
    return wire_reader_finished(&in);
}

void wire_encode_tag_count(wire_writer *out, wire_bytes tag) {
    wire_write_bytes8(out, tag);
}

bool wire_decode_keys_by_tag(wire_bytes body, wire_keys_by_tag *request) {
    wire_reader in = wire_reader_over(body);
    request->options = wire_read_options(&in, WIRE_TAGS_ALL);
    request->limit = wire_read_u32(&in);
    request->cursor = read_cursor(&in);
    request->tags = wire_read_tags(&in);
    return wire_reader_finished(&in);
}

void wire_encode_keys_by_tag(wire_writer *out, const wire_keys_by_tag *request) {
    wire_write_u16(out, request->options);
    wire_write_u32(out, request->limit);
    wire_write_bytes8(out, request->cursor);
    wire_write_tags(out, &request->tags);
}

static unsigned scan_options(uint8_t opcode) {
    switch (opcode) {
        case WIRE_OP_SCAN: return WIRE_SCAN_GLOB;
        case WIRE_OP_TAG_LIST: return WIRE_TAG_LIST_COUNTS;
        default: return 0;
    }
}

bool wire_decode_scan(wire_bytes body, uint8_t opcode, wire_scan *scan) {
    wire_reader in = wire_reader_over(body);
    scan->options = wire_read_options(&in, scan_options(opcode));
    scan->limit = wire_read_u32(&in);
    scan->cursor = read_cursor(&in);
    scan->pattern = wire_read_bytes16(&in);
    return wire_reader_finished(&in);
}

void wire_encode_scan(wire_writer *out, const wire_scan *scan) {
    wire_write_u16(out, scan->options);
    wire_write_u32(out, scan->limit);
    wire_write_bytes8(out, scan->cursor);
    wire_write_bytes16(out, scan->pattern);
}

bool wire_decode_page(wire_bytes body, wire_page *page) {
    wire_reader in = wire_reader_over(body);
    page->count = wire_read_u32(&in);
    page->present = wire_read_options(&in, WIRE_TAG_LIST_COUNTS);
    page->cursor = read_cursor(&in);
    in.failed |= page->count > wire_reader_left(&in) / 2;
    page->items = (wire_bytes){in.next, wire_reader_left(&in)};
    for (uint32_t i = 0; i < page->count && !in.failed; ++i) {
        uint64_t entries = 0;
        (void)wire_next_name(&in, page->present, &entries);
    }
    return wire_reader_finished(&in);
}

wire_bytes wire_next_name(wire_reader *items, uint16_t present, uint64_t *entries) {
    *entries = (present & WIRE_TAG_LIST_COUNTS) != 0 ? wire_read_u64(items) : 0;
    return wire_read_bytes16(items);
}

void wire_write_page_head(wire_writer *out, uint32_t count, uint16_t present, wire_bytes cursor) {
    wire_write_u32(out, count);
    wire_write_u16(out, present);
    wire_write_bytes8(out, cursor);
}

bool wire_decode_removed(wire_bytes body, uint64_t *removed, wire_bytes *cursor) {
    wire_reader in = wire_reader_over(body);
    *removed = wire_read_u64(&in);
    *cursor = read_cursor(&in);
    return wire_reader_finished(&in);
}

void wire_write_removed(wire_writer *out, uint64_t removed, wire_bytes cursor) {
    wire_write_u64(out, removed);
    wire_write_bytes8(out, cursor);
}
