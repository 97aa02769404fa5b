// SPDX-License-Identifier: MIT
//
// Who the command line is: what its options, the environment and the URI say, and a question on the
// terminal where a password is missing. All commands come by their credentials here.
#pragma once

#include <optional>
#include <string>

#include "cli/secret.hpp"
#include "tagcache/tagcache.h"

namespace tc {

struct Arguments;

struct CredentialArguments {
    std::optional<std::string> user;
    std::optional<std::string> password_file;
    std::optional<std::string> token_file;
    bool allows_plaintext = false;

    [[nodiscard]] bool is_given() const {
        return user.has_value() || password_file.has_value() || token_file.has_value();
    }
};

class Credentials {
 public:
    // Nothing when there are none: many servers need none. Throws a Failure for those that make no
    // sense.
    [[nodiscard]] static std::optional<Credentials> of(const Arguments& arguments);

    [[nodiscard]] const std::string& user() const { return user_; }
    // Empty when it is a token that proves who we are.
    [[nodiscard]] const Secret& password() const { return password_; }
    void replace_password(const Secret& password) { password_ = password; }
    // Views of this.
    [[nodiscard]] tagcache_credentials native() const;

 private:
    std::string user_;
    Secret password_;
    Secret token_;
};

}  // namespace tc
