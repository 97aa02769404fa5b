/* SPDX-License-Identifier: MIT */
#include "protocol/access_messages.h"

enum {
    USER_OPTIONS_KNOWN = WIRE_USER_PASSWORD | WIRE_USER_RIGHTS | WIRE_USER_KEY_PREFIXES |
                         WIRE_USER_TAG_PREFIXES | WIRE_USER_TLS_NAMES | WIRE_USER_CREATE
};

bool wire_decode_auth(wire_bytes body, wire_auth *auth) {
    wire_reader in = wire_reader_over(body);
    auth->mechanism = wire_read_u8(&in);
    auth->name = wire_read_bytes8(&in);
    auth->secret = wire_read_bytes16(&in);
    return wire_reader_finished(&in);
}

void wire_encode_auth(wire_writer *out, const wire_auth *auth) {
    wire_write_u8(out, auth->mechanism);
    wire_write_bytes8(out, auth->name);
    wire_write_bytes16(out, auth->secret);
}

bool wire_decode_auth_reply(wire_bytes body, uint8_t *rights, wire_bytes *name) {
    wire_reader in = wire_reader_over(body);
    *rights = wire_read_u8(&in);
    *name = wire_read_bytes8(&in);
    return wire_reader_finished(&in);
}

void wire_encode_auth_reply(wire_writer *out, uint8_t rights, wire_bytes name) {
    wire_write_u8(out, rights);
    wire_write_bytes8(out, name);
}

static wire_list read_list(wire_reader *in, uint16_t options, unsigned field) {
    const wire_list none = {0, NULL, {NULL, 0}};
    return (options & field) != 0 ? wire_read_tags(in) : none;
}

static void read_user_set(wire_reader *in, wire_user *user) {
    const uint16_t options = wire_read_options(in, USER_OPTIONS_KNOWN);
    user->options = options;
    user->rights = (options & WIRE_USER_RIGHTS) != 0 ? wire_read_u8(in) : 0;
    user->name = wire_read_bytes8(in);
    if ((options & WIRE_USER_PASSWORD) != 0) {
        user->password = wire_read_bytes16(in);
    }
    user->key_prefixes = read_list(in, options, WIRE_USER_KEY_PREFIXES);
    user->tag_prefixes = read_list(in, options, WIRE_USER_TAG_PREFIXES);
    user->tls_names = read_list(in, options, WIRE_USER_TLS_NAMES);
}

bool wire_decode_user(wire_bytes body, wire_user *user) {
    wire_reader in = wire_reader_over(body);
    memset(user, 0, sizeof *user);
    user->action = wire_read_u8(&in);
    switch (user->action) {
        case WIRE_USER_LIST:
            user->limit = wire_read_u32(&in);
            user->cursor = wire_read_bytes8(&in);
            in.failed |= user->cursor.size > WIRE_CURSOR_BYTES_MAX;
            break;
        case WIRE_USER_SET: read_user_set(&in, user); break;
        case WIRE_USER_DELETE: user->name = wire_read_bytes8(&in); break;
        case WIRE_USER_PASSWD:
            user->old_password = wire_read_bytes16(&in);
            user->password = wire_read_bytes16(&in);
            break;
        default: return !in.failed; /* what follows is not known */
    }
    return wire_reader_finished(&in);
}

static void write_list(wire_writer *out, uint16_t options, unsigned field, const wire_list *list) {
    if ((options & field) != 0) {
        wire_write_tags(out, list);
    }
}

static void write_user_set(wire_writer *out, const wire_user *user) {
    wire_write_u16(out, user->options);
    if ((user->options & WIRE_USER_RIGHTS) != 0) {
        wire_write_u8(out, user->rights);
    }
    wire_write_bytes8(out, user->name);
    if ((user->options & WIRE_USER_PASSWORD) != 0) {
        wire_write_bytes16(out, user->password);
    }
    write_list(out, user->options, WIRE_USER_KEY_PREFIXES, &user->key_prefixes);
    write_list(out, user->options, WIRE_USER_TAG_PREFIXES, &user->tag_prefixes);
    write_list(out, user->options, WIRE_USER_TLS_NAMES, &user->tls_names);
}

void wire_encode_user(wire_writer *out, const wire_user *user) {
    wire_write_u8(out, user->action);
    switch (user->action) {
        case WIRE_USER_LIST:
            wire_write_u32(out, user->limit);
            wire_write_bytes8(out, user->cursor);
            break;
        case WIRE_USER_SET: write_user_set(out, user); break;
        case WIRE_USER_DELETE: wire_write_bytes8(out, user->name); break;
        case WIRE_USER_PASSWD:
            wire_write_bytes16(out, user->old_password);
            wire_write_bytes16(out, user->password);
            break;
        default: out->failed = true;
    }
}

bool wire_decode_token(wire_bytes body, wire_token *token) {
    wire_reader in = wire_reader_over(body);
    memset(token, 0, sizeof *token);
    token->action = wire_read_u8(&in);
    switch (token->action) {
        case WIRE_TOKEN_LIST: token->name = wire_read_bytes8(&in); break;
        case WIRE_TOKEN_CREATE:
            token->ttl_ms = wire_read_u64(&in);
            token->name = wire_read_bytes8(&in);
            break;
        case WIRE_TOKEN_REVOKE:
            token->name = wire_read_bytes8(&in);
            token->id = wire_read_bytes8(&in);
            break;
        default: return !in.failed; /* what follows is not known */
    }
    return wire_reader_finished(&in);
}

void wire_encode_token(wire_writer *out, const wire_token *token) {
    wire_write_u8(out, token->action);
    switch (token->action) {
        case WIRE_TOKEN_LIST: wire_write_bytes8(out, token->name); break;
        case WIRE_TOKEN_CREATE:
            wire_write_u64(out, token->ttl_ms);
            wire_write_bytes8(out, token->name);
            break;
        case WIRE_TOKEN_REVOKE:
            wire_write_bytes8(out, token->name);
            wire_write_bytes8(out, token->id);
            break;
        default: out->failed = true;
    }
}
