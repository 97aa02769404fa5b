/* SPDX-License-Identifier: MIT
 *
 * One connection's TLS as a tagcache_transport: OpenSSL between two buffers of bytes. */
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client-lib/tls/tls.h"

typedef struct tls_connection {
    SSL *ssl;
    BIO *received; /* ciphertext; both are the ssl's */
    BIO *output;
    bool is_verifying;
    bool is_established;
    char name[TLS_NAME_BYTES_MAX + 1];
    char error[TLS_ERROR_BYTES_MAX + 1];
} tls_connection;

static tagcache_status fail(tls_connection *connection, tagcache_status status, const char *format,
                            ...) __attribute__((format(printf, 3, 4)));

static tagcache_status fail(tls_connection *connection, tagcache_status status, const char *format,
                            ...) {
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(connection->error, sizeof connection->error, format, arguments);
    va_end(arguments);
    ERR_clear_error();
    return status;
}

/* Addresses are named in certificates as such, and not announced in the handshake. */
static bool set_name(tls_connection *connection) {
    unsigned char address[16];
    X509_VERIFY_PARAM *param = SSL_get0_param(connection->ssl);
    const bool is_address = inet_pton(AF_INET, connection->name, address) == 1 ||
                            inet_pton(AF_INET6, connection->name, address) == 1;
    if (is_address) {
        return X509_VERIFY_PARAM_set1_ip_asc(param, connection->name) == 1;
    }
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return X509_VERIFY_PARAM_set1_host(param, connection->name, 0) == 1 &&
           SSL_set_tlsext_host_name(connection->ssl, connection->name) == 1;
}

static void close_connection(void *opaque) {
    tls_connection *connection = opaque;
    SSL_free(connection->ssl);
    free(connection);
    ERR_clear_error();
}

static void *open_connection(void *context, const char *host) {
    const tagcache_tls *tls = context;
    const char *name = tls->server_name[0] != '\0' ? tls->server_name : host;
    tls_connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL || strlen(name) > TLS_NAME_BYTES_MAX) {
        free(connection);
        return NULL;
    }
    ERR_clear_error();
    memcpy(connection->name, name, strlen(name) + 1);
    connection->is_verifying = tls->is_verifying;
    connection->ssl = SSL_new(tls->context);
    BIO *received = BIO_new(BIO_s_mem());
    BIO *output = BIO_new(BIO_s_mem());
    if (connection->ssl == NULL || received == NULL || output == NULL) {
        (void)BIO_free(received);
        (void)BIO_free(output);
        close_connection(connection);
        return NULL;
    }
    /* Empty means that more comes, not that it is over. */
    (void)BIO_set_mem_eof_return(received, -1);
    SSL_set_bio(connection->ssl, received, output);
    connection->received = received;
    connection->output = output;
    SSL_set_connect_state(connection->ssl);
    if (!set_name(connection)) {
        close_connection(connection);
        return NULL;
    }
    return connection;
}

static tagcache_status fail_verification(tls_connection *connection, long result) {
    switch (result) {
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return fail(connection, TAGCACHE_CONNECT, "the server's certificate does not name '%s'",
                        connection->name);
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return fail(connection, TAGCACHE_CONNECT, "the server's certificate has expired");
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
            return fail(connection, TAGCACHE_CONNECT,
                        "the server's certificate is signed by nobody whom we trust (%s)",
                        X509_verify_cert_error_string(result));
        default:
            return fail(connection, TAGCACHE_CONNECT, "the server's certificate is not valid: %s",
                        X509_verify_cert_error_string(result));
    }
}

