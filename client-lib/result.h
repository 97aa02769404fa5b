/* SPDX-License-Identifier: MIT
 *
 * The inside of a tagcache_result: one reply, copied, and where its cursors stand. */
#ifndef TAGCACHE_CLIENT_LIB_RESULT_H
#define TAGCACHE_CLIENT_LIB_RESULT_H

#include "protocol/access_messages.h"
#include "protocol/admin_messages.h"
#include "protocol/control_messages.h"
#include "protocol/entry_messages.h"
#include "protocol/tag_messages.h"
#include "tagcache/tagcache.h"

struct tagcache_result {
    uint8_t *storage; /* the reply's body, or the text of a failure; kept from reply to reply */
    size_t capacity;

    tagcache_status status;
    uint32_t request_id;
    uint64_t user_data;
    wire_error error; /* of a failure */

    uint8_t opcode; /* 0 = there is no reply to speak of */
    uint64_t count;
    int64_t number;
    wire_bytes cursor;

    wire_hit entry; /* of the reply, or of the current item */
    wire_reader tags_left;
    uint32_t tags_left_count;

    uint32_t item_count;
    uint32_t items_left_count;
    uint16_t items_present;
    wire_reader items_left;
    tagcache_status item_status;
    wire_bytes name;
    uint64_t entries;
    uint64_t rate;
    uint32_t rights;

    wire_field field;
    wire_reader fields; /* of the reply, or of the current item */
    uint32_t field_count;
    wire_reader fields_left;
    uint32_t fields_left_count;
};

/* Which request a reply belongs to. */
typedef struct reply_origin {
    uint8_t opcode;
    bool is_single;     /* its one item's status is the answer */
    uint32_t key_count; /* of a batch: what its reply has to have items for */
    uint32_t request_id;
    uint64_t user_data;
} reply_origin;

/* +code for outcomes, -code for refusals. */
static inline tagcache_status status_of_wire(uint8_t code) {
    return code < WIRE_STATUS_REFUSED_FIRST ? code : -(tagcache_status)code;
}

/* Empties it but for its memory, in which no token is left. */
void result_clear(tagcache_result *result);
void result_dispose(tagcache_result *result);

/* Takes a copy of a reply. OK when it could be taken, whatever status it carries; PROTOCOL when
 * its body is not that of its opcode; LOCAL_OUT_OF_MEMORY. */
tagcache_status result_take(tagcache_result *result, const reply_origin *origin, uint8_t status,
                            wire_bytes body);

/* Becomes the answer to a request that got none. When even the text finds no memory, it is empty.
 */
void result_fail(tagcache_result *result, const reply_origin *origin, tagcache_status status,
                 const char *text);

#endif
