/* SPDX-License-Identifier: MIT
 *
 * The table of opcodes: names, which ones work, which statuses QUIET suppresses; and the names of
 * statuses. The server, the client library and the tests all ask here. */
#ifndef TAGCACHE_PROTOCOL_OPCODES_H
#define TAGCACHE_PROTOCOL_OPCODES_H

#include <stdbool.h>
#include <stddef.h>

#include "protocol/wire.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wire_opcode_info {
    uint8_t opcode;
    bool is_working;      /* false: answers UNSUPPORTED, its grammar is a draft */
    bool is_change;       /* may change the store: IN_DOUBT when its reply is lost */
    bool is_batch;        /* its reply holds a status for each item */
    uint8_t quiet_status; /* what QUIET suppresses, WIRE_QUIET_NOTHING for nothing */
    const char *name;
} wire_opcode_info;

enum { WIRE_QUIET_NOTHING = 0xFF };

/* The table, in the order of the opcodes. */
const wire_opcode_info *wire_opcodes(size_t *count);

/* NULL for an opcode that has no number here. */
const wire_opcode_info *wire_opcode_find(uint8_t opcode);

/* "VALUE_TOO_LARGE"; for a code this version does not know, the name of its class. */
const char *wire_status_name(uint8_t status);

#ifdef __cplusplus
}
#endif

#endif
