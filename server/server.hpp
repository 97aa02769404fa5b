// SPDX-License-Identifier: MIT
//
// The running server: listeners and signals on the caller's thread, reactors on theirs.
//
// Threads: run() is the main thread's; what reactors and commands ask for is immutable after
// construction, atomic, or locked inside.
#pragma once

#include <uv.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "server/access_control.hpp"
#include "server/client_record.hpp"
#include "server/configuration.hpp"
#include "server/connection_limits.hpp"
#include "server/listener.hpp"
#include "server/log.hpp"
#include "server/reactor.hpp"
#include "server/request_limits.hpp"
#include "server/service_notifier.hpp"
#include "server/slow_log.hpp"
#include "server/source_connections.hpp"
#include "server/tls_context.hpp"
#include "server/watchdog.hpp"
#include "store/store.hpp"

namespace tc {

// Written by the main thread alone.
struct ServerCounters {
    Counter accepted;
    Counter refused_too_many;
    Counter refused_remote;           // because there are no users
    Counter refused_unauthenticated;  // because enough others have yet to authenticate
};

class Server {
 public:
    // Opens the listeners; throws std::runtime_error with the reason when it cannot.
    Server(Store& store, Configuration& configuration, Log& log);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Starts the reactors' threads; throws std::runtime_error when the system has none. Logs where
    // it listens.
    void start();
    // Serves until SIGTERM or SIGINT, then until every request that has arrived is answered. A
    // second signal ends it at once. REQUIRES: start() has returned.
    void run();

    // Gives an accepted socket to the reactor with the fewest connections, or refuses it.
    void place(int fd) noexcept;
    // Says why in a preface, and closes the socket. Any thread.
    void refuse(int fd, wire_refusal reason) noexcept;

    [[nodiscard]] AccessControl& access() noexcept { return *access_; }

    [[nodiscard]] Store& store() noexcept { return store_; }
    // No reactor's loop stands still. From any thread.
    [[nodiscard]] bool reactors_are_alive() const noexcept;
    [[nodiscard]] Log& log() const noexcept { return log_; }
    [[nodiscard]] Configuration& configuration() noexcept { return configuration_; }
    [[nodiscard]] TlsContexts& tls() noexcept { return tls_; }
    // The configuration and the certificates now, all of it or nothing; the users a little later,
    // whatever became of the others. From any thread. Throws std::bad_alloc.
    [[nodiscard]] ConfigurationChange reload();
    // The same as SIGTERM; returns at once. From any thread.
    void request_stop() noexcept;
    // INVALIDATE and its like write an audit line when they remove so many.
    [[nodiscard]] std::uint64_t audit_removed_min() const noexcept {
        return audit_removed_min_.load(std::memory_order_relaxed);
    }
    // Batches that took so long are noted in slow_log().
    [[nodiscard]] std::uint64_t slow_us() const noexcept {
        return slow_us_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] SlowLog& slow_log() noexcept { return slow_log_; }
    [[nodiscard]] std::uint64_t boot_id() const noexcept { return boot_id_; }
    [[nodiscard]] const RequestLimits& request_limits() const noexcept { return request_limits_; }
    [[nodiscard]] const ConnectionLimits& connection_limits() const noexcept {
        return connection_limits_;
    }
    [[nodiscard]] SourceConnections& source_connections() noexcept { return source_connections_; }
    // What replies take that wait for their readers, of all connections.
    [[nodiscard]] std::uint64_t held_bytes(Counter ReactorCounters::*held) const noexcept;
    [[nodiscard]] std::uint32_t reactor_count() const noexcept {
        return static_cast<std::uint32_t>(reactors_.size());
    }
    [[nodiscard]] std::uint32_t connection_count() const noexcept;
    // Of those that there are, how many have yet to say who they are.
    [[nodiscard]] std::uint64_t unauthenticated_count() const noexcept;
    [[nodiscard]] std::uint32_t connections_max() const noexcept {
        return connections_max_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t started_at_ms() const noexcept { return started_at_ms_; }
    [[nodiscard]] const ServerCounters& counters() const noexcept { return counters_; }
    [[nodiscard]] const std::vector<std::unique_ptr<Reactor>>& reactors() const noexcept {
        return reactors_;
    }
    // All listeners, as text: "127.0.0.1:1984, unix:/run/tagcached.sock".
    [[nodiscard]] const std::string& address_text() const noexcept { return address_text_; }
    // A reactor's thread is about to end.
    void reactor_ended() noexcept;
    [[nodiscard]] std::uint64_t next_connection_id() noexcept {
        return connection_ids_.fetch_add(1, std::memory_order_relaxed) + 1;
    }

 private:
    void open_listeners(const Settings& settings);
    void start_signals();
    void apply(const Settings& settings) noexcept;
    void on_signal(int number) noexcept;
    void reload_and_report() noexcept;
    void report(const ConfigurationChange& change);
    void stop(StopRequest request) noexcept;
    void close_handles() noexcept;
    void finish() noexcept;

    Store& store_;
    Configuration& configuration_;
    Log& log_;
    const std::uint64_t boot_id_;
    const RequestLimits request_limits_;
    ConnectionLimits connection_limits_;
    SourceConnections source_connections_;
    const std::uint64_t started_at_ms_;
    TlsContexts tls_;
    std::mutex reload_mutex_;  // one reload at a time, or what was read last may not be what stays
    const std::uint32_t connections_ceiling_;  // what the limit of open files allows
    std::atomic<std::uint32_t> connections_max_{0};
    std::atomic<std::uint64_t> audit_removed_min_{UINT64_MAX};
    std::atomic<std::uint64_t> slow_us_{UINT64_MAX};
    SlowLog slow_log_;
    std::vector<std::unique_ptr<Listener>> listeners_;
    std::string address_text_;
    std::vector<std::unique_ptr<Reactor>> reactors_;
    std::atomic<std::uint64_t> connection_ids_{0};
    std::atomic<std::uint32_t> running_reactor_count_{0};
    std::unique_ptr<AccessControl> access_;  // goes before the reactors, whom its worker may tell
    ServerCounters counters_;

    // Main thread only.
    uv_loop_t loop_{};
    uv_signal_t terminate_signal_{};
    uv_signal_t interrupt_signal_{};
    uv_signal_t reload_signal_{};
    uv_async_t stop_signal_{};  // sent by request_stop()
    std::optional<Watchdog> watchdog_;
    ServiceNotifier notifier_{*this};
    uv_async_t ended_signal_{};  // sent when the last reactor has ended
    std::size_t next_reactor_ = 0;
    bool is_stopping_ = false;
};

}  // namespace tc
