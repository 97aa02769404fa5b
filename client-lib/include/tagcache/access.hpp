// SPDX-License-Identifier: MIT
//
// tagcache/access.h for C++17, header-only: who this client is, and the users of a server.
//
//     tagcache::Credentials web;
//     web.user = "web";
//     web.password = read_from_a_file();
//     tagcache::Client cache("tagcache://127.0.0.1:1984", web);
//
//     tagcache::Access access(cache);  // an administrator's
//     tagcache::UserOptions options;
//     options.rights = TAGCACHE_RIGHT_READ | TAGCACHE_RIGHT_WRITE;
//     options.key_prefixes = {"page:"};
//     access.add_user("web", options);
#ifndef TAGCACHE_ACCESS_HPP
#define TAGCACHE_ACCESS_HPP

#include <tagcache/access.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tagcache/tagcache.hpp>
#include <vector>

namespace tagcache {

// What is said about a user; what is not set stays, and is empty in a new user. Views, as a secret
// has to be wiped by whoever keeps it.
struct UserOptions {
    std::optional<std::string_view> password;  // an empty one takes the password away
    std::optional<std::uint32_t> rights;       // TAGCACHE_RIGHT_
    std::optional<std::vector<std::string>> key_prefixes;
    std::optional<std::vector<std::string>> tag_prefixes;
    std::optional<std::vector<std::string>> tls_names;
};

struct User {
    std::string name;
    std::string rights;  // words, separated by spaces
    bool has_password = false;
    std::uint64_t tokens = 0;
    std::vector<std::string> key_prefixes;
    std::vector<std::string> tag_prefixes;
    std::vector<std::string> tls_names;
};

struct Token {
    std::string id;
    std::string user;
    std::string created_at;
    std::string expires_at;  // empty when it does not expire
    std::string secret;      // told for a new one only
};

// UserOptions as the C functions take them; lives as long as the call.
class NativeUserOptions {
 public:
    explicit NativeUserOptions(const UserOptions& options) {
        if (options.password) {
            native_.fields |= TAGCACHE_USER_PASSWORD;
            native_.password = to_bytes(*options.password);
        }
        if (options.rights) {
            native_.fields |= TAGCACHE_USER_RIGHTS;
            native_.rights = *options.rights;
        }
        set(TAGCACHE_USER_KEY_PREFIXES, options.key_prefixes, key_prefixes_, native_.key_prefixes,
            native_.key_prefix_count);
        set(TAGCACHE_USER_TAG_PREFIXES, options.tag_prefixes, tag_prefixes_, native_.tag_prefixes,
            native_.tag_prefix_count);
        set(TAGCACHE_USER_TLS_NAMES, options.tls_names, tls_names_, native_.tls_names,
            native_.tls_name_count);
    }
    NativeUserOptions(const NativeUserOptions&) = delete;
    NativeUserOptions& operator=(const NativeUserOptions&) = delete;
    [[nodiscard]] const tagcache_user_options* get() const noexcept { return &native_; }

 private:
    void set(std::uint32_t bit, const std::optional<std::vector<std::string>>& names,
             std::vector<tagcache_bytes>& views, const tagcache_bytes*& array, std::size_t& count) {
        if (names) {
            native_.fields |= bit;
            for (const std::string& name : *names) {
                views.push_back(to_bytes(name));
            }
            array = views.data();
            count = views.size();
        }
    }

    tagcache_user_options native_ = TAGCACHE_USER_OPTIONS_INIT;
    std::vector<tagcache_bytes> key_prefixes_;
    std::vector<tagcache_bytes> tag_prefixes_;
    std::vector<tagcache_bytes> tls_names_;
};

// Users and tokens, by a client that may administrate them. Ends before its client.
class Access {
 public:
    explicit Access(Client& client) : client_(client.handle()) {}

    // From now on the client's own; throws when they are refused.
    void authenticate(const Credentials& credentials) {
        const tagcache_credentials native = to_native(credentials);
        check(tagcache_auth(client_, &native, reply(), nullptr));
    }
    // Of the client's own user. Throws an Error with TAGCACHE_FORBIDDEN when the old one is wrong.
    void change_password(std::string_view old_password, std::string_view new_password) {
        check(tagcache_change_password(client_, to_bytes(old_password), to_bytes(new_password),
                                       reply(), nullptr));
    }

