// SPDX-License-Identifier: MIT
//
// tagcached: options, store, server, run.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>

#include "protocol/wire.h"
#include "server/access_reset.hpp"
#include "server/configuration.hpp"
#include "server/crash_report.hpp"
#include "server/log.hpp"
#include "server/options.hpp"
#include "server/policy_names.hpp"
#include "server/server.hpp"
#include "store/memory.hpp"
#include "store/store.hpp"

namespace {

constexpr int cannot_start_exit_code = 1;

tc::StoreOptions store_options(const tc::Settings& settings) {
    tc::StoreOptions store;
    store.memory_bytes_max = settings.memory_bytes_max;
    store.memory_bytes_ceiling = tc::memory_bytes_ceiling(settings);
    store.stripe_count = 0;
    store.eviction_policy = tc::policy_of(settings.eviction_policy).value_or(store.eviction_policy);
    store.ttl_default_ms = settings.ttl_default_ms;
    store.ttl_max_ms = settings.ttl_max_ms;
    store.ttl_jitter_percent = static_cast<std::uint32_t>(settings.ttl_jitter_percent);
    store.value_bytes_max = static_cast<std::uint32_t>(settings.value_bytes_max);
    store.tags_max = static_cast<std::uint32_t>(settings.tags_max);
    return store;
}

int serve(const tc::StartOptions& start) {
    if (const char* problem = tc::allocator_self_test(); problem != nullptr) {
        std::fprintf(stderr, "tagcached: %s\n", problem);
        return cannot_start_exit_code;
    }
    tc::install_crash_report();
    const tc::CrashStack crash_stack;
    std::signal(SIGPIPE, SIG_IGN);  // a peer that is gone is an error of the write, not our end
    try {
        tc::Store store(store_options(start.settings));
        tc::Configuration configuration(start.layers, start.config_path, start.settings);
        tc::Log log(tc::log_level_of(start.settings.log_level),
                    tc::log_format_of(start.settings.log_format), STDERR_FILENO);
        tc::Server server(store, configuration, log);
        server.start();
        for (const std::string& warning : start.warnings) {
            log.write(tc::LogLevel::warning, tc::LogEvent::warning,
                      {{"reason", warning, tc::LogField::own_bytes_max}});
        }
        server.run();
        log.write(tc::LogLevel::info, tc::LogEvent::stopped, {});
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "tagcached: %s\n", error.what());
        return cannot_start_exit_code;
    }
}

// Whether what was printed has gone where it should; else that is said.
bool is_output_written() {
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) {
        return true;
    }
    std::fputs("tagcached: standard output cannot be written; is the disk full?\n", stderr);
    return false;
}

// For an operator who is locked out, and may write the users file. A server that runs takes it with
// SIGHUP, or when it is started again.
int reset_credentials(const std::string& users_file) {
    try {
        const std::string token = tc::reset_administrator(users_file);
        std::printf("%s\n", token.c_str());
        if (!is_output_written()) {
            std::fprintf(stderr,
                         "tagcached: the new token of the user admin is lost, and the old ones are "
                         "gone; ask for another one.\n");
            return cannot_start_exit_code;
        }
        std::fprintf(stderr,
                     "tagcached: this is a token of the user admin, shown this once. A server "
                     "that runs has to be started again, or told by SIGHUP.\n");
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "tagcached: %s\n", error.what());
        return cannot_start_exit_code;
    }
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const tc::StartOptions start = tc::read_start_options(argc, argv);
        if (start.exits) {
            return is_output_written() ? start.exit_code : cannot_start_exit_code;
        }
        return start.resets_credentials ? reset_credentials(start.settings.auth_users_file)
                                        : serve(start);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "tagcached: %s\n", error.what());
        return cannot_start_exit_code;
    }
}
