// SPDX-License-Identifier: MIT
//
// AUTH.
#include <memory>
#include <new>
#include <string>

#include "protocol/access_messages.h"
#include "server/access_commands.hpp"
#include "server/arguments.hpp"
#include "server/clock.hpp"
#include "server/commands.hpp"
#include "server/reactor.hpp"
#include "server/server.hpp"

namespace tc::command {

namespace {

void answer_authenticated(Command& command, const User& user) noexcept {
    command.reactor.own_counters().auth_successes.add();
    command.client.refused_auth_count = 0;
    wire_writer* out = command.begin(2 + user.name.size());
    if (out != nullptr) {
        wire_encode_auth_reply(out, user.rights, bytes_of(user.name));
        command.finish(WIRE_OK);
    }
}

// A verdict on credentials, which the users that there are when it comes back have the last word
// on.
class AuthErrand : public Errand {
 public:
    AuthErrand(const Command& command, const wire_auth& auth) noexcept
        : delays_(command.reactor.server().access().delays()),
          source_(command.client.source),
          actor_(command),
          mechanism_(auth.mechanism) {
        name_.assign(text_of(auth.name));
    }

    void answer(Command& command) noexcept override {
        if (is_accepted_) {
            ClientRecord& client = command.client;
            const Identity before = client.identity;
            command.reactor.authenticate(client, identity_);
            if (client.user != nullptr && client.user != &AccessTable::nobody()) {
                return answer_authenticated(command, *client.user);
            }
            command.reactor.authenticate(client, before);
            audit_refusal();
        }
        answer_refused(command);
    }
    [[nodiscard]] std::uint64_t hold_ms() const noexcept override { return hold_ms_; }

 protected:
    void accept(const Identity& identity) noexcept {
        identity_ = identity;
        is_accepted_ = true;
    }
    void refuse() noexcept {
        hold_ms_ = delays_.note_refusal(source_, boot_time_ms());
        audit_refusal();
    }

 private:
    void audit_refusal() const noexcept {
        actor_.audit(LogEvent::client_audit, "auth", WIRE_FORBIDDEN,
                     {{"name", name_.view()},
                      {"mechanism", mechanism_ == WIRE_AUTH_PASSWORD ? "password" : "token"}});
    }

    AttemptDelays& delays_;
    const std::uint64_t source_;
    const AuditActor actor_;
    const std::uint32_t mechanism_;
    ShortText name_;
    Identity identity_;
    bool is_accepted_ = false;
    std::uint64_t hold_ms_ = 0;
};

class PasswordErrand final : public AuthErrand {
 public:
    PasswordErrand(const Command& command, const wire_auth& auth)
        : AuthErrand(command, auth), password_(text_of(auth.secret)) {
        const User* user = command.reactor.access().find(text_of(auth.name));
        if (user != nullptr) {
            name_ = user->name;
            hash_ = user->password_hash;
        }
    }

    [[nodiscard]] std::size_t places_max() const noexcept override {
        return limits::password_errands_max;
    }
    void run() noexcept override {
        if (verify_password(hash_, password_.view())) {
            accept(identity_of(name_, hash_));
        } else {
            refuse();
        }
    }

 private:
    std::string name_;
    std::string hash_;  // "" of a user that there is not, or that has none
    const Secret password_;
};

// A token's digest is computed at once; the verdict takes the same way as that on a password.
class TokenErrand final : public AuthErrand {
 public:
    TokenErrand(const Command& command, const wire_auth& auth) noexcept
        : AuthErrand(command, auth) {
        const AccessTable& users = command.reactor.access();
        const auto match = users.match_token(text_of(auth.secret), wall_clock_s());
        const bool is_meant = auth.name.size == 0 ||
                              (match.user != nullptr && match.user->name == text_of(auth.name));
        if (match.user != nullptr && is_meant) {
            accept(identity_of(match.user->name, match.token->id));
        } else {
            refuse();
        }
    }
    void run() noexcept override {}
};

}  // namespace

void auth(Command& command) noexcept {
    wire_auth auth;
    if (!wire_decode_auth(command.request.body, &auth)) {
        return command.malformed();
    }
    if (auth.mechanism != WIRE_AUTH_PASSWORD && auth.mechanism != WIRE_AUTH_TOKEN) {
        command.refuse(WIRE_UNSUPPORTED, "this server knows passwords and tokens only",
                       auth.mechanism);
    } else if (command.client.user == nullptr) {
        command.refuse(WIRE_FORBIDDEN, "the server has no users");
    } else if (!may_send_secrets(command)) {
        command.refuse(WIRE_FORBIDDEN,
                       "credentials are not taken over a connection that is not encrypted");
    } else if (accept_secret(command, auth.secret)) {
        try {
            if (auth.mechanism == WIRE_AUTH_PASSWORD) {
                command.defer(std::make_unique<PasswordErrand>(command, auth));
            } else {
                command.hold(std::make_unique<TokenErrand>(command, auth));
            }
        } catch (const std::bad_alloc&) {
            refuse_argument(command, WIRE_OUT_OF_MEMORY);
        }
    }
    wipe_body(command);
}

}  // namespace tc::command
