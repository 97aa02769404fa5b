// SPDX-License-Identifier: MIT
#include "server/audit.hpp"

#include "protocol/opcodes.h"
#include "server/reactor.hpp"
#include "server/server.hpp"

namespace tc {

AuditActor::AuditActor(const Command& command) noexcept
    : log_(command.reactor.server().log()),
      client_id_(command.client.id),
      address_(command.client.address) {
    const User* const user = command.client.user;
    user_.assign(user != nullptr && !user->name.empty() ? std::string_view(user->name) : "-");
}

void AuditActor::audit(LogEvent event, std::string_view act, wire_status outcome,
                       LogFields details) const noexcept {
    const char* const name = wire_status_name(static_cast<std::uint8_t>(outcome));
    log_.write(outcome == WIRE_OK ? LogLevel::info : LogLevel::warning, event,
               {{"act", act},
                {"outcome", name != nullptr ? name : "?"},
                {"user", user_.view()},
                {"address", address_.view()},
                {"client", client_id_}},
               details);
}

void audit(const Command& command, LogEvent event, std::string_view act,
           LogFields details) noexcept {
    AuditActor(command).audit(event, act, command.status(), details);
}

void audit_removal(const Command& command, std::string_view act, std::uint64_t removed_count,
                   LogFields details) noexcept {
    if (removed_count >= command.reactor.server().audit_removed_min()) [[unlikely]] {
        audit(command, LogEvent::client_audit, act, details);
    }
}

}  // namespace tc
