// SPDX-License-Identifier: MIT
#include "server/tls_stream.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <limits>
#include <new>

namespace tc {

namespace {

// What OpenSSL 3.0 holds for an idle connection: resident memory of 800 of them.
constexpr std::size_t openssl_bytes = 14 * 1024;

struct FreeNames {
    void operator()(GENERAL_NAMES* names) const noexcept { GENERAL_NAMES_free(names); }
};
struct FreeText {
    void operator()(unsigned char* text) const noexcept { OPENSSL_free(text); }
};
using Text = std::unique_ptr<unsigned char, FreeText>;

// A name that does not fit, or has a zero or another control character in it, is no name.
std::size_t copy_name(const ASN1_STRING* name, std::span<char> room) noexcept {
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, name);
    const Text owned(utf8);
    if (size <= 0 || static_cast<std::size_t>(size) > room.size() ||
        std::any_of(utf8, utf8 + size, [](unsigned char c) { return c < 0x20 || c == 0x7F; })) {
        return 0;
    }
    std::memcpy(room.data(), utf8, static_cast<std::size_t>(size));
    return static_cast<std::size_t>(size);
}

std::size_t copy_common_name(const X509* certificate, std::span<char> room) noexcept {
    const X509_NAME* subject = X509_get_subject_name(certificate);
    const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    const X509_NAME_ENTRY* entry = at >= 0 ? X509_NAME_get_entry(subject, at) : nullptr;
    return entry != nullptr ? copy_name(X509_NAME_ENTRY_get_data(entry), room) : 0;
}

std::size_t copy_dns_name(const X509* certificate, std::span<char> room) noexcept {
    const std::unique_ptr<GENERAL_NAMES, FreeNames> names(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type == GEN_DNS) {
            return copy_name(name->d.dNSName, room);
        }
    }
    return 0;
}

int clamped(std::size_t size) noexcept {
    return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

TlsStream& stream_of(BIO* bio) noexcept {
    return *static_cast<TlsStream*>(BIO_get_data(bio));
}

}  // namespace

int TlsStream::on_bio_read(BIO* bio, char* data, int size) noexcept {
    TlsStream& self = stream_of(bio);
    BIO_clear_retry_flags(bio);
    if (self.offered_.empty()) {
        BIO_set_retry_read(bio);
        return -1;
    }
    const int taken = std::min(size, clamped(self.offered_.size()));
    std::memcpy(data, self.offered_.data(), static_cast<std::size_t>(taken));
    self.offered_ = self.offered_.subspan(static_cast<std::size_t>(taken));
    return taken;
}

int TlsStream::on_bio_write(BIO* bio, const char* data, int size) noexcept {
    TlsStream& self = stream_of(bio);
    BIO_clear_retry_flags(bio);
    assert(self.output_ != nullptr);
    const bool is_kept = self.output_->append(
        {reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)});
    return is_kept ? size : -1;
}

long TlsStream::on_bio_control(BIO* /*bio*/, int command, long /*number*/,
                               void* /*pointer*/) noexcept {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* TlsStream::bio_method() noexcept {
    struct FreeMethod {
        void operator()(BIO_METHOD* method) const noexcept { BIO_meth_free(method); }
    };
    static const std::unique_ptr<BIO_METHOD, FreeMethod> method = [] {
        BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "tagcached");
        if (made != nullptr) {
            BIO_meth_set_read(made, on_bio_read);
            BIO_meth_set_write(made, on_bio_write);
            BIO_meth_set_ctrl(made, on_bio_control);
        }
        return std::unique_ptr<BIO_METHOD, FreeMethod>(made);
    }();
    return method.get();
}

std::unique_ptr<TlsStream> TlsStream::open(const TlsContext& context,
                                           std::uint64_t now_ms) noexcept {
    ERR_clear_error();
    std::unique_ptr<TlsStream> stream(new (std::nothrow) TlsStream(now_ms));
    if (stream == nullptr) {
        return nullptr;
    }
    stream->ssl_.reset(SSL_new(context.get()));
    BIO* bio = bio_method() != nullptr ? BIO_new(bio_method()) : nullptr;
    if (stream->ssl_ == nullptr || bio == nullptr) {
        BIO_free(bio);
        return nullptr;
    }
    BIO_set_data(bio, stream.get());
    BIO_set_init(bio, 1);
    SSL_set_bio(stream->ssl_.get(), bio, bio);
    SSL_set_accept_state(stream->ssl_.get());
    return stream;
}

