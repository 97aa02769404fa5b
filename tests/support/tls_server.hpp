// SPDX-License-Identifier: MIT
//
// A server with a certificate of a test's making, for localhost and 127.0.0.1.
#pragma once

#include <string>
#include <vector>

#include "support/running_server.hpp"
#include "support/test_certificates.hpp"
#include "support/wire_client.hpp"

namespace tc::test {

class TlsServer {
 public:
    // `arguments` come behind those of the certificate.
    explicit TlsServer(const std::vector<std::string>& arguments = {},
                       const CertificateTerms& terms = {})
        : server_(with_certificate(arguments, terms)) {}

    TestCertificates& certificates() { return certificates_; }
    RunningServer& running() { return server_; }
    [[nodiscard]] int port() const { return server_.port(); }
    // For counters.
    WireClient probe() { return WireClient::greeted(port()); }

 private:
    std::vector<std::string> with_certificate(const std::vector<std::string>& arguments,
                                              const CertificateTerms& terms) {
        const IdentityFiles files = certificates_.issue("server", terms);
        std::vector<std::string> words = {"--tls-cert-file", files.cert_file, "--tls-key-file",
                                          files.key_file};
        words.insert(words.end(), arguments.begin(), arguments.end());
        return words;
    }

    TestCertificates certificates_;
    RunningServer server_;
};

// What makes a server ask for certificates.
inline std::vector<std::string> mutual(const TestCertificates& certificates,
                                       const std::string& when = "required") {
    return {"--tls-client-ca-file", certificates.ca_file(), "--tls-client-certificate", when};
}

}  // namespace tc::test
