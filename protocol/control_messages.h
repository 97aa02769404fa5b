/* SPDX-License-Identifier: MIT
 *
 * Messages by which a server is run: CONFIG, SLOWLOG, SHUTDOWN. Conventions as in entry_messages.h.
 */
#ifndef TAGCACHE_PROTOCOL_CONTROL_MESSAGES_H
#define TAGCACHE_PROTOCOL_CONTROL_MESSAGES_H

#include "protocol/cursor.h"
#include "protocol/wire.h"

#ifdef __cplusplus
extern "C" {
#endif

/* CONFIG: action u8 | name bytes8 | value bytes16
 * its reply: count u32 | fields * count, a setting each. */
typedef struct wire_config {
    uint8_t action; /* wire_config_action, or one that is not known here */
    wire_bytes name;
    wire_bytes value;
} wire_config;

bool wire_decode_config(wire_bytes body, wire_config *config);
void wire_encode_config(wire_writer *out, const wire_config *config);
/* Each setting is read on as a u16 and so many wire_read_field(). */
bool wire_decode_config_reply(wire_bytes body, uint32_t *count, wire_reader *settings);

/* SLOWLOG: action u8 | limit u32
 * its reply: as CONFIG's, a request each. */
typedef struct wire_slowlog {
    uint8_t action; /* wire_slowlog_action, or one that is not known here */
    uint32_t limit;
} wire_slowlog;

bool wire_decode_slowlog(wire_bytes body, wire_slowlog *slowlog);
void wire_encode_slowlog(wire_writer *out, const wire_slowlog *slowlog);

/* SHUTDOWN: options u16, of which no bit is known; its reply is empty. */
bool wire_decode_shutdown(wire_bytes body);
void wire_encode_shutdown(wire_writer *out);

#ifdef __cplusplus
}
#endif

#endif
