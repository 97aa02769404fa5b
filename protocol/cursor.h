/* SPDX-License-Identifier: MIT
 *
 * Bounds-checked cursors over bytes: every read and write of the wire goes through them. A cursor
 * fails once and stays failed, so that codecs read like the grammar of their message and ask for
 * success once, at the end. (The shape is that of s2n's stuffer, without its macros.) Numbers are
 * little-endian. Nothing here allocates. */
#ifndef TAGCACHE_PROTOCOL_CURSOR_H
#define TAGCACHE_PROTOCOL_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A view of bytes that somebody else owns. data may be NULL when size is 0. */
typedef struct wire_bytes {
    const void *data;
    size_t size;
} wire_bytes;

typedef struct wire_reader {
    const uint8_t *next;
    const uint8_t *end;
    bool failed;
} wire_reader;

/* Writes into [start, end); failed is set when that was too small or a length did not fit its
 * field, and nothing more is written then. */
typedef struct wire_writer {
    uint8_t *start;
    uint8_t *next;
    uint8_t *end;
    bool failed;
} wire_writer;

static inline wire_reader wire_reader_over(wire_bytes bytes) {
    wire_reader in;
    in.next = (const uint8_t *)bytes.data;
    in.end = bytes.size == 0 ? in.next : in.next + bytes.size;
    in.failed = false;
    return in;
}

static inline size_t wire_reader_left(const wire_reader *in) {
    return (size_t)(in->end - in->next);
}

/* True when everything was read, exactly: false when short, and when bytes are left over. */
static inline bool wire_reader_finished(const wire_reader *in) {
    return !in->failed && in->next == in->end;
}

/* Takes `size` bytes, or fails and returns NULL. */
static inline const uint8_t *wire_take(wire_reader *in, size_t size) {
    if (size > wire_reader_left(in)) {
        in->failed = true;
        in->end = in->next; /* so that nothing more can be taken */
        return NULL;
    }
    const uint8_t *taken = in->next;
    if (size != 0) {
        in->next += size;
    }
    return taken;
}

static inline uint16_t wire_load_u16(const uint8_t *from) {
    return (uint16_t)(from[0] | (unsigned)from[1] << 8);
}

static inline uint32_t wire_load_u32(const uint8_t *from) {
    return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 |
           (uint32_t)from[3] << 24;
}

static inline uint8_t wire_read_u8(wire_reader *in) {
    const uint8_t *from = wire_take(in, 1);
    return from == NULL ? 0 : from[0];
}

static inline uint16_t wire_read_u16(wire_reader *in) {
    const uint8_t *from = wire_take(in, 2);
    return from == NULL ? 0 : wire_load_u16(from);
}

static inline uint32_t wire_read_u32(wire_reader *in) {
    const uint8_t *from = wire_take(in, 4);
    return from == NULL ? 0 : wire_load_u32(from);
}

static inline uint64_t wire_read_u64(wire_reader *in) {
    const uint8_t *from = wire_take(in, 8);
    return from == NULL ? 0 : wire_load_u32(from) | (uint64_t)wire_load_u32(from + 4) << 32;
}

static inline int64_t wire_read_i64(wire_reader *in) {
    return (int64_t)wire_read_u64(in);
}

/* [version u64] where a body ends: 0 when it is not there, because no entry has that version; hence
 * one that is there and 0 is malformed. */
static inline uint64_t wire_read_last_version(wire_reader *in) {
    if (wire_reader_left(in) == 0) {
        return 0;
    }
    const uint64_t version = wire_read_u64(in);
    in->failed |= version == 0;
    return version;
}

/* Option bits outside `known` are malformed, so that a new one can never be ignored by an old peer.
 */
static inline uint16_t wire_read_options(wire_reader *in, unsigned known) {
    const uint16_t options = wire_read_u16(in);
    in->failed |= (options & ~known) != 0;
    return options;
}

static inline wire_bytes wire_read_bytes(wire_reader *in, size_t size) {
    wire_bytes bytes = {wire_take(in, size), size};
    if (in->failed) {
        bytes.size = 0;
    }
    return bytes;
}

static inline wire_bytes wire_read_bytes8(wire_reader *in) {
    return wire_read_bytes(in, wire_read_u8(in));
}

static inline wire_bytes wire_read_bytes16(wire_reader *in) {
    return wire_read_bytes(in, wire_read_u16(in));
}

static inline wire_bytes wire_read_bytes32(wire_reader *in) {
    return wire_read_bytes(in, wire_read_u32(in));
}

static inline wire_writer wire_writer_over(void *start, size_t capacity) {
    wire_writer out;
    out.start = (uint8_t *)start;
    out.next = out.start;
    out.end = out.start + capacity;
    out.failed = false;
    return out;
}

static inline size_t wire_writer_size(const wire_writer *out) {
    return (size_t)(out->next - out->start);
}

/* Room for `size` bytes, or NULL and failed. */
static inline uint8_t *wire_reserve(wire_writer *out, size_t size) {
    if (out->failed || size > (size_t)(out->end - out->next)) {
        out->failed = true;
        return NULL;
    }
    uint8_t *reserved = out->next;
    out->next += size;
    return reserved;
}

static inline void wire_store_u16(uint8_t *to, uint16_t value) {
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
}

static inline void wire_store_u32(uint8_t *to, uint32_t value) {
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
    to[2] = (uint8_t)(value >> 16);
    to[3] = (uint8_t)(value >> 24);
}

static inline void wire_write_u8(wire_writer *out, uint8_t value) {
    uint8_t *to = wire_reserve(out, 1);
    if (to != NULL) {
        to[0] = value;
    }
}

static inline void wire_write_u16(wire_writer *out, uint16_t value) {
    uint8_t *to = wire_reserve(out, 2);
    if (to != NULL) {
        wire_store_u16(to, value);
    }
}

static inline void wire_write_u32(wire_writer *out, uint32_t value) {
    uint8_t *to = wire_reserve(out, 4);
    if (to != NULL) {
        wire_store_u32(to, value);
    }
}

static inline void wire_write_u64(wire_writer *out, uint64_t value) {
    uint8_t *to = wire_reserve(out, 8);
    if (to != NULL) {
        wire_store_u32(to, (uint32_t)value);
        wire_store_u32(to + 4, (uint32_t)(value >> 32));
    }
}

static inline void wire_write_i64(wire_writer *out, int64_t value) {
    wire_write_u64(out, (uint64_t)value);
}

static inline void wire_write_raw(wire_writer *out, wire_bytes bytes) {
    uint8_t *to = wire_reserve(out, bytes.size);
    if (to != NULL && bytes.size != 0) {
        memcpy(to, bytes.data, bytes.size);
    }
}

/* A length that does not fit its field fails the writer: nothing is ever truncated silently. */
static inline void wire_write_bytes8(wire_writer *out, wire_bytes bytes) {
    out->failed |= bytes.size > UINT8_MAX;
    wire_write_u8(out, (uint8_t)bytes.size);
    wire_write_raw(out, bytes);
}

static inline void wire_write_bytes16(wire_writer *out, wire_bytes bytes) {
    out->failed |= bytes.size > UINT16_MAX;
    wire_write_u16(out, (uint16_t)bytes.size);
    wire_write_raw(out, bytes);
}

static inline void wire_write_bytes32(wire_writer *out, wire_bytes bytes) {
    out->failed |= bytes.size > UINT32_MAX;
    wire_write_u32(out, (uint32_t)bytes.size);
    wire_write_raw(out, bytes);
}

#ifdef __cplusplus
}
#endif

#endif
