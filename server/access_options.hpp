// SPDX-License-Identifier: MIT
//
// What an operator decides about who may use the server.
#pragma once

#include <string>

namespace tc {

struct AccessOptions {
    std::string users_file;  // "" = none: no users, and none can be made
    // AUTH on connections from other machines that are not encrypted.
    bool allows_plaintext_auth = false;
    // Everybody who reaches the server is served while it has no users.
    bool allows_unauthenticated = false;
};

}  // namespace tc
