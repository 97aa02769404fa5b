/* SPDX-License-Identifier: MIT
 *
 * Whom a client trusts and who it is: OpenSSL's context, made from files. */
#define _POSIX_C_SOURCE 200809L

#include "client-lib/tls/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client-lib/options_check.h"

static tagcache_status fail(tagcache_tls *tls, tagcache_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static tagcache_status fail(tagcache_tls *tls, tagcache_status status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(tls->error, sizeof tls->error, format, arguments);
    va_end(arguments);
    ERR_clear_error();
    return status;
}

const char *tls_openssl_reason(void) {
    const char *reason = ERR_reason_error_string(ERR_peek_error());
    return reason != NULL ? reason : "OpenSSL says no more";
}

/* A locked key would otherwise be asked about on the terminal. */
static int refuse_passphrase(char *buffer, int size, int is_writing, void *user_data) {
    (void)buffer;
    (void)size;
    (void)is_writing;
    (void)user_data;
    return -1;
}

/* OpenSSL's own words for a file that cannot be opened do not say why. */
static tagcache_status check_readable(tagcache_tls *tls, const char *what, const char *path) {
    FILE *file = fopen(path, "re");
    if (file != NULL) {
        (void)fclose(file);
        return TAGCACHE_OK;
    }
    char reason[160];
    if (strerror_r(errno, reason, sizeof reason) != 0) {
        (void)snprintf(reason, sizeof reason, "it cannot be opened");
    }
    return fail(tls, TAGCACHE_LOCAL_INVALID_ARGUMENT, "%s %s: %s", what, path, reason);
}

static tagcache_status trust(tagcache_tls *tls, const tagcache_tls_options *options) {
    if ((options->flags & TAGCACHE_TLS_NO_VERIFY) != 0) {
        tls->is_verifying = false;
        SSL_CTX_set_verify(tls->context, SSL_VERIFY_NONE, NULL);
        return TAGCACHE_OK;
    }
    if (options->ca_file == NULL) {
        return SSL_CTX_set_default_verify_paths(tls->context) == 1
                   ? TAGCACHE_OK
                   : fail(tls, TAGCACHE_LOCAL_INVALID_ARGUMENT, "the system's CA files: %s",
                          tls_openssl_reason());
    }
    const tagcache_status status = check_readable(tls, "the CA file", options->ca_file);
    if (status == TAGCACHE_OK && SSL_CTX_load_verify_file(tls->context, options->ca_file) != 1) {
        return fail(tls, TAGCACHE_LOCAL_INVALID_ARGUMENT, "the CA file %s: %s", options->ca_file,
                    tls_openssl_reason());
    }
    return status;
}

static tagcache_status show(tagcache_tls *tls, const tagcache_tls_options *options) {
    if (options->cert_file == NULL) {
        return options->key_file == NULL ? TAGCACHE_OK
                                         : fail(tls, TAGCACHE_LOCAL_INVALID_ARGUMENT,
                                                "a key file is of no use without a certificate");
    }
    tagcache_status status = check_readable(tls, "the certificate file", options->cert_file);
    if (status == TAGCACHE_OK &&
        SSL_CTX_use_certificate_chain_file(tls->context, options->cert_file) != 1) {
        status = fail(tls, TAGCACHE_LOCAL_INVALID_ARGUMENT, "the certificate file %s: %s",
                      options->cert_file, tls_openssl_reason());
    }
    const char *key_file = options->key_file != NULL ? options->key_file : options->cert_file;
    if (status == TAGCACHE_OK) {
        status = check_readable(tls, "the key file", key_file);
    }
    SSL_CTX_set_default_passwd_cb(tls->context, refuse_passphrase);
    if (status == TAGCACHE_OK &&
        SSL_CTX_use_PrivateKey_file(tls->context, key_file, SSL_FILETYPE_PEM) != 1) {
        status = fail(tls, TAGCACHE_LOCAL_INVALID_ARGUMENT, "the key file %s: %s", key_file,
                      tls_openssl_reason());
    }
    return status;
}

static tagcache_status take_options(tagcache_tls *tls, const tagcache_tls_options *options) {
    const char *complaint = options_complaint(options, sizeof *options);
    if (complaint != NULL) {
        return fail(tls, TAGCACHE_LOCAL_INVALID_ARGUMENT, "%s", complaint);
    }
    if ((options->flags & ~(uint32_t)TAGCACHE_TLS_NO_VERIFY) != 0) {
        return fail(tls, TAGCACHE_LOCAL_INVALID_ARGUMENT, "the flags have a bit that is not known");
    }
    const char *name = options->server_name != NULL ? options->server_name : "";
    if (strlen(name) > TLS_NAME_BYTES_MAX) {
        return fail(tls, TAGCACHE_LOCAL_INVALID_ARGUMENT,
                    "the server's name is longer than %d bytes", TLS_NAME_BYTES_MAX);
    }
    memcpy(tls->server_name, name, strlen(name) + 1);
    const tagcache_status status = trust(tls, options);
    return status == TAGCACHE_OK ? show(tls, options) : status;
}

tagcache_status tagcache_tls_new(const tagcache_tls_options *options, tagcache_tls **tls) {
    static const tagcache_tls_options defaults = TAGCACHE_TLS_OPTIONS_INIT;
    *tls = calloc(1, sizeof **tls);
    if (*tls == NULL) {
        return TAGCACHE_LOCAL_OUT_OF_MEMORY;
    }
    ERR_clear_error();
    (*tls)->context = SSL_CTX_new(TLS_client_method());
    if ((*tls)->context == NULL) {
        return fail(*tls, TAGCACHE_LOCAL_OUT_OF_MEMORY, "no memory for TLS");
    }
    /* From the beginning: options that are refused must not leave one that trusts anybody. */
    (*tls)->is_verifying = true;
    SSL_CTX_set_verify((*tls)->context, SSL_VERIFY_PEER, NULL);
    (void)SSL_CTX_set_min_proto_version((*tls)->context, TLS1_2_VERSION);
    (void)SSL_CTX_set_options((*tls)->context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    /* One record a write: what was not taken was not sent, not even in part. */
    (void)SSL_CTX_set_mode((*tls)->context, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                                SSL_MODE_RELEASE_BUFFERS);
    return take_options(*tls, options != NULL ? options : &defaults);
}

void tagcache_tls_free(tagcache_tls *tls) {
    if (tls != NULL) {
        SSL_CTX_free(tls->context);
        free(tls);
    }
}

const char *tagcache_tls_error(const tagcache_tls *tls) {
    return tls->error;
}
