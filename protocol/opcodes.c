/* SPDX-License-Identifier: MIT */
#include "protocol/opcodes.h"

#define NOTHING WIRE_QUIET_NOTHING

/* Laid out by hand, since a table is read by its columns. */
/* clang-format off */
static const wire_opcode_info opcodes[] = {
    /* opcode               works  change batch  quiet           name */
    {WIRE_OP_HELLO,         true,  false, false, NOTHING,        "HELLO"},
    {WIRE_OP_AUTH,          true,  false, false, NOTHING,        "AUTH"},
    {WIRE_OP_PING,          true,  false, false, NOTHING,        "PING"},
    {WIRE_OP_GET,           true,  false, false, WIRE_NOT_FOUND, "GET"},
    {WIRE_OP_MGET,          true,  false, true,  NOTHING,        "MGET"},
    {WIRE_OP_GETDEL,        true,  true,  false, WIRE_NOT_FOUND, "GETDEL"},
    {WIRE_OP_EXISTS,        true,  false, true,  NOTHING,        "EXISTS"},
    {WIRE_OP_PUT,           true,  true,  false, WIRE_OK,        "PUT"},
    {WIRE_OP_ADD,           true,  true,  false, WIRE_OK,        "ADD"},
    {WIRE_OP_REPLACE,       true,  true,  false, WIRE_OK,        "REPLACE"},
    {WIRE_OP_MPUT,          true,  true,  true,  WIRE_OK,        "MPUT"},
    {WIRE_OP_APPEND,        true,  true,  false, WIRE_OK,        "APPEND"},
    {WIRE_OP_PREPEND,       true,  true,  false, WIRE_OK,        "PREPEND"},
    {WIRE_OP_INCR,          true,  true,  false, WIRE_OK,        "INCR"},
    {WIRE_OP_DECR,          true,  true,  false, WIRE_OK,        "DECR"},
    {WIRE_OP_TOUCH,         true,  true,  true,  WIRE_OK,        "TOUCH"},
    {WIRE_OP_DELETE,        true,  true,  true,  WIRE_OK,        "DELETE"},
    {WIRE_OP_TAGS,          true,  false, false, NOTHING,        "TAGS"},
    {WIRE_OP_TAG_ADD,       true,  true,  false, WIRE_OK,        "TAG_ADD"},
    {WIRE_OP_TAG_REMOVE,    true,  true,  false, WIRE_OK,        "TAG_REMOVE"},
    {WIRE_OP_KEYS_BY_TAG,   true,  false, false, NOTHING,        "KEYS_BY_TAG"},
    {WIRE_OP_TAG_COUNT,     true,  false, false, NOTHING,        "TAG_COUNT"},
    {WIRE_OP_TAG_LIST,      true,  false, false, NOTHING,        "TAG_LIST"},
    {WIRE_OP_INVALIDATE,    true,  true,  false, WIRE_OK,        "INVALIDATE"},
    {WIRE_OP_SCAN,          true,  false, false, NOTHING,        "SCAN"},
    {WIRE_OP_DELETE_PREFIX, true,  true,  false, NOTHING,        "DELETE_PREFIX"},
    {WIRE_OP_FLUSH,         true,  true,  false, WIRE_OK,        "FLUSH"},
    {WIRE_OP_STATS,         true,  false, false, NOTHING,        "STATS"},
    {WIRE_OP_INFO,          true,  false, false, NOTHING,        "INFO"},
    {WIRE_OP_CONFIG,        true,  true,  false, NOTHING,        "CONFIG"},
    {WIRE_OP_CLIENT,        true,  true,  false, NOTHING,        "CLIENT"},
    {WIRE_OP_HOTKEYS,       true,  false, false, NOTHING,        "HOTKEYS"},
    {WIRE_OP_SLOWLOG,       true,  true,  false, NOTHING,        "SLOWLOG"},
    {WIRE_OP_USER,          true,  true,  false, NOTHING,        "USER"},
    {WIRE_OP_TOKEN,         true,  true,  false, NOTHING,        "TOKEN"},
    {WIRE_OP_SHUTDOWN,      true,  true,  false, NOTHING,        "SHUTDOWN"},
    {WIRE_OP_LEASE,         false, true,  false, NOTHING,        "LEASE"},
    {WIRE_OP_FILL,          false, true,  false, NOTHING,        "FILL"},
    {WIRE_OP_RELEASE,       false, true,  false, NOTHING,        "RELEASE"},
    {WIRE_OP_SUBSCRIBE,     false, false, false, NOTHING,        "SUBSCRIBE"},
    {WIRE_OP_UNSUBSCRIBE,   false, false, false, NOTHING,        "UNSUBSCRIBE"},
};
/* clang-format on */

