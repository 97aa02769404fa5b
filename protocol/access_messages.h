/* SPDX-License-Identifier: MIT
 *
 * Messages about who may do what: AUTH, USER, TOKEN. Conventions as in entry_messages.h. The reply
 * to USER and TOKEN has the form of CLIENT's: wire_decode_client_reply() in admin_messages.h. */
#ifndef TAGCACHE_PROTOCOL_ACCESS_MESSAGES_H
#define TAGCACHE_PROTOCOL_ACCESS_MESSAGES_H

#include "protocol/list.h"
#include "protocol/wire.h"

#ifdef __cplusplus
extern "C" {
#endif

/* AUTH: mechanism u8 | name bytes8 | secret bytes16
 * its reply: rights u8 | name bytes8 */
typedef struct wire_auth {
    uint8_t mechanism; /* wire_auth_mechanism, or one that is not known here */
    wire_bytes name;
    wire_bytes secret;
} wire_auth;

bool wire_decode_auth(wire_bytes body, wire_auth *auth);
void wire_encode_auth(wire_writer *out, const wire_auth *auth);
bool wire_decode_auth_reply(wire_bytes body, uint8_t *rights, wire_bytes *name);
void wire_encode_auth_reply(wire_writer *out, uint8_t rights, wire_bytes name);

/* USER: action u8, then
 *   LIST    limit u32 | cursor bytes8
 *   SET     options u16 | [rights u8] | name bytes8 | [password bytes16] | [key_prefixes tags]
 *           | [tag_prefixes tags] | [tls_names tags]
 *   DELETE  name bytes8
 *   PASSWD  old_password bytes16 | new_password bytes16
 * Another action decodes to the action alone, whatever follows it. */
typedef struct wire_user {
    uint8_t action;
    uint16_t options; /* WIRE_USER_ */
    uint8_t rights;   /* WIRE_RIGHT_ */
    uint32_t limit;
    wire_bytes cursor;
    wire_bytes name;
    wire_bytes old_password;
    wire_bytes password; /* PASSWD: the new one */
    wire_list key_prefixes;
    wire_list tag_prefixes;
    wire_list tls_names;
} wire_user;

bool wire_decode_user(wire_bytes body, wire_user *user);
void wire_encode_user(wire_writer *out, const wire_user *user);

/* TOKEN: action u8, then
 *   LIST    name bytes8
 *   CREATE  ttl_ms u64 | name bytes8
 *   REVOKE  name bytes8 | id bytes8
 * Another action decodes to the action alone, whatever follows it. */
typedef struct wire_token {
    uint8_t action;
    uint64_t ttl_ms; /* 0 = does not expire */
    wire_bytes name;
    wire_bytes id;
} wire_token;

bool wire_decode_token(wire_bytes body, wire_token *token);
void wire_encode_token(wire_writer *out, const wire_token *token);

#ifdef __cplusplus
}
#endif

#endif
