// SPDX-License-Identifier: MIT
//
// Stop 3 of a request's path: from a parsed frame to the store and to the reply.
#pragma once

#include "server/command.hpp"
#include "server/request_window.hpp"

namespace tc {

struct Executed {
    bool closes;         // follows from the reply's status: C0 to FF
    std::uint32_t work;  // in the units of limits::turn_work_max
    bool is_deferred;    // an errand will answer, and nothing behind it is executed before
};

// Executes one request and appends its reply to the place's buffer. Runs inside a turn of the
// session.
[[nodiscard]] Executed execute(const CommandPlace& place, const WindowedRequest& request) noexcept;

// The answer of an errand to the request that it was deferred from.
[[nodiscard]] Executed answer_deferred(const CommandPlace& place, const wire_request& request,
                                       Errand& errand) noexcept;

// The refusal of a frame that could not be parsed, in reply to what is known of it.
void refuse_frame(const CommandPlace& place, const wire_request& request, wire_frame_result result,
                  std::uint32_t body_bytes_max) noexcept;

// A refusal that answers no request but says why the connection ends.
void refuse_connection(const CommandPlace& place, wire_status status,
                       std::string_view message) noexcept;

// One function an opcode, by folder of the protocol; each decodes, checks, acts and answers.
namespace command {

void get(Command& command) noexcept;
void get_many(Command& command) noexcept;
void get_and_delete(Command& command) noexcept;
void exists(Command& command) noexcept;
void put(Command& command, WriteMode mode) noexcept;
void put_many(Command& command) noexcept;
void append(Command& command, AppendSide side) noexcept;
void increment(Command& command, bool subtracts) noexcept;
void touch(Command& command) noexcept;
void remove(Command& command) noexcept;

void tags(Command& command) noexcept;
void tag_add(Command& command) noexcept;
void tag_remove(Command& command) noexcept;
void keys_by_tag(Command& command) noexcept;
void tag_count(Command& command) noexcept;
void tag_list(Command& command) noexcept;
void invalidate(Command& command) noexcept;
void scan(Command& command) noexcept;
void delete_prefix(Command& command) noexcept;
void flush(Command& command) noexcept;

void hello(Command& command) noexcept;
void ping(Command& command) noexcept;
void stats(Command& command) noexcept;
void info(Command& command) noexcept;
void client(Command& command) noexcept;
void hotkeys(Command& command) noexcept;

void auth(Command& command) noexcept;
void user(Command& command) noexcept;
void token(Command& command) noexcept;
void config(Command& command) noexcept;
void slowlog(Command& command) noexcept;
void shutdown(Command& command) noexcept;

}  // namespace command

}  // namespace tc
