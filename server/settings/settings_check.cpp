// SPDX-License-Identifier: MIT
//
// Settings that only make sense together.
#include <arpa/inet.h>

#include <algorithm>

#include "server/limits.hpp"
#include "server/settings/setting_layers.hpp"

namespace tc {

namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;

bool is_loopback(const std::string& address) {
    in_addr ipv4{};
    in6_addr ipv6{};
    if (inet_pton(AF_INET, address.c_str(), &ipv4) == 1) {
        return (ntohl(ipv4.s_addr) >> 24) == 127;
    }
    return inet_pton(AF_INET6, address.c_str(), &ipv6) == 1 && IN6_IS_ADDR_LOOPBACK(&ipv6);
}

}  // namespace

std::vector<std::string> problems_of(const SettingLayers& layers, const Settings& settings) {
    std::vector<std::string> problems;
    for (const std::string& address : settings.bind_addresses) {
        const bool is_guarded =
            !settings.auth_users_file.empty() || settings.allows_unauthenticated;
        if (!is_loopback(address) && !is_guarded) {
            problems.push_back(
                layers.place_of("bind") + " " + address +
                ": anybody who reaches this address could read and change the cache. Bind a "
                "loopback address, give the server users with --auth-users-file, or say "
                "--allow-unauthenticated");
        }
    }
    if (settings.bind_addresses.size() > limits::bind_addresses_max) {
        problems.push_back(layers.place_of("bind") + ": at most " +
                           std::to_string(limits::bind_addresses_max) + " addresses");
    }
    const std::uint64_t memory_bytes_min =
        std::max(limits::memory_per_value_min * settings.value_bytes_max, limits::memory_bytes_min);
    if (settings.memory_bytes_max < memory_bytes_min) {
        problems.push_back(
            layers.place_of("memory.max") + ": " + std::to_string(settings.memory_bytes_max) +
            " bytes are not enough for values of up to " +
            std::to_string(settings.value_bytes_max) + " bytes: at least " +
            std::to_string(limits::memory_per_value_min) + " times as much is needed, which is " +
            std::to_string((memory_bytes_min + mebibyte - 1) / mebibyte) + "m");
    }
    if (settings.ttl_max_ms != 0 && settings.ttl_default_ms > settings.ttl_max_ms) {
        problems.push_back(layers.place_of("ttl.default_ms") + " " +
                           std::to_string(settings.ttl_default_ms) + " is above " +
                           layers.place_of("ttl.max_ms") + " " +
                           std::to_string(settings.ttl_max_ms));
    }
    return problems;
}

std::vector<std::string> warnings_about(const SettingLayers& layers, const Settings& settings) {
    std::vector<std::string> warnings;
    if (settings.ttl_jitter_percent != 0 && settings.ttl_max_ms != 0 &&
        settings.ttl_default_ms == settings.ttl_max_ms) {
        warnings.push_back(layers.place_of("ttl.jitter_percent") +
                           " has no effect on entries without a TTL of their own, because their "
                           "default is ttl.max_ms, which no TTL passes; give a lower "
                           "ttl.default_ms");
    }
    return warnings;
}

}  // namespace tc
