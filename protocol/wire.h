/* SPDX-License-Identifier: MIT
 *
 * The constants of the TagCache wire protocol: sizes, opcodes, statuses, flags, option bits,
 * limits. docs/protocol.md is the truth; this file repeats its numbers for the server and the C
 * client. */
#ifndef TAGCACHE_PROTOCOL_WIRE_H
#define TAGCACHE_PROTOCOL_WIRE_H

#include <assert.h>
#include <stdint.h>

enum {
    WIRE_VERSION = 1,        /* the newest protocol version spoken here */
    WIRE_VERSION_OLDEST = 1, /* the oldest one still spoken: N-1 once there is a version 2 */
    WIRE_PREFACE_BYTES = 8,
    WIRE_HEADER_BYTES = 12,
    WIRE_MAGIC_BYTES = 4,
    WIRE_CURSOR_BYTES_MAX = 32,
    WIRE_DEFAULT_PORT = 1984
};

/* The first four bytes of both prefaces. F5 begins no ASCII, UTF-8, TLS or PROXY protocol text. */
#define WIRE_MAGIC "\xF5TC\n"

/* The seed of the XXH3-64 by which clients spread keys over servers: "tagcache" in ASCII. It goes
 * over the namespace (u16) and the key. */
#define WIRE_ROUTING_SEED UINT64_C(0x7461676361636865)

/* Why a server preface refuses (its chosen version is 0 then). */
typedef enum wire_refusal {
    WIRE_REFUSAL_NONE = 0,
    WIRE_REFUSAL_VERSION = 1,
    WIRE_REFUSAL_NOT_TAGCACHE = 2,
    WIRE_REFUSAL_TOO_MANY_CONNECTIONS = 3,
    WIRE_REFUSAL_TLS_REQUIRED = 4,
    WIRE_REFUSAL_CREDENTIALS_REQUIRED = 5,
    WIRE_REFUSAL_SHUTTING_DOWN = 6
} wire_refusal;

/* Bits of a request header's flags; any other bit is malformed. */
enum { WIRE_REQUEST_QUIET = 0x01, WIRE_REQUEST_EXT = 0x02, WIRE_REQUEST_FLAGS_KNOWN = 0x03 };

/* Bits of a reply header's flags. */
enum {
    WIRE_REPLY_PUSH = 0x01,
    WIRE_REPLY_EXT = 0x02,
    WIRE_REPLY_MORE = 0x04,
    WIRE_REPLY_STALE = 0x08,
    WIRE_REPLY_FLAGS_KNOWN = 0x0F
};

/* An extension's type has this bit when a receiver that does not know it must refuse the frame. */
enum { WIRE_EXT_CRITICAL = 0x8000 };

typedef enum wire_opcode {
    WIRE_OP_NONE = 0x00, /* malformed */
    WIRE_OP_HELLO = 0x01,
    WIRE_OP_AUTH = 0x02,
    WIRE_OP_PING = 0x03,

    WIRE_OP_GET = 0x10,
    WIRE_OP_MGET = 0x11,
    WIRE_OP_GETDEL = 0x12,
    WIRE_OP_EXISTS = 0x13,

    WIRE_OP_PUT = 0x20,
    WIRE_OP_ADD = 0x21,
    WIRE_OP_REPLACE = 0x22,
    WIRE_OP_MPUT = 0x23,
    WIRE_OP_APPEND = 0x24,
    WIRE_OP_PREPEND = 0x25,
    WIRE_OP_INCR = 0x26,
    WIRE_OP_DECR = 0x27,
    WIRE_OP_TOUCH = 0x28,
    WIRE_OP_DELETE = 0x29,

    WIRE_OP_TAGS = 0x30,
    WIRE_OP_TAG_ADD = 0x31,
    WIRE_OP_TAG_REMOVE = 0x32,
    WIRE_OP_KEYS_BY_TAG = 0x33,
    WIRE_OP_TAG_COUNT = 0x34,
    WIRE_OP_TAG_LIST = 0x35,
    WIRE_OP_INVALIDATE = 0x36,

    WIRE_OP_SCAN = 0x40,
    WIRE_OP_DELETE_PREFIX = 0x41,
    WIRE_OP_FLUSH = 0x42,

    WIRE_OP_STATS = 0x50,
    WIRE_OP_INFO = 0x51,
    WIRE_OP_CONFIG = 0x52,
    WIRE_OP_CLIENT = 0x53,
    WIRE_OP_HOTKEYS = 0x54,
    WIRE_OP_SLOWLOG = 0x55,
    WIRE_OP_USER = 0x56,
    WIRE_OP_TOKEN = 0x57,
    WIRE_OP_SHUTDOWN = 0x58,

    WIRE_OP_LEASE = 0x60,
    WIRE_OP_FILL = 0x61,
    WIRE_OP_RELEASE = 0x62,
    WIRE_OP_SUBSCRIBE = 0x63,
    WIRE_OP_UNSUBSCRIBE = 0x64
} wire_opcode;

