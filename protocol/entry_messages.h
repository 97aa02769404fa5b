/* SPDX-License-Identifier: MIT
 *
 * Messages about entries: GET MGET GETDEL EXISTS PUT ADD REPLACE MPUT APPEND PREPEND INCR DECR
 * TOUCH DELETE. Each struct is one message; its decode_ and encode_ stand side by side in the
 * source, in the order of the grammar. A decode_ takes a whole body and is false when it is
 * malformed; views point into it. An encode_ leaves the writer failed when something did not fit.
 */
#ifndef TAGCACHE_PROTOCOL_ENTRY_MESSAGES_H
#define TAGCACHE_PROTOCOL_ENTRY_MESSAGES_H

#include "protocol/list.h"
#include "protocol/wire.h"

#ifdef __cplusplus
extern "C" {
#endif

/* GET, GETDEL (without TOUCH): options u16 | [ttl_ms u64] | key bytes16 */
typedef struct wire_get {
    uint16_t options; /* WIRE_FIELD_* wanted, WIRE_GET_* */
    uint64_t ttl_ms;  /* with WIRE_GET_TOUCH; 0 = no expiry */
    wire_bytes key;
} wire_get;

bool wire_decode_get(wire_bytes body, wire_get *get);
bool wire_decode_getdel(wire_bytes body, wire_get *get);
void wire_encode_get(wire_writer *out, const wire_get *get);

/* MGET: options u16 | [ttl_ms u64] | count u32 | key bytes16 * count */
typedef struct wire_mget {
    uint16_t options;
    uint64_t ttl_ms;
    wire_list keys;
} wire_mget;

bool wire_decode_mget(wire_bytes body, wire_mget *mget);
void wire_encode_mget(wire_writer *out, const wire_mget *mget);
wire_bytes wire_next_key(wire_reader *keys);

/* hit := present u16 | [ttl_ms u64] | [version u64] | [flags u32] | [value_bytes u32] | [tags]
 *        | value bytes32        (value_bytes with WIRE_GET_NO_VALUE; the value is empty then) */
typedef struct wire_hit {
    uint16_t present;
    uint64_t ttl_ms; /* remaining; 0 = no expiry */
    uint64_t version;
    uint32_t flags;
    uint32_t value_bytes; /* the value's size, also when the value itself was not asked for */
    wire_list tags;
    wire_bytes value;
} wire_hit;

/* One hit read off `in`; in->failed tells. The reply to GET and GETDEL is one hit. */
void wire_read_hit(wire_reader *in, wire_hit *hit);
void wire_write_hit(wire_writer *out, const wire_hit *hit);
/* All of it up to the value's bytes, for a value that is sent from where it lies; and the same for
 * a value alone, which is what most reads ask for. */
void wire_write_hit_head(wire_writer *out, const wire_hit *hit);
void wire_write_value_head(wire_writer *out, uint32_t value_bytes);
bool wire_decode_hit(wire_bytes body, wire_hit *hit);

/* MGET's reply: count u32 | { status u8 | [hit when OK] } * count */
bool wire_decode_mget_reply(wire_bytes body, uint32_t *count, wire_reader *items);
uint8_t wire_next_mget_item(wire_reader *items, wire_hit *hit);

/* item := options u16 | [ttl_ms u64] | [if_version u64] | [flags u32] | [tags] | key bytes16
 *         | value bytes32
 * PUT, ADD, REPLACE, APPEND and PREPEND are one item each. */
typedef struct wire_put {
    uint16_t options; /* WIRE_FIELD_*, WIRE_PUT_* */
    uint64_t ttl_ms;
    uint64_t if_version;
    uint32_t flags;
    wire_list tags;
    wire_bytes key;
    wire_bytes value;
} wire_put;

bool wire_decode_put(wire_bytes body, wire_put *put);
bool wire_decode_append(wire_bytes body, wire_put *put);
void wire_encode_put(wire_writer *out, const wire_put *put);

/* MPUT: options u16 (PUT_RETURN_VERSION) | count u32 | item * count */
typedef struct wire_mput {
    uint16_t options;
    uint32_t count;
    wire_bytes items; /* empty when encoded from scratch: wire_encode_put writes each, behind it */
} wire_mput;

bool wire_decode_mput(wire_bytes body, wire_mput *mput);
void wire_encode_mput(wire_writer *out, const wire_mput *mput);
void wire_next_put(wire_reader *items, wire_put *put);

/* INCR, DECR: options u16 | amount i64 | [ttl_ms u64] | [tags] | key bytes16 */
typedef struct wire_incr {
    uint16_t options; /* WIRE_FIELD_TTL, WIRE_FIELD_TAGS, WIRE_PUT_RETURN_VERSION */
    int64_t amount;
    uint64_t ttl_ms;
    wire_list tags;
    wire_bytes key;
} wire_incr;

bool wire_decode_incr(wire_bytes body, wire_incr *incr);
void wire_encode_incr(wire_writer *out, const wire_incr *incr);

/* EXISTS, DELETE: options u16 | count u32 | { [if_version u64] | key bytes16 } * count
 * TOUCH: options u16 | ttl_ms u64 | count u32 | the same items
 * In EXISTS, WIRE_FIELD_VERSION asks for versions instead, and its items have none. */
typedef struct wire_keys {
    uint16_t options;
    uint64_t ttl_ms; /* TOUCH */
    wire_list keys;  /* raw items hold the versions too */
    const uint64_t
        *if_versions; /* when encoded from an array, with WIRE_FIELD_VERSION; else NULL */
} wire_keys;

bool wire_decode_keys(wire_bytes body, uint8_t opcode, wire_keys *keys);
void wire_encode_keys(wire_writer *out, uint8_t opcode, const wire_keys *keys);
wire_bytes wire_next_versioned_key(wire_reader *items, uint16_t options, uint64_t *if_version);

/* results := count u32 | present u16 | { status u8 | [version u64 when OK and present has it] }
 * The reply to MPUT, EXISTS, DELETE, TOUCH. */
typedef struct wire_results {
    uint32_t count;
    uint16_t present; /* WIRE_FIELD_VERSION or 0 */
    wire_bytes items;
} wire_results;

bool wire_decode_results(wire_bytes body, wire_results *results);
uint8_t wire_next_result(wire_reader *items, uint16_t present, uint64_t *version);
void wire_write_results_head(wire_writer *out, uint32_t count, uint16_t present);
void wire_write_result(wire_writer *out, uint16_t present, uint8_t status, uint64_t version);

/* stored := [version u64]                    the reply to PUT, ADD, REPLACE
 * length := value_bytes u32 | [version u64]  the reply to APPEND, PREPEND
 * number := value i64 | [version u64]        the reply to INCR, DECR
 * version is 0 when absent (no entry has that version). */
bool wire_decode_stored(wire_bytes body, uint64_t *version);
bool wire_decode_length(wire_bytes body, uint32_t *value_bytes, uint64_t *version);
bool wire_decode_number(wire_bytes body, int64_t *value, uint64_t *version);
void wire_write_version(wire_writer *out, uint64_t version); /* nothing for 0 */

#ifdef __cplusplus
}
#endif

#endif
