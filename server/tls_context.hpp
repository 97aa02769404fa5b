// SPDX-License-Identifier: MIT
//
// What TLS handshakes are made with: our certificate and key, and whose certificates we trust. It
// is read from files and never changes; a reload makes a new one, and connections keep the one that
// they began with. There is one for all reactors, because a session ticket that one reactor has
// sealed comes back to another.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "server/settings/settings.hpp"

namespace tc {

enum class ClientCertificate : std::uint8_t { off, optional, required };

struct TlsOptions {
    std::string cert_file;  // PEM, the server's own first; empty = no TLS
    std::string key_file;   // PEM; empty = it is in cert_file
    // PEM; empty = clients are asked for no certificate.
    std::string client_ca_file;
    ClientCertificate client_certificate = ClientCertificate::required;
    bool is_required = false;  // plaintext is refused, but on a Unix socket

    [[nodiscard]] bool operator==(const TlsOptions&) const = default;
};

[[nodiscard]] TlsOptions tls_options_of(const Settings& settings);

struct FreeTlsContext {
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
using TlsContext = std::unique_ptr<SSL_CTX, FreeTlsContext>;

// Null when no certificate is configured. Throws std::runtime_error that names the setting, the
// file and the reason.
[[nodiscard]] TlsContext make_tls_context(const TlsOptions& options);

// The context of today.
//
// Threads: any.
class TlsContexts {
 public:
    // Throws as make_tls_context() does.
    explicit TlsContexts(TlsOptions options);

    // A reference of the caller's own; null when no certificate is configured.
    [[nodiscard]] TlsContext current() noexcept;
    [[nodiscard]] bool is_required() const noexcept { return options_.is_required; }

    // Reads the files again, for use(), and those of the next start, if its options are others.
    // Throws as make_tls_context() does.
    [[nodiscard]] TlsContext read_again(const TlsOptions& next) const;
    // For handshakes from now on; null leaves what is in use.
    void use(TlsContext fresh) noexcept;

 private:
    const TlsOptions options_;
    std::mutex mutex_;
    TlsContext context_;  // Guarded by mutex_.
};

}  // namespace tc
