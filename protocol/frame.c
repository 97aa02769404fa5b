/* SPDX-License-Identifier: MIT */
#include "protocol/frame.h"

static wire_frame_result check_magic(wire_bytes bytes) {
    const size_t size = bytes.size < WIRE_MAGIC_BYTES ? bytes.size : WIRE_MAGIC_BYTES;
    if (size != 0 && memcmp(bytes.data, WIRE_MAGIC, size) != 0) {
        return WIRE_FRAME_BROKEN;
    }
    return bytes.size < WIRE_PREFACE_BYTES ? WIRE_FRAME_NEED_MORE : WIRE_FRAME_COMPLETE;
}

wire_frame_result wire_decode_client_preface(wire_bytes bytes, wire_client_preface *preface) {
    const wire_frame_result result = check_magic(bytes);
    if (result != WIRE_FRAME_COMPLETE) {
        return result;
    }
    wire_reader in = wire_reader_over(bytes);
    (void)wire_take(&in, WIRE_MAGIC_BYTES);
    preface->version_min = wire_read_u8(&in);
    preface->version_max = wire_read_u8(&in);
    const bool is_reserved_zero = wire_read_u16(&in) == 0;
    const bool is_range = preface->version_min != 0 && preface->version_min <= preface->version_max;
    return is_reserved_zero && is_range ? WIRE_FRAME_COMPLETE : WIRE_FRAME_BROKEN;
}

void wire_encode_client_preface(wire_writer *out, const wire_client_preface *preface) {
    wire_write_raw(out, (wire_bytes){WIRE_MAGIC, WIRE_MAGIC_BYTES});
    wire_write_u8(out, preface->version_min);
    wire_write_u8(out, preface->version_max);
    wire_write_u16(out, 0);
}

wire_frame_result wire_decode_server_preface(wire_bytes bytes, wire_server_preface *preface) {
    const wire_frame_result result = check_magic(bytes);
    if (result != WIRE_FRAME_COMPLETE) {
        return result;
    }
    wire_reader in = wire_reader_over(bytes);
    (void)wire_take(&in, WIRE_MAGIC_BYTES);
    preface->chosen = wire_read_u8(&in);
    preface->version_min = wire_read_u8(&in);
    preface->version_max = wire_read_u8(&in);
    preface->reason = wire_read_u8(&in);
    return WIRE_FRAME_COMPLETE;
}

void wire_encode_server_preface(wire_writer *out, const wire_server_preface *preface) {
    wire_write_raw(out, (wire_bytes){WIRE_MAGIC, WIRE_MAGIC_BYTES});
    wire_write_u8(out, preface->chosen);
    wire_write_u8(out, preface->version_min);
    wire_write_u8(out, preface->version_max);
    wire_write_u8(out, preface->reason);
}

uint8_t wire_choose_version(const wire_client_preface *preface) {
    const uint8_t newest =
        preface->version_max < WIRE_VERSION ? preface->version_max : WIRE_VERSION;
    const bool is_spoken = newest >= WIRE_VERSION_OLDEST && newest >= preface->version_min;
    return is_spoken ? newest : 0;
}

/* extensions := length u16 | { type u16 | value bytes16 }*     (length counts what follows it) */
static bool strip_extensions(wire_request *request) {
    wire_reader in = wire_reader_over(request->body);
    wire_reader extensions = wire_reader_over(wire_read_bytes16(&in));
    while (!in.failed && wire_reader_left(&extensions) != 0) {
        const uint16_t type = wire_read_u16(&extensions);
        (void)wire_read_bytes16(&extensions);
        in.failed |= extensions.failed;
        request->has_unknown_critical_extension |= (type & WIRE_EXT_CRITICAL) != 0;
    }
    request->body.data = in.next;
    request->body.size = wire_reader_left(&in);
    return !in.failed;
}

wire_frame_result wire_parse_request(wire_bytes bytes, uint32_t body_bytes_max,
                                     wire_request *request) {
    *request = (wire_request){0};
    if (bytes.size < sizeof(uint32_t)) {
        return WIRE_FRAME_NEED_MORE;
    }
    const uint8_t *header = bytes.data;
    const uint32_t body_bytes = wire_load_u32(header);
    request->frame_bytes = (size_t)WIRE_HEADER_BYTES + body_bytes;
    if (bytes.size >= WIRE_HEADER_BYTES) {
        request->opcode = header[4];
        request->flags = header[5];
        request->namespace_id = wire_load_u16(header + 6);
        request->request_id = wire_load_u32(header + 8);
        if (request->opcode == WIRE_OP_NONE || (request->flags & ~WIRE_REQUEST_FLAGS_KNOWN) != 0) {
            return WIRE_FRAME_BROKEN;
        }
    }
    if (body_bytes > body_bytes_max) {
        return WIRE_FRAME_OVERSIZED;
    }
    if (bytes.size < request->frame_bytes) {
        return WIRE_FRAME_NEED_MORE;
    }
    request->body = (wire_bytes){header + WIRE_HEADER_BYTES, body_bytes};
    if ((request->flags & WIRE_REQUEST_EXT) != 0 && !strip_extensions(request)) {
        return WIRE_FRAME_BROKEN;
    }
    return WIRE_FRAME_COMPLETE;
}

