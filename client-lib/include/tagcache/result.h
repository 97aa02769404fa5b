/* SPDX-License-Identifier: MIT
 *
 * A result holds one reply: to a blocking call, or to one request of a pipeline. It is reusable;
 * its memory grows to the largest reply it held. Views of it are valid until the next call that is
 * given this result, or until it is freed. An accessor of something that the reply does not have
 * returns 0, or an empty view. Include tagcache.h. */
#ifndef TAGCACHE_RESULT_H
#define TAGCACHE_RESULT_H

#include <stdbool.h>
#include <tagcache/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* NULL when there is no memory. */
TAGCACHE_API tagcache_result *tagcache_result_new(void);
TAGCACHE_API void tagcache_result_free(tagcache_result *result);

/* ---- The reply as a whole ---- */

TAGCACHE_API tagcache_status tagcache_result_status(const tagcache_result *result);
/* Of the request, as given in its tagcache_call_options; and its number on this connection. */
TAGCACHE_API uint64_t tagcache_result_user_data(const tagcache_result *result);
TAGCACHE_API uint32_t tagcache_result_request_id(const tagcache_result *result);

/* Of a failure: one line that says why, a number that goes with it (a limit, an index; or 0), and
 * how long to wait before trying again (0 = no advice). */
TAGCACHE_API tagcache_bytes tagcache_result_message(const tagcache_result *result);
TAGCACHE_API uint32_t tagcache_result_detail(const tagcache_result *result);
TAGCACHE_API uint32_t tagcache_result_retry_after_ms(const tagcache_result *result);

/* INVALIDATE, FLUSH, DELETE_PREFIX: entries removed; TAG_COUNT: entries; TAG_ADD, TAG_REMOVE: tags
 * changed. */
TAGCACHE_API uint64_t tagcache_result_count(const tagcache_result *result);
/* INCR, DECR: the new number. */
TAGCACHE_API int64_t tagcache_result_number(const tagcache_result *result);
/* AUTH: TAGCACHE_RIGHT_; the user is tagcache_result_name(). */
TAGCACHE_API uint32_t tagcache_result_rights(const tagcache_result *result);
/* Pages: where the next one begins; empty = this was the last. */
TAGCACHE_API tagcache_bytes tagcache_result_cursor(const tagcache_result *result);

/* ---- An entry: of a single reply, or the current item's ---- */

/* Which of the fields below are there: TAGCACHE_READ_TTL, _TAGS, _VERSION, _FLAGS. */
TAGCACHE_API uint32_t tagcache_result_fields(const tagcache_result *result);
TAGCACHE_API tagcache_bytes tagcache_result_value(const tagcache_result *result);
/* The value's size, also when the value itself was not asked for; APPEND, PREPEND: the new size. */
TAGCACHE_API uint64_t tagcache_result_value_bytes(const tagcache_result *result);
TAGCACHE_API uint64_t tagcache_result_ttl_ms(const tagcache_result *result); /* 0 = no expiry */
TAGCACHE_API uint64_t tagcache_result_version(const tagcache_result *result);
TAGCACHE_API uint32_t tagcache_result_flags(const tagcache_result *result);
TAGCACHE_API size_t tagcache_result_tag_count(const tagcache_result *result);
/* False at the end. */
TAGCACHE_API bool tagcache_result_next_tag(tagcache_result *result, tagcache_bytes *tag);
/* Tags, and the named fields below, begin with the first one again; items go on where they are. */
TAGCACHE_API void tagcache_result_rewind(tagcache_result *result);

/* ---- Items: of a batch, of a page, of HOTKEYS ---- */

TAGCACHE_API size_t tagcache_result_item_count(const tagcache_result *result);
/* Moves to the next item, at first to the first one; false at the end. From then on the accessors
 * of an entry, and those below, speak of this item. */
TAGCACHE_API bool tagcache_result_next(tagcache_result *result);
TAGCACHE_API tagcache_status tagcache_result_item_status(const tagcache_result *result);
/* Pages and HOTKEYS: the key or tag; TAG_LIST with TAGCACHE_PAGE_ENTRIES: how many entries have the
 * tag. */
TAGCACHE_API tagcache_bytes tagcache_result_name(const tagcache_result *result);
TAGCACHE_API uint64_t tagcache_result_entries(const tagcache_result *result);
/* HOTKEYS: an estimate of how often it is used a second. */
TAGCACHE_API uint64_t tagcache_result_rate(const tagcache_result *result);

/* ---- Named fields: of STATS and INFO, or of the current item of CLIENTS, CONFIG, USER and
 * TOKEN ---- */

typedef enum tagcache_field_type {
    TAGCACHE_FIELD_NONE = 0,
    TAGCACHE_FIELD_U64 = 1,
    TAGCACHE_FIELD_I64 = 2,
    TAGCACHE_FIELD_F64 = 3,
    TAGCACHE_FIELD_TEXT = 4
} tagcache_field_type;

/* Moves to the next field, at first to the first one; false at the end. */
TAGCACHE_API bool tagcache_result_next_field(tagcache_result *result);
TAGCACHE_API tagcache_bytes tagcache_result_field_name(const tagcache_result *result);
TAGCACHE_API tagcache_field_type tagcache_result_field_type(const tagcache_result *result);
TAGCACHE_API uint64_t tagcache_result_field_u64(const tagcache_result *result);
TAGCACHE_API int64_t tagcache_result_field_i64(const tagcache_result *result);
TAGCACHE_API double tagcache_result_field_f64(const tagcache_result *result);
TAGCACHE_API tagcache_bytes tagcache_result_field_text(const tagcache_result *result);

#ifdef __cplusplus
}
#endif

#endif
