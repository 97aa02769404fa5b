/* SPDX-License-Identifier: MIT
 *
 * The TagCache client library, for C99 and later. In twenty lines (examples/quickstart.c is the
 * whole of it; tagcache(3) is the reference):
 *
 *     tagcache_client *cache = NULL;
 *     tagcache_result *result = tagcache_result_new();
 *     if (tagcache_client_new(NULL, &cache) != TAGCACHE_OK || result == NULL) { ... }
 *
 *     tagcache_bytes tags[] = {tagcache_text("product:7"), tagcache_text("category:3")};
 *     tagcache_write_options put = TAGCACHE_WRITE_OPTIONS_INIT;
 *     put.fields = TAGCACHE_WRITE_TAGS | TAGCACHE_WRITE_TTL;
 *     put.tags = tags;
 *     put.tag_count = 2;
 *     put.ttl_ms = 60000;
 *     tagcache_put(cache, tagcache_text("page:/"), tagcache_text("<html>"), NULL, &put, NULL);
 *
 *     if (tagcache_get(cache, tagcache_text("page:/"), result, NULL, NULL) == TAGCACHE_OK) {
 *         tagcache_bytes page = tagcache_result_value(result);
 *         fwrite(page.data, 1, page.size, stdout);
 *     }
 *     tagcache_invalidate(cache, tags, 1, result, NULL, NULL);
 *     printf("%llu gone\n", (unsigned long long)tagcache_result_count(result));
 *
 *     tagcache_result_free(result);
 *     tagcache_client_free(cache);
 *
 * Conventions.
 *  1. Every fallible function returns a tagcache_status: 0 is OK; > 0 is an answer that is no
 *     failure (TAGCACHE_NOT_FOUND); < 0 is a failure, of which tagcache_client_error() tells in one
 *     line. There is no global and no thread-local state, and no function to call first.
 *  2. Parameters: the object, inputs, outputs, options of the verb, options of the call. Options
 *     may be NULL. Their first member is their size, set by the _INIT macro; `fields` says which of
 *     the others count, because absent is not zero: one that is set without its bit is refused,
 *     and one that only a later header knows is, too, when it is set.
 *  3. Bytes go in as views, borrowed until the call returns; also views of the very result that the
 *     call fills. Bytes come out as views of the result, valid until the next call that is given
 *     this result, or until it is freed. A result may be NULL when only the status matters.
 *  4. A client, and every session, pipeline and result, is used by one thread at a time; two
 *     clients have nothing in common. No signal handler is installed and SIGPIPE is never raised.
 *  5. After fork() the child may free what its parent made, and nothing else; sockets are closed
 *     on exec.
 *  6. A client connects with its first request. After a closing status of the server or a transport
 *     failure (tagcache_status_closes() is true) the next call connects anew. Nothing is ever sent
 *     twice: only the caller knows whether a request may be repeated.
 *  7. Keys, tags and values are bytes: no encoding is assumed, and nothing ends at a zero. */
#ifndef TAGCACHE_TAGCACHE_H
#define TAGCACHE_TAGCACHE_H

#include <tagcache/access.h>
#include <tagcache/client.h>
#include <tagcache/options.h>
#include <tagcache/pipeline.h>
#include <tagcache/result.h>
#include <tagcache/session.h>
#include <tagcache/status.h>

#endif
