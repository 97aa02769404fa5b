// SPDX-License-Identifier: MIT
//
// TLS as the command line and the environment ask for it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tagcache/tls.h"

namespace tc {

struct Arguments;

struct TlsArguments {
    bool is_on = false;
    bool is_insecure = false;  // any certificate will do
    std::optional<std::string> ca_file;
    std::optional<std::string> cert_file;
    std::optional<std::string> key_file;
    std::optional<std::string> server_name;
};

struct FreeTls {
    void operator()(tagcache_tls* tls) const { tagcache_tls_free(tls); }
};
using TlsHandle = std::unique_ptr<tagcache_tls, FreeTls>;

// Null when plaintext is asked for. Throws a Failure about files that cannot be used.
[[nodiscard]] TlsHandle new_tls(const Arguments& arguments);

}  // namespace tc
