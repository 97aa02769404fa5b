// SPDX-License-Identifier: MIT
#include "server/access_commands.hpp"

#include "server/limits.hpp"
#include "server/reactor.hpp"
#include "server/server.hpp"

namespace tc::command {

void wipe_body(const Command& command) noexcept {
    const wire_bytes body = command.request.body;
    wipe(const_cast<void*>(body.data), body.size);  // NOLINT(*-const-cast)
}

bool accept_secret(Command& command, wire_bytes secret) noexcept {
    if (secret.size > WIRE_SECRET_BYTES_MAX) {
        command.refuse(WIRE_INVALID_ARGUMENT, "a password or token is longer than 512 bytes",
                       WIRE_SECRET_BYTES_MAX);
    }
    return secret.size <= WIRE_SECRET_BYTES_MAX;
}

bool accept_users_file(Command& command) noexcept {
    const bool is_given = !command.reactor.server().access().options().users_file.empty();
    if (!is_given) {
        command.refuse(WIRE_UNSUPPORTED,
                       "the server has no file to keep users in: start it with "
                       "--auth-users-file");
    }
    return is_given;
}

void answer_refused(Command& command) noexcept {
    ClientRecord& client = command.client;
    command.reactor.own_counters().auth_failures.add();
    client.authenticate_until_ms = command.reactor.now_ms() + limits::authentication_ms_max;
    if (++client.refused_auth_count >= limits::refused_auths_max) {
        return command.refuse(WIRE_AUTH_REQUIRED, "too many credentials were refused");
    }
    command.refuse(WIRE_FORBIDDEN, "the credentials were refused");
}

void write_users_head(wire_writer* out, std::uint32_t count, std::string_view cursor) noexcept {
    wire_write_u32(out, count);
    wire_write_bytes8(out, bytes_of(cursor));
}

void answer_no_users(Command& command) noexcept {
    wire_writer* out = command.begin(users_head_bytes);
    if (out != nullptr) {
        write_users_head(out, 0, "");
        command.finish(WIRE_OK);
    }
}

ChangeErrand::ChangeErrand(const Command& command, std::string_view act, std::string_view name)
    : name_(name), access_(command.reactor.server().access()), actor_(command), act_(act) {}

void ChangeErrand::run() noexcept {
    change_ = access_.change([this](AccessTable& users) { return edit(users); });
    const LogField more = detail();
    if (more.name().empty()) {
        actor_.audit(LogEvent::audit, act_, change_.status, {{"name", name_}});
    } else {
        actor_.audit(LogEvent::audit, act_, change_.status, {{"name", name_}, more});
    }
}

void ChangeErrand::answer(Command& command) noexcept {
    if (change_.status == WIRE_OK) {
        answer_changed(command);
    } else if (change_.status < WIRE_STATUS_REFUSED_FIRST) {
        command.answer(change_.status);
    } else {
        command.refuse(change_.status, change_.message);
    }
}

}  // namespace tc::command