wire_frame_result wire_parse_reply(wire_bytes bytes, uint32_t body_bytes_max, wire_reply *reply) {
    memset(reply, 0, sizeof *reply);
    if (bytes.size < sizeof(uint32_t)) {
        return WIRE_FRAME_NEED_MORE;
    }
    const uint8_t *header = bytes.data;
    const uint32_t body_bytes = wire_load_u32(header);
    reply->frame_bytes = (size_t)WIRE_HEADER_BYTES + body_bytes;
    if (body_bytes > body_bytes_max) {
        return WIRE_FRAME_OVERSIZED;
    }
    if (bytes.size < WIRE_HEADER_BYTES) {
        return WIRE_FRAME_NEED_MORE;
    }
    reply->status = header[4];
    reply->flags = header[5];
    reply->opcode = header[6];
    const uint8_t reserved = header[7];
    reply->request_id = wire_load_u32(header + 8);
    /* No feature that sets a reply flag has been agreed on, so a set one is a broken peer. */
    if (reserved != 0 || reply->flags != 0) {
        return WIRE_FRAME_BROKEN;
    }
    if (bytes.size < reply->frame_bytes) {
        return WIRE_FRAME_NEED_MORE;
    }
    reply->body = (wire_bytes){header + WIRE_HEADER_BYTES, body_bytes};
    return WIRE_FRAME_COMPLETE;
}

size_t wire_begin_request(wire_writer *out, uint8_t opcode, uint8_t flags, uint32_t request_id) {
    const size_t begin = wire_writer_size(out);
    uint8_t *header = wire_reserve(out, WIRE_HEADER_BYTES);
    if (header != NULL) {
        wire_store_u32(header, 0);
        header[4] = opcode;
        header[5] = flags;
        wire_store_u16(header + 6, 0); /* the default namespace */
        wire_store_u32(header + 8, request_id);
    }
    return begin;
}

/* A body over 4 GiB cannot be announced; no limit lets one be built. */
static void set_body_bytes(wire_writer *out, size_t begin, size_t body_bytes) {
    out->failed |= body_bytes > UINT32_MAX;
    if (!out->failed) {
        wire_store_u32(out->start + begin, (uint32_t)body_bytes);
    }
}

static void patch_body_bytes(wire_writer *out, size_t begin) {
    set_body_bytes(out, begin, wire_writer_size(out) - begin - WIRE_HEADER_BYTES);
}

void wire_finish_request(wire_writer *out, size_t begin) {
    if (!out->failed) {
        patch_body_bytes(out, begin);
    }
}

size_t wire_begin_reply(wire_writer *out, uint8_t opcode, uint32_t request_id) {
    const size_t begin = wire_writer_size(out);
    uint8_t *header = wire_reserve(out, WIRE_HEADER_BYTES);
    if (header != NULL) {
        wire_store_u32(header, 0);
        wire_store_u32(header + 4, WIRE_OK | (uint32_t)opcode << 16);
        wire_store_u32(header + 8, request_id);
    }
    return begin;
}

void wire_finish_reply(wire_writer *out, size_t begin, uint8_t status, uint8_t flags) {
    if (out->failed) {
        return;
    }
    patch_body_bytes(out, begin);
    out->start[begin + 4] = status;
    out->start[begin + 5] = flags;
}

void wire_add_body_bytes(wire_writer *out, size_t begin, size_t size) {
    set_body_bytes(out, begin, wire_load_u32(out->start + begin) + size);
}

uint32_t wire_frame_body_bytes_max(uint32_t value_bytes_max, uint32_t key_bytes_max,
                                   uint32_t tags_max, uint32_t tag_bytes_max) {
    const uint32_t largest = value_bytes_max + key_bytes_max + tags_max * (tag_bytes_max + 2);
    const uint32_t floor = WIRE_FRAME_FLOOR_BYTES;
    return (largest > floor ? largest : floor) + WIRE_FRAME_SLACK_BYTES;
}
