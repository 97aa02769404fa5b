// SPDX-License-Identifier: MIT
#include "server/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "server/clock.hpp"
#include "server/tls_ticket_keys.hpp"

namespace tc {

namespace {

// Forward secrecy and authenticated encryption only. AES-128 first: half the rounds of what OpenSSL
// would choose, and nobody breaks either.
constexpr const char* tls_1_2_ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr const char* tls_1_3_ciphers =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr unsigned char session_context[] = "tagcached";

[[noreturn]] void refuse(const char* setting, const std::string& file, const std::string& reason) {
    ERR_clear_error();
    throw std::runtime_error(std::string(setting) + " " + file + ": " + reason);
}

std::string openssl_reason() {
    const unsigned long code = ERR_peek_error();  // the first is the cause
    const char* reason = ERR_reason_error_string(code);
    return reason != nullptr ? reason : "OpenSSL says no more";
}

// OpenSSL's own words for a file that cannot be opened do not say why.
void check_readable(const char* setting, const std::string& file) {
    FILE* opened = std::fopen(file.c_str(), "re");
    if (opened == nullptr) {
        refuse(setting, file, std::generic_category().message(errno));
    }
    std::fclose(opened);
}

void check_private(const char* setting, const std::string& file) {
    struct stat status {};
    if (stat(file.c_str(), &status) == 0 && (status.st_mode & S_IRWXO) != 0) {
        refuse(setting, file,
               "others on this machine can read or change the private key; "
               "chmod o-rwx it");
    }
}

void check_validity(const TlsOptions& options, SSL_CTX* context) {
    const X509* certificate = SSL_CTX_get0_certificate(context);
    if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0) {
        refuse("tls.cert_file", options.cert_file, "the certificate has expired");
    }
    if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0) {
        refuse("tls.cert_file", options.cert_file, "the certificate is not valid yet");
    }
}

// A key that is locked would otherwise be asked about on the terminal.
int refuse_passphrase(char* /*buffer*/, int /*size*/, int /*is_writing*/, void* is_asked) noexcept {
    *static_cast<bool*>(is_asked) = true;
    return -1;
}

void load_certificate(const TlsOptions& options, SSL_CTX* context) {
    check_readable("tls.cert_file", options.cert_file);
    if (SSL_CTX_use_certificate_chain_file(context, options.cert_file.c_str()) != 1) {
        refuse("tls.cert_file", options.cert_file,
               "no certificate in PEM form (" + openssl_reason() + ")");
    }
    check_validity(options, context);
}

void load_key(const TlsOptions& options, SSL_CTX* context) {
    const bool is_apart = !options.key_file.empty();
    const char* setting = is_apart ? "tls.key_file" : "tls.cert_file";
    const std::string& file = is_apart ? options.key_file : options.cert_file;
    check_readable(setting, file);
    check_private(setting, file);
    bool is_passphrase_asked = false;
    SSL_CTX_set_default_passwd_cb(context, refuse_passphrase);
    SSL_CTX_set_default_passwd_cb_userdata(context, &is_passphrase_asked);
    const bool is_loaded =
        SSL_CTX_use_PrivateKey_file(context, file.c_str(), SSL_FILETYPE_PEM) == 1;
    SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
    if (is_passphrase_asked) {
        refuse(setting, file, "the private key is locked with a passphrase; store it without one");
    }
    if (!is_loaded && ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH) {
        refuse(setting, file, "the private key is not that of " + options.cert_file);
    }
    if (!is_loaded) {
        refuse(setting, file, "no private key in PEM form (" + openssl_reason() + ")");
    }
    if (SSL_CTX_check_private_key(context) != 1) {
        refuse(setting, file, "the private key is not that of " + options.cert_file);
    }
}

void trust_clients(const TlsOptions& options, SSL_CTX* context) {
    if (options.client_ca_file.empty() || options.client_certificate == ClientCertificate::off) {
        return;
    }
    const char* file = options.client_ca_file.c_str();
    check_readable("tls.client_ca_file", options.client_ca_file);
    STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(file);
    if (names == nullptr || SSL_CTX_load_verify_file(context, file) != 1) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        refuse("tls.client_ca_file", options.client_ca_file,
               "no certificate in PEM form (" + openssl_reason() + ")");
    }
    SSL_CTX_set_client_CA_list(context, names);
    const bool is_required = options.client_certificate == ClientCertificate::required;
    SSL_CTX_set_verify(
        context, SSL_VERIFY_PEER | (is_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
    // A ticket would let a client in whose certificate has expired since: OpenSSL believes what the
    // ticket says about it, and renews the ticket.
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 0);
}

void set_rules(SSL_CTX* context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(
        context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    // An idle connection gives its record buffers back, 33 KiB.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    if (SSL_CTX_set_cipher_list(context, tls_1_2_ciphers) != 1 ||
        SSL_CTX_set_ciphersuites(context, tls_1_3_ciphers) != 1) {
        throw std::runtime_error("TLS: " + openssl_reason());
    }
    // Tickets let a client come back without a full handshake, and need no memory of ours.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_session_id_context(context, session_context, sizeof session_context - 1);
}

void check_together(const TlsOptions& options) {
    const bool has_certificate = !options.cert_file.empty();
    if (!has_certificate && options.is_required) {
        throw std::runtime_error("tls.required needs tls.cert_file");
    }
    if (!has_certificate && !options.key_file.empty()) {
        throw std::runtime_error("tls.key_file needs tls.cert_file");
    }
    if (!has_certificate && !options.client_ca_file.empty()) {
        throw std::runtime_error("tls.client_ca_file needs tls.cert_file");
    }
}

}  // namespace

TlsOptions tls_options_of(const Settings& settings) {
    TlsOptions options;
    options.cert_file = settings.tls_cert_file;
    options.key_file = settings.tls_key_file;
    options.client_ca_file = settings.tls_client_ca_file;
    if (settings.tls_client_certificate != "required") {
        options.client_certificate = settings.tls_client_certificate == "optional"
                                         ? ClientCertificate::optional
                                         : ClientCertificate::off;
    }
    options.is_required = settings.requires_tls;
    return options;
}

TlsContext make_tls_context(const TlsOptions& options) {
    check_together(options);
    if (options.cert_file.empty()) {
        return nullptr;
    }
    ERR_clear_error();
    TlsContext context(SSL_CTX_new(TLS_server_method()));
    if (context == nullptr) {
        throw std::runtime_error("TLS: " + openssl_reason());
    }
    set_rules(context.get());
    load_certificate(options, context.get());
    load_key(options, context.get());
    trust_clients(options, context.get());
    use_ticket_keys(context.get(), std::make_unique<TicketKeys>(boot_time_ms()));
    return context;
}

TlsContexts::TlsContexts(TlsOptions options)
    : options_(std::move(options)), context_(make_tls_context(options_)) {}

TlsContext TlsContexts::current() noexcept {
    const std::lock_guard lock(mutex_);
    if (context_ != nullptr) {
        SSL_CTX_up_ref(context_.get());
    }
    return TlsContext(context_.get());
}

TlsContext TlsContexts::read_again(const TlsOptions& next) const {
    TlsContext fresh = make_tls_context(next);
    if (next == options_) {
        return fresh;
    }
    try {
        return make_tls_context(options_);
    } catch (const std::runtime_error&) {
        return nullptr;  // its files may well be where the next start looks for them
    }
}

void TlsContexts::use(TlsContext fresh) noexcept {
    if (fresh != nullptr) {
        const std::lock_guard lock(mutex_);
        context_.swap(fresh);
    }
}

}  // namespace tc
