// SPDX-License-Identifier: MIT
#include "server/commands.hpp"

#include "access/access_rules.hpp"
#include "protocol/opcodes.h"
#include "server/errand.hpp"
#include "server/reactor.hpp"
#include "server/server.hpp"

namespace tc {

namespace {

void dispatch(Command& command) noexcept {
    switch (command.request.opcode) {
        case WIRE_OP_HELLO: return command::hello(command);
        case WIRE_OP_AUTH: return command::auth(command);
        case WIRE_OP_PING: return command::ping(command);

        case WIRE_OP_GET: return command::get(command);
        case WIRE_OP_MGET: return command::get_many(command);
        case WIRE_OP_GETDEL: return command::get_and_delete(command);
        case WIRE_OP_EXISTS: return command::exists(command);

        case WIRE_OP_PUT: return command::put(command, WriteMode::put);
        case WIRE_OP_ADD: return command::put(command, WriteMode::add);
        case WIRE_OP_REPLACE: return command::put(command, WriteMode::replace);
        case WIRE_OP_MPUT: return command::put_many(command);
        case WIRE_OP_APPEND: return command::append(command, AppendSide::back);
        case WIRE_OP_PREPEND: return command::append(command, AppendSide::front);
        case WIRE_OP_INCR: return command::increment(command, false);
        case WIRE_OP_DECR: return command::increment(command, true);
        case WIRE_OP_TOUCH: return command::touch(command);
        case WIRE_OP_DELETE: return command::remove(command);

        case WIRE_OP_TAGS: return command::tags(command);
        case WIRE_OP_TAG_ADD: return command::tag_add(command);
        case WIRE_OP_TAG_REMOVE: return command::tag_remove(command);
        case WIRE_OP_KEYS_BY_TAG: return command::keys_by_tag(command);
        case WIRE_OP_TAG_COUNT: return command::tag_count(command);
        case WIRE_OP_TAG_LIST: return command::tag_list(command);
        case WIRE_OP_INVALIDATE: return command::invalidate(command);

        case WIRE_OP_SCAN: return command::scan(command);
        case WIRE_OP_DELETE_PREFIX: return command::delete_prefix(command);
        case WIRE_OP_FLUSH: return command::flush(command);

        case WIRE_OP_STATS: return command::stats(command);
        case WIRE_OP_INFO: return command::info(command);
        case WIRE_OP_CLIENT: return command::client(command);
        case WIRE_OP_HOTKEYS: return command::hotkeys(command);
        case WIRE_OP_USER: return command::user(command);
        case WIRE_OP_TOKEN: return command::token(command);

        case WIRE_OP_CONFIG: return command::config(command);
        case WIRE_OP_SLOWLOG: return command::slowlog(command);
        case WIRE_OP_SHUTDOWN: return command::shutdown(command);

        default: return command.refuse(WIRE_UNSUPPORTED, "this server does not know the opcode");
    }
}

// What the user may not do is refused before anything is looked up. True when it may go on.
bool admit(Command& command) noexcept {
    switch (check_access(*command.client.user, command.request)) {
        case Access::allowed: return true;
        case Access::unauthenticated:
            command.refuse(WIRE_AUTH_REQUIRED, "authenticate first, with AUTH");
            break;
        case Access::lacks_right:
            command.reactor.own_counters().forbidden.add();
            command.refuse(WIRE_FORBIDDEN, "the user lacks the right to do this");
            break;
        case Access::outside_prefixes:
            command.reactor.own_counters().forbidden.add();
            command.refuse(WIRE_FORBIDDEN,
                           "a key or a tag is outside the prefixes that the user may name");
            break;
    }
    return false;
}

Executed executed(Command& command) noexcept {
    const bool is_closing = command.is_lost() || command.status() >= WIRE_STATUS_CLOSING_FIRST;
    return {.closes = is_closing, .work = command.work(), .is_deferred = command.is_deferred()};
}

}  // namespace

Executed execute(const CommandPlace& place, const WindowedRequest& windowed) noexcept {
    const wire_request& request = windowed.frame;
    Command command(place, request, windowed.key);
    // Nobody's rights are limited where there are no users.
    if (place.client.user != nullptr && !admit(command)) {
        return executed(command);
    }
    if (request.has_unknown_critical_extension) {
        command.refuse(WIRE_UNSUPPORTED, "this server does not know a critical extension");
    } else if (request.namespace_id != 0) {
        command.refuse(WIRE_NO_SUCH_NAMESPACE, "only namespace 0 exists", request.namespace_id);
    } else {
        dispatch(command);
    }
    if (!command.is_deferred()) {
        command.suppress_if_quiet();
    }
    return executed(command);
}

Executed answer_deferred(const CommandPlace& place, const wire_request& request,
                         Errand& errand) noexcept {
    Command command(place, request);
    errand.answer(command);
    return executed(command);
}

void refuse_frame(const CommandPlace& place, const wire_request& request, wire_frame_result result,
                  std::uint32_t body_bytes_max) noexcept {
    Command command(place, request);
    if (result == WIRE_FRAME_OVERSIZED) {
        command.refuse(WIRE_FRAME_TOO_LARGE,
                       "the frame is larger than HELLO's frame_body_bytes_max, or 1 KiB before "
                       "AUTH",
                       body_bytes_max);
    } else {
        command.refuse(WIRE_MALFORMED, "the header is not that of a request");
    }
}

void refuse_connection(const CommandPlace& place, wire_status status,
                       std::string_view message) noexcept {
    const wire_request unknown{};
    Command command(place, unknown);
    command.refuse(status, message);
}

}  // namespace tc
