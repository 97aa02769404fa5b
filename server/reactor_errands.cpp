// SPDX-License-Identifier: MIT
//
// The part of a reactor that deals with answers which come later, and with who its clients are.
#include <algorithm>
#include <chrono>
#include <utility>

#include "server/access_control.hpp"
#include "server/clock.hpp"
#include "server/connection.hpp"
#include "server/reactor.hpp"
#include "server/server.hpp"

namespace tc {

void Reactor::deliver(std::unique_ptr<Errand> errand) noexcept {
    {
        const std::lock_guard lock(inbox_mutex_);
        errand_inbox_.push(std::move(errand));
    }
    uv_async_send(&inbox_signal_);
}

void Reactor::receive_access(std::unique_ptr<const AccessTable> table,
                             std::uint64_t generation) noexcept {
    {
        const std::lock_guard lock(inbox_mutex_);
        received_access_ = std::move(table);
        received_generation_ = generation;
    }
    uv_async_send(&inbox_signal_);
}

// Tables are swapped between batches, so no request sees two. What clients hold of the old one is
// told by its generation not to be looked at any more.
void Reactor::open_errands() noexcept {
    ErrandList errands;
    std::unique_ptr<const AccessTable> table;
    std::uint64_t generation = 0;
    {
        const std::lock_guard lock(inbox_mutex_);
        while (std::unique_ptr<Errand> errand = errand_inbox_.pop()) {
            errands.push(std::move(errand));
        }
        table = std::move(received_access_);
        generation = received_generation_;
    }
    if (table != nullptr) {
        pending_reads_.execute();  // what was sent before the change is done with the rights before
        access_ = std::move(table);
        used_generation_ = generation;
        access_generation_.store(generation, std::memory_order_release);
        server_.access().note_adopted();
    }
    while (std::unique_ptr<Errand> errand = errands.pop()) {
        hold(std::move(errand));
    }
}

void Reactor::hold(std::unique_ptr<Errand> errand) noexcept {
    errand->due_at_ms_ = boot_time_ms() + errand->hold_ms();
    next_due_ms_ = std::min(next_due_ms_, errand->due_at_ms_);
    held_.push(std::move(errand));
    uv_idle_start(&keep_turning_, [](uv_idle_t*) noexcept {});
}

bool Reactor::has_due_errands() const noexcept {
    const bool is_stopping = stopping_ != StopRequest::none;
    return !held_.empty() && (is_stopping || next_due_ms_ <= boot_time_ms());
}

// Their connections may be gone, and may be suspended again by what waited behind the request.
void Reactor::answer_due_errands() noexcept {
    if (held_.empty() || !has_due_errands()) {
        return;
    }
    const std::uint64_t due_until_ms = stopping_ != StopRequest::none ? UINT64_MAX : boot_time_ms();
    ErrandList held = std::move(held_);
    next_due_ms_ = UINT64_MAX;
    while (std::unique_ptr<Errand> errand = held.pop()) {
        if (errand->due_at_ms_ > due_until_ms) {
            next_due_ms_ = std::min(next_due_ms_, errand->due_at_ms_);
            held_.push(std::move(errand));
            continue;
        }
        const auto waits = [&](Connection* connection) {
            return connection->record().id == errand->connection_id_;
        };
        const auto connection = std::ranges::find_if(suspended_, waits);
        if (connection != suspended_.end()) {
            Connection& suspended = **connection;
            forget_suspended(suspended);
            suspended.answer(errand->request_, *errand);
        }
    }
}

void Reactor::note_suspended(Connection& connection) noexcept {
    connection.suspended_index = suspended_.size();
    suspended_.push_back(&connection);  // within its reserve: a connection is in it once at most
}

void Reactor::forget_suspended(Connection& connection) noexcept {
    const std::size_t index = std::exchange(connection.suspended_index, Connection::no_index);
    if (index == Connection::no_index) {
        return;
    }
    suspended_[index] = suspended_.back();
    suspended_.pop_back();
    if (index != suspended_.size()) {
        suspended_[index]->suspended_index = index;
    }
}

void Reactor::resolve_access(ClientRecord& client) noexcept {
    const User* const user =
        access_->empty() ? nullptr : &access_->resolve(client.identity, wall_clock_s());
    const bool is_same = client.access_generation == used_generation_ && client.user == user;
    client.access_generation = used_generation_;
    client.user = user;
    if (is_same) {
        return;
    }
    count_unauthenticated(client, user == &AccessTable::nobody());
    const std::lock_guard lock(connections_mutex_);
    client.user_name.assign(user != nullptr ? std::string_view(user->name) : "");
}

void Reactor::count_unauthenticated(ClientRecord& client, bool is_unauthenticated) noexcept {
    if (client.is_counted_unauthenticated != is_unauthenticated) {
        client.is_counted_unauthenticated = is_unauthenticated;
        // Unsigned, so that adding this also takes away.
        counters_.unauthenticated.add(is_unauthenticated ? 1 : std::uint64_t{0} - 1);
    }
}

void Reactor::authenticate(ClientRecord& client, const Identity& identity) noexcept {
    client.identity = identity;
    resolve_access(client);
}

void Reactor::authenticate_by_certificate(ClientRecord& client, std::string_view name) noexcept {
    const User* user = name.empty() ? nullptr : access_->find_tls_name(name);
    if (user != nullptr) {
        authenticate(client, identity_of(user->name, name));
    }
}

}  // namespace tc
