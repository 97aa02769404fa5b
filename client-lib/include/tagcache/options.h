/* SPDX-License-Identifier: MIT
 *
 * The options of calls, verbs and clients. Include tagcache.h; conventions 2 and 3 are there. */
#ifndef TAGCACHE_OPTIONS_H
#define TAGCACHE_OPTIONS_H

#include <tagcache/status.h>
#include <tagcache/transport.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TAGCACHE_NO_TIMEOUT UINT32_MAX

enum { TAGCACHE_CALL_QUIET = 0x01 }; /* pipelines: no reply when all is well; see there */

typedef struct tagcache_call_options {
    size_t struct_size;
    uint32_t timeout_ms; /* for the whole call (delete_prefix: for each page); 0 = the client's,
                            TAGCACHE_NO_TIMEOUT = none */
    uint32_t flags;      /* TAGCACHE_CALL_ */
    uint64_t user_data;  /* pipelines: comes back with the reply */
} tagcache_call_options;
#define TAGCACHE_CALL_OPTIONS_INIT \
    { sizeof(tagcache_call_options), 0, 0, 0 }

/* Which fields of an entry a read asks for beside its value, and what it does to the entry. */
enum {
    TAGCACHE_READ_TTL = 0x01,
    TAGCACHE_READ_TAGS = 0x02,
    TAGCACHE_READ_VERSION = 0x04,
    TAGCACHE_READ_FLAGS = 0x08,
    TAGCACHE_READ_TOUCH = 0x10,   /* gives the entry ttl_ms: a sliding expiry */
    TAGCACHE_READ_NO_VALUE = 0x20 /* the value's size only */
};

typedef struct tagcache_read_options {
    size_t struct_size;
    uint32_t fields; /* TAGCACHE_READ_ */
    uint32_t reserved;
    uint64_t ttl_ms; /* with TAGCACHE_READ_TOUCH; 0 = no expiry */
} tagcache_read_options;
#define TAGCACHE_READ_OPTIONS_INIT \
    { sizeof(tagcache_read_options), 0, 0, 0 }

/* What a write brings along, and what it asks for. Each verb says which bits it takes. */
enum {
    TAGCACHE_WRITE_TTL = 0x01,        /* ttl_ms; without it a new entry gets the server's default */
    TAGCACHE_WRITE_TAGS = 0x02,       /* tags and tag_count */
    TAGCACHE_WRITE_IF_VERSION = 0x04, /* only when the entry has the version if_version */
    TAGCACHE_WRITE_FLAGS = 0x08,      /* flags */
    TAGCACHE_WRITE_KEEP_TTL = 0x10,   /* the TTL of the entry that is replaced stays */
    TAGCACHE_WRITE_KEEP_TAGS = 0x20,  /* its tags stay */
    TAGCACHE_WRITE_RETURN_VERSION = 0x40 /* tell the new version in the result */
};

typedef struct tagcache_write_options {
    size_t struct_size;
    uint32_t fields; /* TAGCACHE_WRITE_ */
    uint32_t flags;  /* yours, kept with the entry; the top 8 bits are the library's: 0 */
    uint64_t ttl_ms; /* 0 = no expiry */
    uint64_t if_version;
    const tagcache_bytes *tags; /* a tag named twice counts once */
    size_t tag_count;
} tagcache_write_options;
#define TAGCACHE_WRITE_OPTIONS_INIT \
    { sizeof(tagcache_write_options), 0, 0, 0, 0, NULL, 0 }

enum {
    TAGCACHE_INVALIDATE_ALL = 0x01,    /* entries that have all the tags, not any of them */
    TAGCACHE_INVALIDATE_DRY_RUN = 0x02 /* count only */
};

typedef struct tagcache_invalidate_options {
    size_t struct_size;
    uint32_t fields; /* TAGCACHE_INVALIDATE_ */
    uint32_t reserved;
} tagcache_invalidate_options;
#define TAGCACHE_INVALIDATE_OPTIONS_INIT \
    { sizeof(tagcache_invalidate_options), 0, 0 }

