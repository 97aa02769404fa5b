/* SPDX-License-Identifier: MIT */
#include "client-lib/pending_ring.h"

#include <stdlib.h>
#include <string.h>

enum { CAPACITY_MIN = 64 };

void pending_ring_dispose(pending_ring *ring) {
    free(ring->slots);
    memset(ring, 0, sizeof *ring);
}

bool pending_ring_grow(pending_ring *ring) {
    pending_ring grown = *ring;
    grown.capacity = ring->capacity == 0 ? CAPACITY_MIN : 2 * ring->capacity;
    grown.slots = malloc(grown.capacity * sizeof *grown.slots);
    if (grown.slots == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < ring->count; ++i) {
        *pending_ring_at(&grown, i) = *pending_ring_at(ring, i);
    }
    free(ring->slots);
    *ring = grown;
    return true;
}
