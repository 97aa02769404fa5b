// SPDX-License-Identifier: MIT
//
// Users, their rights and their credentials. A table is immutable once it is in use: each reactor
// has one of its own, which is swapped for another between two batches, so a request is checked
// without a lock, a counted pointer or anything else that is shared.
//
// A change makes a new table: a copy, edited, checked with complaint(), and handed out.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "access/secrets.hpp"
#include "protocol/wire.h"

namespace tc {

using Prefixes = std::vector<std::string>;

struct AccessToken {
    std::string id;
    Digest digest{};
    std::int64_t created_at_s = 0;  // of the wall clock
    std::int64_t expires_at_s = 0;  // 0 = never

    [[nodiscard]] bool is_expired(std::int64_t now_s) const noexcept {
        return expires_at_s != 0 && expires_at_s <= now_s;
    }
};

struct User {
    std::string name;
    std::uint8_t rights = 0;  // WIRE_RIGHT_
    Prefixes key_prefixes;    // none: no key; "": all keys
    Prefixes tag_prefixes;
    std::vector<std::string> tls_names;  // of client certificates
    std::string password_hash;           // "" = no password
    std::vector<AccessToken> tokens;

    [[nodiscard]] bool may(std::uint8_t needed) const noexcept {
        return (rights & needed) == needed;
    }
    [[nodiscard]] bool covers_key(std::string_view key) const noexcept {
        return covers(key_prefixes, key);
    }
    [[nodiscard]] bool covers_tag(std::string_view tag) const noexcept {
        return covers(tag_prefixes, tag);
    }
    // Somebody can prove to be this user.
    [[nodiscard]] bool has_credentials() const noexcept {
        return !password_hash.empty() || !tokens.empty() || !tls_names.empty();
    }

 private:
    [[nodiscard]] static bool covers(const Prefixes& prefixes, std::string_view name) noexcept {
        return std::ranges::any_of(
            prefixes, [&](const std::string& prefix) { return name.starts_with(prefix); });
    }
};

// Whom a connection has proved to be, and by what: so much that a later table can say whether that
// still holds. A credential is told by a digest of what is unique to it: a password's salted hash,
// a token's id, a certificate's name.
struct Identity {
    std::array<char, WIRE_USER_NAME_BYTES_MAX> name_bytes{};
    std::uint8_t name_size = 0;
    Digest credential{};

    [[nodiscard]] std::string_view name() const noexcept { return {name_bytes.data(), name_size}; }
};
[[nodiscard]] Identity identity_of(std::string_view user_name,
                                   std::string_view credential) noexcept;

class AccessTable {
 public:
    // Whose connection has not authenticated: nobody's rights, and told apart by this address.
    [[nodiscard]] static const User& nobody() noexcept;

    [[nodiscard]] bool empty() const noexcept { return users_.empty(); }
    // In the order of their names.
    [[nodiscard]] std::span<const User> users() const noexcept { return users_; }
    [[nodiscard]] const User* find(std::string_view name) const noexcept;

    // The user of a token, if it is valid now. Equal work for a wrong secret and an unknown id.
    struct TokenMatch {
        const User* user = nullptr;
        const AccessToken* token = nullptr;
    };
    [[nodiscard]] TokenMatch match_token(std::string_view text, std::int64_t now_s) const noexcept;
    [[nodiscard]] const User* find_tls_name(std::string_view tls_name) const noexcept;
    // Whom the identity is now: nobody(), when its user or its credential is gone or expired.
    [[nodiscard]] const User& resolve(const Identity& identity, std::int64_t now_s) const noexcept;

    // For making a new table.
    [[nodiscard]] User* find(std::string_view name) noexcept;
    // REQUIRES: there is no user of that name. Throws std::bad_alloc.
    User& add(std::string name);
    bool remove(std::string_view name) noexcept;
    // "" or why this table cannot be used, as a sentence for the administrator.
    [[nodiscard]] std::string complaint() const;

 private:
    std::vector<User> users_;
};

[[nodiscard]] bool is_user_name(std::string_view name) noexcept;
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

// "read write": the names of rights, as they stand in the file and in lists.
struct RightName {
    std::string_view name;
    std::uint8_t right;
};
inline constexpr std::array<RightName, 4> right_names = {{{"read", WIRE_RIGHT_READ},
                                                          {"write", WIRE_RIGHT_WRITE},
                                                          {"invalidate", WIRE_RIGHT_INVALIDATE},
                                                          {"admin", WIRE_RIGHT_ADMIN}}};

inline constexpr std::size_t users_max = 1024;
inline constexpr std::size_t prefix_bytes_max = 255;

}  // namespace tc
