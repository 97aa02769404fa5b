/* SPDX-License-Identifier: MIT */
#include "client-lib/address.h"

#include <stdio.h>
#include <string.h>

#include "protocol/wire.h"

static const char *const host_too_long = "the host name is empty or longer than 255 bytes";
static const char *const path_too_long = "the path of the Unix socket is empty or too long";
static const char *const bad_port = "the port is not a number from 1 to 65535";

/* The text behind `prefix`, or NULL. */
static const char *after(const char *text, const char *prefix) {
    const size_t size = strlen(prefix);
    return strncmp(text, prefix, size) == 0 ? text + size : NULL;
}

static const char *set_path(server_address *address, const char *path) {
    const size_t size = strlen(path);
    if (size == 0 || size > ADDRESS_PATH_BYTES_MAX) {
        return path_too_long;
    }
    address->is_unix = true;
    memcpy(address->path, path, size + 1);
    (void)snprintf(address->text, sizeof address->text, "unix://%s", path);
    return NULL;
}

static void describe_host(server_address *address, bool has_transport) {
    const bool is_ipv6 = strchr(address->host, ':') != NULL;
    (void)snprintf(address->text, sizeof address->text,
                   is_ipv6 ? "tagcache%s://[%s]:%u" : "tagcache%s://%s:%u",
                   has_transport || address->is_secure ? "s" : "", address->host, address->port);
}

static const char *set_host(server_address *address, const char *host, size_t size, uint32_t port) {
    if (size == 0 || size > ADDRESS_HOST_BYTES_MAX) {
        return host_too_long;
    }
    if (port == 0 || port > UINT16_MAX) {
        return bad_port;
    }
    memcpy(address->host, host, size);
    address->port = (uint16_t)port;
    return NULL;
}

/* 0 when it is no port. */
static uint32_t read_port(const char *text, const char *end) {
    uint32_t port = 0;
    if (text == end || end - text > 5) {
        return 0;
    }
    for (; text != end; ++text) {
        if (*text < '0' || *text > '9') {
            return 0;
        }
        port = port * 10 + (uint32_t)(*text - '0');
    }
    return port;
}

/* A URI is seen by everybody who sees the command line, a log or a configuration: there is no place
 * for a password in it. */
static const char *read_user(server_address *address, const char *text, const char *at) {
    const size_t size = (size_t)(at - text);
    if (memchr(text, ':', size) != NULL) {
        return "a URI may name a user, but never a password: others can read it there";
    }
    if (memchr(text, '%', size) != NULL) {
        return "the user of a URI is written without percent escapes";
    }
    if (size == 0 || size > WIRE_USER_NAME_BYTES_MAX) {
        return "the user of a URI has 1 to 32 bytes";
    }
    memcpy(address->user, text, size);
    return NULL;
}

/* The last one: a user's name may contain another. */
static const char *find_at(const char *text, size_t size) {
    while (size != 0 && text[size - 1] != '@') {
        --size;
    }
    return size != 0 ? text + size - 1 : NULL;
}

/* authority := [ user "@" ] ( host | "[" ipv6 "]" ) [ ":" port ] [ "/" ] */
static const char *read_authority(server_address *address, const char *text) {
    const size_t authority_size = strcspn(text, "/?#");
    const char *end = text + authority_size;
    const char *at = find_at(text, authority_size);
    if (*end != '\0' && strcmp(end, "/") != 0) {
        return "a tagcache:// URI ends behind the port";
    }
    if (at != NULL) {
        const char *complaint = read_user(address, text, at);
        if (complaint != NULL) {
            return complaint;
        }
        text = at + 1;
    }
    const char *host_end = NULL;
    if (*text == '[') {
        ++text;
        host_end = memchr(text, ']', (size_t)(end - text));
        if (host_end == NULL) {
            return "the [ of an IPv6 address is not closed";
        }
    } else {
        host_end = text + strcspn(text, ":/?#");
    }
    const char *rest = host_end + (*host_end == ']' ? 1 : 0);
    if (rest == end) {
        return set_host(address, text, (size_t)(host_end - text), WIRE_DEFAULT_PORT);
    }
    return *rest == ':'
               ? set_host(address, text, (size_t)(host_end - text), read_port(rest + 1, end))
               : bad_port;
}

static const char *read_uri(server_address *address, const char *uri) {
    const char *rest = after(uri, "tagcache+unix://");
    if (rest == NULL) {
        rest = after(uri, "unix://");
    }
    if (rest != NULL) {
        return *rest == '/' ? set_path(address, rest) : "a unix:// URI needs an absolute path";
    }
    rest = after(uri, "tagcache://");
    if (rest == NULL) {
        rest = after(uri, "tagcaches://");
        address->is_secure = rest != NULL;
    }
    return rest != NULL ? read_authority(address, rest)
                        : "the URI begins with none of tagcache://, tagcaches:// and unix://";
}

static const char *read_address(const tagcache_client_options *options, server_address *address) {
    const bool has_host = options->host != NULL || options->port != 0;
    if ((options->uri != NULL) + (options->unix_path != NULL) + has_host > 1) {
        return "uri, unix_path and host with port exclude each other";
    }
    if (options->uri != NULL) {
        return read_uri(address, options->uri);
    }
    if (options->unix_path != NULL) {
        return set_path(address, options->unix_path);
    }
    const char *host = options->host != NULL ? options->host : "127.0.0.1";
    return set_host(address, host, strlen(host),
                    options->port != 0 ? options->port : WIRE_DEFAULT_PORT);
}

const char *address_read(const tagcache_client_options *options, server_address *address) {
    memset(address, 0, sizeof *address);
    const char *complaint = read_address(options, address);
    if (complaint == NULL && !address->is_unix) {
        describe_host(address, options->transport != NULL);
    }
    return complaint;
}
