// SPDX-License-Identifier: MIT
#include "cli/tls.hpp"

#include <new>
#include <string_view>

#include "cli/arguments.hpp"
#include "cli/environment.hpp"
#include "cli/escape.hpp"
#include "cli/failure.hpp"

namespace tc {
namespace {

const char* text_of(const std::optional<std::string>& argument, const char* variable) {
    return argument.has_value() ? argument->c_str() : environment_text(variable);
}

// An option about TLS asks for it; a variable about it is for those times when it is wanted.
bool is_asked_for(const Arguments& arguments) {
    const TlsArguments& tls = arguments.tls;
    if (tls.is_on || tls.is_insecure || tls.ca_file.has_value() || tls.cert_file.has_value() ||
        tls.key_file.has_value() || tls.server_name.has_value()) {
        return true;
    }
    if (arguments.uri.has_value()) {
        return arguments.uri->starts_with("tagcaches://");
    }
    const char* variable = environment_text("TAGCACHE_TLS");
    if (variable == nullptr || arguments.unix_path.has_value()) {
        return false;
    }
    const std::string_view text = variable;
    if (text != "0" && text != "1") {
        throw usage_failure("TAGCACHE_TLS is neither 0 nor 1");
    }
    return text == "1";
}

}  // namespace

TlsHandle new_tls(const Arguments& arguments) {
    if (!is_asked_for(arguments)) {
        return nullptr;
    }
    tagcache_tls_options options = TAGCACHE_TLS_OPTIONS_INIT;
    options.ca_file = text_of(arguments.tls.ca_file, "TAGCACHE_TLS_CA_FILE");
    options.cert_file = text_of(arguments.tls.cert_file, "TAGCACHE_TLS_CERT_FILE");
    options.key_file = text_of(arguments.tls.key_file, "TAGCACHE_TLS_KEY_FILE");
    options.server_name = text_of(arguments.tls.server_name, "TAGCACHE_TLS_SERVER_NAME");
    options.flags = arguments.tls.is_insecure ? TAGCACHE_TLS_NO_VERIFY : 0;
    tagcache_tls* tls = nullptr;
    const tagcache_status status = tagcache_tls_new(&options, &tls);
    TlsHandle owned(tls);
    if (owned == nullptr) {
        throw std::bad_alloc();
    }
    if (status != TAGCACHE_OK) {
        throw Failure(exit_code_of(status), escaped(tagcache_tls_error(tls)), status);
    }
    return owned;
}

}  // namespace tc
