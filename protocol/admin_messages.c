/* SPDX-License-Identifier: MIT */
#include "protocol/admin_messages.h"

#include <assert.h>

static_assert(sizeof(double) == sizeof(uint64_t), "an f64 travels as its 8 bytes");

bool wire_decode_hello(wire_bytes body, wire_hello *hello) {
    wire_reader in = wire_reader_over(body);
    hello->features = wire_read_u64(&in);
    hello->client_name = wire_read_bytes8(&in);
    hello->library = wire_read_bytes8(&in);
    return wire_reader_finished(&in);
}

void wire_encode_hello(wire_writer *out, const wire_hello *hello) {
    wire_write_u64(out, hello->features);
    wire_write_bytes8(out, hello->client_name);
    wire_write_bytes8(out, hello->library);
}

bool wire_decode_hello_reply(wire_bytes body, wire_hello_reply *reply) {
    wire_reader in = wire_reader_over(body);
    reply->features = wire_read_u64(&in);
    reply->boot_id = wire_read_u64(&in);
    reply->sequence = wire_read_u64(&in);
    reply->key_bytes_max = wire_read_u32(&in);
    reply->value_bytes_max = wire_read_u32(&in);
    reply->tag_bytes_max = wire_read_u32(&in);
    reply->tags_max = wire_read_u32(&in);
    reply->keys_max = wire_read_u32(&in);
    reply->frame_body_bytes_max = wire_read_u32(&in);
    reply->reply_bytes_max = wire_read_u32(&in);
    reply->auth_mechanisms = wire_read_u32(&in);
    reply->server_version = wire_read_bytes8(&in);
    return wire_reader_finished(&in);
}

void wire_encode_hello_reply(wire_writer *out, const wire_hello_reply *reply) {
    wire_write_u64(out, reply->features);
    wire_write_u64(out, reply->boot_id);
    wire_write_u64(out, reply->sequence);
    wire_write_u32(out, reply->key_bytes_max);
    wire_write_u32(out, reply->value_bytes_max);
    wire_write_u32(out, reply->tag_bytes_max);
    wire_write_u32(out, reply->tags_max);
    wire_write_u32(out, reply->keys_max);
    wire_write_u32(out, reply->frame_body_bytes_max);
    wire_write_u32(out, reply->reply_bytes_max);
    wire_write_u32(out, reply->auth_mechanisms);
    wire_write_bytes8(out, reply->server_version);
}

bool wire_decode_error(wire_bytes body, wire_error *error) {
    wire_reader in = wire_reader_over(body);
    error->retry_after_ms = wire_read_u32(&in);
    error->detail = wire_read_u32(&in);
    error->message = wire_read_bytes16(&in);
    return wire_reader_finished(&in);
}

void wire_encode_error(wire_writer *out, const wire_error *error) {
    wire_write_u32(out, error->retry_after_ms);
    wire_write_u32(out, error->detail);
    wire_write_bytes16(out, error->message);
}

void wire_read_field(wire_reader *in, wire_field *field) {
    memset(field, 0, sizeof *field);
    field->name = wire_read_bytes8(in);
    field->type = wire_read_u8(in);
    switch (field->type) {
        case WIRE_FIELD_U64: field->u64 = wire_read_u64(in); break;
        case WIRE_FIELD_I64: field->i64 = wire_read_i64(in); break;
        case WIRE_FIELD_F64: {
            const uint64_t bits = wire_read_u64(in);
            memcpy(&field->f64, &bits, sizeof bits);
            break;
        }
        case WIRE_FIELD_TEXT: field->text = wire_read_bytes16(in); break;
        default: in->failed = true; /* its size cannot be known */
    }
}

