/* SPDX-License-Identifier: MIT */
#include "client-lib/byte_queue.h"

#include <stdlib.h>
#include <string.h>

enum {
    CAPACITY_MIN = 4096,
    CAPACITY_KEPT =
        4 * 1024 * 1024 /* an empty queue that once held a giant gives its memory back */
};

void byte_queue_dispose(byte_queue *queue) {
    free(queue->storage);
    memset(queue, 0, sizeof *queue);
}

static bool grow(byte_queue *queue, size_t capacity_min) {
    size_t capacity = queue->capacity < CAPACITY_MIN ? CAPACITY_MIN : queue->capacity;
    while (capacity < capacity_min) {
        if (capacity > SIZE_MAX / 2) {
            return false;
        }
        capacity *= 2;
    }
    uint8_t *storage = realloc(queue->storage, capacity);
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
    queue->begin += size;
    if (queue->begin == queue->end) {
        queue->begin = 0;
        queue->end = 0;
        if (queue->capacity > CAPACITY_KEPT) {
            byte_queue_dispose(queue);
        }
    }
}
