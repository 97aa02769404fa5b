// SPDX-License-Identifier: MIT
//
// TOKEN.
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "access/users_file.hpp"
#include "protocol/access_messages.h"
#include "server/access_commands.hpp"
#include "server/arguments.hpp"
#include "server/clock.hpp"
#include "server/commands.hpp"
#include "server/field_list.hpp"
#include "server/reactor.hpp"

namespace tc::command {

namespace {

constexpr std::uint64_t token_ttl_ms_max = std::uint64_t{100} * 366 * 24 * 3600 * 1000;
constexpr std::size_t token_fields_bytes_max = 512;

void write_token(wire_writer* out, const User& user, const AccessToken& token,
                 std::string_view secret) {
    const std::string created = time_text(token.created_at_s);
    const std::string expires = time_text(token.expires_at_s);
    FieldList fields(out);
    fields.text("id", token.id);
    fields.text("user", user.name);
    fields.text("created_at", created);
    fields.text("expires_at", expires);
    if (!secret.empty()) {
        fields.text("token", secret);
    }
}

class CreateTokenErrand final : public ChangeErrand {
 public:
    CreateTokenErrand(const Command& command, std::string_view name, std::uint64_t ttl_ms)
        : ChangeErrand(command, "token_create", name), ttl_ms_(ttl_ms) {}
    ~CreateTokenErrand() override { wipe(made_.text.data(), made_.text.size()); }

 private:
    Change edit(AccessTable& users) override {
        User* user = users.find(name_);
        if (user == nullptr) {
            return {WIRE_NOT_FOUND, ""};
        }
        const std::int64_t now_s = wall_clock_s();
        std::erase_if(user->tokens,
                      [&](const AccessToken& token) { return token.is_expired(now_s); });
        if (user->tokens.size() == WIRE_TOKENS_PER_USER_MAX) {
            return {WIRE_INVALID_ARGUMENT, "the user has 4 tokens already: revoke one first"};
        }
        made_ = make_token();
        const auto ttl_s = static_cast<std::int64_t>((ttl_ms_ + 999) / 1000);
        user->tokens.push_back(
            {made_.id, sha256(made_.text), now_s, ttl_s == 0 ? 0 : now_s + ttl_s});
        changed_.name = user->name;
        token_ = user->tokens.back();
        return {};
    }
    void answer_changed(Command& command) noexcept override {
        wire_writer* out = command.begin(users_head_bytes + token_fields_bytes_max);
        if (out != nullptr) {
            write_users_head(out, 1, "");
            write_token(out, changed_, token_, made_.text);
            command.finish(WIRE_OK);
        }
    }

    [[nodiscard]] LogField detail() const noexcept override { return {"token", made_.id}; }

    const std::uint64_t ttl_ms_;
    NewToken made_;
    User changed_;
    AccessToken token_;
};

class RevokeTokenErrand final : public ChangeErrand {
 public:
    RevokeTokenErrand(const Command& command, std::string_view name, std::string_view id)
        : ChangeErrand(command, "token_revoke", name), id_(id) {}

 private:
    Change edit(AccessTable& users) override {
        User* user = users.find(name_);
        const auto is_it = [&](const AccessToken& token) { return token.id == id_; };
        return user != nullptr && std::erase_if(user->tokens, is_it) != 0
                   ? Change{}
                   : Change{WIRE_NOT_FOUND, ""};
    }

    [[nodiscard]] LogField detail() const noexcept override { return {"token", id_}; }

    const std::string id_;
};

void list_tokens(Command& command, std::string_view name) {
    const User* user = command.reactor.access().find(name);
    if (user == nullptr) {
        return command.answer(WIRE_NOT_FOUND);
    }
    wire_writer* out =
        command.begin(users_head_bytes + user->tokens.size() * token_fields_bytes_max);
    if (out != nullptr) {
        write_users_head(out, static_cast<std::uint32_t>(user->tokens.size()), "");
        for (const AccessToken& token : user->tokens) {
            write_token(out, *user, token, "");
        }
        command.finish(WIRE_OK);
    }
}

void run_token(Command& command, const wire_token& request) {
    const User* own = command.client.user;
    const std::string_view own_name = own != nullptr ? std::string_view(own->name) : "";
    const std::string_view name = request.name.size != 0 ? text_of(request.name) : own_name;
    switch (request.action) {
        case WIRE_TOKEN_LIST: return list_tokens(command, name);
        case WIRE_TOKEN_CREATE:
            if (request.ttl_ms > token_ttl_ms_max) {
                return command.refuse(WIRE_INVALID_ARGUMENT,
                                      "a token expires within 100 years, or never");
            }
            return command.defer(
                std::make_unique<CreateTokenErrand>(command, name, request.ttl_ms));
        default:
            command.defer(std::make_unique<RevokeTokenErrand>(command, name, text_of(request.id)));
    }
}

}  // namespace

void token(Command& command) noexcept {
    wire_token request;
    if (!wire_decode_token(command.request.body, &request)) {
        return command.malformed();
    }
    if (request.action > WIRE_TOKEN_REVOKE) {
        return command.refuse(WIRE_UNSUPPORTED, "this server does not know the action",
                              request.action);
    }
    if (accept_users_file(command)) {
        try {
            run_token(command, request);
        } catch (const std::bad_alloc&) {
            refuse_argument(command, WIRE_OUT_OF_MEMORY);
        }
    }
}

}  // namespace tc::command