static tagcache_status fail_by_openssl(tls_connection *connection) {
    const long verified = SSL_get_verify_result(connection->ssl);
    if (!connection->is_established && connection->is_verifying && verified != X509_V_OK) {
        return fail_verification(connection, verified);
    }
    const tagcache_status status =
        connection->is_established ? TAGCACHE_CONNECTION_LOST : TAGCACHE_CONNECT;
    const int reason = ERR_GET_REASON(ERR_peek_last_error());
    if (reason == SSL_R_WRONG_VERSION_NUMBER && !connection->is_established) {
        return fail(connection, status, "the server does not speak TLS");
    }
    /* From the offset on, the reasons are the peer's alerts. */
    return reason > SSL_AD_REASON_OFFSET
               ? fail(connection, status, "the server ended TLS: %s", tls_openssl_reason())
               : fail(connection, status, "TLS failed: %s", tls_openssl_reason());
}

/* What a call of OpenSSL that did not succeed means. */
static tagcache_status status_after(tls_connection *connection, int result) {
    switch (SSL_get_error(connection->ssl, result)) {
        case SSL_ERROR_WANT_READ: return TAGCACHE_OK;
        case SSL_ERROR_ZERO_RETURN:
            return fail(connection, TAGCACHE_CONNECTION_LOST, "the server closed the connection");
        default: return fail_by_openssl(connection);
    }
}

static tagcache_status shake_hands(tls_connection *connection) {
    const int result = SSL_do_handshake(connection->ssl);
    connection->is_established = result == 1;
    return result == 1 ? TAGCACHE_OK : status_after(connection, result);
}

static tagcache_status feed(void *opaque, tagcache_bytes received) {
    tls_connection *connection = opaque;
    size_t written = 0;
    const bool is_kept = received.size == 0 || BIO_write_ex(connection->received, received.data,
                                                            received.size, &written) == 1;
    return is_kept ? TAGCACHE_OK
                   : fail(connection, TAGCACHE_LOCAL_OUT_OF_MEMORY, "no memory to receive into");
}

static tagcache_status read_plaintext(void *opaque, void *room, size_t capacity, size_t *size) {
    tls_connection *connection = opaque;
    *size = 0;
    ERR_clear_error();
    if (!connection->is_established) {
        const tagcache_status status = shake_hands(connection);
        if (status != TAGCACHE_OK || !connection->is_established) {
            return status;
        }
    }
    const int result = SSL_read_ex(connection->ssl, room, capacity, size);
    return result == 1 ? TAGCACHE_OK : status_after(connection, result);
}

static tagcache_status write_plaintext(void *opaque, tagcache_bytes bytes, size_t *taken) {
    tls_connection *connection = opaque;
    *taken = 0;
    ERR_clear_error();
    if (!connection->is_established) {
        const tagcache_status status = shake_hands(connection);
        if (status != TAGCACHE_OK || !connection->is_established) {
            return status;
        }
    }
    if (bytes.size == 0) {
        return TAGCACHE_OK;
    }
    const int result = SSL_write_ex(connection->ssl, bytes.data, bytes.size, taken);
    return result == 1 ? TAGCACHE_OK : status_after(connection, result);
}

static tagcache_bytes output(void *opaque) {
    const tls_connection *connection = opaque;
    char *data = NULL;
    const long size = BIO_get_mem_data(connection->output, &data);
    return (tagcache_bytes){data, size > 0 ? (size_t)size : 0};
}

/* A memory BIO moves on by being read. */
static void sent(void *opaque, size_t size) {
    const tls_connection *connection = opaque;
    char dropped[1024];
    while (size != 0) {
        size_t count = 0;
        const size_t wanted = size < sizeof dropped ? size : sizeof dropped;
        if (BIO_read_ex(connection->output, dropped, wanted, &count) != 1) {
            return;
        }
        size -= count;
    }
}

static const char *error_of(void *opaque) {
    const tls_connection *connection = opaque;
    return connection->error;
}

const tagcache_transport *tagcache_tls_transport(void) {
    static const tagcache_transport transport = {
        sizeof(tagcache_transport),
        open_connection,
        close_connection,
        feed,
        read_plaintext,
        write_plaintext,
        output,
        sent,
        error_of,
    };
    return &transport;
}
