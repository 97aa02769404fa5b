/* SPDX-License-Identifier: MIT */
#include "protocol/control_messages.h"

#include "protocol/admin_messages.h"

bool wire_decode_config(wire_bytes body, wire_config *config) {
    wire_reader in = wire_reader_over(body);
    config->action = wire_read_u8(&in);
    config->name = wire_read_bytes8(&in);
    config->value = wire_read_bytes16(&in);
    return wire_reader_finished(&in);
}

void wire_encode_config(wire_writer *out, const wire_config *config) {
    wire_write_u8(out, config->action);
    wire_write_bytes8(out, config->name);
    wire_write_bytes16(out, config->value);
}

bool wire_decode_config_reply(wire_bytes body, uint32_t *count, wire_reader *settings) {
    wire_reader in = wire_reader_over(body);
    *count = wire_read_u32(&in);
    in.failed |= *count > wire_reader_left(&in) / 2;
    *settings = in;
    for (uint32_t i = 0; i < *count && !in.failed; ++i) {
        wire_skip_fields(&in);
    }
    return wire_reader_finished(&in);
}

bool wire_decode_slowlog(wire_bytes body, wire_slowlog *slowlog) {
    wire_reader in = wire_reader_over(body);
    slowlog->action = wire_read_u8(&in);
    slowlog->limit = wire_read_u32(&in);
    return wire_reader_finished(&in);
}

void wire_encode_slowlog(wire_writer *out, const wire_slowlog *slowlog) {
    wire_write_u8(out, slowlog->action);
    wire_write_u32(out, slowlog->limit);
}

bool wire_decode_shutdown(wire_bytes body) {
    wire_reader in = wire_reader_over(body);
    in.failed |= wire_read_u16(&in) != 0;
    return wire_reader_finished(&in);
}

void wire_encode_shutdown(wire_writer *out) {
    wire_write_u16(out, 0);
}
