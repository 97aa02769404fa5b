// SPDX-License-Identifier: MIT
//
// Clients that are somebody: credentials, and what users and tokens look like in results.
#pragma once

#include <tagcache/tagcache.h>
#include <map>
#include <string>

#include "client-lib/handles.hpp"
#include "client-lib/replies.hpp"
#include "support/users.hpp"

namespace tc::test {

inline constexpr const char* root_password = "a good password";

inline tagcache_credentials password_of(std::string_view user, std::string_view password) {
    tagcache_credentials credentials = TAGCACHE_CREDENTIALS_INIT;
    credentials.user = bytes_of(user);
    credentials.password = bytes_of(password);
    return credentials;
}

inline tagcache_credentials token_of(std::string_view token, std::string_view user = "") {
    tagcache_credentials credentials = TAGCACHE_CREDENTIALS_INIT;
    credentials.user = bytes_of(user);
    credentials.token = bytes_of(token);
    return credentials;
}

struct MadeClient {
    tagcache_status status;
    ClientHandle handle;

    [[nodiscard]] std::string error() const { return tagcache_client_error(handle.get()); }
    tagcache_status ping() const { return tagcache_ping(handle.get(), nullptr); }
};

inline MadeClient make_client(const std::string& uri, const tagcache_credentials* credentials,
                              std::uint32_t flags = 0) {
    tagcache_client_options options = TAGCACHE_CLIENT_OPTIONS_INIT;
    options.uri = uri.c_str();
    options.credentials = credentials;
    options.flags = flags;
    options.timeout_ms = 60'000;
    options.connect_timeout_ms = 60'000;
    tagcache_client* client = nullptr;
    const tagcache_status status = tagcache_client_new(&options, &client);
    return {status, ClientHandle(client)};
}

inline std::string uri_of(int port, const std::string& user = "") {
    return "tagcache://" + user + "127.0.0.1:" + std::to_string(port);
}

inline MadeClient client_as(const RunningServer& server, const tagcache_credentials& credentials) {
    MadeClient client = make_client(uri_of(server.port()), &credentials);
    REQUIRE(client.status == TAGCACHE_OK);
    return client;
}

using FieldMap = std::multimap<std::string, std::string>;

// Of the next item.
inline FieldMap next_item(tagcache_result* result) {
    FieldMap fields;
    REQUIRE(tagcache_result_next(result));
    while (tagcache_result_next_field(result)) {
        const std::string name = text_of(tagcache_result_field_name(result));
        const bool is_text = tagcache_result_field_type(result) == TAGCACHE_FIELD_TEXT;
        fields.emplace(name, is_text ? text_of(tagcache_result_field_text(result))
                                     : std::to_string(tagcache_result_field_u64(result)));
    }
    return fields;
}

inline std::string value_of(const FieldMap& fields, const std::string& name) {
    const auto found = fields.find(name);
    return found == fields.end() ? "(none)" : found->second;
}

inline tagcache_user_options reader(const tagcache_bytes& key_prefix, std::string_view password) {
    tagcache_user_options options = TAGCACHE_USER_OPTIONS_INIT;
    options.fields = TAGCACHE_USER_RIGHTS | TAGCACHE_USER_KEY_PREFIXES;
    options.rights = TAGCACHE_RIGHT_READ;
    options.key_prefixes = &key_prefix;
    options.key_prefix_count = 1;
    if (!password.empty()) {
        options.fields |= TAGCACHE_USER_PASSWORD;
        options.password = bytes_of(password);
    }
    return options;
}

}  // namespace tc::test
