/* SPDX-License-Identifier: MIT
 *
 * A client is a connection to one server, made when it is needed, and the blocking calls on it:
 * one request, one reply. Include tagcache.h. */
#ifndef TAGCACHE_CLIENT_H
#define TAGCACHE_CLIENT_H

#include <tagcache/options.h>
#include <tagcache/result.h>
#include <tagcache/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* NULL options mean 127.0.0.1:1984. Nothing is connected yet. *client is set also on failure, so
 * that its error can be read, and to NULL only when there is no memory. */
TAGCACHE_API tagcache_status tagcache_client_new(const tagcache_client_options *options,
                                                 tagcache_client **client);
/* Disconnects without waiting for anything. NULL is fine. */
TAGCACHE_API void tagcache_client_free(tagcache_client *client);

/* Connects now, unless connected. TAGCACHE_CONNECT when the server cannot be reached or refuses;
 * TAGCACHE_LOCAL_INVALID_ARGUMENT as long as a pipeline of the last connection has replies that
 * were not taken. */
TAGCACHE_API tagcache_status tagcache_client_connect(tagcache_client *client,
                                                     const tagcache_call_options *call);
TAGCACHE_API void tagcache_client_disconnect(tagcache_client *client);

/* One line about the last failure, "" when there was none; valid until the next call. */
TAGCACHE_API const char *tagcache_client_error(const tagcache_client *client);

/* Where this client connects to, as a URI. */
TAGCACHE_API const char *tagcache_client_address(const tagcache_client *client);

/* What the server said when it was connected to; "" and 0 before. */
TAGCACHE_API const char *tagcache_client_server_version(const tagcache_client *client);

typedef enum tagcache_limit {
    TAGCACHE_LIMIT_KEY_BYTES = 1,
    TAGCACHE_LIMIT_VALUE_BYTES = 2,
    TAGCACHE_LIMIT_TAG_BYTES = 3,
    TAGCACHE_LIMIT_TAGS = 4,        /* of an entry */
    TAGCACHE_LIMIT_KEYS = 5,        /* of a batch */
    TAGCACHE_LIMIT_FRAME_BYTES = 6, /* of a request as a whole */
    TAGCACHE_LIMIT_REPLY_BYTES = 7
} tagcache_limit;
TAGCACHE_API uint64_t tagcache_client_limit(const tagcache_client *client, tagcache_limit limit);

/* The options bits that a read takes: TTL TAGS VERSION FLAGS, and TOUCH NO_VALUE unless GETDEL.
 * EXISTS takes VERSION. */
TAGCACHE_API tagcache_status tagcache_get(tagcache_client *client, tagcache_bytes key,
                                          tagcache_result *result,
                                          const tagcache_read_options *options,
                                          const tagcache_call_options *call);
