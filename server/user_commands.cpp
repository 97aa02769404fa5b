// SPDX-License-Identifier: MIT
//
// USER.
#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <utility>

#include "protocol/access_messages.h"
#include "server/access_commands.hpp"
#include "server/arguments.hpp"
#include "server/clock.hpp"
#include "server/commands.hpp"
#include "server/field_list.hpp"
#include "server/reactor.hpp"
#include "server/server.hpp"

namespace tc::command {

namespace {

// What a user's fields take at most: names, rights, counts, and each name that it lists.
std::size_t fields_bytes(const User& user) noexcept {
    std::size_t size = 256;
    for (const auto* names : {&user.key_prefixes, &user.tag_prefixes, &user.tls_names}) {
        for (const std::string& name : *names) {
            size += 1 + sizeof "key_prefix" + 1 + 2 + name.size();
        }
    }
    return size;
}

bool accept_new_password(Command& command, wire_bytes password) noexcept {
    if (password.size < WIRE_PASSWORD_BYTES_MIN) {
        command.refuse(WIRE_INVALID_ARGUMENT, "a password has at least 8 bytes",
                       WIRE_PASSWORD_BYTES_MIN);
        return false;
    }
    return accept_secret(command, password);
}

// "read write".
ShortText rights_text(std::uint8_t rights) noexcept {
    std::array<char, ShortText::bytes_max> bytes{};
    std::size_t size = 0;
    for (const RightName& right : right_names) {
        if ((rights & right.right) != 0) {
            for (const std::string_view text :
                 {std::string_view(size == 0 ? "" : " "), right.name}) {
                size += text.copy(bytes.data() + size, bytes.size() - size);
            }
        }
    }
    ShortText text;
    text.assign({bytes.data(), size});
    return text;
}

void write_user(wire_writer* out, const User& user) noexcept {
    FieldList fields(out);
    fields.text("name", user.name);
    fields.text("rights", rights_text(user.rights).view());
    fields.number("has_password", user.password_hash.empty() ? 0 : 1);
    fields.number("tokens", user.tokens.size());
    for (const std::string& prefix : user.key_prefixes) {
        fields.text("key_prefix", prefix);
    }
    for (const std::string& prefix : user.tag_prefixes) {
        fields.text("tag_prefix", prefix);
    }
    for (const std::string& name : user.tls_names) {
        fields.text("tls_name", name);
    }
}

class SetUserErrand final : public ChangeErrand {
 public:
    SetUserErrand(const Command& command, const wire_user& user)
        : ChangeErrand(command, "user_set", text_of(user.name)),
          options_(user.options),
          rights_(user.rights),
          rights_text_(rights_text(user.rights)),
          key_prefixes_(names_in(user.key_prefixes)),
          tag_prefixes_(names_in(user.tag_prefixes)),
          tls_names_(names_in(user.tls_names)),
          password_(text_of(user.password)) {}

 private:
    static std::vector<std::string> names_in(const wire_list& list) {
        std::vector<std::string> names;
        wire_reader in = wire_reader_over(list.raw);
        for (std::uint32_t i = 0; i < list.count; ++i) {
            names.emplace_back(text_of(wire_read_bytes8(&in)));
        }
        return names;
    }
    [[nodiscard]] bool has(unsigned option) const noexcept { return (options_ & option) != 0; }

    Change edit(AccessTable& users) override {
        User* user = users.find(name_);
        if (has(WIRE_USER_CREATE) && user != nullptr) {
            return {WIRE_EXISTS, ""};
        }
        if (!has(WIRE_USER_CREATE) && user == nullptr) {
            return {WIRE_NOT_FOUND, ""};
        }
        if (!is_user_name(name_)) {
            return {WIRE_INVALID_ARGUMENT,
                    "a user's name is 1 to 32 letters, digits, '.', '_', '-' or '@'"};
        }
        if (user == nullptr) {
            user = &users.add(name_);
        }
        apply(*user);
        changed_ = *user;
        return {};
    }

    void apply(User& user) {
        if (has(WIRE_USER_RIGHTS)) {
            user.rights = rights_;
        }
        if (has(WIRE_USER_KEY_PREFIXES)) {
            user.key_prefixes = key_prefixes_;
        }
        if (has(WIRE_USER_TAG_PREFIXES)) {
            user.tag_prefixes = tag_prefixes_;
        }
        if (has(WIRE_USER_TLS_NAMES)) {
            user.tls_names = tls_names_;
        }
        if (has(WIRE_USER_PASSWORD)) {
            const bool is_taken_away = password_.view().empty();
            user.password_hash = is_taken_away ? "" : hash_password(password_.view());
        }
    }

    void answer_changed(Command& command) noexcept override {
        wire_writer* out = command.begin(users_head_bytes + fields_bytes(changed_));
        if (out != nullptr) {
            write_users_head(out, 1, "");
            write_user(out, changed_);
            command.finish(WIRE_OK);
        }
    }

    [[nodiscard]] LogField detail() const noexcept override {
        return {"rights", has(WIRE_USER_RIGHTS) ? rights_text_.view() : "unchanged"};
    }

