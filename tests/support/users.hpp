// SPDX-License-Identifier: MIT
//
// A server with users: a folder of its own for their file, the frames that make them, and clients
// that are somebody.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "protocol/access_messages.h"
#include "support/running_server.hpp"
#include "support/wire_client.hpp"

namespace tc::test {

class UsersFolder {
 public:
    UsersFolder() {
        char path[] = "/tmp/tagcache-users-XXXXXX";
        path_ = mkdtemp(path);
    }
    UsersFolder(const UsersFolder&) = delete;
    UsersFolder& operator=(const UsersFolder&) = delete;
    ~UsersFolder() { std::filesystem::remove_all(path_); }

    [[nodiscard]] std::string file() const { return path_ + "/users.toml"; }
    [[nodiscard]] std::vector<std::string> arguments() const {
        return {"--auth-users-file", file()};
    }

 private:
    std::string path_;
};

struct NewUser {
    std::string name;
    std::uint8_t rights = 0;
    std::vector<std::string> key_prefixes;
    std::vector<std::string> tag_prefixes;
    std::string password = "a good password";
    std::uint16_t options = WIRE_USER_CREATE | WIRE_USER_PASSWORD | WIRE_USER_RIGHTS |
                            WIRE_USER_KEY_PREFIXES | WIRE_USER_TAG_PREFIXES;
    std::vector<std::string> tls_names = {};  // with WIRE_USER_TLS_NAMES among the options
};

inline std::vector<wire_bytes> views_of(const std::vector<std::string>& texts) {
    std::vector<wire_bytes> views;
    for (const std::string& text : texts) {
        views.push_back(bytes(text));
    }
    return views;
}

inline std::string user_set_frame(const NewUser& user) {
    const auto key_prefixes = views_of(user.key_prefixes);
    const auto tag_prefixes = views_of(user.tag_prefixes);
    const auto tls_names = views_of(user.tls_names);
    wire_user message{};
    message.action = WIRE_USER_SET;
    message.options = user.options;
    message.rights = user.rights;
    message.name = bytes(user.name);
    message.password = bytes(user.password);
    message.key_prefixes = {
        static_cast<std::uint32_t>(key_prefixes.size()), key_prefixes.data(), {}};
    message.tag_prefixes = {
        static_cast<std::uint32_t>(tag_prefixes.size()), tag_prefixes.data(), {}};
    message.tls_names = {static_cast<std::uint32_t>(tls_names.size()), tls_names.data(), {}};
    return frame(WIRE_OP_USER, 0, [&](wire_writer* out) { wire_encode_user(out, &message); });
}

inline std::string user_delete_frame(const std::string& name) {
    wire_user message{};
    message.action = WIRE_USER_DELETE;
    message.name = bytes(name);
    return frame(WIRE_OP_USER, 0, [&](wire_writer* out) { wire_encode_user(out, &message); });
}

inline std::string passwd_frame(const std::string& old_password, const std::string& new_password) {
    wire_user message{};
    message.action = WIRE_USER_PASSWD;
    message.old_password = bytes(old_password);
    message.password = bytes(new_password);
    return frame(WIRE_OP_USER, 0, [&](wire_writer* out) { wire_encode_user(out, &message); });
}

inline std::string auth_frame(const std::string& name, const std::string& secret,
                              std::uint8_t mechanism = WIRE_AUTH_PASSWORD,
                              std::uint32_t request_id = 0) {
    const wire_auth message{mechanism, bytes(name), bytes(secret)};
    return frame(WIRE_OP_AUTH, request_id,
                 [&](wire_writer* out) { wire_encode_auth(out, &message); });
}

inline std::string token_frame(wire_token_action action, const std::string& name,
                               const std::string& id = "", std::uint64_t ttl_ms = 0) {
    wire_token message{};
    message.action = static_cast<std::uint8_t>(action);
    message.name = bytes(name);
    message.id = bytes(id);
    message.ttl_ms = ttl_ms;
    return frame(WIRE_OP_TOKEN, 0, [&](wire_writer* out) { wire_encode_token(out, &message); });
}

// The text of the first field of that name in the reply to USER or TOKEN; "" when there is none.
inline std::string field_of(const Reply& reply, const std::string& name) {
    std::uint32_t count = 0;
    wire_bytes cursor{};
    wire_reader items{};
    REQUIRE(wire_decode_client_reply(bytes(reply.body), &count, &cursor, &items));
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint16_t field_count = wire_read_u16(&items);
        for (std::uint16_t j = 0; j < field_count; ++j) {
            wire_field field{};
            wire_read_field(&items, &field);
            if (text(field.name) == name) {
                return field.type == WIRE_FIELD_TEXT ? text(field.text) : std::to_string(field.u64);
            }
        }
    }
    return "";
}

inline WireClient client_of(const RunningServer& server, const std::string& name,
                            const std::string& password = "a good password") {
    WireClient client = WireClient::greeted(server.port());
    REQUIRE(int{client.call(auth_frame(name, password)).status} == WIRE_OK);
    return client;
}

inline WireClient client_with_token(const RunningServer& server, const std::string& token) {
    WireClient client = WireClient::greeted(server.port());
    REQUIRE(int{client.call(auth_frame("", token, WIRE_AUTH_TOKEN)).status} == WIRE_OK);
    return client;
}

// A server whose first user, "root", has all rights to all names.
class GuardedServer {
 public:
    explicit GuardedServer(std::vector<std::string> arguments = {})
        : server_(with_users_file(std::move(arguments))) {
        WireClient client = WireClient::greeted(server_->port());
        const NewUser root{"root", WIRE_RIGHTS_KNOWN, {""}, {""}};
        REQUIRE(int{client.call(user_set_frame(root)).status} == WIRE_OK);
        admin_.emplace(client_of(*server_, "root"));
    }

    [[nodiscard]] const RunningServer& server() const { return *server_; }
    [[nodiscard]] const UsersFolder& folder() const { return folder_; }
    WireClient& admin() { return *admin_; }
    void add(const NewUser& user) {
        REQUIRE(int{admin_->call(user_set_frame(user)).status} == WIRE_OK);
    }
    // A new token of the user, and its id.
    struct Token {
        std::string text;
        std::string id;
    };
    Token token_of(const std::string& name, std::uint64_t ttl_ms = 0) {
        const Reply reply = admin_->call(token_frame(WIRE_TOKEN_CREATE, name, "", ttl_ms));
        REQUIRE(int{reply.status} == WIRE_OK);
        return {field_of(reply, "token"), field_of(reply, "id")};
    }
    // Stops it and starts another one with the same file.
    void restart() {
        admin_.reset();
        REQUIRE(server_->stop() == 0);
        server_.emplace(folder_.arguments());
    }

 private:
    std::vector<std::string> with_users_file(std::vector<std::string> arguments) const {
        const auto own = folder_.arguments();
        arguments.insert(arguments.end(), own.begin(), own.end());
        return arguments;
    }

    UsersFolder folder_;
    std::optional<RunningServer> server_;
    std::optional<WireClient> admin_;
};

}  // namespace tc::test