enum {
    TAGCACHE_PAGE_ALL_TAGS = 0x01, /* tagcache_keys_by_tag: keys that have all the tags */
    TAGCACHE_PAGE_GLOB = 0x02,     /* tagcache_scan: the pattern is a glob, not a prefix */
    TAGCACHE_PAGE_ENTRIES = 0x04   /* tagcache_tag_list: with the number of entries of each tag */
};

typedef struct tagcache_page_options {
    size_t struct_size;
    uint32_t fields;       /* TAGCACHE_PAGE_ */
    uint32_t limit;        /* items a page at most; 0 = 1000 */
    tagcache_bytes cursor; /* tagcache_result_cursor() of the page before; empty = from the start */
} tagcache_page_options;
#define TAGCACHE_PAGE_OPTIONS_INIT             \
    {                                          \
        sizeof(tagcache_page_options), 0, 0, { \
            NULL, 0                            \
        }                                      \
    }

enum { TAGCACHE_HOTKEYS_TAGS = 0x01 }; /* the hottest tags, not the hottest keys */

typedef struct tagcache_hotkeys_options {
    size_t struct_size;
    uint32_t fields; /* TAGCACHE_HOTKEYS_ */
    uint32_t limit;  /* names at most, up to 1000; 0 = 10 */
} tagcache_hotkeys_options;
#define TAGCACHE_HOTKEYS_OPTIONS_INIT \
    { sizeof(tagcache_hotkeys_options), 0, 0 }

/* What is done with a setting of the server. */
typedef enum tagcache_config_action {
    TAGCACHE_CONFIG_GET = 0,   /* tell the setting with this key, all of a table, or with "" all */
    TAGCACHE_CONFIG_SET = 1,   /* this value, until the server ends or reads its file again */
    TAGCACHE_CONFIG_RESET = 2, /* what the server's command line, environment and file say */
    TAGCACHE_CONFIG_RELOAD = 3 /* read the file again; no key */
} tagcache_config_action;

/* What is done with the server's list of slow requests. */
typedef enum tagcache_slowlog_action {
    TAGCACHE_SLOWLOG_GET = 0,  /* tell the latest */
    TAGCACHE_SLOWLOG_RESET = 1 /* forget all */
} tagcache_slowlog_action;

/* Secrets may go to another machine as they are, over a connection that is not encrypted. */
enum { TAGCACHE_CLIENT_PLAINTEXT_SECRETS = 0x01 };

typedef struct tagcache_client_options {
    size_t struct_size;
    const char *uri;       /* tagcache://[USER@]HOST[:PORT], tagcache://[::1]:1984, tagcaches://...,
                              with TLS, or unix:///PATH; never a password */
    const char *host;      /* without uri: a name or an address; NULL = 127.0.0.1 */
    const char *unix_path; /* without uri and host: a Unix socket */
    const char *client_name;             /* shown by tagcache_clients(); at most 63 bytes */
    uint32_t port;                       /* 0 = 1984 */
    uint32_t connect_timeout_ms;         /* 0 = 2000 */
    uint32_t timeout_ms;                 /* of a call; 0 = 5000 */
    uint32_t reply_bytes_max;            /* a longer reply is a PROTOCOL failure; 0 = 64 MiB */
    const tagcache_transport *transport; /* NULL = none; tagcaches:// needs one: tagcache/tls.h */
    void *transport_context;
    const tagcache_credentials *credentials; /* NULL = none; access.h. They are copied */
    uint32_t flags;                          /* TAGCACHE_CLIENT_ */
    uint32_t reserved;
} tagcache_client_options;
#define TAGCACHE_CLIENT_OPTIONS_INIT \
    { sizeof(tagcache_client_options), NULL, NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL, NULL, 0, 0 }

#ifdef __cplusplus
}
#endif

#endif
