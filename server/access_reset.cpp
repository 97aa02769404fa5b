// SPDX-License-Identifier: MIT
#include "server/access_reset.hpp"

#include <stdexcept>

#include "access/users_file.hpp"
#include "server/clock.hpp"

namespace tc {

namespace {

constexpr const char* administrator = "admin";

}  // namespace

std::string reset_administrator(const std::string& users_file) {
    if (users_file.empty()) {
        throw std::runtime_error("--reset-credentials needs the file: --auth-users-file PATH");
    }
    start_secrets();
    AccessTable users = load_users(users_file);
    User* user = users.find(administrator);
    if (user == nullptr) {
        user = &users.add(administrator);
    }
    const NewToken token = make_token();
    user->rights = WIRE_RIGHTS_KNOWN;
    user->key_prefixes = {""};
    user->tag_prefixes = {""};
    user->password_hash.clear();
    user->tls_names.clear();
    user->tokens = {{token.id, sha256(token.text), wall_clock_s(), 0}};
    if (const std::string complaint = users.complaint(); !complaint.empty()) {
        throw std::runtime_error(users_file + ": " + complaint);
    }
    save_users(users_file, users);
    return token.text;
}

}  // namespace tc
