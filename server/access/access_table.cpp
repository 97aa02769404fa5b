// SPDX-License-Identifier: MIT
#include "access/access_table.hpp"

namespace tc {

namespace {

bool is_name_byte(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-' || c == '@';
}

auto position_of(auto& users, std::string_view name) noexcept {
    return std::ranges::lower_bound(users, name, {},
                                    [](const User& user) { return std::string_view(user.name); });
}

// How many bytes the character at the start of the text has; 0 when it is none of UTF-8.
std::size_t character_bytes(std::string_view text) noexcept {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = at(0);
    if (first < 0x80) {
        return 1;
    }
    const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < size) {
        return 0;
    }
    for (std::size_t i = 1; i < size; ++i) {
        if ((at(i) & 0xC0) != 0x80) {
            return 0;
        }
    }
    // Overlong forms, surrogates, and what is above the last character.
    const bool is_wrong = (first == 0xE0 && at(1) < 0xA0) || (first == 0xED && at(1) > 0x9F) ||
                          (first == 0xF0 && at(1) < 0x90) || (first == 0xF4 && at(1) > 0x8F);
    return is_wrong ? 0 : size;
}

std::string complaint_about(const std::string& user_name, const std::vector<std::string>& names,
                            const char* what) {
    if (names.size() > WIRE_PREFIXES_MAX) {
        return "user " + user_name + ": more than 64 " + what;
    }
    for (const std::string& name : names) {
        if (name.size() > prefix_bytes_max || !is_utf8(name)) {
            return "user " + user_name + ": one of its " + what +
                   " is longer than 255 bytes, or no UTF-8";
        }
    }
    return "";
}

std::string complaint_about(const User& user) {
    if (!is_user_name(user.name)) {
        return "a user's name is 1 to 32 letters, digits, '.', '_', '-' or '@'";
    }
    if ((user.rights & ~unsigned{WIRE_RIGHTS_KNOWN}) != 0) {
        return "user " + user.name + ": an unknown right";
    }
    if (user.tokens.size() > WIRE_TOKENS_PER_USER_MAX) {
        return "user " + user.name + ": more than 4 tokens";
    }
    for (const std::string& name : user.tls_names) {
        if (name.empty()) {
            return "user " + user.name + ": an empty TLS name";
        }
    }
    std::string complaint = complaint_about(user.name, user.key_prefixes, "key prefixes");
    if (complaint.empty()) {
        complaint = complaint_about(user.name, user.tag_prefixes, "tag prefixes");
    }
    return complaint.empty() ? complaint_about(user.name, user.tls_names, "TLS names") : complaint;
}

}  // namespace

Identity identity_of(std::string_view user_name, std::string_view credential) noexcept {
    Identity identity;
    identity.name_size =
        static_cast<std::uint8_t>(std::min(user_name.size(), identity.name_bytes.size()));
    std::memcpy(identity.name_bytes.data(), user_name.data(), identity.name_size);
    identity.credential = sha256(credential);
    return identity;
}

bool is_user_name(std::string_view name) noexcept {
    return !name.empty() && name.size() <= WIRE_USER_NAME_BYTES_MAX &&
           std::ranges::all_of(name, is_name_byte);
}

bool is_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        const std::size_t size = character_bytes(text);
        if (size == 0) {
            return false;
        }
        text.remove_prefix(size);
    }
    return true;
}

const User& AccessTable::nobody() noexcept {
    static const User user;
    return user;
}

const User* AccessTable::find(std::string_view name) const noexcept {
    const auto user = position_of(users_, name);
    return user != users_.end() && user->name == name ? &*user : nullptr;
}

User* AccessTable::find(std::string_view name) noexcept {
    const auto user = position_of(users_, name);
    return user != users_.end() && user->name == name ? &*user : nullptr;
}

User& AccessTable::add(std::string name) {
    const auto position = position_of(users_, name);
    User user;
    user.name = std::move(name);
    return *users_.insert(position, std::move(user));
}

bool AccessTable::remove(std::string_view name) noexcept {
    const auto user = position_of(users_, name);
    const bool is_there = user != users_.end() && user->name == name;
    if (is_there) {
        users_.erase(user);
    }
    return is_there;
}

// The id is public, so finding it may take what it takes; the secret part is compared as a digest.
AccessTable::TokenMatch AccessTable::match_token(std::string_view text,
                                                 std::int64_t now_s) const noexcept {
    const std::string_view id = id_of_token(text);
    const Digest digest = sha256(text);
    static constexpr Digest no_digest{};
    TokenMatch match;
    for (const User& user : users_) {
        for (const AccessToken& token : user.tokens) {
            if (token.id == id) {
                match = {&user, &token};
            }
        }
    }
    const bool is_known = match.token != nullptr;
    const bool is_equal =
        is_equal_in_constant_time(digest, is_known ? match.token->digest : no_digest);
    return is_known && is_equal && !match.token->is_expired(now_s) ? match : TokenMatch{};
}

const User* AccessTable::find_tls_name(std::string_view tls_name) const noexcept {
    for (const User& user : users_) {
        if (std::ranges::find(user.tls_names, tls_name) != user.tls_names.end()) {
            return &user;
        }
    }
    return nullptr;
}

const User& AccessTable::resolve(const Identity& identity, std::int64_t now_s) const noexcept {
    const User* user = find(identity.name());
    if (user == nullptr) {
        return nobody();
    }
    const auto is_it = [&](std::string_view credential) {
        return !credential.empty() && sha256(credential) == identity.credential;
    };
    bool is_valid = is_it(user->password_hash);
    for (const AccessToken& token : user->tokens) {
        is_valid |= is_it(token.id) && !token.is_expired(now_s);
    }
    for (const std::string& tls_name : user->tls_names) {
        is_valid |= is_it(tls_name);
    }
    return is_valid ? *user : nobody();
}

std::string AccessTable::complaint() const {
    if (users_.size() > users_max) {
        return "more than 1024 users";
    }
    bool has_admin = users_.empty();
    std::vector<std::string_view> token_ids;
    std::vector<std::string_view> tls_names;
    for (const User& user : users_) {
        std::string complaint = complaint_about(user);
        if (!complaint.empty()) {
            return complaint;
        }
        has_admin |= user.may(WIRE_RIGHT_ADMIN) && user.has_credentials();
        for (const AccessToken& token : user.tokens) {
            token_ids.push_back(token.id);
        }
        tls_names.insert(tls_names.end(), user.tls_names.begin(), user.tls_names.end());
    }
    std::ranges::sort(token_ids);
    std::ranges::sort(tls_names);
    if (std::ranges::adjacent_find(token_ids) != token_ids.end()) {
        return "two tokens have the same id";
    }
    if (std::ranges::adjacent_find(tls_names) != tls_names.end()) {
        return "two users, or one twice, have the same TLS name";
    }
    return has_admin ? ""
                     : "nobody would be left who may administrate the users: one of them needs "
                       "the right admin and a password, a token or a TLS name";
}

}  // namespace tc
