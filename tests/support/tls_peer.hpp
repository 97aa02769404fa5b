// SPDX-License-Identifier: MIT
//
// OpenSSL as a client's side of a TLS connection, over bytes: what the tests of TLS talk to a
// server's side with, in pieces of their own choosing.
#pragma once

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "support/wire_client.hpp"

namespace tc::test {

struct TlsPeerTerms {
    int version = 0;        // TLS1_2_VERSION, say; 0 = any
    std::string cert_file;  // the client's own; empty = none
    std::string key_file;
};

class TlsPeer {
 public:
    explicit TlsPeer(const TlsPeerTerms& terms = {}) {
        // A context takes longer to make than a handshake does.
        static const Context plain = new_context({});
        const bool is_plain = terms.version == 0 && terms.cert_file.empty();
        const Context own = is_plain ? nullptr : new_context(terms);
        ssl_.reset(SSL_new(is_plain ? plain.get() : own.get()));
        SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_connect_state(ssl_.get());
    }

    // One step; true once the handshake is complete. Throws what the other side did wrong.
    bool shake_hands() {
        ERR_clear_error();
        const int result = SSL_do_handshake(ssl_.get());
        check(result);
        return result == 1;
    }
    void write(std::string_view plaintext) {
        ERR_clear_error();
        std::size_t written = 0;
        check(SSL_write_ex(ssl_.get(), plaintext.data(), plaintext.size(), &written));
    }
    // What there is; is_ended() tells whether the other side has said that it was all.
    std::string read() {
        std::string plaintext;
        char block[16384];
        std::size_t size = 0;
        ERR_clear_error();
        int result = 0;
        while ((result = SSL_read_ex(ssl_.get(), block, sizeof block, &size)) == 1) {
            plaintext.append(block, size);
        }
        check(result);
        return plaintext;
    }
    void finish() { (void)SSL_shutdown(ssl_.get()); }
    [[nodiscard]] bool is_ended() const {
        return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
    }

    // Ciphertext.
    void feed(std::string_view bytes) {
        if (!bytes.empty()) {
            BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size()));
        }
    }
    std::string output() {
        std::string bytes(BIO_ctrl_pending(SSL_get_wbio(ssl_.get())), '\0');
        if (!bytes.empty()) {
            BIO_read(SSL_get_wbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size()));
        }
        return bytes;
    }

    // Of the other side's certificate.
    [[nodiscard]] std::string peer_common_name() const {
        const std::unique_ptr<X509, Free> certificate(SSL_get1_peer_certificate(ssl_.get()));
        char name[256] = "";
        if (certificate != nullptr) {
            X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName,
                                      name, sizeof name);
        }
        return name;
    }
    [[nodiscard]] SSL* ssl() { return ssl_.get(); }

 private:
    struct Free {
        void operator()(SSL* ssl) const { SSL_free(ssl); }
        void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
        void operator()(X509* certificate) const { X509_free(certificate); }
    };

    using Context = std::unique_ptr<SSL_CTX, Free>;

    static Context new_context(const TlsPeerTerms& terms) {
        Context context(SSL_CTX_new(TLS_client_method()));
        SSL_CTX_set_min_proto_version(context.get(), terms.version);
        SSL_CTX_set_max_proto_version(context.get(), terms.version);
        SSL_CTX_set_security_level(context.get(), terms.version == 0 ? 1 : 0);
        if (!terms.cert_file.empty() &&
            (SSL_CTX_use_certificate_chain_file(context.get(), terms.cert_file.c_str()) != 1 ||
             SSL_CTX_use_PrivateKey_file(context.get(), terms.key_file.c_str(), SSL_FILETYPE_PEM) !=
                 1)) {
            throw std::runtime_error("the test's certificate is none");
        }
        return context;
    }

    void check(int result) {
        const int error = SSL_get_error(ssl_.get(), result);
        if (error == SSL_ERROR_SSL || error == SSL_ERROR_SYSCALL) {
            const char* reason = ERR_reason_error_string(ERR_peek_error());
            throw std::runtime_error(reason != nullptr ? reason : "TLS failed");
        }
    }

    std::unique_ptr<SSL, Free> ssl_;
};

// The same over a socket, speaking the protocol.
class TlsClient {
 public:
    explicit TlsClient(int port, const TlsPeerTerms& terms = {}) : wire_(port), peer_(terms) {}

    // So many bytes are sent, and received, at a time.
    std::size_t piece_bytes = 65536;

    TlsClient& shake_hands() {
        while (!peer_.shake_hands()) {
            send_output();
            if (!receive_ciphertext()) {
                throw std::runtime_error("closed within the handshake");
            }
        }
        send_output();
        return *this;
    }
    // Past handshake and preface.
    TlsClient& greet() {
        shake_hands();
        send(client_preface());
        while (input_.size() < WIRE_PREFACE_BYTES) {
            require_more();
        }
        input_.erase(0, WIRE_PREFACE_BYTES);
        return *this;
    }

    void send(std::string_view plaintext) {
        peer_.write(plaintext);
        send_output();
    }
    void send_output() {
        const std::string bytes = peer_.output();
        for (std::size_t at = 0; at < bytes.size(); at += piece_bytes) {
            wire_.send(std::string_view(bytes).substr(at, piece_bytes));
        }
    }

    // False at the end, whichever way it came.
    bool receive_more() {
        const bool has_more = !peer_.is_ended() && receive_ciphertext();
        input_ += peer_.read();
        return has_more;
    }
    Reply receive() {
        for (;;) {
            wire_reply parsed{};
            if (wire_parse_reply(bytes(input_), UINT32_MAX - 12, &parsed) == WIRE_FRAME_COMPLETE) {
                Reply reply{parsed.status, parsed.opcode, parsed.request_id, text(parsed.body)};
                input_.erase(0, parsed.frame_bytes);
                return reply;
            }
            require_more();
        }
    }
    Reply call(std::string_view frame) {
        send(frame);
        return receive();
    }
    bool is_closed_by_server() {
        while (receive_more()) {
        }
        return input_.empty();
    }

    [[nodiscard]] WireClient& wire() { return wire_; }
    [[nodiscard]] TlsPeer& peer() { return peer_; }

 private:
    bool receive_ciphertext() {
        if (!wire_.receive_more(piece_bytes)) {
            return false;
        }
        peer_.feed(wire_.input());
        wire_.input().clear();
        return true;
    }
    void require_more() {
        if (!receive_more()) {
            throw std::runtime_error("the server has closed the connection");
        }
    }

    WireClient wire_;
    TlsPeer peer_;
    std::string input_;
};

}  // namespace tc::test