/* Classes: 00-3F outcomes, 40-7F refused (connection stays), 80-BF retry later, C0-FF the server
 * closes. A client treats a code it does not know by its class. */
typedef enum wire_status {
    WIRE_OK = 0x00,
    WIRE_NOT_FOUND = 0x01,
    WIRE_EXISTS = 0x02,
    WIRE_NOT_STORED = 0x03, /* draft: a FILL that the lease rule refuses */
    WIRE_STALE = 0x04,      /* draft: a LEASE answered with the entry in its grace period */
    WIRE_VERSION_MISMATCH = 0x05,
    WIRE_TRUNCATED = 0x06, /* an MGET item that did not fit into the reply: ask again */

    WIRE_UNSUPPORTED = 0x40,
    WIRE_NO_SUCH_NAMESPACE = 0x41,
    WIRE_INVALID_ARGUMENT = 0x42,
    WIRE_KEY_EMPTY = 0x43,
    WIRE_KEY_TOO_LONG = 0x44,
    WIRE_VALUE_TOO_LARGE = 0x45,
    WIRE_TAG_EMPTY = 0x46,
    WIRE_TOO_MANY_TAGS = 0x47,
    WIRE_TOO_MANY_KEYS = 0x48,
    WIRE_TTL_TOO_LONG = 0x49,
    WIRE_NOT_A_NUMBER = 0x4A,
    WIRE_NUMBER_OVERFLOW = 0x4B,
    WIRE_REPLY_TOO_LARGE = 0x4C,
    WIRE_FORBIDDEN = 0x4D, /* the user's rights do not cover this, or AUTH was refused */
    WIRE_MOVED = 0x4E,     /* reserved for several servers */

    WIRE_OUT_OF_MEMORY = 0x80,
    WIRE_BUSY = 0x81,

    WIRE_MALFORMED = 0xC0,
    WIRE_FRAME_TOO_LARGE = 0xC1,
    WIRE_TOO_SLOW = 0xC2,
    WIRE_SHUTTING_DOWN = 0xC3,
    WIRE_AUTH_REQUIRED = 0xC4,

    /* Where the classes begin. */
    WIRE_STATUS_REFUSED_FIRST = 0x40,
    WIRE_STATUS_RETRY_FIRST = 0x80,
    WIRE_STATUS_CLOSING_FIRST = 0xC0
} wire_status;

/* Option bits (u16) of requests, and the presence bits (u16) of replies. The low four mean the same
 * field everywhere. Bits that an opcode does not list in docs/protocol.md are malformed there. */
enum {
    WIRE_FIELD_TTL = 0x0001,
    WIRE_FIELD_TAGS = 0x0002,
    WIRE_FIELD_VERSION = 0x0004, /* wanted by reads, if_version in writes */
    WIRE_FIELD_FLAGS = 0x0008,

    WIRE_GET_TOUCH = 0x0010,    /* the request carries a TTL that the entry gets */
    WIRE_GET_NO_VALUE = 0x0020, /* the reply's value is empty, value_bytes is told instead */
    WIRE_GET_SEQUENCE = 0x0100, /* reserved: near cache */

    WIRE_PUT_KEEP_TTL = 0x0010,
    WIRE_PUT_KEEP_TAGS = 0x0020,
    WIRE_PUT_RETURN_VERSION = 0x0040,
    WIRE_PUT_GRACE_MS = 0x0100, /* reserved: leases */
    WIRE_PUT_IF_TOKEN = 0x0200, /* reserved: leases */

    WIRE_TAGS_ALL = 0x0001, /* entries with all the tags named, not with any of them */
    WIRE_INVALIDATE_DRY_RUN = 0x0002,
    WIRE_INVALIDATE_SOFT = 0x0100,    /* reserved: grace */
    WIRE_INVALIDATE_HOLD_MS = 0x0200, /* reserved: leases */

    WIRE_SCAN_GLOB = 0x0001,       /* the pattern is a glob, not a prefix */
    WIRE_TAG_LIST_COUNTS = 0x0001, /* each tag comes with its number of entries */

    WIRE_USER_PASSWORD = 0x0001, /* the fields that a SET gives */
    WIRE_USER_RIGHTS = 0x0002,
    WIRE_USER_KEY_PREFIXES = 0x0004,
    WIRE_USER_TAG_PREFIXES = 0x0008,
    WIRE_USER_TLS_NAMES = 0x0010,
    WIRE_USER_CREATE = 0x0020 /* there must be no user of that name yet */
};

