/* SPDX-License-Identifier: MIT
 *
 * Messages about tags and about the key space in pages: TAGS TAG_ADD TAG_REMOVE KEYS_BY_TAG
 * TAG_COUNT TAG_LIST INVALIDATE SCAN DELETE_PREFIX FLUSH. Conventions as in entry_messages.h. */
#ifndef TAGCACHE_PROTOCOL_TAG_MESSAGES_H
#define TAGCACHE_PROTOCOL_TAG_MESSAGES_H

#include "protocol/list.h"
#include "protocol/wire.h"

#ifdef __cplusplus
extern "C" {
#endif

/* TAGS: key bytes16; its reply: tags */
bool wire_decode_tags(wire_bytes body, wire_bytes *key);
void wire_encode_tags(wire_writer *out, wire_bytes key);
bool wire_decode_tags_reply(wire_bytes body, wire_list *tags);
wire_bytes wire_next_tag(wire_reader *tags);

/* TAG_ADD, TAG_REMOVE: options u16 (PUT_RETURN_VERSION) | tags | key bytes16
 * their reply: changed u16 | [version u64] */
typedef struct wire_tag_change {
    uint16_t options;
    wire_list tags;
    wire_bytes key;
} wire_tag_change;

bool wire_decode_tag_change(wire_bytes body, wire_tag_change *change);
void wire_encode_tag_change(wire_writer *out, const wire_tag_change *change);
bool wire_decode_tag_change_reply(wire_bytes body, uint16_t *changed, uint64_t *version);

/* INVALIDATE: options u16 | tags; its reply, and that of TAG_COUNT and FLUSH: count u64 */
typedef struct wire_invalidate {
    uint16_t options; /* WIRE_TAGS_ALL, WIRE_INVALIDATE_DRY_RUN */
    wire_list tags;
} wire_invalidate;

bool wire_decode_invalidate(wire_bytes body, wire_invalidate *invalidate);
void wire_encode_invalidate(wire_writer *out, const wire_invalidate *invalidate);
bool wire_decode_count(wire_bytes body, uint64_t *count);

/* TAG_COUNT: tag bytes8 */
bool wire_decode_tag_count(wire_bytes body, wire_bytes *tag);
void wire_encode_tag_count(wire_writer *out, wire_bytes tag);

/* KEYS_BY_TAG: options u16 | limit u32 | cursor bytes8 | tags */
typedef struct wire_keys_by_tag {
    uint16_t options; /* WIRE_TAGS_ALL */
    uint32_t limit;
    wire_bytes cursor; /* empty = from the start */
    wire_list tags;
} wire_keys_by_tag;

bool wire_decode_keys_by_tag(wire_bytes body, wire_keys_by_tag *request);
void wire_encode_keys_by_tag(wire_writer *out, const wire_keys_by_tag *request);

/* SCAN, DELETE_PREFIX, TAG_LIST: options u16 | limit u32 | cursor bytes8 | pattern bytes16 */
typedef struct wire_scan {
    uint16_t options; /* SCAN: WIRE_SCAN_GLOB; TAG_LIST: WIRE_TAG_LIST_COUNTS */
    uint32_t limit;
    wire_bytes cursor;
    wire_bytes pattern;
} wire_scan;

bool wire_decode_scan(wire_bytes body, uint8_t opcode, wire_scan *scan);
void wire_encode_scan(wire_writer *out, const wire_scan *scan);

/* page := count u32 | present u16 | cursor bytes8 | { [entries u64] | name bytes16 } * count
 * The reply to KEYS_BY_TAG, SCAN (names are keys, present 0) and TAG_LIST (names are tags). */
typedef struct wire_page {
    uint32_t count;
    uint16_t present;  /* WIRE_TAG_LIST_COUNTS or 0 */
    wire_bytes cursor; /* empty = the end */
    wire_bytes items;
} wire_page;

bool wire_decode_page(wire_bytes body, wire_page *page);
wire_bytes wire_next_name(wire_reader *items, uint16_t present, uint64_t *entries);
void wire_write_page_head(wire_writer *out, uint32_t count, uint16_t present, wire_bytes cursor);

/* DELETE_PREFIX's reply: removed u64 | cursor bytes8 */
bool wire_decode_removed(wire_bytes body, uint64_t *removed, wire_bytes *cursor);
void wire_write_removed(wire_writer *out, uint64_t removed, wire_bytes cursor);

#ifdef __cplusplus
}
#endif

#endif
