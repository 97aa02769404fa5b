// SPDX-License-Identifier: MIT
#include "server/tls_ticket_keys.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "server/clock.hpp"

namespace tc {

namespace {

// What OpenSSL wants to hear about a ticket.
constexpr int ticket_failed = -1;
constexpr int ticket_unknown = 0;
constexpr int ticket_done = 1;
constexpr int ticket_to_replace = 2;

template <std::size_t size>
bool fill_randomly(std::array<unsigned char, size>& bytes) noexcept {
    return RAND_bytes(bytes.data(), static_cast<int>(size)) == 1;
}

bool make_key(TicketKeys::Key& key) noexcept {
    return fill_randomly(key.name) && fill_randomly(key.cipher_key) && fill_randomly(key.mac_key);
}

void wipe(TicketKeys::Key& key) noexcept {
    OPENSSL_cleanse(&key, sizeof key);
}

void free_keys(void* /*context*/, void* keys, CRYPTO_EX_DATA* /*data*/, int /*index*/,
               long /*argument*/, void* /*pointer*/) noexcept {
    delete static_cast<TicketKeys*>(keys);
}

// Where a context keeps its keys.
int context_index() noexcept {
    static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_keys);
    return index;
}

bool set_mac_key(EVP_MAC_CTX* mac, TicketKeys::Key& key) noexcept {
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac_key.data(),
                                          key.mac_key.size()),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_CTX_set_params(mac, params) == 1;
}

int begin_sealing(TicketKeys& keys, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                  EVP_MAC_CTX* mac) noexcept {
    TicketKeys::Key key = keys.sealing_key(boot_time_ms());
    std::ranges::copy(key.name, name);
    const EVP_CIPHER* const aes = EVP_aes_256_cbc();
    const bool is_begun =
        RAND_bytes(iv, EVP_CIPHER_get_iv_length(aes)) == 1 &&
        EVP_EncryptInit_ex(cipher, aes, nullptr, key.cipher_key.data(), iv) == 1 &&
        set_mac_key(mac, key);
    wipe(key);
    return is_begun ? ticket_done : ticket_failed;
}

int begin_opening(TicketKeys& keys, const unsigned char* name, const unsigned char* iv,
                  EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac) noexcept {
    const std::span<const unsigned char, TicketKeys::name_bytes> wanted(name,
                                                                        TicketKeys::name_bytes);
    std::optional<TicketKeys::OpeningKey> found = keys.opening_key(wanted, boot_time_ms());
    if (!found.has_value()) {
        return ticket_unknown;  // a full handshake
    }
    const bool is_begun = EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr,
                                             found->key.cipher_key.data(), iv) == 1 &&
                          set_mac_key(mac, found->key);
    wipe(found->key);
    if (!is_begun) {
        return ticket_failed;
    }
    return found->is_previous ? ticket_to_replace : ticket_done;
}

int on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
              EVP_MAC_CTX* mac, int is_sealing) noexcept {
    auto& keys =
        *static_cast<TicketKeys*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), context_index()));
    return is_sealing != 0 ? begin_sealing(keys, name, iv, cipher, mac)
                           : begin_opening(keys, name, iv, cipher, mac);
}

}  // namespace

TicketKeys::TicketKeys(std::uint64_t now_ms) : current_since_ms_(now_ms) {
    if (!make_key(current_)) {
        throw std::runtime_error("TLS: no random numbers for the keys of tickets");
    }
}

TicketKeys::~TicketKeys() {
    wipe(current_);
    wipe(previous_);
}

TicketKeys::Key TicketKeys::sealing_key(std::uint64_t now_ms) noexcept {
    const std::lock_guard lock(mutex_);
    replace_old(now_ms);
    return current_;
}

std::optional<TicketKeys::OpeningKey> TicketKeys::opening_key(
    std::span<const unsigned char, name_bytes> name, std::uint64_t now_ms) noexcept {
    const std::lock_guard lock(mutex_);
    replace_old(now_ms);
    if (std::ranges::equal(name, current_.name)) {
        return OpeningKey{current_, false};
    }
    if (has_previous_ && std::ranges::equal(name, previous_.name)) {
        return OpeningKey{previous_, true};
    }
    return std::nullopt;
}

// Without random numbers the keys go on: the machine has had some before, and will again.
void TicketKeys::replace_old(std::uint64_t now_ms) noexcept {
    const std::uint64_t age_ms = now_ms - std::min(now_ms, current_since_ms_);
    Key fresh{};
    if (age_ms < ticket_life_ms || !make_key(fresh)) {
        return;
    }
    // Nobody may have asked for so long that not even the last ticket of the old key is good.
    has_previous_ = age_ms < 2 * ticket_life_ms;
    previous_ = current_;
    current_ = fresh;
    current_since_ms_ = now_ms;
    if (!has_previous_) {
        wipe(previous_);
    }
    wipe(fresh);
}

void use_ticket_keys(SSL_CTX* context, std::unique_ptr<TicketKeys> keys) {
    if (SSL_CTX_set_ex_data(context, context_index(), keys.get()) != 1) {
        throw std::runtime_error("TLS: no memory for the keys of tickets");
    }
    (void)keys.release();
    SSL_CTX_set_timeout(context, static_cast<long>(ticket_life_ms / 1'000));
    SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket);
}

}  // namespace tc
