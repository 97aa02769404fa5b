/* SPDX-License-Identifier: MIT
 *
 * TLS for the client library: link libtagcache_tls beside libtagcache, and give the client this
 * transport.
 *
 *     tagcache_tls *tls = NULL;
 *     if (tagcache_tls_new(NULL, &tls) != TAGCACHE_OK) ... tagcache_tls_error(tls) ...
 *     tagcache_client_options options = TAGCACHE_CLIENT_OPTIONS_INIT;
 *     options.uri = "tagcaches://cache.example:1984";
 *     options.transport = tagcache_tls_transport();
 *     options.transport_context = tls;
 *
 * The server has to show a certificate that is signed by somebody we trust and names the host. What
 * is wrong with it is in tagcache_client_error() when TAGCACHE_CONNECT is returned. */
#ifndef TAGCACHE_TLS_H
#define TAGCACHE_TLS_H

#include <tagcache/tagcache.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whom we trust and who we are; immutable, so that clients on several threads can share it. It has
 * to outlive them. */
typedef struct tagcache_tls tagcache_tls;

/* Accepts any certificate, so that anybody in between can read and change everything. */
enum { TAGCACHE_TLS_NO_VERIFY = 0x01 };

typedef struct tagcache_tls_options {
    size_t struct_size;
    const char *ca_file;     /* PEM: whom we trust; NULL = whom this system trusts */
    const char *cert_file;   /* PEM: our own, its chain behind it; NULL = we show none */
    const char *key_file;    /* PEM: its private key; NULL = it is in cert_file */
    const char *server_name; /* whom the certificate has to name; NULL = the client's host */
    uint32_t flags;          /* TAGCACHE_TLS_ */
    uint32_t reserved;
} tagcache_tls_options;
#define TAGCACHE_TLS_OPTIONS_INIT \
    { sizeof(tagcache_tls_options), NULL, NULL, NULL, NULL, 0, 0 }

/* Reads the files. NULL options are the defaults. *tls is set also on failure, so that its error
 * can be read, and to NULL only when there is no memory. */
TAGCACHE_API tagcache_status tagcache_tls_new(const tagcache_tls_options *options,
                                              tagcache_tls **tls);
TAGCACHE_API void tagcache_tls_free(tagcache_tls *tls);
/* One line about why tagcache_tls_new() failed. */
TAGCACHE_API const char *tagcache_tls_error(const tagcache_tls *tls);

/* Its context is a tagcache_tls. */
TAGCACHE_API const tagcache_transport *tagcache_tls_transport(void);

#ifdef __cplusplus
}
#endif

#endif
