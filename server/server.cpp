// SPDX-License-Identifier: MIT
#include "server/server.hpp"

#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "server/clock.hpp"
#include "server/machine.hpp"
#include "server/peer_address.hpp"
#include "server/preface.hpp"
#include "server/version.hpp"

namespace tc {

namespace {

std::uint64_t random_id() {
    std::uint64_t id = 0;
    if (getrandom(&id, sizeof id, 0) != sizeof id) {
        throw std::runtime_error("getrandom failed");
    }
    return id;
}

std::uint32_t reactor_count_of(const Settings& settings) {
    return settings.reactor_count != 0 ? static_cast<std::uint32_t>(settings.reactor_count)
                                       : std::min(usable_core_count(), limits::reactors_max);
}

// Never run out of descriptors: connections get what the limit leaves.
std::uint32_t connection_ceiling(std::uint32_t reactor_count) {
    const std::uint64_t reserved =
        limits::reserved_fds + std::uint64_t{limits::reserved_fds_per_reactor} * reactor_count;
    const std::uint64_t fds = raise_open_files_max();
    if (fds <= reserved) {
        throw std::runtime_error("the limit of open files is " + std::to_string(fds) +
                                 "; at least " + std::to_string(reserved + 1) + " are needed");
    }
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(limits::connections_ceiling, fds - reserved));
}

Server& server_of(const uv_loop_t* loop) noexcept {
    return *static_cast<Server*>(loop->data);
}

}  // namespace

Server::Server(Store& store, Configuration& configuration, Log& log)
    : store_(store),
      configuration_(configuration),
      log_(log),
      boot_id_(random_id()),
      request_limits_(configuration.settings()),
      started_at_ms_(boot_time_ms()),
      tls_(tls_options_of(configuration.settings())),
      connections_ceiling_(connection_ceiling(reactor_count_of(configuration.settings()))) {
    const Settings settings = configuration.settings();
    apply(settings);
    access_ = std::make_unique<AccessControl>(
        *this, AccessOptions{settings.auth_users_file, settings.auth_allows_plaintext,
                             settings.allows_unauthenticated});
    open_listeners(settings);
    for (std::uint32_t i = 0; i < reactor_count_of(settings); ++i) {
        reactors_.push_back(std::make_unique<Reactor>(*this, i, connections_ceiling_));
    }
    access_->start();
    watchdog_.emplace(*this);
    const int error = uv_loop_init(&loop_);
    if (error != 0) {
        throw std::runtime_error(std::string("event loop: ") + uv_strerror(error));
    }
    loop_.data = this;
    // Before anybody can know that we listen, so that no signal meets the default action.
    start_signals();
    configuration.set_listener([this](const Settings& changed) { apply(changed); });
}

Server::~Server() {
    configuration_.set_listener(nullptr);
    if (!is_stopping_) {  // run() was never called: what was started has to end all the same
        const bool has_started = running_reactor_count_ != 0;
        stop(StopRequest::at_once);
        if (!has_started) {
            close_handles();
        }
        finish();
    }
    uv_loop_close(&loop_);
}

// What can change while the server runs. From any thread, one at a time.
void Server::apply(const Settings& settings) noexcept {
    const std::uint64_t wanted =
        settings.connections_max == 0 ? limits::connections_default : settings.connections_max;
    connections_max_.store(
        static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, connections_ceiling_)),
        std::memory_order_relaxed);
    store_.set_memory_bytes_max(settings.memory_bytes_max);
    connection_limits_.assign(settings);
    log_.set_level(log_level_of(settings.log_level));
    audit_removed_min_.store(
        settings.log_audit_removed_min == 0 ? UINT64_MAX : settings.log_audit_removed_min,
        std::memory_order_relaxed);
    slow_us_.store(settings.log_slow_us == 0 ? UINT64_MAX : settings.log_slow_us,
                   std::memory_order_relaxed);
}

std::uint64_t Server::held_bytes(Counter ReactorCounters::*held) const noexcept {
    std::uint64_t bytes = 0;
    for (const auto& reactor : reactors_) {
        bytes += (reactor->counters().*held).value();
    }
    return bytes;
}

