// SPDX-License-Identifier: MIT
//
// The client library's handles, owned; and its failures, thrown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/credentials.hpp"
#include "cli/tls.hpp"
#include "tagcache/tagcache.h"

namespace tc {

struct Arguments;

[[nodiscard]] inline tagcache_bytes as_bytes(std::string_view view) {
    return {view.data(), view.size()};
}
[[nodiscard]] inline std::string_view as_view(tagcache_bytes bytes) {
    return {static_cast<const char*>(bytes.data), bytes.size};
}
[[nodiscard]] std::vector<tagcache_bytes> as_bytes(const std::vector<std::string>& texts);

// Whether the host of an address is this machine by what it says: localhost, 127.x.y.z or ::1. A
// name that only looks so is somebody else's.
[[nodiscard]] bool is_this_machine(std::string_view host);
// The same of "tagcache://HOST:PORT", and true of "unix://PATH".
[[nodiscard]] bool is_address_here(std::string_view address);
// For what acts on this machine alone: throws a Failure when an address is given, or the
// environment names another machine. Nobody's server is mistaken for another's.
void require_no_other_server(const Arguments& arguments);

// A reply, see tagcache/result.h.
class Result {
 public:
    Result();
    // What the library's functions take.
    operator tagcache_result*() const { return result_.get(); }  // NOLINT(*-explicit-*)

    [[nodiscard]] std::string_view value() const { return as_view(tagcache_result_value(get())); }
    [[nodiscard]] std::string_view name() const { return as_view(tagcache_result_name(get())); }
    [[nodiscard]] std::string_view cursor() const { return as_view(tagcache_result_cursor(get())); }
    [[nodiscard]] std::string_view message() const {
        return as_view(tagcache_result_message(get()));
    }
    [[nodiscard]] std::vector<std::string_view> tags() const;

 private:
    struct Free {
        void operator()(tagcache_result* result) const { tagcache_result_free(result); }
    };
    [[nodiscard]] tagcache_result* get() const { return result_.get(); }

    std::unique_ptr<tagcache_result, Free> result_;
};

// A connection to the server that the arguments name, made by the first request; or the one that
// they keep, which outlives this.
class Client {
 public:
    explicit Client(const Arguments& arguments);
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    operator tagcache_client*() const { return client_.get(); }  // NOLINT(*-explicit-*)

    // Passes an answer (>= 0) through; throws a Failure about `what` otherwise.
    tagcache_status check(tagcache_status status, std::string_view what) const;

    // Connects; false when nobody listens there. Throws a Failure when it cannot for any other
    // reason.
    [[nodiscard]] bool finds_server() const;

    // How many keys a batch may have, and how many bytes; they connect when they have to ask.
    [[nodiscard]] std::size_t batch_keys_max() const { return limit(TAGCACHE_LIMIT_KEYS); }
    [[nodiscard]] std::size_t frame_bytes_max() const { return limit(TAGCACHE_LIMIT_FRAME_BYTES); }
    [[nodiscard]] std::string address() const { return tagcache_client_address(client_.get()); }
    [[nodiscard]] bool is_here() const { return is_address_here(address()); }
    // What it authenticates with; null when that is nothing.
    [[nodiscard]] Credentials* credentials() const { return credentials_; }

 private:
    struct Free {
        bool is_borrowed;  // false in a Free() of the standard library's making
        void operator()(tagcache_client* client) const {
            if (!is_borrowed) {
                tagcache_client_free(client);
            }
        }
    };

    [[nodiscard]] std::size_t limit(tagcache_limit limit) const;
    [[nodiscard]] std::string next_step(tagcache_status status, std::string_view reason) const;

    std::optional<Credentials> own_credentials_;
    Credentials* credentials_ = nullptr;  // our own, or those of the connection that is kept
    TlsHandle tls_;                       // outlives the client; null for plaintext
    std::unique_ptr<tagcache_client, Free> client_;
};

}  // namespace tc