/* One item a key, in order: tagcache_result_next(). */
TAGCACHE_API tagcache_status tagcache_mget(tagcache_client *client, const tagcache_bytes *keys,
                                           size_t key_count, tagcache_result *result,
                                           const tagcache_read_options *options,
                                           const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_getdel(tagcache_client *client, tagcache_bytes key,
                                             tagcache_result *result,
                                             const tagcache_read_options *options,
                                             const tagcache_call_options *call);
/* A verb on one key has the key's status; its _keys form has an item for each key, and OK itself.
 */
TAGCACHE_API tagcache_status tagcache_exists(tagcache_client *client, tagcache_bytes key,
                                             tagcache_result *result,
                                             const tagcache_read_options *options,
                                             const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_exists_keys(tagcache_client *client,
                                                  const tagcache_bytes *keys, size_t key_count,
                                                  tagcache_result *result,
                                                  const tagcache_read_options *options,
                                                  const tagcache_call_options *call);

/* PUT stores; ADD only when the key is absent (or EXISTS); REPLACE only when it is there. Value,
 * TTL and the whole list of tags are replaced unless told to keep. They take all TAGCACHE_WRITE_
 * bits. */
TAGCACHE_API tagcache_status tagcache_put(tagcache_client *client, tagcache_bytes key,
                                          tagcache_bytes value, tagcache_result *result,
                                          const tagcache_write_options *options,
                                          const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_add(tagcache_client *client, tagcache_bytes key,
                                          tagcache_bytes value, tagcache_result *result,
                                          const tagcache_write_options *options,
                                          const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_replace(tagcache_client *client, tagcache_bytes key,
                                              tagcache_bytes value, tagcache_result *result,
                                              const tagcache_write_options *options,
                                              const tagcache_call_options *call);
/* Many PUTs, in order, not a transaction. options: NULL, or one pointer for each item, which may be
 * NULL. When one asks for RETURN_VERSION, all versions are told. */
TAGCACHE_API tagcache_status tagcache_mput(tagcache_client *client, const tagcache_bytes *keys,
                                           const tagcache_bytes *values, size_t count,
                                           tagcache_result *result,
                                           const tagcache_write_options *const *options,
                                           const tagcache_call_options *call);
/* Takes TTL IF_VERSION RETURN_VERSION; tells the new size as tagcache_result_value_bytes(). */
TAGCACHE_API tagcache_status tagcache_append(tagcache_client *client, tagcache_bytes key,
                                             tagcache_bytes value, tagcache_result *result,
                                             const tagcache_write_options *options,
                                             const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_prepend(tagcache_client *client, tagcache_bytes key,
                                              tagcache_bytes value, tagcache_result *result,
                                              const tagcache_write_options *options,
                                              const tagcache_call_options *call);
/* Takes TTL TAGS RETURN_VERSION; tells the new number as tagcache_result_number(). An absent key
 * starts at 0. */
TAGCACHE_API tagcache_status tagcache_incr(tagcache_client *client, tagcache_bytes key,
                                           int64_t amount, tagcache_result *result,
                                           const tagcache_write_options *options,
                                           const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_decr(tagcache_client *client, tagcache_bytes key,
                                           int64_t amount, tagcache_result *result,
                                           const tagcache_write_options *options,
                                           const tagcache_call_options *call);
/* Take IF_VERSION; the _keys forms an array of versions instead, or NULL. */
TAGCACHE_API tagcache_status tagcache_touch(tagcache_client *client, tagcache_bytes key,
                                            uint64_t ttl_ms, tagcache_result *result,
                                            const tagcache_write_options *options,
                                            const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_touch_keys(tagcache_client *client,
                                                 const tagcache_bytes *keys,
                                                 const uint64_t *if_versions, size_t key_count,
                                                 uint64_t ttl_ms, tagcache_result *result,
                                                 const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_delete(tagcache_client *client, tagcache_bytes key,
                                             tagcache_result *result,
                                             const tagcache_write_options *options,
                                             const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_delete_keys(tagcache_client *client,
                                                  const tagcache_bytes *keys,
                                                  const uint64_t *if_versions, size_t key_count,
                                                  tagcache_result *result,
                                                  const tagcache_call_options *call);

/* The tags of an entry: tagcache_result_next_tag(). */
TAGCACHE_API tagcache_status tagcache_tags(tagcache_client *client, tagcache_bytes key,
                                           tagcache_result *result,
                                           const tagcache_call_options *call);
/* Take RETURN_VERSION; tell how many tags changed as tagcache_result_count(). */
TAGCACHE_API tagcache_status tagcache_tag_add(tagcache_client *client, tagcache_bytes key,
                                              const tagcache_bytes *tags, size_t tag_count,
                                              tagcache_result *result,
                                              const tagcache_write_options *options,
                                              const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_tag_remove(tagcache_client *client, tagcache_bytes key,
                                                 const tagcache_bytes *tags, size_t tag_count,
                                                 tagcache_result *result,
                                                 const tagcache_write_options *options,
                                                 const tagcache_call_options *call);
/* How many entries have the tag: tagcache_result_count(). */
TAGCACHE_API tagcache_status tagcache_tag_count(tagcache_client *client, tagcache_bytes tag,
                                                tagcache_result *result,
                                                const tagcache_call_options *call);
/* Removes every entry that has any (or all) of the tags, and tells how many it removed as
 * tagcache_result_count(). No read that starts after it has returned finds one of them. */
TAGCACHE_API tagcache_status tagcache_invalidate(tagcache_client *client,
                                                 const tagcache_bytes *tags, size_t tag_count,
                                                 tagcache_result *result,
                                                 const tagcache_invalidate_options *options,
                                                 const tagcache_call_options *call);

/* One page of names: tagcache_result_next() and tagcache_result_name(). A page may be short or
 * empty; the end is where tagcache_result_cursor() is empty, and else it is the next page's. */
TAGCACHE_API tagcache_status tagcache_keys_by_tag(tagcache_client *client,
                                                  const tagcache_bytes *tags, size_t tag_count,
                                                  tagcache_result *result,
                                                  const tagcache_page_options *page,
                                                  const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_tag_list(tagcache_client *client, tagcache_bytes prefix,
                                               tagcache_result *result,
                                               const tagcache_page_options *page,
                                               const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_scan(tagcache_client *client, tagcache_bytes pattern,
                                           tagcache_result *result,
                                           const tagcache_page_options *page,
                                           const tagcache_call_options *call);
/* Tells how many entries it removed as tagcache_result_count(). With page NULL it asks for page
 * after page until all are gone, each page with the call's timeout; when one fails, the count is
 * what the pages before it removed. Else it removes one page's, and the cursor tells. */
TAGCACHE_API tagcache_status tagcache_delete_prefix(tagcache_client *client, tagcache_bytes prefix,
                                                    tagcache_result *result,
                                                    const tagcache_page_options *page,
                                                    const tagcache_call_options *call);
/* Removes everything; the count as above. */
TAGCACHE_API tagcache_status tagcache_flush(tagcache_client *client, tagcache_result *result,
                                            const tagcache_call_options *call);

/* Named fields: tagcache_result_next_field(). */
TAGCACHE_API tagcache_status tagcache_stats(tagcache_client *client, tagcache_result *result,
                                            const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_info(tagcache_client *client, tagcache_result *result,
                                           const tagcache_call_options *call);
/* A page of the server's connections: an item each, and the fields of each item. */
TAGCACHE_API tagcache_status tagcache_clients(tagcache_client *client, tagcache_result *result,
                                              const tagcache_page_options *page,
                                              const tagcache_call_options *call);
/* Closes the connection with this id, one of the fields above; TAGCACHE_NOT_FOUND when there is
 * none.
 */
TAGCACHE_API tagcache_status tagcache_clients_kill(tagcache_client *client, uint64_t id,
                                                   const tagcache_call_options *call);
/* Shows this connection by that name, at most 63 bytes, until it is made anew. */
TAGCACHE_API tagcache_status tagcache_set_name(tagcache_client *client, tagcache_bytes name,
                                               const tagcache_call_options *call);
/* The keys that are read most now, or the tags that are named most, the hottest first:
 * tagcache_result_next(), tagcache_result_name() and tagcache_result_rate(). */
TAGCACHE_API tagcache_status tagcache_hotkeys(tagcache_client *client, tagcache_result *result,
                                              const tagcache_hotkeys_options *options,
                                              const tagcache_call_options *call);
/* The server's settings: an item each, with fields as tagcache_clients() has them; see CONFIG in
 * docs/protocol.md for their names. value is empty but to set; key is to reload. */
TAGCACHE_API tagcache_status tagcache_config(tagcache_client *client, tagcache_config_action action,
                                             tagcache_bytes key, tagcache_bytes value,
                                             tagcache_result *result,
                                             const tagcache_call_options *call);
/* The last requests that took long, the latest first, at most `limit` of them (up to 128; 0 = 10):
 * an item each, with fields likewise. To reset takes a limit of 0, and gives no items. */
TAGCACHE_API tagcache_status tagcache_slowlog(tagcache_client *client,
                                              tagcache_slowlog_action action, uint32_t limit,
                                              tagcache_result *result,
                                              const tagcache_call_options *call);
/* The server answers, and stops. */
TAGCACHE_API tagcache_status tagcache_shutdown(tagcache_client *client,
                                               const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_ping(tagcache_client *client,
                                           const tagcache_call_options *call);

#ifdef __cplusplus
}
#endif

#endif
