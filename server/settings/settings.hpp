// SPDX-License-Identifier: MIT
//
// Everything that an operator can choose, as a plain struct. setting_table.cpp says of each member
// how it is named, written and checked; a member without a row there cannot be set.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/wire.h"

namespace tc {

struct Settings {
    std::vector<std::string> bind_addresses = {"127.0.0.1"};  // numeric, IPv4 or IPv6
    std::uint64_t port = WIRE_DEFAULT_PORT;                   // 0 = a free one, told at start
    std::string unix_path;                                    // empty = no Unix socket
    std::uint64_t reactor_count = 0;                          // 0 = one for each usable core
    std::uint64_t connections_max = 0;                        // 0 = the default
    bool allows_unauthenticated = false;

    std::uint64_t key_bytes_max = WIRE_KEY_BYTES_MAX;
    std::uint64_t value_bytes_max = WIRE_VALUE_BYTES_MAX;
    std::uint64_t tags_max = WIRE_TAGS_MAX;
    std::uint64_t keys_max = WIRE_KEYS_MAX;
    std::uint64_t connections_per_address = 0;  // 0 = as many as there may be
    std::uint64_t output_bytes_max = 0;         // 0 = a part of memory_bytes_max
    std::uint64_t frame_ms_max = 10'000;        // from a frame's first byte to its last
    std::uint64_t idle_ms_max = 0;              // 0 = connections may be idle for ever

    std::string auth_users_file;         // empty = no users, and none can be made
    bool auth_allows_plaintext = false;  // AUTH from other machines without encryption

    std::uint64_t memory_bytes_max = 0;  // 0 = half of what is usable
    std::string eviction_policy = "s3-fifo";

    std::uint64_t ttl_default_ms = 0;      // 0 = ttl_max_ms, and with that 0 too none
    std::uint64_t ttl_max_ms = 0;          // 0 = any TTL, and none, is allowed
    std::uint64_t ttl_jitter_percent = 0;  // 0 to 100

    std::string tls_cert_file;  // empty = no TLS
    std::string tls_key_file;   // empty = it is in the certificate's file
    std::string tls_client_ca_file;
    std::string tls_client_certificate = "required";
    bool requires_tls = false;

    std::string log_level = "info";
    std::string log_format = "text";
    std::uint64_t log_slow_us = 10'000;           // 0 = none is noted
    std::uint64_t log_audit_removed_min = 1'000;  // 0 = removals are not audited
};

}  // namespace tc