enum { OPCODE_COUNT = sizeof opcodes / sizeof opcodes[0] };

const wire_opcode_info *wire_opcodes(size_t *count) {
    *count = OPCODE_COUNT;
    return opcodes;
}

const wire_opcode_info *wire_opcode_find(uint8_t opcode) {
    for (size_t i = 0; i < OPCODE_COUNT; ++i) {
        if (opcodes[i].opcode == opcode) {
            return &opcodes[i];
        }
    }
    return NULL;
}

static const char *class_name(uint8_t status) {
    if (status >= WIRE_STATUS_CLOSING_FIRST) {
        return "CLOSING";
    }
    if (status >= WIRE_STATUS_RETRY_FIRST) {
        return "RETRY";
    }
    return status >= WIRE_STATUS_REFUSED_FIRST ? "REFUSED" : "OUTCOME";
}

const char *wire_status_name(uint8_t status) {
    switch ((wire_status)status) {
        case WIRE_OK: return "OK";
        case WIRE_NOT_FOUND: return "NOT_FOUND";
        case WIRE_EXISTS: return "EXISTS";
        case WIRE_NOT_STORED: return "NOT_STORED";
        case WIRE_STALE: return "STALE";
        case WIRE_VERSION_MISMATCH: return "VERSION_MISMATCH";
        case WIRE_TRUNCATED: return "TRUNCATED";
        case WIRE_UNSUPPORTED: return "UNSUPPORTED";
        case WIRE_NO_SUCH_NAMESPACE: return "NO_SUCH_NAMESPACE";
        case WIRE_INVALID_ARGUMENT: return "INVALID_ARGUMENT";
        case WIRE_KEY_EMPTY: return "KEY_EMPTY";
        case WIRE_KEY_TOO_LONG: return "KEY_TOO_LONG";
        case WIRE_VALUE_TOO_LARGE: return "VALUE_TOO_LARGE";
        case WIRE_TAG_EMPTY: return "TAG_EMPTY";
        case WIRE_TOO_MANY_TAGS: return "TOO_MANY_TAGS";
        case WIRE_TOO_MANY_KEYS: return "TOO_MANY_KEYS";
        case WIRE_TTL_TOO_LONG: return "TTL_TOO_LONG";
        case WIRE_NOT_A_NUMBER: return "NOT_A_NUMBER";
        case WIRE_NUMBER_OVERFLOW: return "NUMBER_OVERFLOW";
        case WIRE_REPLY_TOO_LARGE: return "REPLY_TOO_LARGE";
        case WIRE_FORBIDDEN: return "FORBIDDEN";
        case WIRE_MOVED: return "MOVED";
        case WIRE_OUT_OF_MEMORY: return "OUT_OF_MEMORY";
        case WIRE_BUSY: return "BUSY";
        case WIRE_MALFORMED: return "MALFORMED";
        case WIRE_FRAME_TOO_LARGE: return "FRAME_TOO_LARGE";
        case WIRE_TOO_SLOW: return "TOO_SLOW";
        case WIRE_SHUTTING_DOWN: return "SHUTTING_DOWN";
        case WIRE_AUTH_REQUIRED: return "AUTH_REQUIRED";
    }
    return class_name(status);
}
