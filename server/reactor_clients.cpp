// SPDX-License-Identifier: MIT
//
// The part of a reactor that tells others of its clients, and does with them what others ask for.
#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "server/connection.hpp"
#include "server/reactor.hpp"

namespace tc {

void Reactor::list_client_ids(std::uint64_t after_id, std::vector<std::uint64_t>& ids) {
    const std::lock_guard lock(connections_mutex_);
    for (const auto& connection : connections_) {
        if (connection->record().id > after_id) {
            ids.push_back(connection->record().id);
        }
    }
}

void Reactor::list_clients(const ClientIdRange& range, std::uint64_t now_ms,
                           std::vector<ClientListing>& clients) {
    const std::lock_guard lock(connections_mutex_);
    for (const auto& connection : connections_) {
        const ClientRecord& record = connection->record();
        if (record.id <= range.after_id || record.id > range.last_id) {
            continue;
        }
        const std::uint64_t active_at_ms = record.active_at_ms.load(std::memory_order_relaxed);
        clients.push_back({.id = record.id,
                           .age_ms = now_ms - std::min(now_ms, record.connected_at_ms),
                           .idle_ms = now_ms - std::min(now_ms, active_at_ms),
                           .requests = record.requests.value(),
                           .input_bytes = record.input_bytes.value(),
                           .output_bytes = record.output_bytes.value(),
                           .unsent_bytes = record.unsent_bytes.load(std::memory_order_relaxed),
                           .reactor_index = index_,
                           .address = record.address,
                           .name = record.name,
                           .library = record.library,
                           .user = record.user_name});
    }
}

void Reactor::name_client(ClientRecord& record, std::string_view name,
                          std::string_view library) noexcept {
    const std::lock_guard lock(connections_mutex_);
    record.name.assign(name);
    record.library.assign(library);
}

Reactor::Kill Reactor::kill_client(std::uint64_t id) noexcept {
    {
        const std::lock_guard lock(connections_mutex_);
        if (std::ranges::none_of(connections_, [id](const auto& connection) {
                return connection->record().id == id;
            })) {
            return Kill::not_found;
        }
    }
    {
        const std::lock_guard lock(inbox_mutex_);
        if (kill_count_ == kills_.size()) {
            return Kill::too_many;
        }
        kills_[kill_count_++] = id;
    }
    uv_async_send(&inbox_signal_);
    return Kill::requested;
}

void Reactor::close_killed() noexcept {
    std::array<std::uint64_t, limits::kills_max> kills;
    std::size_t count = 0;
    {
        const std::lock_guard lock(inbox_mutex_);
        count = std::exchange(kill_count_, 0);
        std::copy_n(kills_.begin(), count, kills.begin());
    }
    const auto ids = std::span(kills).first(count);
    for (const auto& connection : connections_) {
        if (!ids.empty() && std::ranges::find(ids, connection->record().id) != ids.end()) {
            connection->close();
        }
    }
}

}  // namespace tc
