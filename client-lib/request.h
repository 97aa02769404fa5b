/* SPDX-License-Identifier: MIT
 *
 * One request on its way from a call's arguments to bytes. Blocking calls and pipelines build it
 * with the same functions; a session checks and encodes it. It borrows what the arguments point to,
 * and is built where it stays, because copies of it showed in the cost of a pipelined GET. */
#ifndef TAGCACHE_CLIENT_LIB_REQUEST_H
#define TAGCACHE_CLIENT_LIB_REQUEST_H

#include "protocol/access_messages.h"
#include "protocol/admin_messages.h"
#include "protocol/control_messages.h"
#include "protocol/entry_messages.h"
#include "protocol/tag_messages.h"
#include "tagcache/tagcache.h"

/* Why a request is not sent. */
typedef struct client_refusal {
    tagcache_status status; /* OK = it is sent */
    const char *reason;
    uint64_t limit; /* that was exceeded, or 0 */
} client_refusal;

typedef struct mput_items {
    const tagcache_bytes *keys;
    const tagcache_bytes *values;
    const tagcache_write_options *const *options;
    uint32_t count;
} mput_items;

typedef struct client_request {
    uint8_t opcode;
    bool is_single;         /* a batch of one, whose item's status is the reply's */
    client_refusal refusal; /* found while building: arguments that make no sense */
    union {
        wire_hello hello;
        wire_auth auth;
        wire_user user;
        wire_token token;
        wire_get get;
        wire_mget mget;
        wire_keys keys;
        wire_put put;
        mput_items mput;
        wire_incr incr;
        wire_bytes name; /* TAGS: the key; TAG_COUNT: the tag */
        wire_tag_change tag_change;
        wire_invalidate invalidate;
        wire_keys_by_tag keys_by_tag;
        wire_scan scan;
        wire_client client;
        wire_hotkeys hotkeys;
        wire_config config;
        wire_slowlog slowlog;
    } message;
} client_request;

/* What the server takes, indexed by tagcache_limit. */
enum { LIMIT_COUNT = 8 };
typedef struct client_limits {
    uint64_t values[LIMIT_COUNT];
} client_limits;

/* What the grammar can carry: what counts before the server has told its limits. */
client_limits limits_ceiling(void);
client_limits limits_of_server(const wire_hello_reply *hello);

void request_hello(client_request *request, const char *client_name);
/* PING FLUSH STATS INFO */
void request_bare(client_request *request, uint8_t opcode);
void request_get(client_request *request, uint8_t opcode, tagcache_bytes key,
                 const tagcache_read_options *options);
void request_mget(client_request *request, const tagcache_bytes *keys, size_t key_count,
                  const tagcache_read_options *options);
void request_exists(client_request *request, const tagcache_bytes *keys, size_t key_count,
                    const tagcache_read_options *options);
/* TOUCH DELETE */
void request_keys(client_request *request, uint8_t opcode, const tagcache_bytes *keys,
                  const uint64_t *if_versions, size_t key_count, uint64_t ttl_ms);
void request_key(client_request *request, uint8_t opcode, const tagcache_bytes *key,
                 uint64_t ttl_ms, const tagcache_write_options *options);
/* PUT ADD REPLACE APPEND PREPEND */
void request_put(client_request *request, uint8_t opcode, tagcache_bytes key, tagcache_bytes value,
                 const tagcache_write_options *options);
void request_mput(client_request *request, const tagcache_bytes *keys, const tagcache_bytes *values,
                  size_t count, const tagcache_write_options *const *options);
/* Item `index` of an MPUT. */
wire_put request_mput_item(const mput_items *items, uint32_t index);
/* INCR DECR */
void request_incr(client_request *request, uint8_t opcode, tagcache_bytes key, int64_t amount,
                  const tagcache_write_options *options);
/* TAGS TAG_COUNT */
void request_name(client_request *request, uint8_t opcode, tagcache_bytes name);
void request_tag_change(client_request *request, uint8_t opcode, tagcache_bytes key,
                        const tagcache_bytes *tags, size_t tag_count,
                        const tagcache_write_options *options);
void request_invalidate(client_request *request, const tagcache_bytes *tags, size_t tag_count,
                        const tagcache_invalidate_options *options);
void request_keys_by_tag(client_request *request, const tagcache_bytes *tags, size_t tag_count,
                         const tagcache_page_options *page);
/* TAG_LIST SCAN DELETE_PREFIX */
void request_scan(client_request *request, uint8_t opcode, tagcache_bytes pattern,
                  const tagcache_page_options *page);
void request_clients(client_request *request, const tagcache_page_options *page);
void request_clients_kill(client_request *request, uint64_t id);
void request_set_name(client_request *request, tagcache_bytes name);
void request_hotkeys(client_request *request, const tagcache_hotkeys_options *options);
void request_config(client_request *request, tagcache_config_action action, tagcache_bytes key,
                    tagcache_bytes value);
void request_slowlog(client_request *request, tagcache_slowlog_action action, uint32_t limit);

void request_auth(client_request *request, const tagcache_credentials *credentials);
void request_user_list(client_request *request, const tagcache_page_options *page);
void request_user_set(client_request *request, tagcache_bytes name, bool is_new,
                      const tagcache_user_options *options);
void request_user_remove(client_request *request, tagcache_bytes name);
void request_change_password(client_request *request, tagcache_bytes old_password,
                             tagcache_bytes new_password);
void request_token(client_request *request, wire_token_action action, tagcache_bytes user,
                   uint64_t ttl_ms, tagcache_bytes id);

/* Whether it, or the reply to it, tells a password or a token. */
bool request_has_secret(const client_request *request);

/* Whether it may change anything: the opcode, and where that does both, its action. */
bool request_is_change(const client_request *request);

/* How many items a reply to it has; 0 when it is no batch. */
uint32_t request_key_count(const client_request *request);

/* What the server would refuse for its size; a batch's items are left to it, because it answers
 * for each. */
client_refusal request_check(const client_request *request, const client_limits *limits);

/* An upper bound of its body, and the body itself. */
size_t request_body_bytes_max(const client_request *request);
void request_encode(wire_writer *out, const client_request *request);

#endif
