/* SPDX-License-Identifier: MIT
 *
 * Bytes that are appended at the end and consumed from the front: what waits to be sent, and what
 * was received. */
#ifndef TAGCACHE_CLIENT_LIB_BYTE_QUEUE_H
#define TAGCACHE_CLIENT_LIB_BYTE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct byte_queue {
    uint8_t *storage;
    size_t capacity;
    size_t begin; /* INVARIANT: begin <= end <= capacity */
    size_t end;
    /* Something of it is secret: bytes are overwritten where they have been, until it is empty. */
    bool is_secret;
} byte_queue;

void byte_queue_dispose(byte_queue *queue);

static inline size_t byte_queue_size(const byte_queue *queue) {
    return queue->end - queue->begin;
}

static inline const uint8_t *byte_queue_front(const byte_queue *queue) {
    return queue->storage == NULL ? NULL : queue->storage + queue->begin;
}

/* The same when that takes moving or growing. */
uint8_t *byte_queue_make_room(byte_queue *queue, size_t size);

/* Room for `size` bytes behind the last, or NULL when there is no memory; commit makes the first of
 * them contents. What byte_queue_front() returned is no longer valid. */
static inline uint8_t *byte_queue_reserve(byte_queue *queue, size_t size) {
    return queue->storage != NULL && size <= queue->capacity - queue->end
               ? queue->storage + queue->end
               : byte_queue_make_room(queue, size);
}
static inline void byte_queue_commit(byte_queue *queue, size_t size) {
    queue->end += size;
}

void byte_queue_consume(byte_queue *queue, size_t size);

#endif
