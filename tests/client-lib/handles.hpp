// SPDX-License-Identifier: MIT
//
// The C handles of the library, freed by themselves.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "tagcache/tagcache.h"

namespace tc::test {

template <typename Handle, void (*free_handle)(Handle*)>
struct Free {
    void operator()(Handle* handle) const { free_handle(handle); }
};

using ClientHandle = std::unique_ptr<tagcache_client, Free<tagcache_client, tagcache_client_free>>;
using ResultHandle = std::unique_ptr<tagcache_result, Free<tagcache_result, tagcache_result_free>>;
using PipelineHandle =
    std::unique_ptr<tagcache_pipeline, Free<tagcache_pipeline, tagcache_pipeline_free>>;
using SessionHandle =
    std::unique_ptr<tagcache_session, Free<tagcache_session, tagcache_session_free>>;

inline ResultHandle new_result() {
    return ResultHandle(tagcache_result_new());
}

// Of a server on this machine. Its timeout is long, so that only a test that means to waits for it.
inline ClientHandle new_client(int port, std::uint32_t timeout_ms = 60'000) {
    tagcache_client_options options = TAGCACHE_CLIENT_OPTIONS_INIT;
    options.host = "127.0.0.1";
    options.port = static_cast<std::uint32_t>(port);
    options.timeout_ms = timeout_ms;
    options.connect_timeout_ms = timeout_ms;
    tagcache_client* client = nullptr;
    if (tagcache_client_new(&options, &client) != TAGCACHE_OK) {
        throw std::runtime_error(client != nullptr ? tagcache_client_error(client) : "no memory");
    }
    return ClientHandle(client);
}

inline PipelineHandle new_pipeline(const ClientHandle& client) {
    tagcache_pipeline* pipeline = nullptr;
    if (tagcache_pipeline_new(client.get(), &pipeline) != TAGCACHE_OK) {
        throw std::runtime_error(tagcache_client_error(client.get()));
    }
    return PipelineHandle(pipeline);
}

inline SessionHandle new_session(std::uint32_t reply_bytes_max = 0) {
    tagcache_session_options options = TAGCACHE_SESSION_OPTIONS_INIT;
    options.reply_bytes_max = reply_bytes_max;
    tagcache_session* session = nullptr;
    if (tagcache_session_new(&options, &session) != TAGCACHE_OK) {
        throw std::runtime_error("no session");
    }
    return SessionHandle(session);
}

}  // namespace tc::test
