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
#include <string>
#include <vector>

#include "server/client_record.hpp"
#include "server/listener.hpp"
#include "server/options.hpp"
#include "server/reactor.hpp"
#include "store/store.hpp"

namespace tc {

// Written by the main thread alone.
struct ServerCounters {
    Counter accepted;
    Counter refused_too_many;
};

class Server {
 public:
    // Opens the listeners; throws std::runtime_error with the reason when it cannot.
    Server(Store& store, const ServerOptions& options);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // "127.0.0.1:1984, unix:/run/tagcached.sock; 2 reactors, ...": the rest of the start line.
    [[nodiscard]] std::string description() const;
    // Starts the reactors' threads; throws std::runtime_error when the system has none.
    void start();
    // Serves until SIGTERM or SIGINT, then until every request that has arrived is answered. A
    // second signal ends it at once. REQUIRES: start() has returned.
    void run();

    // Gives an accepted socket to the reactor with the fewest connections, or refuses it.
    void place(int fd) noexcept;

    [[nodiscard]] Store& store() noexcept { return store_; }
    [[nodiscard]] std::uint64_t boot_id() const noexcept { return boot_id_; }
    [[nodiscard]] std::uint32_t frame_body_bytes_max() const noexcept {
        return frame_body_bytes_max_;
    }
    [[nodiscard]] std::uint32_t reactor_count() const noexcept {
        return static_cast<std::uint32_t>(reactors_.size());
    }
    [[nodiscard]] std::uint32_t connection_count() const noexcept;
    [[nodiscard]] std::uint32_t connections_max() const noexcept { return connections_max_; }
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
    void open_listeners(const ServerOptions& options);
    void start_signals();
    void on_signal() noexcept;
    void stop(StopRequest request) noexcept;
    void close_handles() noexcept;
    void finish() noexcept;

    Store& store_;
    const std::uint64_t boot_id_;
    const std::uint32_t frame_body_bytes_max_;
    const std::uint64_t started_at_ms_;
    std::uint32_t connections_max_ = 0;
    std::vector<std::unique_ptr<Listener>> listeners_;
    std::string address_text_;
    std::vector<std::unique_ptr<Reactor>> reactors_;
    std::atomic<std::uint64_t> connection_ids_{0};
    std::atomic<std::uint32_t> running_reactor_count_{0};
    ServerCounters counters_;

    // Main thread only.
    uv_loop_t loop_{};
    uv_signal_t terminate_signal_{};
    uv_signal_t interrupt_signal_{};
    uv_async_t ended_signal_{};  // sent when the last reactor has ended
    std::size_t next_reactor_ = 0;
    bool is_stopping_ = false;
};

}  // namespace tc
