// SPDX-License-Identifier: MIT
#include "server/options.hpp"

#include <arpa/inet.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <string>
#include <system_error>

#include "protocol/wire.h"
#include "server/limits.hpp"
#include "server/machine.hpp"
#include "server/policy_names.hpp"
#include "server/version.hpp"

namespace tc {

namespace {

constexpr int usage_exit_code = 2;
constexpr std::uint64_t memory_bytes_min =
    limits::memory_per_value_min * static_cast<std::uint64_t>(WIRE_VALUE_BYTES_MAX);

bool is_loopback(const std::string& address) {
    in_addr ipv4{};
    in6_addr ipv6{};
    if (inet_pton(AF_INET, address.c_str(), &ipv4) == 1) {
        return (ntohl(ipv4.s_addr) >> 24) == 127;
    }
    return inet_pton(AF_INET6, address.c_str(), &ipv6) == 1 && IN6_IS_ADDR_LOOPBACK(&ipv6);
}

std::string check_address(const std::string& address) {
    in_addr ipv4{};
    in6_addr ipv6{};
    const bool is_numeric = inet_pton(AF_INET, address.c_str(), &ipv4) == 1 ||
                            inet_pton(AF_INET6, address.c_str(), &ipv6) == 1;
    return is_numeric ? "" : "'" + address + "' is not a numeric IPv4 or IPv6 address";
}

// What only shows when all options are known; empty when all is well.
std::string check_together(const ServerOptions& options) {
    for (const std::string& address : options.bind_addresses) {
        if (!is_loopback(address) && !options.allows_unauthenticated) {
            return "--bind " + address +
                   ": anybody who reaches this address could read and change the cache, because "
                   "there is no authentication yet. Bind a loopback address, or say "
                   "--allow-unauthenticated";
        }
    }
    if (options.bind_addresses.size() > limits::bind_addresses_max) {
        return "--bind: at most " + std::to_string(limits::bind_addresses_max) + " addresses";
    }
    if (options.memory_bytes_max < memory_bytes_min) {
        return "--memory-max: " + std::to_string(options.memory_bytes_max) +
               " bytes are not enough for values of up to " + std::to_string(WIRE_VALUE_BYTES_MAX) +
               " bytes: at least " + std::to_string(limits::memory_per_value_min) +
               " times as much is needed, which is " + std::to_string(memory_bytes_min >> 20) + "m";
    }
    if (options.ttl_max_ms != 0 && options.ttl_default_ms > options.ttl_max_ms) {
        return "--ttl-default-ms " + std::to_string(options.ttl_default_ms) +
               " is above --ttl-max-ms " + std::to_string(options.ttl_max_ms);
    }
    return "";
}

// What an operator would wonder about later.
std::string warning_about(const ServerOptions& options) {
    if (options.ttl_jitter_percent != 0 && options.ttl_max_ms != 0 &&
        options.ttl_default_ms == options.ttl_max_ms) {
        return "--ttl-jitter-percent has no effect on entries without a TTL of their own, because "
               "their default is --ttl-max-ms, which no TTL passes; give a lower --ttl-default-ms";
    }
    return "";
}

// Options that were not given and follow from others.
void complete(ServerOptions& options, bool has_memory_max) {
    if (!has_memory_max) {
        options.memory_bytes_max = usable_memory_bytes() / 2;
    }
    if (options.ttl_default_ms == 0) {
        options.ttl_default_ms = options.ttl_max_ms;
    }
}

// CLI11 2.1 takes -1 and what is above 64 bits for the largest number there is, and 010 for eight.
std::string check_number(const std::string& text) {
    std::uint64_t number = 0;
    const std::errc error = std::from_chars(text.data(), text.data() + text.size(), number).ec;
    const bool has_base = text.size() > 1 && text[0] == '0';
    return error == std::errc{} && !has_base ? "" : "'" + text + "' is not a number in range";
}

std::string check_policy(const std::string& name) {
    if (policy_of(name).has_value()) {
        return "";
    }
    std::string known;
    for (const PolicyName& named : policy_names) {
        known += (known.empty() ? "" : ", ") + std::string(named.name);
    }
    return "'" + name + "' is none of " + known;
}

void add_options(CLI::App& app, ServerOptions& options) {
    app.add_option("--bind", options.bind_addresses,
                   "Listen on this numeric IPv4 or IPv6 address; repeatable")
        ->type_name("ADDR")
        ->check(CLI::Validator(check_address, ""))
        ->capture_default_str();
    app.add_option("--port", options.port, "TCP port; 0 takes a free one and tells it at start")
        ->type_name("N")
        ->capture_default_str();
    app.add_option("--unix", options.unix_path, "Listen on this Unix socket too")
        ->type_name("PATH");
    app.add_option("--reactors", options.reactor_count,
                   "Threads that serve connections; default: one for each usable core")
        ->type_name("N")
        ->check(CLI::Range(1U, limits::reactors_max).description(""));
    app.add_option("--memory-max", options.memory_bytes_max,
                   "Memory for entries, with a unit (512m, 2g); default: half of what is usable")
        ->type_name("BYTES")
        ->transform(CLI::AsSizeValue(false).description(""))
        ->transform(CLI::Validator(check_number, ""));  // looks first, because it comes last
    app.add_option_function<std::string>(
           "--eviction-policy",
           [&options](const std::string& name) {
               options.eviction_policy = policy_of(name).value_or(options.eviction_policy);
           },
           "What goes when memory is short: s3-fifo keeps what is read again, lru what was used "
           "last, none refuses to store more")
        ->type_name("NAME")
        ->check(CLI::Validator(check_policy, ""))
        ->default_str(std::string(name_of(options.eviction_policy)));
    app.add_option("--max-connections", options.connections_max,
                   "Connections at once; default: 10000, or what the limit of open files allows")
        ->type_name("N")
        ->check(CLI::Range(1U, 1'000'000U).description(""));
    app.add_flag("--allow-unauthenticated", options.allows_unauthenticated,
                 "Listen on addresses that others can reach, although there is no authentication");
}

void add_ttl_options(CLI::App& app, ServerOptions& options) {
    app.add_option("--ttl-default-ms", options.ttl_default_ms,
                   "TTL of entries that are stored without one; 0: the maximum, or else none")
        ->type_name("N")
        ->check(CLI::Validator(check_number, ""))
        ->capture_default_str();
    app.add_option("--ttl-max-ms", options.ttl_max_ms,
                   "Refuse longer TTLs, and entries that never expire; 0: allow them")
        ->type_name("N")
        ->check(CLI::Validator(check_number, ""))
        ->capture_default_str();
    app.add_option("--ttl-jitter-percent", options.ttl_jitter_percent,
                   "Lengthen each TTL by a random part, up to so much, so that what was stored "
                   "together does not expire together; 0 to 100")
        ->type_name("N")
        ->check(CLI::Validator(check_number, ""))
        ->check(CLI::Range(0U, 100U).description(""))
        ->capture_default_str();
}

}  // namespace

ParsedOptions parse_options(int argc, char** argv) {
    ParsedOptions parsed;
    CLI::App app("TagCache server: an in-memory cache with tags", "tagcached");
    app.set_help_flag("-h,--help", "Print this and exit");
    app.set_version_flag("--version", std::string("tagcached ") + version_text);
    app.footer("Without options it listens on 127.0.0.1:1984. See tagcached(8).");
    add_options(app, parsed.options);
    add_ttl_options(app, parsed.options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const bool is_failure = error.get_exit_code() != 0;
        parsed.exits = true;
        parsed.exit_code = is_failure ? usage_exit_code : 0;
        if (is_failure) {
            std::fprintf(stderr, "tagcached: %s\nTry 'tagcached --help'.\n", error.what());
        } else {
            (void)app.exit(error);
        }
        return parsed;
    }
    complete(parsed.options, app.count("--memory-max") != 0);
    parsed.warning = warning_about(parsed.options);
    const std::string problem = check_together(parsed.options);
    if (!problem.empty()) {
        std::fprintf(stderr, "tagcached: %s.\n", problem.c_str());
        parsed.exits = true;
        parsed.exit_code = usage_exit_code;
    }
    return parsed;
}

}  // namespace tc
