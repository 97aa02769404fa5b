// SPDX-License-Identifier: MIT
//
// The command line of tagcached as a plain struct. All validation of what a user typed is here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/store.hpp"

namespace tc {

struct ServerOptions {
    std::vector<std::string> bind_addresses = {"127.0.0.1"};  // numeric, IPv4 or IPv6
    std::uint16_t port = 1984;                                // 0 = a free one, told at start
    std::string unix_path;                                    // empty = no Unix socket
    std::uint32_t reactor_count = 0;                          // 0 = one for each usable core
    std::uint64_t memory_bytes_max = 0;                       // default: half of what is usable
    EvictionPolicy eviction_policy = EvictionPolicy::s3_fifo;
    std::uint64_t ttl_default_ms = 0;      // 0 = ttl_max_ms, and with that 0 too none
    std::uint64_t ttl_max_ms = 0;          // 0 = any TTL, and none, is allowed
    std::uint32_t ttl_jitter_percent = 0;  // 0 to 100
    std::uint32_t connections_max = 0;     // 0 = the default
    bool allows_unauthenticated = false;
};

struct ParsedOptions {
    ServerOptions options;
    std::string warning;  // what is legal, but may not be meant; empty = nothing
    bool exits = false;   // --help, --version or a usage error: what there was to say has been said
    int exit_code = 0;
};

[[nodiscard]] ParsedOptions parse_options(int argc, char** argv);

}  // namespace tc
