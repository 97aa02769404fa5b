// SPDX-License-Identifier: MIT
//
// What AUTH, USER and TOKEN have in common: secrets in requests, refused credentials, and errands
// that change the users.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "protocol/cursor.h"
#include "server/access_control.hpp"
#include "server/audit.hpp"
#include "server/command.hpp"
#include "server/errand.hpp"

namespace tc::command {

// A count and a cursor.
inline constexpr std::size_t users_head_bytes = 4 + 1 + WIRE_CURSOR_BYTES_MAX;

// Overwrites a request with a secret where it was received. The bytes lie in the reactor's own
// buffer, and nobody reads them again.
void wipe_body(const Command& command) noexcept;

[[nodiscard]] bool accept_secret(Command& command, wire_bytes secret) noexcept;
// There is a file to keep users in.
[[nodiscard]] bool accept_users_file(Command& command) noexcept;

// Credentials were refused: counts that, and ends the connection in the end.
void answer_refused(Command& command) noexcept;

void write_users_head(wire_writer* out, std::uint32_t count, std::string_view cursor) noexcept;
void answer_no_users(Command& command) noexcept;

// Edits the users on the worker, audits that, and answers with what came out.
class ChangeErrand : public Errand {
 public:
    // `act`: for the audit, as is `name`, the user that is changed. Throws std::bad_alloc.
    ChangeErrand(const Command& command, std::string_view act, std::string_view name);

    void run() noexcept override;
    void answer(Command& command) noexcept override;

 protected:
    using Change = AccessControl::Change;

    [[nodiscard]] virtual Change edit(AccessTable& users) = 0;
    virtual void answer_changed(Command& command) noexcept { answer_no_users(command); }
    // More for the audit: the rights that were given, a token's id. No secret.
    [[nodiscard]] virtual LogField detail() const noexcept { return {"", ""}; }
    [[nodiscard]] AccessControl& access() noexcept { return access_; }

    const std::string name_;

 private:
    AccessControl& access_;
    const AuditActor actor_;
    const std::string_view act_;
    Change change_;
};

}  // namespace tc::command