void wire_write_field(wire_writer *out, const wire_field *field) {
    wire_write_bytes8(out, field->name);
    wire_write_u8(out, field->type);
    switch (field->type) {
        case WIRE_FIELD_U64: wire_write_u64(out, field->u64); break;
        case WIRE_FIELD_I64: wire_write_i64(out, field->i64); break;
        case WIRE_FIELD_F64: {
            uint64_t bits = 0;
            memcpy(&bits, &field->f64, sizeof bits);
            wire_write_u64(out, bits);
            break;
        }
        case WIRE_FIELD_TEXT: wire_write_bytes16(out, field->text); break;
        default: out->failed = true;
    }
}

void wire_skip_fields(wire_reader *in) {
    const uint16_t count = wire_read_u16(in);
    for (uint32_t i = 0; i < count && !in->failed; ++i) {
        wire_field field;
        wire_read_field(in, &field);
    }
}

bool wire_decode_fields(wire_bytes body, uint16_t *count, wire_reader *fields) {
    wire_reader in = wire_reader_over(body);
    wire_reader all = in;
    *count = wire_read_u16(&in);
    *fields = in;
    wire_skip_fields(&all);
    return wire_reader_finished(&all);
}

bool wire_decode_client(wire_bytes body, wire_client *client) {
    wire_reader in = wire_reader_over(body);
    memset(client, 0, sizeof *client);
    client->action = wire_read_u8(&in);
    switch (client->action) {
        case WIRE_CLIENT_LIST:
            client->limit = wire_read_u32(&in);
            client->cursor = wire_read_bytes8(&in);
            in.failed |= client->cursor.size > WIRE_CURSOR_BYTES_MAX;
            break;
        case WIRE_CLIENT_KILL: client->id = wire_read_u64(&in); break;
        case WIRE_CLIENT_SETNAME: client->name = wire_read_bytes8(&in); break;
        default: return !in.failed; /* what follows is not known */
    }
    return wire_reader_finished(&in);
}

void wire_encode_client(wire_writer *out, const wire_client *client) {
    wire_write_u8(out, client->action);
    switch (client->action) {
        case WIRE_CLIENT_KILL: wire_write_u64(out, client->id); break;
        case WIRE_CLIENT_SETNAME: wire_write_bytes8(out, client->name); break;
        default: wire_write_u32(out, client->limit); wire_write_bytes8(out, client->cursor);
    }
}

bool wire_decode_client_reply(wire_bytes body, uint32_t *count, wire_bytes *cursor,
                              wire_reader *clients) {
    wire_reader in = wire_reader_over(body);
    *count = wire_read_u32(&in);
    *cursor = wire_read_bytes8(&in);
    in.failed |= cursor->size > WIRE_CURSOR_BYTES_MAX;
    in.failed |= *count > wire_reader_left(&in) / 2;
    *clients = in;
    for (uint32_t i = 0; i < *count && !in.failed; ++i) {
        wire_skip_fields(&in);
    }
    return wire_reader_finished(&in);
}

bool wire_decode_hotkeys(wire_bytes body, wire_hotkeys *hotkeys) {
    wire_reader in = wire_reader_over(body);
    hotkeys->kind = wire_read_u8(&in);
    hotkeys->limit = wire_read_u32(&in);
    return wire_reader_finished(&in);
}

void wire_encode_hotkeys(wire_writer *out, const wire_hotkeys *hotkeys) {
    wire_write_u8(out, hotkeys->kind);
    wire_write_u32(out, hotkeys->limit);
}

bool wire_decode_hotkeys_reply(wire_bytes body, uint32_t *count, wire_reader *names) {
    wire_reader in = wire_reader_over(body);
    *count = wire_read_u32(&in);
    *names = in;
    for (uint32_t i = 0; i < *count && !in.failed; ++i) {
        uint64_t rate = 0;
        (void)wire_next_hot_name(&in, &rate);
    }
    return wire_reader_finished(&in);
}

wire_bytes wire_next_hot_name(wire_reader *names, uint64_t *rate) {
    *rate = wire_read_u64(names);
    return wire_read_bytes16(names);
}

void wire_write_hot_name(wire_writer *out, uint64_t rate, wire_bytes name) {
    wire_write_u64(out, rate);
    wire_write_bytes16(out, name);
}
