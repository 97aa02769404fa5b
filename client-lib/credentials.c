/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* explicit_bzero */

#include "client-lib/credentials.h"

#include <string.h>

#include "client-lib/options_check.h"

static bool is_null_view(tagcache_bytes bytes) {
    return bytes.data == NULL && bytes.size != 0;
}

static const char *check(const tagcache_credentials *credentials) {
    const bool has_password = credentials->password.size != 0;
    if (is_null_view(credentials->user) || is_null_view(credentials->password) ||
        is_null_view(credentials->token)) {
        return "credentials have a size, but their data is NULL";
    }
    if (has_password == (credentials->token.size != 0)) {
        return has_password ? "credentials are a password or a token, and not both"
                            : "credentials need a password or a token";
    }
    if (has_password && credentials->user.size == 0) {
        return "a password needs the name of its user";
    }
    if (credentials->user.size > WIRE_USER_NAME_BYTES_MAX) {
        return "a user's name has at most 32 bytes";
    }
    if (credentials->password.size > WIRE_SECRET_BYTES_MAX ||
        credentials->token.size > WIRE_SECRET_BYTES_MAX) {
        return "a password or a token has at most 512 bytes";
    }
    return NULL;
}

const char *credentials_read(const tagcache_credentials *credentials, wire_auth *auth) {
    memset(auth, 0, sizeof *auth);
    if (credentials == NULL) {
        return "there are no credentials";
    }
    const char *complaint = options_complaint(credentials, sizeof *credentials);
    if (complaint == NULL) {
        complaint = check(credentials);
    }
    if (complaint != NULL) {
        return complaint;
    }
    const bool is_token = credentials->token.size != 0;
    const tagcache_bytes secret = is_token ? credentials->token : credentials->password;
    auth->mechanism = is_token ? WIRE_AUTH_TOKEN : WIRE_AUTH_PASSWORD;
    auth->name = (wire_bytes){credentials->user.data, credentials->user.size};
    auth->secret = (wire_bytes){secret.data, secret.size};
    return NULL;
}

void credentials_set(client_credentials *own, const wire_auth *auth) {
    memset(own, 0, sizeof *own);
    own->mechanism = auth->mechanism;
    own->user_size = auth->name.size;
    own->secret_size = auth->secret.size;
    if (auth->name.size != 0) {
        memcpy(own->user, auth->name.data, auth->name.size);
    }
    memcpy(own->secret, auth->secret.data, auth->secret.size);
}

bool credentials_replace(client_credentials *own, tagcache_bytes old_password,
                         tagcache_bytes password) {
    const bool is_own = own->mechanism == WIRE_AUTH_PASSWORD && old_password.data != NULL &&
                        own->secret_size == old_password.size &&
                        memcmp(own->secret, old_password.data, old_password.size) == 0;
    const bool has_place =
        password.data != NULL && password.size != 0 && password.size <= sizeof own->secret;
    if (is_own && has_place) {
        explicit_bzero(own->secret, sizeof own->secret);
        memcpy(own->secret, password.data, password.size);
        own->secret_size = password.size;
    }
    return is_own && has_place;
}

void credentials_wipe(client_credentials *own) {
    explicit_bzero(own, sizeof *own);
}

tagcache_credentials credentials_view(const client_credentials *own) {
    tagcache_credentials view = TAGCACHE_CREDENTIALS_INIT;
    const tagcache_bytes secret = {own->secret, own->secret_size};
    view.user = (tagcache_bytes){own->user, own->user_size};
    if (own->mechanism == WIRE_AUTH_TOKEN) {
        view.token = secret;
    } else {
        view.password = secret;
    }
    return view;
}
