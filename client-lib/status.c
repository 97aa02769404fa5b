/* SPDX-License-Identifier: MIT */
#include "protocol/opcodes.h"
#include "tagcache/tagcache.h"

/* The statuses of the header are the wire's; these say that none has drifted. */
_Static_assert((int)TAGCACHE_OK == (int)WIRE_OK, "OK is 0");
_Static_assert((int)TAGCACHE_NOT_FOUND == (int)WIRE_NOT_FOUND, "outcomes are +code");
_Static_assert((int)TAGCACHE_EXISTS == (int)WIRE_EXISTS, "outcomes are +code");
_Static_assert((int)TAGCACHE_NOT_STORED == (int)WIRE_NOT_STORED, "outcomes are +code");
_Static_assert((int)TAGCACHE_STALE == (int)WIRE_STALE, "outcomes are +code");
_Static_assert((int)TAGCACHE_VERSION_MISMATCH == (int)WIRE_VERSION_MISMATCH, "outcomes are +code");
_Static_assert((int)TAGCACHE_TRUNCATED == (int)WIRE_TRUNCATED, "outcomes are +code");
_Static_assert((int)TAGCACHE_UNSUPPORTED == -(int)WIRE_UNSUPPORTED, "refusals are -code");
_Static_assert((int)TAGCACHE_NO_SUCH_NAMESPACE == -(int)WIRE_NO_SUCH_NAMESPACE,
               "refusals are -code");
_Static_assert((int)TAGCACHE_INVALID_ARGUMENT == -(int)WIRE_INVALID_ARGUMENT, "refusals are -code");
_Static_assert((int)TAGCACHE_KEY_EMPTY == -(int)WIRE_KEY_EMPTY, "refusals are -code");
_Static_assert((int)TAGCACHE_KEY_TOO_LONG == -(int)WIRE_KEY_TOO_LONG, "refusals are -code");
_Static_assert((int)TAGCACHE_VALUE_TOO_LARGE == -(int)WIRE_VALUE_TOO_LARGE, "refusals are -code");
_Static_assert((int)TAGCACHE_TAG_EMPTY == -(int)WIRE_TAG_EMPTY, "refusals are -code");
_Static_assert((int)TAGCACHE_TOO_MANY_TAGS == -(int)WIRE_TOO_MANY_TAGS, "refusals are -code");
_Static_assert((int)TAGCACHE_TOO_MANY_KEYS == -(int)WIRE_TOO_MANY_KEYS, "refusals are -code");
_Static_assert((int)TAGCACHE_TTL_TOO_LONG == -(int)WIRE_TTL_TOO_LONG, "refusals are -code");
_Static_assert((int)TAGCACHE_NOT_A_NUMBER == -(int)WIRE_NOT_A_NUMBER, "refusals are -code");
_Static_assert((int)TAGCACHE_NUMBER_OVERFLOW == -(int)WIRE_NUMBER_OVERFLOW, "refusals are -code");
_Static_assert((int)TAGCACHE_REPLY_TOO_LARGE == -(int)WIRE_REPLY_TOO_LARGE, "refusals are -code");
_Static_assert((int)TAGCACHE_FORBIDDEN == -(int)WIRE_FORBIDDEN, "refusals are -code");
_Static_assert((int)TAGCACHE_MOVED == -(int)WIRE_MOVED, "refusals are -code");
_Static_assert((int)TAGCACHE_OUT_OF_MEMORY == -(int)WIRE_OUT_OF_MEMORY, "refusals are -code");
_Static_assert((int)TAGCACHE_BUSY == -(int)WIRE_BUSY, "refusals are -code");
_Static_assert((int)TAGCACHE_MALFORMED == -(int)WIRE_MALFORMED, "refusals are -code");
_Static_assert((int)TAGCACHE_FRAME_TOO_LARGE == -(int)WIRE_FRAME_TOO_LARGE, "refusals are -code");
_Static_assert((int)TAGCACHE_TOO_SLOW == -(int)WIRE_TOO_SLOW, "refusals are -code");
_Static_assert((int)TAGCACHE_SHUTTING_DOWN == -(int)WIRE_SHUTTING_DOWN, "refusals are -code");
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
