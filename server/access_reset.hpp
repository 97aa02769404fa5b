// SPDX-License-Identifier: MIT
//
// The way back in for an operator who has lost all credentials: whoever may write the users file
// may have it rewritten, without a server.
#pragma once

#include <string>

namespace tc {

// Gives the user admin, new or not, all rights to all names and one token in place of what it had
// to prove who it is, and returns that token. Other users stay. Throws std::runtime_error.
[[nodiscard]] std::string reset_administrator(const std::string& users_file);

}  // namespace tc
