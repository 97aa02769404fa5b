// SPDX-License-Identifier: MIT
#include "access/secrets.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>

namespace tc {

namespace {

constexpr unsigned long long argon2_passes = 2;
constexpr std::size_t argon2_memory_bytes = std::size_t{19} * 1024 * 1024;
constexpr std::string_view argon2_name = "$argon2id$";
constexpr std::size_t token_random_bytes = 32;

// Of a password that nobody knows, with our parameters.
constexpr const char* dummy_hash =
    "$argon2id$v=19$m=19456,t=2,p=1$"
    "1DRIhG0K4yR/EOU4WwMkpA$IiXSsBPPP0CoybLdhpHHGZCEG6jezG1fh55nWuuhj1E";

}  // namespace

void start_secrets() {
    if (sodium_init() < 0) {
        throw std::runtime_error("libsodium cannot be initialized");
    }
}

void wipe(void* data, std::size_t size_bytes) noexcept {
    sodium_memzero(data, size_bytes);
}

Secret::Secret(std::string_view bytes) noexcept : size_(std::min(bytes.size(), bytes_max)) {
    bytes.copy(bytes_.data(), size_);  // which may be of nothing, as memcpy() may not
}

std::string hash_password(std::string_view password) {
    std::array<char, crypto_pwhash_STRBYTES> hash{};
    if (crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), argon2_passes,
                              argon2_memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0) {
        throw std::bad_alloc();
    }
    return hash.data();
}

bool verify_password(const std::string& hash, std::string_view password) noexcept {
    const char* compared = hash.empty() ? dummy_hash : hash.c_str();
    const bool is_equal = crypto_pwhash_str_verify(compared, password.data(), password.size()) == 0;
    return is_equal && !hash.empty();
}

bool is_password_hash(std::string_view text) noexcept {
    return text.starts_with(argon2_name) && text.size() < crypto_pwhash_STRBYTES;
}

Digest sha256(std::string_view bytes) noexcept {
    Digest digest{};
    static_assert(sizeof digest == crypto_hash_sha256_BYTES);
    (void)crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(bytes.data()),
                             bytes.size());
    return digest;
}

bool is_equal_in_constant_time(const Digest& left, const Digest& right) noexcept {
    return sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

NewToken make_token() {
    std::array<std::uint8_t, token_id_bytes / 2> id{};
    std::array<std::uint8_t, token_random_bytes> random{};
    randombytes_buf(id.data(), id.size());
    randombytes_buf(random.data(), random.size());
    std::array<char, token_id_bytes + 1> id_text{};
    sodium_bin2hex(id_text.data(), id_text.size(), id.data(), id.size());
    std::array<char, sodium_base64_ENCODED_LEN(token_random_bytes,
                                               sodium_base64_VARIANT_URLSAFE_NO_PADDING)>
        random_text{};
    sodium_bin2base64(random_text.data(), random_text.size(), random.data(), random.size(),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    NewToken token{id_text.data(), ""};
    token.text.reserve(token_text_bytes);
    token.text.append(token_prefix).append(token.id).append("_").append(random_text.data());
    wipe(random.data(), random.size());
    wipe(random_text.data(), random_text.size());
    return token;
}

bool is_token_id(std::string_view text) noexcept {
    return text.size() == token_id_bytes && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

std::string_view id_of_token(std::string_view text) noexcept {
    if (text.size() != token_text_bytes || !text.starts_with(token_prefix)) {
        return "";
    }
    const std::string_view id = text.substr(token_prefix.size(), token_id_bytes);
    return text[token_prefix.size() + token_id_bytes] == '_' && is_token_id(id) ? id : "";
}

std::string hex_of(const Digest& digest) {
    std::array<char, 2 * sizeof digest + 1> text{};
    sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
    return text.data();
}

bool read_hex(std::string_view text, Digest& digest) noexcept {
    std::size_t size_bytes = 0;
    const char* end = nullptr;
    return sodium_hex2bin(digest.data(), digest.size(), text.data(), text.size(), nullptr,
                          &size_bytes, &end) == 0 &&
           size_bytes == digest.size() && end == text.data() + text.size();
}

}  // namespace tc
