/* SPDX-License-Identifier: MIT
 *
 * What a request is about, found before its turn comes, so that the memory it will need can be
 * asked for while others are executed. */
#ifndef TAGCACHE_PROTOCOL_REQUEST_NAMES_H
#define TAGCACHE_PROTOCOL_REQUEST_NAMES_H

#include "protocol/frame.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The key of a request on one entry, and whether it may change that entry. A hint, and no check:
 * the key is empty when the opcode has no such key, and when the body is malformed. */
typedef struct wire_request_key {
    wire_bytes key;
    bool is_write;
} wire_request_key;

wire_request_key wire_peek_key(const wire_request *request);

#ifdef __cplusplus
}
#endif

#endif
