// SPDX-License-Identifier: MIT
//
// Lines of the log that say who did what: acts of administrators, credentials that were refused,
// and requests that removed many entries.
//
//     event=audit act=config_set outcome=OK user=ann address=10.0.0.7:4711 client=12 key=...
//     value=...
//
// Threads: any.
#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/wire.h"
#include "server/client_record.hpp"
#include "server/command.hpp"
#include "server/log.hpp"

namespace tc {

// Who asked for something: a copy, because what an errand does stays done when its connection is
// gone.
class AuditActor {
 public:
    explicit AuditActor(const Command& command) noexcept;

    // `event`: LogEvent::audit for what needs the right to administer, LogEvent::client_audit for
    // what others can do as often as they like.
    void audit(LogEvent event, std::string_view act, wire_status outcome,
               LogFields details = {}) const noexcept;

 private:
    Log& log_;
    const std::uint64_t client_id_;
    ShortText user_;
    ShortText address_;
};

// An act that has been answered.
void audit(const Command& command, LogEvent event, std::string_view act,
           LogFields details = {}) noexcept;
// The same, if so many entries were removed that somebody wants to know.
void audit_removal(const Command& command, std::string_view act, std::uint64_t removed_count,
                   LogFields details) noexcept;

}  // namespace tc