/* What a CLIENT request asks for. */
typedef enum wire_client_action {
    WIRE_CLIENT_LIST = 0,
    WIRE_CLIENT_KILL = 1,
    WIRE_CLIENT_SETNAME = 2
} wire_client_action;

/* How AUTH proves who somebody is: bits of HELLO's auth_mechanisms, one of them in an AUTH. */
typedef enum wire_auth_mechanism {
    WIRE_AUTH_PASSWORD = 0x01,
    WIRE_AUTH_TOKEN = 0x02
} wire_auth_mechanism;

/* What a user may do: bits. */
enum {
    WIRE_RIGHT_READ = 0x01,
    WIRE_RIGHT_WRITE = 0x02,
    WIRE_RIGHT_INVALIDATE = 0x04,
    WIRE_RIGHT_ADMIN = 0x08,
    WIRE_RIGHTS_KNOWN = 0x0F
};

/* What a USER request asks for. */
typedef enum wire_user_action {
    WIRE_USER_LIST = 0,
    WIRE_USER_SET = 1,
    WIRE_USER_DELETE = 2,
    WIRE_USER_PASSWD = 3
} wire_user_action;

/* What a TOKEN request asks for. */
typedef enum wire_token_action {
    WIRE_TOKEN_LIST = 0,
    WIRE_TOKEN_CREATE = 1,
    WIRE_TOKEN_REVOKE = 2
} wire_token_action;

/* Limits of credentials, the same on every server. */
enum {
    WIRE_USER_NAME_BYTES_MAX = 32,
    WIRE_PASSWORD_BYTES_MIN = 8,
    WIRE_SECRET_BYTES_MAX = 512,
    WIRE_PREFIXES_MAX = 64,
    WIRE_TOKENS_PER_USER_MAX = 4,
    WIRE_FRAME_BODY_BYTES_BEFORE_AUTH = 1024
};

/* What a CONFIG request does. */
typedef enum wire_config_action {
    WIRE_CONFIG_GET = 0,
    WIRE_CONFIG_SET = 1,
    WIRE_CONFIG_RESET = 2,
    WIRE_CONFIG_RELOAD = 3
} wire_config_action;

/* What a SLOWLOG request asks for. */
typedef enum wire_slowlog_action {
    WIRE_SLOWLOG_GET = 0,
    WIRE_SLOWLOG_RESET = 1
} wire_slowlog_action;

/* Whose hottest names a HOTKEYS request asks for. */
typedef enum wire_hotkeys_kind { WIRE_HOTKEYS_KEYS = 0, WIRE_HOTKEYS_TAGS = 1 } wire_hotkeys_kind;

/* Types of the values in STATS, INFO and CLIENT LIST. */
typedef enum wire_field_type {
    WIRE_FIELD_U64 = 1,
    WIRE_FIELD_I64 = 2,
    WIRE_FIELD_F64 = 3,
    WIRE_FIELD_TEXT = 4
} wire_field_type;

/* Default limits, told by the server in HELLO; the ceilings are what the grammar can carry. */
enum {
    WIRE_KEY_BYTES_MAX = 1024,
    WIRE_KEY_BYTES_CEILING = 65535,
    WIRE_VALUE_BYTES_MAX = 1024 * 1024,
    WIRE_VALUE_BYTES_CEILING = 512 * 1024 * 1024,
    WIRE_TAG_BYTES_MAX = 255,
    WIRE_TAGS_MAX = 512,
    WIRE_TAGS_CEILING = 1024,
    WIRE_KEYS_MAX = 1024,
    WIRE_KEYS_CEILING = 65535,
    WIRE_REPLY_BYTES_MAX = 16 * 1024 * 1024,
    WIRE_PAGE_LIMIT_MAX = 10000,
    WIRE_HOTKEYS_LIMIT_MAX = 1000,
    WIRE_SLOWLOG_LIMIT_MAX = 128,
    WIRE_GLOB_BYTES_MAX = 256,
    WIRE_CLIENT_NAME_BYTES_MAX = 63,
    WIRE_FRAME_SLACK_BYTES = 128 * 1024,
    WIRE_FRAME_FLOOR_BYTES = 1024 * 1024
};

static_assert(WIRE_TAGS_MAX <= WIRE_TAGS_CEILING, "the default number of tags is legal");
static_assert(WIRE_KEY_BYTES_CEILING == UINT16_MAX, "a key's length is a u16");
static_assert(WIRE_TAG_BYTES_MAX == UINT8_MAX, "a tag's length is a u8");
static_assert(WIRE_CURSOR_BYTES_MAX <= UINT8_MAX, "a cursor's length is a u8");

#endif
