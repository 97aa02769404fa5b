/* SPDX-License-Identifier: MIT */
#include "protocol/opcodes.h"
#include "tagcache/tagcache.h"

/* The statuses of the header are the wire's; these say that none has drifted. */
_Static_assert((int)TAGCACHE_VERSION_MISMATCH == (int)WIRE_VERSION_MISMATCH, "outcomes are +code");
_Static_assert((int)TAGCACHE_TRUNCATED == (int)WIRE_TRUNCATED, "outcomes are +code");
_Static_assert((int)TAGCACHE_MOVED == -(int)WIRE_MOVED, "refusals are -code");
_Static_assert((int)TAGCACHE_BUSY == -(int)WIRE_BUSY, "refusals are -code");
_Static_assert((int)TAGCACHE_AUTH_REQUIRED == -(int)WIRE_AUTH_REQUIRED, "refusals are -code");

static const char *local_name(tagcache_status status) {
    switch (status) {
        case TAGCACHE_CONNECT: return "CONNECT";
        case TAGCACHE_TIMEOUT: return "TIMEOUT";
        case TAGCACHE_CONNECTION_LOST: return "CONNECTION_LOST";
        case TAGCACHE_PROTOCOL: return "PROTOCOL";
        case TAGCACHE_IN_DOUBT: return "IN_DOUBT";
        case TAGCACHE_LOCAL_INVALID_ARGUMENT: return "LOCAL_INVALID_ARGUMENT";
        case TAGCACHE_LOCAL_OUT_OF_MEMORY: return "LOCAL_OUT_OF_MEMORY";
        case TAGCACHE_PIPELINE_FULL: return "PIPELINE_FULL";
        default: return "LOCAL";
    }
}

const char *tagcache_status_name(tagcache_status status) {
    if (status >= 0 && status < WIRE_STATUS_REFUSED_FIRST) {
        return wire_status_name((uint8_t)status);
    }
    if (status <= -WIRE_STATUS_REFUSED_FIRST && status >= -UINT8_MAX) {
        return wire_status_name((uint8_t)-status);
    }
    return status <= TAGCACHE_CONNECT ? local_name(status) : "UNKNOWN";
}

bool tagcache_status_closes(tagcache_status status) {
    const bool is_servers = status <= -WIRE_STATUS_CLOSING_FIRST && status >= -UINT8_MAX;
    return is_servers || (status <= TAGCACHE_CONNECT && status >= TAGCACHE_IN_DOUBT);
}

const char *tagcache_library_version(void) {
    return TAGCACHE_LIBRARY_VERSION;
}
