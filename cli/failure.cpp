// SPDX-License-Identifier: MIT
#include "cli/failure.hpp"

#include <cerrno>
#include <system_error>

#include "cli/escape.hpp"

namespace tc {

ExitCode exit_code_of(tagcache_status status) {
    if (status >= 0) {
        return status == TAGCACHE_OK ? ExitCode::ok : ExitCode::negative;
    }
    switch (status) {
        case TAGCACHE_CONNECT:
        case TAGCACHE_TIMEOUT:
        case TAGCACHE_CONNECTION_LOST:
        case TAGCACHE_PROTOCOL:
        case TAGCACHE_IN_DOUBT: return ExitCode::unreachable;
        case TAGCACHE_FORBIDDEN:
        case TAGCACHE_AUTH_REQUIRED: return ExitCode::unauthorized;
        case TAGCACHE_LOCAL_INVALID_ARGUMENT: return ExitCode::usage;
        default: return ExitCode::refused;
    }
}

const char* advice(tagcache_status status) {
    switch (status) {
        case TAGCACHE_TIMEOUT: return "is the server busy? --timeout-ms waits longer";
        case TAGCACHE_CONNECTION_LOST: return "nothing was changed: try again";
        case TAGCACHE_IN_DOUBT:
            return "the change may have been made or not: look before trying again";
        case TAGCACHE_PROTOCOL: return "is another server listening there?";
        case TAGCACHE_OUT_OF_MEMORY:
            return "invalidate or delete entries, or give the server more with --memory-max";
        case TAGCACHE_TTL_TOO_LONG:
            return "give a shorter --ttl, or start the server with a longer --ttl-max-ms";
        case TAGCACHE_BUSY:
        case TAGCACHE_SHUTTING_DOWN: return "try again later";
        case TAGCACHE_UNSUPPORTED: return "the server is older than this command";
        default: return "";
    }
}

std::string failure_message(tagcache_status status, std::string_view what, std::string_view reason,
                            std::string_view advice) {
    std::string message;
    // Without a connection it does not matter what was asked for.
    if (status != TAGCACHE_CONNECT) {
        message = std::string(what) + ": ";
    }
    message += reason.empty() ? tagcache_status_name(status) : escaped(reason);
    if (!advice.empty()) {
        message += "; ";
        message += advice;
    }
    return message;
}

std::string errno_text() {
    return std::generic_category().message(errno);
}

}  // namespace tc
