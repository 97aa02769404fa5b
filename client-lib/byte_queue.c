/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* explicit_bzero */

#include "client-lib/byte_queue.h"

#include <stdlib.h>
#include <string.h>

enum {
    CAPACITY_MIN = 4096,
    CAPACITY_KEPT =
        4 * 1024 * 1024 /* an empty queue that once held a giant gives its memory back */
};

void byte_queue_dispose(byte_queue *queue) {
    if (queue->is_secret && queue->storage != NULL) {
        explicit_bzero(queue->storage, queue->capacity);
    }
    free(queue->storage);
    memset(queue, 0, sizeof *queue);
}

/* realloc() may leave a copy behind. */
static uint8_t *move_secret(const byte_queue *queue, size_t capacity) {
    uint8_t *storage = malloc(capacity);
    if (storage != NULL && queue->storage != NULL) {
        memcpy(storage, queue->storage, queue->end);
        explicit_bzero(queue->storage, queue->capacity);
        free(queue->storage);
    }
    return storage;
}

static bool grow(byte_queue *queue, size_t capacity_min) {
    size_t capacity = queue->capacity < CAPACITY_MIN ? CAPACITY_MIN : queue->capacity;
    while (capacity < capacity_min) {
        if (capacity > SIZE_MAX / 2) {
            return false;
        }
        capacity *= 2;
    }
    uint8_t *storage =
        queue->is_secret ? move_secret(queue, capacity) : realloc(queue->storage, capacity);
    if (storage == NULL) {
        return false;
    }
    queue->storage = storage;
    queue->capacity = capacity;
    return true;
}

uint8_t *byte_queue_make_room(byte_queue *queue, size_t size) {
    const size_t held = byte_queue_size(queue);
    if (queue->storage != NULL && queue->begin != 0) {
        memmove(queue->storage, queue->storage + queue->begin, held);
        if (queue->is_secret) {
            explicit_bzero(queue->storage + held, queue->end - held);
        }
        queue->begin = 0;
        queue->end = held;
    }
    /* At least half free after moving, so that bytes are moved a bounded number of times each. */
    const bool is_roomy = queue->storage != NULL && held <= queue->capacity / 2;
    if (is_roomy && size <= queue->capacity - held) {
        return queue->storage + held;
    }
    if (size > SIZE_MAX - held || !grow(queue, held + size)) {
        return NULL;
    }
    return queue->storage + held;
}

void byte_queue_consume(byte_queue *queue, size_t size) {
    if (queue->is_secret && size != 0) {
        explicit_bzero(queue->storage + queue->begin, size);
    }
    queue->begin += size;
    if (queue->begin == queue->end) {
        queue->is_secret = false;
        queue->begin = 0;
        queue->end = 0;
        if (queue->capacity > CAPACITY_KEPT) {
            byte_queue_dispose(queue);
        }
    }
}
