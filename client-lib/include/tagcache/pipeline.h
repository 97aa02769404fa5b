/* SPDX-License-Identifier: MIT
 *
 * A pipeline: many requests on the way at once, their replies in the order of the requests. It
 * belongs to a client, or to a session (session.h). Include tagcache.h.
 *
 *     tagcache_pipeline_get(pipeline, key, NULL, NULL);         as often as you like
 *     while (tagcache_pipeline_next(pipeline, result, NULL)) {  every request has one reply
 *         switch (tagcache_result_status(result)) ...
 *     }
 *
 * Flow. A request is copied into the pipeline; it is sent when 64 KiB have come together, and when
 * replies are waited for. While it sends, the library also reads, so that no depth can dead-lock;
 * and when 1 MiB of replies are there that nobody has taken, requests are refused with
 * TAGCACHE_PIPELINE_FULL until some are. So memory is bounded on both sides.
 *
 * Quiet requests (TAGCACHE_CALL_QUIET) have a reply only when there is something to tell: reads
 * when they hit, writes when they fail. The library sends a PING now and then, and whenever it
 * waits for the end of a run of them, so that silence is known to be success.
 *
 * When the connection breaks, each request that has no reply gets one from the library:
 * TAGCACHE_IN_DOUBT for a change of which a byte may have left, TAGCACHE_CONNECTION_LOST or
 * TAGCACHE_TIMEOUT for the others, also for quiet ones. Once these are taken, the next request
 * connects anew. */
#ifndef TAGCACHE_PIPELINE_H
#define TAGCACHE_PIPELINE_H

#include <stdbool.h>
#include <tagcache/client.h>
#include <tagcache/options.h>
#include <tagcache/result.h>
#include <tagcache/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One pipeline a client at a time; blocking calls on the client are refused while the pipeline has
 * requests without a reply taken. Free it before the client. */
TAGCACHE_API tagcache_status tagcache_pipeline_new(tagcache_client *client,
                                                   tagcache_pipeline **pipeline);
/* Drops what is left; disconnects when replies were still to come. */
TAGCACHE_API void tagcache_pipeline_free(tagcache_pipeline *pipeline);

/* Takes the next reply, waiting for it for the call's timeout at most (when that passes, the
 * connection is given up, as above). False when every request has been answered. A session's
 * pipeline never waits: false when there is no reply yet. The result's status is then TAGCACHE_OK;
 * it is TAGCACHE_LOCAL_INVALID_ARGUMENT when nothing was looked at because `call` makes no sense.
 */
TAGCACHE_API bool tagcache_pipeline_next(tagcache_pipeline *pipeline, tagcache_result *result,
                                         const tagcache_call_options *call);
/* True when tagcache_pipeline_next() has a reply without waiting. */
TAGCACHE_API bool tagcache_pipeline_has_reply(tagcache_pipeline *pipeline);

/* Sends what has been appended, and a PING behind a run of quiet requests; does not wait for
 * replies. */
TAGCACHE_API tagcache_status tagcache_pipeline_send(tagcache_pipeline *pipeline,
                                                    const tagcache_call_options *call);
/* Waits until every request has been answered and drops the replies. Tells how many of them were
 * failures (< 0), when failed is not NULL, and returns the first of these statuses, or OK. */
TAGCACHE_API tagcache_status tagcache_pipeline_finish(tagcache_pipeline *pipeline, uint64_t *failed,
                                                      const tagcache_call_options *call);
/* Requests whose reply has not been taken; quiet ones count until they are known to be done. */
TAGCACHE_API size_t tagcache_pipeline_pending(const tagcache_pipeline *pipeline);

/* ---- The verbs, as in client.h. TAGCACHE_OK: appended. Else nothing was: PIPELINE_FULL, a limit
 * that the server would refuse, or a broken connection. DELETE_PREFIX is one page here. ---- */

