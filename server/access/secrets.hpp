// SPDX-License-Identifier: MIT
//
// Passwords and tokens: how they are made, kept and compared. A person's password is kept as an
// argon2id hash, which takes some 30 ms and 19 MiB to compute, so never on a reactor. A token has
// 256 random bits, so its plain SHA-256 is enough, and is computed anywhere.
//
// Threads: any.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tc {

// Has to be called once, before anything else here; throws std::runtime_error.
void start_secrets();

void wipe(void* data, std::size_t size_bytes) noexcept;

// Bytes that nobody should find later: they are overwritten when they go. Fixed room, so that no
// copy of them is left behind by growing.
class Secret {
 public:
    static constexpr std::size_t bytes_max = 512;

    Secret() = default;
    // REQUIRES: at most bytes_max.
    explicit Secret(std::string_view bytes) noexcept;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret() { wipe(bytes_.data(), bytes_.size()); }

    [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data(), size_}; }

 private:
    std::array<char, bytes_max> bytes_{};
    std::size_t size_ = 0;
};

// "$argon2id$v=19$m=19456,t=2,p=1$...": the least that OWASP asks for. Throws std::bad_alloc.
[[nodiscard]] std::string hash_password(std::string_view password);
// Slow. Also when there is no hash (""): then it takes as long, and is false.
[[nodiscard]] bool verify_password(const std::string& hash, std::string_view password) noexcept;
[[nodiscard]] bool is_password_hash(std::string_view text) noexcept;

using Digest = std::array<std::uint8_t, 32>;
[[nodiscard]] Digest sha256(std::string_view bytes) noexcept;
[[nodiscard]] bool is_equal_in_constant_time(const Digest& left, const Digest& right) noexcept;

// "tct_" + id + "_" + 256 random bits. The id is no secret: it names the token in lists.
inline constexpr std::string_view token_prefix = "tct_";
inline constexpr std::size_t token_id_bytes = 16;
inline constexpr std::size_t token_text_bytes = 64;
struct NewToken {
    std::string id;
    std::string text;
};
[[nodiscard]] NewToken make_token();
// The id in the text of a token, "" when the text has another form.
[[nodiscard]] std::string_view id_of_token(std::string_view text) noexcept;
[[nodiscard]] bool is_token_id(std::string_view text) noexcept;

[[nodiscard]] std::string hex_of(const Digest& digest);
// False when the text is no digest.
[[nodiscard]] bool read_hex(std::string_view text, Digest& digest) noexcept;

}  // namespace tc