void Server::open_listeners(const Settings& settings) {
    for (const std::string& address : settings.bind_addresses) {
        listeners_.push_back(
            Listener::on_tcp(*this, address, static_cast<std::uint16_t>(settings.port)));
    }
    if (!settings.unix_path.empty()) {
        listeners_.push_back(Listener::on_unix(*this, settings.unix_path));
    }
    for (const auto& listener : listeners_) {
        address_text_ += (address_text_.empty() ? "" : ", ") + listener->address();
    }
}

void Server::start_signals() {
    int error = uv_async_init(&loop_, &ended_signal_, [](uv_async_t* handle) noexcept {
        server_of(handle->loop).close_handles();
    });
    if (error == 0) {
        // The second shares the first one's descriptor, so that it cannot fail.
        error = uv_async_init(&loop_, &stop_signal_, [](uv_async_t* handle) noexcept {
            Server& server = server_of(handle->loop);
            if (!server.is_stopping_) {
                server.stop(StopRequest::when_served);
            }
        });
    }
    if (error != 0) {
        uv_loop_close(&loop_);
        throw std::runtime_error(std::string("event loop: ") + uv_strerror(error));
    }
    const std::pair<uv_signal_t*, int> signals[] = {
        {&terminate_signal_, SIGTERM}, {&interrupt_signal_, SIGINT}, {&reload_signal_, SIGHUP}};
    for (const auto& [signal, number] : signals) {
        uv_signal_init(&loop_, signal);
        uv_signal_start(
            signal,
            [](uv_signal_t* handle, int caught) noexcept {
                server_of(handle->loop).on_signal(caught);
            },
            number);
    }
}

void Server::start() {
    for (const auto& reactor : reactors_) {
        ++running_reactor_count_;
        try {
            reactor->start();
        } catch (const std::system_error& error) {
            --running_reactor_count_;
            throw std::runtime_error("cannot start the thread of reactor " +
                                     std::to_string(reactor->index()) + " of " +
                                     std::to_string(reactor_count()) + ": " + error.what());
        }
    }
    log_.write(LogLevel::info, LogEvent::listening,
               {{"address", address_text_, LogField::own_bytes_max},
                {"version", version_text},
                {"reactors", reactor_count()},
                {"memory_bytes_max", store_.memory_bytes_max()},
                {"connections_max", connections_max()},
                {"process_id", static_cast<std::uint32_t>(getpid())}});
}

void Server::run() {
    for (const auto& listener : listeners_) {
        listener->start(&loop_);
    }
    watchdog_->start(&loop_);
    notifier_.start(&loop_);
    finish();
}

// Turns the main loop until a stop has ended every reactor.
void Server::finish() noexcept {
    uv_run(&loop_, UV_RUN_DEFAULT);
    for (const auto& reactor : reactors_) {
        reactor->join();
    }
}

void Server::on_signal(int number) noexcept {
    if (number == SIGHUP) {
        reload_and_report();
    } else {
        stop(is_stopping_ ? StopRequest::at_once : StopRequest::when_served);
    }
}

void Server::request_stop() noexcept {
    uv_async_send(&stop_signal_);
}

ConfigurationChange Server::reload() {
    const std::lock_guard lock(reload_mutex_);
    TlsContext fresh;
    ConfigurationChange change = configuration_.reload([&](const Settings& next) -> std::string {
        try {
            fresh = tls_.read_again(tls_options_of(next));
            return {};
        } catch (const std::runtime_error& error) {
            return error.what();
        }
    });
    if (change.problems.empty()) {
        tls_.use(std::move(fresh));
    }
    access_->reload();
    return change;
}

// The main thread has nothing else to do that could not wait for a file.
void Server::reload_and_report() noexcept {
    notifier_.tell_reloading();
    try {
        report(reload());
    } catch (const std::exception& error) {
        log_.write(LogLevel::error, LogEvent::configuration_refused, {{"reason", error.what()}});
    }
    notifier_.tell_ready();
}

