/* SPDX-License-Identifier: MIT */
#include "protocol/request_names.h"

static wire_bytes key_behind(const wire_reader *fields) {
    wire_reader in = *fields;
    const wire_bytes key = wire_read_bytes16(&in);
    return in.failed ? (wire_bytes){NULL, 0} : key;
}

/* The messages on one entry begin with fields of known sizes, as their options say; see
 * entry_messages.h for the grammars. */
static void skip(wire_reader *in, uint16_t options, unsigned field, size_t size) {
    if ((options & field) != 0) {
        (void)wire_take(in, size);
    }
}

static void skip_tags(wire_reader *in, uint16_t options) {
    if ((options & WIRE_FIELD_TAGS) == 0) {
        return;
    }
    const uint32_t count = wire_read_u16(in);
    for (uint32_t i = 0; i < count && !in->failed; ++i) {
        (void)wire_read_bytes8(in);
    }
}

static wire_bytes key_of_get(wire_bytes body) {
    wire_reader in = wire_reader_over(body);
    const uint16_t options = wire_read_u16(&in);
    skip(&in, options, WIRE_GET_TOUCH, 8);
    return key_behind(&in);
}

static wire_bytes key_of_put(wire_bytes body) {
    wire_reader in = wire_reader_over(body);
    const uint16_t options = wire_read_u16(&in);
    skip(&in, options, WIRE_FIELD_TTL, 8);
    skip(&in, options, WIRE_FIELD_VERSION, 8);
    skip(&in, options, WIRE_FIELD_FLAGS, 4);
    skip_tags(&in, options);
    return key_behind(&in);
}

static wire_bytes key_of_incr(wire_bytes body) {
    wire_reader in = wire_reader_over(body);
    const uint16_t options = wire_read_u16(&in);
    (void)wire_take(&in, 8);
    skip(&in, options, WIRE_FIELD_TTL, 8);
    skip_tags(&in, options);
    return key_behind(&in);
}

wire_request_key wire_peek_key(const wire_request *request) {
    switch (request->opcode) {
        case WIRE_OP_GET: return (wire_request_key){key_of_get(request->body), false};
        case WIRE_OP_GETDEL: return (wire_request_key){key_of_get(request->body), true};
        case WIRE_OP_PUT:
        case WIRE_OP_ADD:
        case WIRE_OP_REPLACE:
        case WIRE_OP_APPEND:
        case WIRE_OP_PREPEND: return (wire_request_key){key_of_put(request->body), true};
        case WIRE_OP_INCR:
        case WIRE_OP_DECR: return (wire_request_key){key_of_incr(request->body), true};
        default: return (wire_request_key){{NULL, 0}, false};
    }
}
