/* SPDX-License-Identifier: MIT
 *
 * Messages about the connection and the server: HELLO, STATS, INFO, CLIENT, HOTKEYS, and the error
 * body that every refusal carries. Conventions as in entry_messages.h. */
#ifndef TAGCACHE_PROTOCOL_ADMIN_MESSAGES_H
#define TAGCACHE_PROTOCOL_ADMIN_MESSAGES_H

#include "protocol/cursor.h"
#include "protocol/wire.h"

#ifdef __cplusplus
extern "C" {
#endif

/* HELLO: features u64 | client_name bytes8 | library bytes8 */
typedef struct wire_hello {
    uint64_t features;
    wire_bytes client_name;
    wire_bytes library;
} wire_hello;

bool wire_decode_hello(wire_bytes body, wire_hello *hello);
void wire_encode_hello(wire_writer *out, const wire_hello *hello);

/* HELLO's reply: features u64 | boot_id u64 | sequence u64 | key_bytes_max u32 | value_bytes_max
 * u32 | tag_bytes_max u32 | tags_max u32 | keys_max u32 | frame_body_bytes_max u32 |
 * reply_bytes_max u32 | auth_mechanisms u32 | server_version bytes8 */
typedef struct wire_hello_reply {
    uint64_t features; /* those of the request's that the server has */
    uint64_t boot_id;
    uint64_t sequence;
    uint32_t key_bytes_max;
    uint32_t value_bytes_max;
    uint32_t tag_bytes_max;
    uint32_t tags_max;
    uint32_t keys_max;
    uint32_t frame_body_bytes_max;
    uint32_t reply_bytes_max;
    uint32_t auth_mechanisms; /* bits; 0 = none is needed */
    wire_bytes server_version;
} wire_hello_reply;

bool wire_decode_hello_reply(wire_bytes body, wire_hello_reply *reply);
void wire_encode_hello_reply(wire_writer *out, const wire_hello_reply *reply);

/* error := retry_after_ms u32 | detail u32 | message bytes16        (statuses 40 to FF) */
typedef struct wire_error {
    uint32_t retry_after_ms; /* 0 = no advice */
    uint32_t detail;         /* a number that goes with the message: a limit, an index; or 0 */
    wire_bytes message;      /* UTF-8, one line, no bytes of the user's */
} wire_error;

bool wire_decode_error(wire_bytes body, wire_error *error);
void wire_encode_error(wire_writer *out, const wire_error *error);

/* fields := count u16 | { name bytes8 | type u8 | value } * count
 * value := u64 | i64 | f64 (IEEE 754) | bytes16, by type. The reply to STATS and INFO. */
typedef struct wire_field {
    wire_bytes name;
    uint8_t type; /* wire_field_type; tells which of the members below is set */
    uint64_t u64;
    int64_t i64;
    double f64;
    wire_bytes text;
} wire_field;

void wire_read_field(wire_reader *in, wire_field *field);
void wire_write_field(wire_writer *out, const wire_field *field);
/* Past one such list inside a longer message. */
void wire_skip_fields(wire_reader *in);
bool wire_decode_fields(wire_bytes body, uint16_t *count, wire_reader *fields);

/* CLIENT: action u8 | ...
 *   LIST: limit u32 | cursor bytes8
 *   KILL: id u64
 *   SETNAME: name bytes8
 * its reply: count u32 | cursor bytes8 | fields * count. Others decode to the action alone,
 * whatever follows it, so that they can be answered UNSUPPORTED. */
typedef struct wire_client {
    uint8_t action; /* wire_client_action, or one that is not known here */
    uint32_t limit;
    wire_bytes cursor;
    uint64_t id;
    wire_bytes name;
} wire_client;

bool wire_decode_client(wire_bytes body, wire_client *client);
void wire_encode_client(wire_writer *out, const wire_client *client);
bool wire_decode_client_reply(wire_bytes body, uint32_t *count, wire_bytes *cursor,
                              wire_reader *clients);

/* HOTKEYS: kind u8 | limit u32
 * its reply: count u32 | { rate u64 | name bytes16 } * count, the hottest first */
typedef struct wire_hotkeys {
    uint8_t kind; /* wire_hotkeys_kind, or one that is not known here */
    uint32_t limit;
} wire_hotkeys;

bool wire_decode_hotkeys(wire_bytes body, wire_hotkeys *hotkeys);
void wire_encode_hotkeys(wire_writer *out, const wire_hotkeys *hotkeys);
bool wire_decode_hotkeys_reply(wire_bytes body, uint32_t *count, wire_reader *names);
wire_bytes wire_next_hot_name(wire_reader *names, uint64_t *rate);
void wire_write_hot_name(wire_writer *out, uint64_t rate, wire_bytes name);

#ifdef __cplusplus
}
#endif

#endif