TAGCACHE_API tagcache_status tagcache_pipeline_get(tagcache_pipeline *pipeline, tagcache_bytes key,
                                                   const tagcache_read_options *options,
                                                   const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_mget(tagcache_pipeline *pipeline,
                                                    const tagcache_bytes *keys, size_t key_count,
                                                    const tagcache_read_options *options,
                                                    const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_getdel(tagcache_pipeline *pipeline,
                                                      tagcache_bytes key,
                                                      const tagcache_read_options *options,
                                                      const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_exists(tagcache_pipeline *pipeline,
                                                      tagcache_bytes key,
                                                      const tagcache_read_options *options,
                                                      const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_exists_keys(tagcache_pipeline *pipeline,
                                                           const tagcache_bytes *keys,
                                                           size_t key_count,
                                                           const tagcache_read_options *options,
                                                           const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_put(tagcache_pipeline *pipeline, tagcache_bytes key,
                                                   tagcache_bytes value,
                                                   const tagcache_write_options *options,
                                                   const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_add(tagcache_pipeline *pipeline, tagcache_bytes key,
                                                   tagcache_bytes value,
                                                   const tagcache_write_options *options,
                                                   const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_replace(tagcache_pipeline *pipeline,
                                                       tagcache_bytes key, tagcache_bytes value,
                                                       const tagcache_write_options *options,
                                                       const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_mput(tagcache_pipeline *pipeline,
                                                    const tagcache_bytes *keys,
                                                    const tagcache_bytes *values, size_t count,
                                                    const tagcache_write_options *const *options,
                                                    const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_append(tagcache_pipeline *pipeline,
                                                      tagcache_bytes key, tagcache_bytes value,
                                                      const tagcache_write_options *options,
                                                      const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_prepend(tagcache_pipeline *pipeline,
                                                       tagcache_bytes key, tagcache_bytes value,
                                                       const tagcache_write_options *options,
                                                       const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_incr(tagcache_pipeline *pipeline, tagcache_bytes key,
                                                    int64_t amount,
                                                    const tagcache_write_options *options,
                                                    const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_decr(tagcache_pipeline *pipeline, tagcache_bytes key,
                                                    int64_t amount,
                                                    const tagcache_write_options *options,
                                                    const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_touch(tagcache_pipeline *pipeline,
                                                     tagcache_bytes key, uint64_t ttl_ms,
                                                     const tagcache_write_options *options,
                                                     const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_touch_keys(tagcache_pipeline *pipeline,
                                                          const tagcache_bytes *keys,
                                                          const uint64_t *if_versions,
                                                          size_t key_count, uint64_t ttl_ms,
                                                          const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_delete(tagcache_pipeline *pipeline,
                                                      tagcache_bytes key,
                                                      const tagcache_write_options *options,
                                                      const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_delete_keys(tagcache_pipeline *pipeline,
                                                           const tagcache_bytes *keys,
                                                           const uint64_t *if_versions,
                                                           size_t key_count,
                                                           const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_tags(tagcache_pipeline *pipeline, tagcache_bytes key,
                                                    const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_tag_add(tagcache_pipeline *pipeline,
                                                       tagcache_bytes key,
                                                       const tagcache_bytes *tags, size_t tag_count,
                                                       const tagcache_write_options *options,
                                                       const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_tag_remove(
    tagcache_pipeline *pipeline, tagcache_bytes key, const tagcache_bytes *tags, size_t tag_count,
    const tagcache_write_options *options, const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_tag_count(tagcache_pipeline *pipeline,
                                                         tagcache_bytes tag,
                                                         const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_invalidate(
    tagcache_pipeline *pipeline, const tagcache_bytes *tags, size_t tag_count,
    const tagcache_invalidate_options *options, const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_keys_by_tag(tagcache_pipeline *pipeline,
                                                           const tagcache_bytes *tags,
                                                           size_t tag_count,
                                                           const tagcache_page_options *page,
                                                           const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_tag_list(tagcache_pipeline *pipeline,
                                                        tagcache_bytes prefix,
                                                        const tagcache_page_options *page,
                                                        const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_scan(tagcache_pipeline *pipeline,
                                                    tagcache_bytes pattern,
                                                    const tagcache_page_options *page,
                                                    const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_delete_prefix(tagcache_pipeline *pipeline,
                                                             tagcache_bytes prefix,
                                                             const tagcache_page_options *page,
                                                             const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_flush(tagcache_pipeline *pipeline,
                                                     const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_stats(tagcache_pipeline *pipeline,
                                                     const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_info(tagcache_pipeline *pipeline,
                                                    const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_clients(tagcache_pipeline *pipeline,
                                                       const tagcache_page_options *page,
                                                       const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_clients_kill(tagcache_pipeline *pipeline,
                                                            uint64_t id,
                                                            const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_set_name(tagcache_pipeline *pipeline,
                                                        tagcache_bytes name,
                                                        const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_hotkeys(tagcache_pipeline *pipeline,
                                                       const tagcache_hotkeys_options *options,
                                                       const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_config(tagcache_pipeline *pipeline,
                                                      tagcache_config_action action,
                                                      tagcache_bytes key, tagcache_bytes value,
                                                      const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_slowlog(tagcache_pipeline *pipeline,
                                                       tagcache_slowlog_action action,
                                                       uint32_t limit,
                                                       const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_shutdown(tagcache_pipeline *pipeline,
                                                        const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_ping(tagcache_pipeline *pipeline,
                                                    const tagcache_call_options *call);

#ifdef __cplusplus
}
#endif

#endif
