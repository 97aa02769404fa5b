/* SPDX-License-Identifier: MIT
 *
 * Prefaces, frame headers and extensions: where one message ends and the next begins. Pure
 * functions over bytes; the server and the client feed them what arrived. */
#ifndef TAGCACHE_PROTOCOL_FRAME_H
#define TAGCACHE_PROTOCOL_FRAME_H

#include "protocol/cursor.h"
#include "protocol/wire.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum wire_frame_result {
    WIRE_FRAME_COMPLETE,
    WIRE_FRAME_NEED_MORE,
    WIRE_FRAME_OVERSIZED, /* body_bytes is above the limit: refused from the header alone */
    WIRE_FRAME_BROKEN     /* not a frame of this protocol: the next one cannot be found */
} wire_frame_result;

/* client: magic | version_min u8 | version_max u8 | 0 u16 */
typedef struct wire_client_preface {
    uint8_t version_min;
    uint8_t version_max;
} wire_client_preface;

/* server: magic | chosen u8 | version_min u8 | version_max u8 | reason u8 */
typedef struct wire_server_preface {
    uint8_t chosen; /* 0 = refused, for the reason given */
    uint8_t version_min;
    uint8_t version_max;
    uint8_t reason;
} wire_server_preface;

/* One request. The views point into the bytes parsed. */
typedef struct wire_request {
    uint8_t opcode;
    uint8_t flags;
    uint16_t namespace_id;
    uint32_t request_id;
    bool has_unknown_critical_extension; /* answer UNSUPPORTED */
    wire_bytes body;                     /* behind the extensions */
    size_t frame_bytes;                  /* header and body; set as soon as the header is there */
} wire_request;

/* One reply, seen by a client. */
typedef struct wire_reply {
    uint8_t status;
    uint8_t flags;
    uint8_t opcode;
    uint32_t request_id;
    wire_bytes body;
    size_t frame_bytes;
} wire_reply;

/* BROKEN is found at the first byte that differs from the magic. */
wire_frame_result wire_decode_client_preface(wire_bytes bytes, wire_client_preface *preface);
void wire_encode_client_preface(wire_writer *out, const wire_client_preface *preface);
wire_frame_result wire_decode_server_preface(wire_bytes bytes, wire_server_preface *preface);
void wire_encode_server_preface(wire_writer *out, const wire_server_preface *preface);

/* The version to speak with this client, or 0 when there is none in common. */
uint8_t wire_choose_version(const wire_client_preface *preface);

/* Parses the frame at the start of `bytes`. The header's fields are set whenever 12 bytes are
 * there, whatever the result; OVERSIZED is decided on the first 4. */
wire_frame_result wire_parse_request(wire_bytes bytes, uint32_t body_bytes_max,
                                     wire_request *request);
wire_frame_result wire_parse_reply(wire_bytes bytes, uint32_t body_bytes_max, wire_reply *reply);

/* Writes a header whose body_bytes is still open and returns where it began; finish patches it in.
 * A request or reply that does not fit leaves the writer failed. */
size_t wire_begin_request(wire_writer *out, uint8_t opcode, uint8_t flags, uint32_t request_id);
void wire_finish_request(wire_writer *out, size_t begin);
size_t wire_begin_reply(wire_writer *out, uint8_t opcode, uint32_t request_id);
void wire_finish_reply(wire_writer *out, size_t begin, uint8_t status, uint8_t flags);
/* So many bytes of the body that was finished there are sent from elsewhere. */
void wire_add_body_bytes(wire_writer *out, size_t begin, size_t size);

/* max(1 MiB, value + key + tags x (tag + 2)) + 128 KiB: the greatest body_bytes of a frame. */
uint32_t wire_frame_body_bytes_max(uint32_t value_bytes_max, uint32_t key_bytes_max,
                                   uint32_t tags_max, uint32_t tag_bytes_max);

#ifdef __cplusplus
}
#endif

#endif