bool TlsStream::offer(std::span<const std::uint8_t> ciphertext) noexcept {
    if (kept_.empty()) {
        offered_ = ciphertext;
        return true;
    }
    if (!kept_.append(ciphertext)) {
        return false;
    }
    offered_ = kept_.readable();
    return true;
}

bool TlsStream::keep_rest() noexcept {
    if (kept_.empty()) {
        const auto rest = std::exchange(offered_, {});
        if (!kept_.append(rest)) {
            return false;
        }
    } else {
        kept_.consume(kept_.size() - offered_.size());
    }
    if (kept_.empty()) {
        kept_.release_above(limits::idle_buffer_bytes_max);
    }
    offered_ = kept_.readable();
    return true;
}

TlsStream::State TlsStream::state_after(int result) noexcept {
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ: return State::starved;
        case SSL_ERROR_ZERO_RETURN: return State::ended;
        default: has_failed_ = true; return State::failed;
    }
}

TlsStream::Read TlsStream::read(std::span<std::uint8_t> room, Replies& output) noexcept {
    if (has_failed_) {
        return {0, State::failed};
    }
    ERR_clear_error();
    output_ = &output;
    if (!is_established_) {
        const int result = SSL_do_handshake(ssl_.get());
        if (result != 1) {
            return {0, state_after(result)};
        }
        is_established_ = true;
        note_peer_name();
    }
    std::size_t size_bytes = 0;
    while (size_bytes < room.size()) {
        std::size_t record_bytes = 0;
        const int result = SSL_read_ex(ssl_.get(), room.data() + size_bytes,
                                       room.size() - size_bytes, &record_bytes);
        if (result != 1) {
            return {size_bytes, state_after(result)};
        }
        size_bytes += record_bytes;
        // All has been taken: OpenSSL, asked once more, would say no other.
        if (offered_.empty() && SSL_has_pending(ssl_.get()) == 0) {
            return {size_bytes, State::starved};
        }
    }
    return {size_bytes, State::has_more};
}

bool TlsStream::write(Replies& batch, Replies& output) noexcept {
    assert(is_established_);
    if (has_failed_) {
        return false;
    }
    ERR_clear_error();
    output_ = &output;
    std::array<uv_buf_t, Replies::pieces_max> pieces;
    const std::size_t count = batch.pieces(pieces);
    for (const uv_buf_t& piece : std::span{pieces}.first(count)) {
        std::size_t written_bytes = 0;
        const int result = SSL_write_ex(ssl_.get(), piece.base, piece.len, &written_bytes);
        if (result != 1) {
            (void)state_after(result);
            return false;
        }
    }
    batch.clear();
    return true;
}

void TlsStream::finish(Replies& output) noexcept {
    const bool is_said = (SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) != 0;
    if (is_established_ && !has_failed_ && !is_said) {
        ERR_clear_error();
        output_ = &output;
        (void)SSL_shutdown(ssl_.get());
    }
}

bool TlsStream::is_within_record() const noexcept {
    // "RB": the header has been read, and the body has not.
    return !is_established_ || SSL_has_pending(ssl_.get()) != 0 ||
           std::strcmp(SSL_rstate_string(ssl_.get()), "RB") == 0;
}

std::size_t TlsStream::memory_bytes() const noexcept {
    return sizeof *this + openssl_bytes + kept_.capacity();
}

void TlsStream::note_peer_name() noexcept {
    const X509* certificate = SSL_get0_peer_certificate(ssl_.get());
    if (certificate == nullptr || SSL_get_verify_result(ssl_.get()) != X509_V_OK) {
        return;
    }
    std::size_t size = copy_common_name(certificate, peer_name_);
    if (size == 0) {
        size = copy_dns_name(certificate, peer_name_);
    }
    peer_name_bytes_ = static_cast<std::uint8_t>(size);
    ERR_clear_error();
}

}  // namespace tc