void Server::report(const ConfigurationChange& change) {
    for (const std::string& problem : change.problems) {
        log_.write(LogLevel::error, LogEvent::configuration_refused,
                   {{"reason", problem, LogField::own_bytes_max}});
    }
    for (const Setting* setting : change.changed) {
        log_.write(
            LogLevel::info, LogEvent::setting_changed,
            {{"key", setting->key}, {"value", write_setting(*setting, configuration_.settings())}});
    }
    for (const Setting* setting : change.postponed) {
        log_.write(LogLevel::warning, LogEvent::setting_postponed, {{"key", setting->key}});
    }
    if (change.problems.empty()) {
        log_.write(LogLevel::info, LogEvent::configuration_read,
                   {{"changed", change.changed.size()}, {"postponed", change.postponed.size()}});
    }
}

void Server::stop(StopRequest request) noexcept {
    if (!is_stopping_) {
        is_stopping_ = true;
        notifier_.tell_stopping();
        log_.write(LogLevel::info, LogEvent::stopping, {{"connections", connection_count()}});
        for (const auto& listener : listeners_) {
            listener->close();
        }
    }
    for (const auto& reactor : reactors_) {
        reactor->stop(request);
    }
}

void Server::reactor_ended() noexcept {
    if (running_reactor_count_.fetch_sub(1) == 1) {
        uv_async_send(&ended_signal_);
    }
}

void Server::close_handles() noexcept {
    uv_close(reinterpret_cast<uv_handle_t*>(&terminate_signal_), nullptr);
    uv_close(reinterpret_cast<uv_handle_t*>(&interrupt_signal_), nullptr);
    uv_close(reinterpret_cast<uv_handle_t*>(&reload_signal_), nullptr);
    uv_close(reinterpret_cast<uv_handle_t*>(&stop_signal_), nullptr);
    uv_close(reinterpret_cast<uv_handle_t*>(&ended_signal_), nullptr);
    watchdog_->close();
    notifier_.close();
}

std::uint32_t Server::connection_count() const noexcept {
    std::uint32_t count = 0;
    for (const auto& reactor : reactors_) {
        count += reactor->connection_count();
    }
    return count;
}

bool Server::reactors_are_alive() const noexcept {
    const std::uint64_t now_ms = uv_hrtime() / 1'000'000;
    return std::ranges::all_of(reactors_, [&](const auto& reactor) {
        return reactor->silent_ms(now_ms) < limits::loop_dead_ms;
    });
}

std::uint64_t Server::unauthenticated_count() const noexcept {
    std::uint64_t count = 0;
    for (const auto& reactor : reactors_) {
        count += reactor->counters().unauthenticated.value();
    }
    return count;
}

void Server::place(int fd) noexcept {
    counters_.accepted.add();
    if (!access_->serves_remote_peers() && peer_address(fd).is_remote) {
        counters_.refused_remote.add();
        return refuse(fd, WIRE_REFUSAL_CREDENTIALS_REQUIRED);
    }
    if (unauthenticated_count() >= std::max(connections_max() / limits::unauthenticated_part, 1U)) {
        counters_.refused_unauthenticated.add();
        return refuse(fd, WIRE_REFUSAL_TOO_MANY_CONNECTIONS);
    }
    Reactor* emptiest = nullptr;
    // From another reactor each time, so that ties do not all go to the first one.
    for (std::size_t i = 0; i < reactors_.size(); ++i) {
        Reactor& reactor = *reactors_[(next_reactor_ + i) % reactors_.size()];
        if (emptiest == nullptr || reactor.connection_count() < emptiest->connection_count()) {
            emptiest = &reactor;
        }
    }
    next_reactor_ = (next_reactor_ + 1) % reactors_.size();
    if (connection_count() < connections_max() && emptiest->adopt(fd)) {
        return;
    }
    counters_.refused_too_many.add();
    refuse(fd, WIRE_REFUSAL_TOO_MANY_CONNECTIONS);
}

void Server::refuse(int fd, wire_refusal reason) noexcept {
    const auto refusal = server_preface(0, reason);
    (void)send(fd, refusal.data(), refusal.size(), MSG_NOSIGNAL);
    ::close(fd);
}

}  // namespace tc
