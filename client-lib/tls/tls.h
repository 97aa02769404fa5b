/* SPDX-License-Identifier: MIT
 *
 * The inside of a tagcache_tls. */
#ifndef TAGCACHE_CLIENT_LIB_TLS_H
#define TAGCACHE_CLIENT_LIB_TLS_H

#include <openssl/ssl.h>

#include "tagcache/tls.h"

enum { TLS_NAME_BYTES_MAX = 255, TLS_ERROR_BYTES_MAX = 500 };

struct tagcache_tls {
    SSL_CTX *context;
    bool is_verifying;
    char server_name[TLS_NAME_BYTES_MAX + 1]; /* "" = the host */
    char error[TLS_ERROR_BYTES_MAX + 1];
};

/* The last error's reason in OpenSSL's words. */
const char *tls_openssl_reason(void);

#endif
