/* SPDX-License-Identifier: MIT
 *
 * Where a server listens, read from a URI or from host, port and path. */
#ifndef TAGCACHE_CLIENT_LIB_ADDRESS_H
#define TAGCACHE_CLIENT_LIB_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/wire.h"
#include "tagcache/tagcache.h"

enum {
    ADDRESS_HOST_BYTES_MAX = 255, /* of a DNS name */
    ADDRESS_PATH_BYTES_MAX = 107, /* of sockaddr_un */
    ADDRESS_TEXT_BYTES_MAX = 300
};

typedef struct server_address {
    bool is_unix;
    bool is_secure; /* the URI asks for TLS */
    uint16_t port;
    char user[WIRE_USER_NAME_BYTES_MAX + 1]; /* that the URI names, or "" */
    char host[ADDRESS_HOST_BYTES_MAX + 1];   /* without brackets */
    char path[ADDRESS_PATH_BYTES_MAX + 1];
    char text[ADDRESS_TEXT_BYTES_MAX + 1]; /* as a URI, for messages */
} server_address;

/* NULL, or what is wrong with the options, as a sentence for the user. */
const char *address_read(const tagcache_client_options *options, server_address *address);

#endif
