// SPDX-License-Identifier: MIT
//
// The table of settings. A new one is a member of Settings, a row here, and what the server does
// with it: options, variables, the file, tagcached.toml(5), CONFIG and their checks follow.
#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "server/limits.hpp"
#include "server/settings/setting.hpp"

namespace tc {

namespace {

using enum SettingKind;

std::string check_address(const std::string& address) {
    in_addr ipv4{};
    in6_addr ipv6{};
    const bool is_numeric = inet_pton(AF_INET, address.c_str(), &ipv4) == 1 ||
                            inet_pton(AF_INET6, address.c_str(), &ipv6) == 1;
    return is_numeric ? "" : "'" + address + "' is not a numeric IPv4 or IPv6 address";
}

std::string check_socket_path(const std::string& path) {
    return path.size() <= limits::unix_path_bytes_max
               ? ""
               : "'" + path + "' is longer than the " +
                     std::to_string(limits::unix_path_bytes_max) +
                     " bytes that a Unix socket's path can have";
}

constexpr std::array table = {
    Setting{.key = "bind",
            .kind = list,
            .member = &Settings::bind_addresses,
            .documentation = "Listen on this numeric IPv4 or IPv6 address; repeatable",
            .value_name = "ADDR",
            .check = check_address},
    Setting{.key = "port",
            .kind = number,
            .member = &Settings::port,
            .documentation = "TCP port; 0 takes a free one and tells it at start",
            .value_name = "N",
            .max = UINT16_MAX},
    Setting{.key = "unix",
            .kind = text,
            .member = &Settings::unix_path,
            .documentation = "Listen on this Unix socket too",
            .value_name = "PATH",
            .default_text = "no Unix socket",
            .example = "/run/tagcache/tagcached.sock",
            .check = check_socket_path},
    Setting{.key = "reactors",
            .kind = number,
            .member = &Settings::reactor_count,
            .documentation = "Threads that serve connections",
            .value_name = "N",
            .min = 1,
            .max = limits::reactors_max,
            .default_text = "one for each usable core",
            .example = "2"},
    Setting{.key = "max_connections",
            .kind = number,
            .member = &Settings::connections_max,
            .documentation = "Connections at once",
            .value_name = "N",
            .min = 1,
            .max = limits::connections_ceiling,
            .default_text = "10000, or what the limit of open files allows",
            .example = "10000",
            .is_live = true},
    Setting{.key = "allow_unauthenticated",
            .kind = boolean,
            .member = &Settings::allows_unauthenticated,
            .documentation = "Serve everybody who reaches the server, with all rights, while it "
                             "has no users"},
    Setting{.key = "limits.key_bytes_max",
            .kind = number,
            .member = &Settings::key_bytes_max,
            .documentation = "Longest key",
            .value_name = "N",
            .min = 1,
            .max = WIRE_KEY_BYTES_CEILING},
    Setting{.key = "limits.value_bytes_max",
            .kind = size,
            .member = &Settings::value_bytes_max,
            .documentation = "Largest value, with a unit (64k, 8m); at most a sixty-fourth of "
                             "memory.max",
            .value_name = "BYTES",
            .min = 1,
            .max = WIRE_VALUE_BYTES_CEILING},
    Setting{.key = "limits.tags_max",
            .kind = number,
            .member = &Settings::tags_max,
            .documentation = "Tags of an entry, and of one request",
            .value_name = "N",
            .min = 1,
            .max = WIRE_TAGS_CEILING},
    Setting{.key = "limits.keys_max",
            .kind = number,
            .member = &Settings::keys_max,
            .documentation = "Keys of one request",
            .value_name = "N",
            .min = 1,
            .max = WIRE_KEYS_CEILING},
    Setting{.key = "limits.connections_per_address",
            .kind = number,
            .member = &Settings::connections_per_address,
            .documentation = "Connections of one address of another machine at once (of IPv6, of "
                             "its /64 network); 0: as many as there may be",
            .value_name = "N",
            .max = limits::connections_ceiling,
            .is_live = true},
    Setting{.key = "limits.output_bytes_max",
            .kind = size,
            .member = &Settings::output_bytes_max,
            .documentation = "Memory of replies that wait for their readers, of all connections "
                             "together, with a unit; beyond it those with the most are closed",
            .value_name = "BYTES",
            .min = limits::output_bytes_min,
            .default_text = "a twentieth of memory.max, and at least 64m",
            .example = "64m",
            .is_live = true},
    Setting{.key = "limits.frame_ms_max",
            .kind = number,
            .member = &Settings::frame_ms_max,
            .documentation = "A request arrives whole within this from its first byte on, or at "
                             "64 KiB a second",
            .value_name = "N",
            .min = 100,
            .max = limits::deadline_ms_ceiling,
            .is_live = true},
    Setting{.key = "limits.idle_ms_max",
            .kind = number,
            .member = &Settings::idle_ms_max,
            .documentation = "Close connections that have said nothing for so long, give or take a "
                             "second; 0: never",
            .value_name = "N",
            .max = limits::deadline_ms_ceiling,
            .is_live = true},
    Setting{.key = "auth.users_file",
            .kind = text,
            .member = &Settings::auth_users_file,
            .documentation = "Users, their rights and credentials; made when the first is, read "
                             "again on SIGHUP",
            .value_name = "PATH",
            .default_text = "no users",
            .example = "/var/lib/tagcache/users.toml"},
    Setting{.key = "auth.allow_plaintext",
            .kind = boolean,
            .member = &Settings::auth_allows_plaintext,
            .documentation = "Take passwords and tokens from other machines over connections that "
                             "are not encrypted"},
    Setting{.key = "memory.max",
            .kind = size,
            .member = &Settings::memory_bytes_max,
            .documentation = "Memory for entries, with a unit (512m, 2g)",
            .value_name = "BYTES",
            .min = 1,
            .max = limits::memory_bytes_max,
            .default_text = "half of what is usable",
            .example = "512m",
            .is_live = true},
    Setting{.key = "eviction.policy",
            .kind = choice,
            .member = &Settings::eviction_policy,
            .documentation = "What goes when memory is short: s3-fifo keeps what is read again, "
                             "lru what was used last, none refuses to store more",
            .value_name = "NAME",
            .choices = "s3-fifo lru none"},
    Setting{.key = "ttl.default_ms",
            .kind = number,
            .member = &Settings::ttl_default_ms,
            .documentation = "TTL of entries that are stored without one; 0: the maximum, or else "
                             "none",
            .value_name = "N"},
    Setting{.key = "ttl.max_ms",
            .kind = number,
            .member = &Settings::ttl_max_ms,
            .documentation = "Refuse longer TTLs, and entries that never expire; 0: allow them",
            .value_name = "N"},
    Setting{.key = "ttl.jitter_percent",
            .kind = number,
            .member = &Settings::ttl_jitter_percent,
            .documentation = "Lengthen each TTL by a random part, up to so much, so that what was "
                             "stored together does not expire together",
            .value_name = "N",
            .max = 100},
    Setting{.key = "tls.cert_file",
            .kind = text,
            .member = &Settings::tls_cert_file,
            .documentation = "Speak TLS too, with the certificate in this PEM file, its chain "
                             "behind it; SIGHUP reads it again",
            .value_name = "FILE",
            .default_text = "no TLS",
            .example = "/etc/tagcache/server.pem"},
    Setting{.key = "tls.key_file",
            .kind = text,
            .member = &Settings::tls_key_file,
            .documentation = "The certificate's private key, likewise",
            .value_name = "FILE",
            .default_text = "it is in the certificate's file",
            .example = "/etc/tagcache/server.key"},
    Setting{.key = "tls.client_ca_file",
            .kind = text,
            .member = &Settings::tls_client_ca_file,
            .documentation = "Ask TLS clients for a certificate that one of those in this PEM file "
                             "has signed",
            .value_name = "FILE",
            .default_text = "nobody is asked",
            .example = "/etc/tagcache/clients.pem"},
    Setting{.key = "tls.client_certificate",
            .kind = choice,
            .member = &Settings::tls_client_certificate,
            .documentation = "Whether TLS clients need one, when they are asked",
            .value_name = "WHEN",
            .choices = "off optional required"},
    Setting{.key = "tls.required",
            .kind = boolean,
            .member = &Settings::requires_tls,
            .documentation = "Refuse plaintext, except on the Unix socket"},
    Setting{.key = "log.level",
            .kind = choice,
            .member = &Settings::log_level,
            .documentation = "Write what is at least so grave to standard error",
            .value_name = "LEVEL",
            .choices = "debug info warning error off",
            .is_live = true},
    Setting{.key = "log.format",
            .kind = choice,
            .member = &Settings::log_format,
            .documentation = "How it is written: words of the form key=value, or JSON",
            .value_name = "NAME",
            .choices = "text json"},
    Setting{.key = "log.slow_us",
            .kind = number,
            .member = &Settings::log_slow_us,
            .documentation = "Keep requests for SLOWLOG that took so many microseconds; 0: none",
            .value_name = "N",
            .is_live = true},
    Setting{.key = "log.audit_removed_min",
            .kind = number,
            .member = &Settings::log_audit_removed_min,
            .documentation = "Write who sent an INVALIDATE, or a page of DELETE_PREFIX, that "
                             "removed so many entries; 0: never",
            .value_name = "N",
            .is_live = true},
};

}  // namespace

std::span<const Setting> all_settings() noexcept {
    return table;
}

const Setting* find_setting(std::string_view key) noexcept {
    const auto found = std::find_if(table.begin(), table.end(),
                                    [&](const Setting& setting) { return setting.key == key; });
    return found == table.end() ? nullptr : &*found;
}

}  // namespace tc
