// SPDX-License-Identifier: MIT
#include "server/server.hpp"

#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <stdexcept>
#include <system_error>

#include "server/clock.hpp"
#include "server/machine.hpp"
#include "server/preface.hpp"

namespace tc {

namespace {

std::uint64_t random_id() {
    std::uint64_t id = 0;
    if (getrandom(&id, sizeof id, 0) != sizeof id) {
        throw std::runtime_error("getrandom failed");
    }
    return id;
}

// Never run out of descriptors: connections get what the limit leaves.
std::uint32_t connection_budget(std::uint32_t wanted, std::uint32_t reactor_count) {
    const std::uint64_t reserved =
        limits::reserved_fds + std::uint64_t{limits::reserved_fds_per_reactor} * reactor_count;
    const std::uint64_t fds = raise_open_files_max();
    if (fds <= reserved) {
        throw std::runtime_error("the limit of open files is " + std::to_string(fds) +
                                 "; at least " + std::to_string(reserved + 1) + " are needed");
    }
    const std::uint64_t connections = wanted == 0 ? limits::connections_default : wanted;
    return static_cast<std::uint32_t>(std::min(connections, fds - reserved));
}

}  // namespace

Server::Server(Store& store, const ServerOptions& options)
    : store_(store),
      boot_id_(random_id()),
      frame_body_bytes_max_(wire_frame_body_bytes_max(WIRE_VALUE_BYTES_MAX, WIRE_KEY_BYTES_MAX,
                                                      WIRE_TAGS_MAX, WIRE_TAG_BYTES_MAX)),
      started_at_ms_(boot_time_ms()) {
    const std::uint32_t reactor_count = options.reactor_count != 0
                                            ? options.reactor_count
                                            : std::min(usable_core_count(), limits::reactors_max);
    connections_max_ = connection_budget(options.connections_max, reactor_count);
    open_listeners(options);
    for (std::uint32_t i = 0; i < reactor_count; ++i) {
        reactors_.push_back(std::make_unique<Reactor>(*this, i, connections_max_));
    }
    const int error = uv_loop_init(&loop_);
    if (error != 0) {
        throw std::runtime_error(std::string("event loop: ") + uv_strerror(error));
    }
    loop_.data = this;
    // Before anybody can know that we listen, so that no signal meets the default action.
    start_signals();
}

Server::~Server() {
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

void Server::open_listeners(const ServerOptions& options) {
    for (const std::string& address : options.bind_addresses) {
        listeners_.push_back(Listener::on_tcp(*this, address, options.port));
    }
    if (!options.unix_path.empty()) {
        listeners_.push_back(Listener::on_unix(*this, options.unix_path));
    }
    for (const auto& listener : listeners_) {
        address_text_ += (address_text_.empty() ? "" : ", ") + listener->address();
    }
}

std::string Server::description() const {
    return address_text_ + "; " + std::to_string(reactor_count()) + " reactors, memory limit " +
           std::to_string(store_.options().memory_bytes_max >> 20) + " MiB, at most " +
           std::to_string(connections_max_) + " connections";
}

void Server::start_signals() {
    const int error = uv_async_init(&loop_, &ended_signal_, [](uv_async_t* handle) noexcept {
        static_cast<Server*>(handle->loop->data)->close_handles();
    });
    if (error != 0) {
        uv_loop_close(&loop_);
        throw std::runtime_error(std::string("event loop: ") + uv_strerror(error));
    }
    for (uv_signal_t* signal : {&terminate_signal_, &interrupt_signal_}) {
        uv_signal_init(&loop_, signal);
        uv_signal_start(
            signal,
            [](uv_signal_t* handle, int) noexcept {
                static_cast<Server*>(handle->loop->data)->on_signal();
            },
            signal == &terminate_signal_ ? SIGTERM : SIGINT);
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
}

void Server::run() {
    for (const auto& listener : listeners_) {
        listener->start(&loop_);
    }
    finish();
}

// Turns the main loop until a stop has ended every reactor.
void Server::finish() noexcept {
    uv_run(&loop_, UV_RUN_DEFAULT);
    for (const auto& reactor : reactors_) {
        reactor->join();
    }
}

void Server::on_signal() noexcept {
    stop(is_stopping_ ? StopRequest::at_once : StopRequest::when_served);
}

void Server::stop(StopRequest request) noexcept {
    if (!is_stopping_) {
        is_stopping_ = true;
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
    uv_close(reinterpret_cast<uv_handle_t*>(&ended_signal_), nullptr);
}

std::uint32_t Server::connection_count() const noexcept {
    std::uint32_t count = 0;
    for (const auto& reactor : reactors_) {
        count += reactor->connection_count();
    }
    return count;
}

void Server::place(int fd) noexcept {
    counters_.accepted.add();
    Reactor* emptiest = nullptr;
    // From another reactor each time, so that ties do not all go to the first one.
    for (std::size_t i = 0; i < reactors_.size(); ++i) {
        Reactor& reactor = *reactors_[(next_reactor_ + i) % reactors_.size()];
        if (emptiest == nullptr || reactor.connection_count() < emptiest->connection_count()) {
            emptiest = &reactor;
        }
    }
    next_reactor_ = (next_reactor_ + 1) % reactors_.size();
    if (connection_count() < connections_max_ && emptiest->adopt(fd)) {
        return;
    }
    counters_.refused_too_many.add();
    const auto refusal = server_preface(0, WIRE_REFUSAL_TOO_MANY_CONNECTIONS);
    (void)send(fd, refusal.data(), refusal.size(), MSG_NOSIGNAL);
    ::close(fd);
}

}  // namespace tc
