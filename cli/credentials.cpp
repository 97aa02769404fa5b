// SPDX-License-Identifier: MIT
#include "cli/credentials.hpp"

#include <algorithm>

#include "cli/arguments.hpp"
#include "cli/environment.hpp"
#include "cli/failure.hpp"

namespace tc {
namespace {

using Text = std::optional<std::string>;

Text variable(const char* name) {
    const char* text = environment_text(name);
    return text == nullptr ? std::nullopt : Text(text);
}

// "web" of tagcache://web@cache.example. What else is wrong with a URI is the library's affair, but
// a password in it has to be refused before there is a question about one.
Text user_of_uri(const Text& uri) {
    const std::size_t begin = uri.has_value() ? uri->find("://") : std::string::npos;
    if (begin == std::string::npos || uri->starts_with("unix") ||
        uri->starts_with("tagcache+unix")) {
        return std::nullopt;
    }
    const std::string authority = uri->substr(begin + 3, uri->find('/', begin + 3) - begin - 3);
    const std::size_t end = authority.rfind('@');
    if (end == std::string::npos) {
        return std::nullopt;
    }
    if (authority.find(':') < end) {
        throw usage_failure(
            "a URI may name a user, but never a password: others can read it there; use "
            "--password-file");
    }
    return authority.substr(0, end);
}

struct Sources {
    Text user;
    Text password_file;
    Text token_file;
};

// What the command line says of the user or the secret counts, and of the environment only what
// does not speak of somebody else.
Sources sources_of(const Arguments& arguments) {
    const CredentialArguments& given = arguments.credentials;
    const Text uri_user = user_of_uri(arguments.uri);
    if (given.user.has_value() && uri_user.has_value() && given.user != uri_user) {
        throw usage_failure("--user and --uri name different users");
    }
    Sources sources{given.user.has_value() ? given.user : uri_user, given.password_file,
                    given.token_file};
    const Text user = variable("TAGCACHE_USERNAME");
    const Text password_file = variable("TAGCACHE_PASSWORD_FILE");
    const Text token_file = variable("TAGCACHE_TOKEN_FILE");
    if (sources.token_file.has_value()) {
        return sources;
    }
    if (sources.password_file.has_value()) {
        sources.user = sources.user.has_value() ? sources.user : user;
        return sources;
    }
    if (sources.user.has_value()) {
        const bool is_theirs = !user.has_value() || user == sources.user;
        sources.password_file = is_theirs ? password_file : std::nullopt;
        sources.token_file = is_theirs && !password_file.has_value() ? token_file : std::nullopt;
        return sources;
    }
    if (password_file.has_value() && token_file.has_value()) {
        throw usage_failure("TAGCACHE_PASSWORD_FILE and TAGCACHE_TOKEN_FILE exclude each other");
    }
    return {user, password_file, token_file};
}

}  // namespace

std::optional<Credentials> Credentials::of(const Arguments& arguments) {
    const Sources sources = sources_of(arguments);
    Credentials credentials;
    credentials.user_ = sources.user.value_or("");
    if (sources.token_file.has_value()) {
        credentials.token_ = read_secret_file(*sources.token_file);
    } else if (!sources.user.has_value() && sources.password_file.has_value()) {
        throw usage_failure("a password needs the name of its user: --user NAME");
    } else if (sources.password_file.has_value()) {
        credentials.password_ = read_secret_file(*sources.password_file);
    } else if (sources.user.has_value()) {
        credentials.password_ = ask_secret("Password of " + *sources.user + ": ",
                                           "give --password-file or --token-file");
        if (credentials.password_.empty()) {
            throw usage_failure("no password was typed");
        }
    } else {
        return std::nullopt;
    }
    return credentials;
}

tagcache_credentials Credentials::native() const {
    tagcache_credentials native = TAGCACHE_CREDENTIALS_INIT;
    native.user = {user_.data(), user_.size()};
    native.password = {password_.view().data(), password_.view().size()};
    native.token = {token_.view().data(), token_.view().size()};
    return native;
}

}  // namespace tc
