// SPDX-License-Identifier: MIT
//
// The six exit codes, and the exception that ends a command with one of them. main() alone catches
// it and prints its one line to stderr.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "tagcache/tagcache.h"

namespace tc {

enum class ExitCode : int {
    ok = 0,
    negative = 1,      // an answer, but no: not found, exists already, another version, bad lines
    usage = 2,         // the command line makes no sense, or a file cannot be read or written
    unreachable = 3,   // no connection, timed out, lost, or a change that is in doubt
    unauthorized = 4,  // the server wants credentials, or these do not suffice
    refused = 5        // the server says no, or fails
};

[[nodiscard]] ExitCode exit_code_of(tagcache_status status);

// What to do about a failure, as a half-sentence that follows "; ", or "" when nothing helps.
[[nodiscard]] const char *advice(tagcache_status status);

// "get "k": the key is empty; ...": what was tried, why it failed, what to do. The reason may hold
// anything, a server's text is in it; "" = the status says it.
[[nodiscard]] std::string failure_message(tagcache_status status, std::string_view what,
                                          std::string_view reason, std::string_view advice);

class Failure : public std::runtime_error {
 public:
    Failure(ExitCode code, const std::string &message, tagcache_status status = TAGCACHE_OK)
        : std::runtime_error(message), code_(code), status_(status) {}

    [[nodiscard]] ExitCode code() const { return code_; }
    // TAGCACHE_OK when it did not come from the client library.
    [[nodiscard]] tagcache_status status() const { return status_; }

 private:
    ExitCode code_;
    tagcache_status status_;
};

[[nodiscard]] inline Failure usage_failure(const std::string &message) {
    return {ExitCode::usage, message};
}

// "No such file or directory", of errno.
[[nodiscard]] std::string errno_text();

}  // namespace tc
