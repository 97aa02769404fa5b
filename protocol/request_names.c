/* SPDX-License-Identifier: MIT */
#include "protocol/request_names.h"

#include "protocol/entry_messages.h"

static wire_bytes key_of_get(wire_bytes body) {
    wire_get get;
    return wire_decode_get(body, &get) ? get.key : (wire_bytes){NULL, 0};
}

static wire_bytes key_of_put(wire_bytes body) {
    wire_put put;
    return wire_decode_put(body, &put) ? put.key : (wire_bytes){NULL, 0};
}

static wire_bytes key_of_incr(wire_bytes body) {
    wire_incr incr;
    return wire_decode_incr(body, &incr) ? incr.key : (wire_bytes){NULL, 0};
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