    const std::uint16_t options_;
    const std::uint8_t rights_;
    const ShortText rights_text_;
    const Prefixes key_prefixes_;
    const Prefixes tag_prefixes_;
    const std::vector<std::string> tls_names_;
    const Secret password_;
    User changed_;
};

class DeleteUserErrand final : public ChangeErrand {
 public:
    DeleteUserErrand(const Command& command, const wire_user& user)
        : ChangeErrand(command, "user_delete", text_of(user.name)) {}

 private:
    Change edit(AccessTable& users) override {
        return users.remove(name_) ? Change{} : Change{WIRE_NOT_FOUND, ""};
    }
};

// One's own: the old password is a credential like that of AUTH, and refused like one. The
// connection stays who it is, by the new one.
class PasswordChangeErrand final : public ChangeErrand {
 public:
    PasswordChangeErrand(const Command& command, const wire_user& user)
        : ChangeErrand(command, "user_passwd", command.client.user->name),
          source_(command.client.source),
          old_password_(text_of(user.old_password)),
          password_(text_of(user.password)) {}

    [[nodiscard]] std::uint64_t hold_ms() const noexcept override { return hold_ms_; }
    void answer(Command& command) noexcept override {
        if (is_refused_) {
            return answer_refused(command);
        }
        ChangeErrand::answer(command);
    }

 private:
    Change edit(AccessTable& users) override {
        User* user = users.find(name_);
        is_refused_ =
            !verify_password(user == nullptr ? "" : user->password_hash, old_password_.view());
        if (is_refused_ || user == nullptr) {
            hold_ms_ = access().delays().note_refusal(source_, boot_time_ms());
            return {WIRE_FORBIDDEN, "the credentials were refused"};
        }
        const Identity by_old = identity_of(name_, user->password_hash);
        old_credential_ = by_old.credential;
        user->password_hash = hash_password(password_.view());
        identity_ = identity_of(name_, user->password_hash);
        return {};
    }
    void answer_changed(Command& command) noexcept override {
        if (command.client.identity.credential == old_credential_) {
            command.reactor.authenticate(command.client, identity_);
        }
        answer_no_users(command);
    }

    const std::uint64_t source_;
    const Secret old_password_;
    const Secret password_;
    Digest old_credential_{};
    Identity identity_;
    bool is_refused_ = false;
    std::uint64_t hold_ms_ = 0;
};

void list_users(Command& command, const wire_user& request) noexcept {
    if (!accept_limit(command, request.limit)) {
        return;
    }
    std::span<const User> users = command.reactor.access().users();
    const auto begin =
        std::ranges::upper_bound(users, text_of(request.cursor), {},
                                 [](const User& user) { return std::string_view(user.name); });
    users = users.subspan(static_cast<std::size_t>(begin - users.begin()));
    std::size_t size = users_head_bytes;
    std::size_t count = 0;
    while (count < std::min<std::size_t>(users.size(), request.limit) &&
           size + fields_bytes(users[count]) <= command.request_limits.reply_bytes_max) {
        size += fields_bytes(users[count++]);
    }
    wire_writer* out = command.begin(size);
    if (out == nullptr) {
        return;
    }
    const bool is_end = count == users.size();
    write_users_head(out, static_cast<std::uint32_t>(count), is_end ? "" : users[count - 1].name);
    for (const User& user : users.first(count)) {
        write_user(out, user);
    }
    command.charge(count);
    command.finish(WIRE_OK);
}

// USER SET and PASSWD, whose passwords are looked at before they are copied.
void change_user(Command& command, const wire_user& request) {
    const bool has_password = (request.options & WIRE_USER_PASSWORD) != 0;
    switch (request.action) {
        case WIRE_USER_SET:
            if (!has_password || request.password.size == 0 ||
                accept_new_password(command, request.password)) {
                command.defer(std::make_unique<SetUserErrand>(command, request));
            }
            break;
        case WIRE_USER_DELETE:
            command.defer(std::make_unique<DeleteUserErrand>(command, request));
            break;
        default:
            if (command.client.user == nullptr) {
                return command.refuse(WIRE_INVALID_ARGUMENT, "the connection has no user");
            }
            if (accept_secret(command, request.old_password) &&
                accept_new_password(command, request.password)) {
                command.defer(std::make_unique<PasswordChangeErrand>(command, request));
            }
    }
}

}  // namespace

void user(Command& command) noexcept {
    wire_user request;
    if (!wire_decode_user(command.request.body, &request)) {
        return command.malformed();
    }
    if (request.action > WIRE_USER_PASSWD) {
        return command.refuse(WIRE_UNSUPPORTED, "this server does not know the action",
                              request.action);
    }
    if (request.action == WIRE_USER_LIST) {
        return list_users(command, request);
    }
    if (accept_users_file(command)) {
        try {
            change_user(command, request);
        } catch (const std::bad_alloc&) {
            refuse_argument(command, WIRE_OUT_OF_MEMORY);
        }
    }
    wipe_body(command);
}

}  // namespace tc::command
