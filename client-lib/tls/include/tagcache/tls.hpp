// SPDX-License-Identifier: MIT
//
// tagcache/tls.h for C++17, header-only:
//
//     tagcache::Tls tls;  // or tagcache::Tls(options)
//     tagcache::Client cache(tls.client_options("tagcaches://cache.example"));
#ifndef TAGCACHE_TLS_HPP
#define TAGCACHE_TLS_HPP

#include <tagcache/tls.h>

#include <memory>
#include <tagcache/tagcache.hpp>

namespace tagcache {

// Has to outlive the clients that use it.
class Tls {
 public:
    Tls() : Tls(nullptr) {}
    explicit Tls(const tagcache_tls_options& options) : Tls(&options) {}
    [[nodiscard]] tagcache_tls* handle() const noexcept { return handle_.get(); }

    // For a Client; it has a view of the URI.
    [[nodiscard]] tagcache_client_options client_options(const char* uri) const noexcept {
        tagcache_client_options options = TAGCACHE_CLIENT_OPTIONS_INIT;
        options.uri = uri;
        options.transport = tagcache_tls_transport();
        options.transport_context = handle();
        return options;
    }

 private:
    explicit Tls(const tagcache_tls_options* options) : handle_(nullptr, tagcache_tls_free) {
        tagcache_tls* made = nullptr;
        const tagcache_status status = tagcache_tls_new(options, &made);
        handle_.reset(made);
        if (status != TAGCACHE_OK) {
            throw Error(status, made != nullptr ? tagcache_tls_error(made) : "no memory");
        }
    }

    std::unique_ptr<tagcache_tls, void (*)(tagcache_tls*)> handle_;
};

}  // namespace tagcache

#endif
