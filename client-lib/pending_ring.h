/* SPDX-License-Identifier: MIT
 *
 * The requests of a connection that have been appended and not been answered, in order. */
#ifndef TAGCACHE_CLIENT_LIB_PENDING_RING_H
#define TAGCACHE_CLIENT_LIB_PENDING_RING_H

#include <stdbool.h>
#include <stdint.h>

typedef struct pending_request {
    uint64_t user_data;
    uint64_t begins_at; /* which byte of the connection's output is its first */
    uint64_t deadline_ms;
    uint32_t timeout_ms;
    uint32_t key_count;
    uint8_t opcode;
    bool is_quiet;
    bool is_change; /* without an answer it is in doubt */
    bool is_single;
    bool is_ours; /* HELLO and fences: their replies are nobody's business */
} pending_request;

/* A ring: ids are given in order, so that a reply's id says its place. */
typedef struct pending_ring {
    pending_request *slots;
    uint32_t capacity; /* a power of two, or 0 */
    uint32_t count;
    uint32_t first_id; /* of the oldest */
} pending_ring;

void pending_ring_dispose(pending_ring *ring);

/* Place `index` counted from the oldest. REQUIRES: index < count. */
static inline pending_request *pending_ring_at(const pending_ring *ring, uint32_t index) {
    return &ring->slots[(ring->first_id + index) & (ring->capacity - 1)];
}

/* The same when it is full. */
bool pending_ring_grow(pending_ring *ring);

/* Makes sure that one more fits; false when there is no memory. */
static inline bool pending_ring_reserve(pending_ring *ring) {
    return ring->count < ring->capacity || pending_ring_grow(ring);
}

/* The id that the next request gets. */
static inline uint32_t pending_ring_next_id(const pending_ring *ring) {
    return ring->first_id + ring->count;
}

/* One more, which the caller fills in. REQUIRES: reserved. */
static inline pending_request *pending_ring_push(pending_ring *ring) {
    return pending_ring_at(ring, ring->count++);
}

static inline void pending_ring_pop(pending_ring *ring) {
    ++ring->first_id;
    --ring->count;
}

#endif
