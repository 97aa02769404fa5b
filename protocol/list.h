/* SPDX-License-Identifier: MIT
 *
 * A list inside a message: tags, keys, keys with versions, entries of an MPUT, results. When
 * decoded it is the validated bytes of its items, walked with the wire_next_ function of its kind;
 * when encoded from scratch it is an array of views. Both forms encode to the same bytes. */
#ifndef TAGCACHE_PROTOCOL_LIST_H
#define TAGCACHE_PROTOCOL_LIST_H

#include "protocol/cursor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* array: `count` pairs {const void *data; size_t size}, of whatever struct type (the client library
 * passes its callers' tagcache_bytes); NULL when raw is set. */
typedef struct wire_list {
    uint32_t count;
    const void *array;
    wire_bytes raw;
} wire_list;

/* Item `index` of an array: copied out, so that the array's own struct type does not matter. */
static inline wire_bytes wire_list_at(const wire_list *list, uint32_t index) {
    wire_bytes item;
    memcpy(&item, (const char *)list->array + index * sizeof item, sizeof item);
    return item;
}

/* tags := count u16 | bytes8 * count */
static inline wire_list wire_read_tags(wire_reader *in) {
    wire_list tags = {wire_read_u16(in), NULL, {NULL, 0}};
    tags.raw.data = in->next;
    for (uint32_t i = 0; i < tags.count && !in->failed; ++i) {
        (void)wire_read_bytes8(in);
    }
    if (!in->failed) {
        tags.raw.size = (size_t)(in->next - (const uint8_t *)tags.raw.data);
    }
    return tags;
}

static inline void wire_write_tags(wire_writer *out, const wire_list *tags) {
    out->failed |= tags->count > UINT16_MAX;
    wire_write_u16(out, (uint16_t)tags->count);
    if (tags->array == NULL) {
        wire_write_raw(out, tags->raw);
        return;
    }
    for (uint32_t i = 0; i < tags->count; ++i) {
        wire_write_bytes8(out, wire_list_at(tags, i));
    }
}

#ifdef __cplusplus
}
#endif

#endif
