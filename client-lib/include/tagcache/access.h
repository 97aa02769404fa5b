/* SPDX-License-Identifier: MIT
 *
 * Who may do what: credentials of a client, and the users and tokens of a server that has them.
 * Include tagcache.h.
 *
 *     tagcache_credentials web = TAGCACHE_CREDENTIALS_INIT;
 *     web.user = tagcache_text("web");
 *     web.password = tagcache_text(read_from_a_file);
 *     options.credentials = &web;
 *     tagcache_client_new(&options, &cache);     copied: the caller may wipe its own now
 *
 * A client gives them at every connection that it makes, and so nothing else is to be done. When
 * the server refuses them, the call that needed the connection returns TAGCACHE_AUTH_REQUIRED. The
 * library wipes its copies: of the client's credentials when it is freed, of requests with secrets
 * once they are sent. */
#ifndef TAGCACHE_ACCESS_H
#define TAGCACHE_ACCESS_H

#include <tagcache/options.h>
#include <tagcache/result.h>
#include <tagcache/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A user and its password; or a token, and the user only if it has to be that one's. */
struct tagcache_credentials {
    size_t struct_size;
    tagcache_bytes user;
    tagcache_bytes password;
    tagcache_bytes token;
};
#define TAGCACHE_CREDENTIALS_INIT                             \
    {                                                         \
        sizeof(tagcache_credentials), {NULL, 0}, {NULL, 0}, { \
            NULL, 0                                           \
        }                                                     \
    }

/* What a user may do; the requests of each are in docs/protocol.md, section 12. */
enum {
    TAGCACHE_RIGHT_READ = 0x01,
    TAGCACHE_RIGHT_WRITE = 0x02,
    TAGCACHE_RIGHT_INVALIDATE = 0x04,
    TAGCACHE_RIGHT_ADMIN = 0x08
};

/* What is said about a user; what is not stays, and is empty in a new user. */
enum {
    TAGCACHE_USER_PASSWORD = 0x01, /* an empty one takes the password away */
    TAGCACHE_USER_RIGHTS = 0x02,
    TAGCACHE_USER_KEY_PREFIXES = 0x04, /* keys that the user may name; "" covers every one */
    TAGCACHE_USER_TAG_PREFIXES = 0x08,
    TAGCACHE_USER_TLS_NAMES = 0x10 /* of client certificates that need no other credentials */
};

typedef struct tagcache_user_options {
    size_t struct_size;
    uint32_t fields; /* TAGCACHE_USER_ */
    uint32_t rights; /* TAGCACHE_RIGHT_ */
    tagcache_bytes password;
    const tagcache_bytes *key_prefixes;
    size_t key_prefix_count;
    const tagcache_bytes *tag_prefixes;
    size_t tag_prefix_count;
    const tagcache_bytes *tls_names;
    size_t tls_name_count;
} tagcache_user_options;
#define TAGCACHE_USER_OPTIONS_INIT \
    { sizeof(tagcache_user_options), 0, 0, {NULL, 0}, NULL, 0, NULL, 0, NULL, 0 }

/* Authenticates the connection, anew if it was already; tells the user as tagcache_result_name()
 * and its rights as tagcache_result_rights(). When it succeeds, the credentials become those of the
 * client. In a pipeline they are for this connection alone. */
TAGCACHE_API tagcache_status tagcache_auth(tagcache_client *client,
                                           const tagcache_credentials *credentials,
                                           tagcache_result *result,
                                           const tagcache_call_options *call);

/* The connection's own user gets a new password; TAGCACHE_FORBIDDEN when the old one is wrong. When
 * it succeeds, a password among the client's credentials is the new one. */
TAGCACHE_API tagcache_status tagcache_change_password(tagcache_client *client,
                                                      tagcache_bytes old_password,
                                                      tagcache_bytes new_password,
                                                      tagcache_result *result,
                                                      const tagcache_call_options *call);

/* The users, a page of them, as items with named fields: name, rights, has_password, tokens, and
 * for each of its own key_prefix, tag_prefix, tls_name. add and set have the one user. */
TAGCACHE_API tagcache_status tagcache_user_list(tagcache_client *client, tagcache_result *result,
                                                const tagcache_page_options *page,
                                                const tagcache_call_options *call);
/* TAGCACHE_EXISTS when there is one of that name. A server's first user has to be one with
 * TAGCACHE_RIGHT_ADMIN. */
TAGCACHE_API tagcache_status tagcache_user_add(tagcache_client *client, tagcache_bytes name,
                                               tagcache_result *result,
                                               const tagcache_user_options *options,
                                               const tagcache_call_options *call);
/* Changes a user, by a new password for instance; TAGCACHE_NOT_FOUND when there is none. */
TAGCACHE_API tagcache_status tagcache_user_set(tagcache_client *client, tagcache_bytes name,
                                               tagcache_result *result,
                                               const tagcache_user_options *options,
                                               const tagcache_call_options *call);
/* With its tokens; its connections end with their next request. */
TAGCACHE_API tagcache_status tagcache_user_remove(tagcache_client *client, tagcache_bytes name,
                                                  tagcache_result *result,
                                                  const tagcache_call_options *call);

/* The tokens of a user, as items with the named fields id, user, created_at, expires_at. An empty
 * user is the connection's own. */
TAGCACHE_API tagcache_status tagcache_token_list(tagcache_client *client, tagcache_bytes user,
                                                 tagcache_result *result,
                                                 const tagcache_call_options *call);
/* The one item has also the field token: the secret, which the server tells this once. ttl_ms 0 =
 * it does not expire. The result wipes it when it is given to another call, or freed. */
TAGCACHE_API tagcache_status tagcache_token_new(tagcache_client *client, tagcache_bytes user,
                                                uint64_t ttl_ms, tagcache_result *result,
                                                const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_token_revoke(tagcache_client *client, tagcache_bytes user,
                                                   tagcache_bytes id, tagcache_result *result,
                                                   const tagcache_call_options *call);

/* ---- The same in a pipeline ---- */

TAGCACHE_API tagcache_status tagcache_pipeline_auth(tagcache_pipeline *pipeline,
                                                    const tagcache_credentials *credentials,
                                                    const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_change_password(tagcache_pipeline *pipeline,
                                                               tagcache_bytes old_password,
                                                               tagcache_bytes new_password,
                                                               const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_user_list(tagcache_pipeline *pipeline,
                                                         const tagcache_page_options *page,
                                                         const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_user_add(tagcache_pipeline *pipeline,
                                                        tagcache_bytes name,
                                                        const tagcache_user_options *options,
                                                        const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_user_set(tagcache_pipeline *pipeline,
                                                        tagcache_bytes name,
                                                        const tagcache_user_options *options,
                                                        const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_user_remove(tagcache_pipeline *pipeline,
                                                           tagcache_bytes name,
                                                           const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_token_list(tagcache_pipeline *pipeline,
                                                          tagcache_bytes user,
                                                          const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_token_new(tagcache_pipeline *pipeline,
                                                         tagcache_bytes user, uint64_t ttl_ms,
                                                         const tagcache_call_options *call);
TAGCACHE_API tagcache_status tagcache_pipeline_token_revoke(tagcache_pipeline *pipeline,
                                                            tagcache_bytes user, tagcache_bytes id,
                                                            const tagcache_call_options *call);

#ifdef __cplusplus
}
#endif

#endif