    // False when there is a user of that name already.
    bool add_user(std::string_view name, const UserOptions& options) {
        return found(tagcache_user_add(client_, to_bytes(name), reply(),
                                       NativeUserOptions(options).get(), nullptr));
    }
    // False when there is none, as below.
    bool set_user(std::string_view name, const UserOptions& options) {
        return found(tagcache_user_set(client_, to_bytes(name), reply(),
                                       NativeUserOptions(options).get(), nullptr));
    }
    bool remove_user(std::string_view name) {
        return found(tagcache_user_remove(client_, to_bytes(name), reply(), nullptr));
    }
    [[nodiscard]] std::vector<User> users() {
        std::vector<User> users;
        std::string cursor;
        do {
            tagcache_page_options page = TAGCACHE_PAGE_OPTIONS_INIT;
            page.cursor = to_bytes(cursor);
            check(tagcache_user_list(client_, reply(), &page, nullptr));
            while (result_.next()) {
                users.push_back(user_of(result_.fields()));
            }
            cursor = to_view(tagcache_result_cursor(reply()));
        } while (!cursor.empty());
        return users;
    }

    // Of the client's own user when `user` is empty. Nothing when there is no such user.
    [[nodiscard]] std::optional<Token> new_token(
        std::string_view user, std::chrono::milliseconds ttl = std::chrono::milliseconds(0)) {
        if (!found(tagcache_token_new(client_, to_bytes(user), to_ttl_ms(ttl), reply(), nullptr)) ||
            !result_.next()) {
            return std::nullopt;
        }
        return token_of(result_.fields());
    }
    [[nodiscard]] std::optional<std::vector<Token>> tokens(std::string_view user) {
        if (!found(tagcache_token_list(client_, to_bytes(user), reply(), nullptr))) {
            return std::nullopt;
        }
        std::vector<Token> tokens;
        while (result_.next()) {
            tokens.push_back(token_of(result_.fields()));
        }
        return tokens;
    }
    bool revoke_token(std::string_view user, std::string_view id) {
        return found(
            tagcache_token_revoke(client_, to_bytes(user), to_bytes(id), reply(), nullptr));
    }

 private:
    static std::string text_of(const Field& field) {
        const auto* text = std::get_if<std::string>(&field.value);
        return text != nullptr ? *text : "";
    }
    static std::uint64_t number_of(const Field& field) {
        const auto* number = std::get_if<std::uint64_t>(&field.value);
        return number != nullptr ? *number : 0;
    }
    static User user_of(const std::vector<Field>& fields) {
        User user;
        for (const Field& field : fields) {
            if (field.name == "name") {
                user.name = text_of(field);
            } else if (field.name == "rights") {
                user.rights = text_of(field);
            } else if (field.name == "has_password") {
                user.has_password = number_of(field) != 0;
            } else if (field.name == "tokens") {
                user.tokens = number_of(field);
            } else if (field.name == "key_prefix") {
                user.key_prefixes.push_back(text_of(field));
            } else if (field.name == "tag_prefix") {
                user.tag_prefixes.push_back(text_of(field));
            } else if (field.name == "tls_name") {
                user.tls_names.push_back(text_of(field));
            }
        }
        return user;
    }
    static Token token_of(const std::vector<Field>& fields) {
        Token token;
        for (const Field& field : fields) {
            if (field.name == "id") {
                token.id = text_of(field);
            } else if (field.name == "user") {
                token.user = text_of(field);
            } else if (field.name == "created_at") {
                token.created_at = text_of(field);
            } else if (field.name == "expires_at") {
                token.expires_at = text_of(field);
            } else if (field.name == "token") {
                token.secret = text_of(field);
            }
        }
        return token;
    }

    [[nodiscard]] tagcache_result* reply() const noexcept { return result_.handle(); }
    void check(tagcache_status status) const { tagcache::check(client_, status); }
    [[nodiscard]] bool found(tagcache_status status) const {
        check(status);
        return status == TAGCACHE_OK;
    }

    tagcache_client* client_;
    Result result_;
};

}  // namespace tagcache

#endif
