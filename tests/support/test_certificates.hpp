// SPDX-License-Identifier: MIT
//
// Certificates and keys made for one test, as PEM files in a directory that goes with them.
#pragma once

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

namespace tc::test {

struct CertificateTerms {
    std::string common_name = "localhost";
    // As OpenSSL's configuration has it: "DNS:localhost,IP:127.0.0.1"; empty = none.
    std::string alternative_names = "DNS:localhost,IP:127.0.0.1";
    long valid_from_s = -3600;  // from now
    long valid_until_s = 24 * 3600;
};

struct IdentityFiles {
    std::string cert_file;
    std::string key_file;
};

class TestCertificates {
 public:
    explicit TestCertificates(const std::string& ca_name = "Test CA") {
        std::string pattern = std::filesystem::temp_directory_path() / "tagcache-tls-XXXXXX";
        if (mkdtemp(pattern.data()) == nullptr) {
            throw std::runtime_error("mkdtemp");
        }
        directory_ = pattern;
        ca_key_ = new_key();
        ca_ = new_certificate({.common_name = ca_name, .alternative_names = ""}, ca_key_.get());
        add_extension(NID_basic_constraints, "critical,CA:TRUE");
        sign(ca_.get());
        write_certificate(ca_file(), ca_.get());
    }
    TestCertificates(const TestCertificates&) = delete;
    TestCertificates& operator=(const TestCertificates&) = delete;
    ~TestCertificates() { std::filesystem::remove_all(directory_); }

    [[nodiscard]] std::string path(const std::string& name) const { return directory_ / name; }
    [[nodiscard]] std::string ca_file() const { return path("ca.pem"); }

    // Signed by our CA; in files of that name.
    IdentityFiles issue(const std::string& name, const CertificateTerms& terms = {}) {
        const Key key = new_key();
        const Certificate certificate = new_certificate(terms, key.get());
        if (!terms.alternative_names.empty()) {
            current_ = certificate.get();
            add_extension(NID_subject_alt_name, terms.alternative_names.c_str());
        }
        sign(certificate.get());
        IdentityFiles files{path(name + ".pem"), path(name + ".key")};
        write_certificate(files.cert_file, certificate.get());
        write_key(files.key_file, key.get(), nullptr);
        return files;
    }

    // A private key of nobody's; with a passphrase it is locked.
    std::string issue_key(const std::string& name, const char* passphrase = nullptr) {
        const Key key = new_key();
        write_key(path(name), key.get(), passphrase);
        return path(name);
    }

 private:
    struct Free {
        void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
        void operator()(X509* certificate) const { X509_free(certificate); }
        void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
        void operator()(FILE* file) const { std::fclose(file); }
    };
    using Key = std::unique_ptr<EVP_PKEY, Free>;
    using Certificate = std::unique_ptr<X509, Free>;

    static void require(bool is_done) {
        if (!is_done) {
            throw std::runtime_error("OpenSSL cannot make a test's certificate");
        }
    }

    static Key new_key() { return Key(EVP_EC_gen("P-256")); }

    Certificate new_certificate(const CertificateTerms& terms, EVP_PKEY* key) {
        Certificate made(X509_new());
        X509* certificate = made.get();
        require(X509_set_version(certificate, 2) == 1);
        require(ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial_) == 1);
        require(X509_gmtime_adj(X509_getm_notBefore(certificate), terms.valid_from_s) != nullptr);
        require(X509_gmtime_adj(X509_getm_notAfter(certificate), terms.valid_until_s) != nullptr);
        require(X509_set_pubkey(certificate, key) == 1);
        if (!terms.common_name.empty()) {
            const auto* text = reinterpret_cast<const unsigned char*>(terms.common_name.data());
            require(X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName,
                                               MBSTRING_UTF8, const_cast<unsigned char*>(text),
                                               static_cast<int>(terms.common_name.size()), -1,
                                               0) == 1);
        }
        const X509* issuer = ca_ != nullptr ? ca_.get() : certificate;
        require(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1);
        current_ = certificate;
        return made;
    }

    void add_extension(int nid, const char* value) {
        const std::unique_ptr<X509_EXTENSION, Free> extension(
            X509V3_EXT_conf_nid(nullptr, nullptr, nid, value));
        require(extension != nullptr && X509_add_ext(current_, extension.get(), -1) == 1);
    }

    void sign(X509* certificate) {
        require(X509_sign(certificate, ca_key_.get(), EVP_sha256()) != 0);
    }

    static void write_certificate(const std::string& file, X509* certificate) {
        const std::unique_ptr<FILE, Free> out(std::fopen(file.c_str(), "w"));
        require(out != nullptr && PEM_write_X509(out.get(), certificate) == 1);
    }

    static void write_key(const std::string& file, EVP_PKEY* key, const char* passphrase) {
        const std::unique_ptr<FILE, Free> out(std::fopen(file.c_str(), "w"));
        require(out != nullptr &&
                PEM_write_PKCS8PrivateKey(
                    out.get(), key, passphrase != nullptr ? EVP_aes_128_cbc() : nullptr, passphrase,
                    passphrase != nullptr ? 4 : 0, nullptr, nullptr) == 1);
        require(chmod(file.c_str(), S_IRUSR | S_IWUSR) == 0);
    }

    std::filesystem::path directory_;
    Key ca_key_;
    Certificate ca_;
    X509* current_ = nullptr;
    long serial_ = 0;
};

}  // namespace tc::test
