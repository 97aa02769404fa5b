/* SPDX-License-Identifier: MIT
 *
 * A client's own copy of who it is, and the proof: in one place, so that it can be wiped. */
#ifndef TAGCACHE_CLIENT_LIB_CREDENTIALS_H
#define TAGCACHE_CLIENT_LIB_CREDENTIALS_H

#include "client-lib/request.h"

typedef struct client_credentials {
    uint8_t mechanism; /* wire_auth_mechanism; 0 = there are none */
    size_t user_size;
    size_t secret_size;
    char user[WIRE_USER_NAME_BYTES_MAX];
    uint8_t secret[WIRE_SECRET_BYTES_MAX];
} client_credentials;

/* NULL, or what is wrong with them. The message is made of views of the credentials. */
const char *credentials_read(const tagcache_credentials *credentials, wire_auth *auth);

/* Copies. REQUIRES: credentials_read() found nothing wrong. */
void credentials_set(client_credentials *own, const wire_auth *auth);
/* A password takes the place of the old one. False when `own` are other credentials than that, or
 * the new one has no place. */
bool credentials_replace(client_credentials *own, tagcache_bytes old_password,
                         tagcache_bytes password);
void credentials_wipe(client_credentials *own);

/* Views of `own`, as the options of a session have them. */
tagcache_credentials credentials_view(const client_credentials *own);

#endif
