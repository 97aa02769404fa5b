// SPDX-License-Identifier: MIT
//
// tagcached: options, store, server, run.
#include <csignal>
#include <cstdio>
#include <exception>

#include "protocol/wire.h"
#include "server/options.hpp"
#include "server/server.hpp"
#include "server/version.hpp"
#include "store/memory.hpp"
#include "store/store.hpp"

namespace {

constexpr int cannot_start_exit_code = 1;

tc::StoreOptions store_options(const tc::ServerOptions& options) {
    tc::StoreOptions store;
    store.memory_bytes_max = options.memory_bytes_max;
    store.stripe_count = 0;
    store.eviction_policy = options.eviction_policy;
    store.ttl_default_ms = options.ttl_default_ms;
    store.ttl_max_ms = options.ttl_max_ms;
    store.ttl_jitter_percent = options.ttl_jitter_percent;
    store.value_bytes_max = WIRE_VALUE_BYTES_MAX;
    store.tags_max = WIRE_TAGS_MAX;
    return store;
}

int serve(const tc::ParsedOptions& parsed) {
    if (const char* problem = tc::allocator_self_test(); problem != nullptr) {
        std::fprintf(stderr, "tagcached: %s\n", problem);
        return cannot_start_exit_code;
    }
    std::signal(SIGPIPE, SIG_IGN);  // a peer that is gone is an error of the write, not our end
    try {
        tc::Store store(store_options(parsed.options));
        tc::Server server(store, parsed.options);
        server.start();
        std::fprintf(stderr, "tagcached %s listening on %s\n", tc::version_text,
                     server.description().c_str());
        if (!parsed.warning.empty()) {
            std::fprintf(stderr, "tagcached: %s.\n", parsed.warning.c_str());
        }
        server.run();
        std::fprintf(stderr, "tagcached stopped\n");
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "tagcached: %s\n", error.what());
        return cannot_start_exit_code;
    }
}

}  // namespace

int main(int argc, char** argv) {
    const tc::ParsedOptions parsed = tc::parse_options(argc, argv);
    return parsed.exits ? parsed.exit_code : serve(parsed);
}
