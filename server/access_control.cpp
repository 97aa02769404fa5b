// SPDX-License-Identifier: MIT
#include "server/access_control.hpp"

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

#include "access/users_file.hpp"
#include "server/server.hpp"

namespace tc {

namespace {

AccessTable first_table(const AccessOptions& options) {
    start_secrets();
    return options.users_file.empty() ? AccessTable() : load_users(options.users_file);
}

}  // namespace

AccessControl::AccessControl(Server& server, const AccessOptions& options)
    : server_(server), options_(options), table_(first_table(options)) {
    has_users_ = !table_.empty();
}

void AccessControl::start() {
    ++generation_;
    for (const auto& reactor : server_.reactors()) {
        reactor->receive_access(std::make_unique<const AccessTable>(table_), generation_);
    }
}

void AccessControl::reload() noexcept {
    if (!options_.users_file.empty()) {
        worker_.want_standing();
    }
}

AccessControl::Change AccessControl::change(
    const std::function<Change(AccessTable&)>& edit) noexcept {
    try {
        AccessTable edited = table_;
        Change edit_change = edit(edited);
        return edit_change.status == WIRE_OK ? use(std::move(edited), true) : edit_change;
    } catch (const std::exception& error) {
        return {WIRE_BUSY, std::string("the users cannot be changed: ") + error.what()};
    }
}

AccessControl::Change AccessControl::take_file() noexcept {
    try {
        return use(load_users(options_.users_file), false);
    } catch (const std::exception& error) {
        return {WIRE_INVALID_ARGUMENT, error.what()};
    }
}

void AccessControl::take_file_and_report() noexcept {
    if (const Change change = take_file(); change.status != WIRE_OK) {
        server_.log().write(LogLevel::error, LogEvent::users_refused,
                            {{"reason", change.message, LogField::own_bytes_max}});
    }
}

// All that can fail comes before the first reactor sees the table.
AccessControl::Change AccessControl::use(AccessTable edited, bool is_saved) {
    std::string complaint = edited.complaint();
    if (complaint.empty() && edited.empty() && !table_.empty()) {
        complaint = "the last user cannot go, because everybody would have all rights then";
    }
    if (!complaint.empty()) {
        return {WIRE_INVALID_ARGUMENT, std::move(complaint)};
    }
    std::vector<std::unique_ptr<const AccessTable>> copies;
    for (std::size_t i = 0; i < server_.reactors().size(); ++i) {
        copies.push_back(std::make_unique<const AccessTable>(edited));
    }
    if (is_saved) {
        save_users(options_.users_file, edited);
    }
    table_ = std::move(edited);
    ++generation_;
    for (std::size_t i = 0; i < copies.size(); ++i) {
        server_.reactors()[i]->receive_access(std::move(copies[i]), generation_);
    }
    // A peer that is let in from now on finds the table in its reactor's inbox.
    has_users_ = !table_.empty();
    await_adoption();
    return {};
}

void AccessControl::await_adoption() {
    std::unique_lock lock(adopted_mutex_);
    adopted_.wait(lock, [this] {
        return std::ranges::all_of(server_.reactors(), [this](const auto& reactor) {
            return reactor->access_generation() >= generation_;
        });
    });
}

void AccessControl::note_adopted() noexcept {
    // The lock, so that a waiter has not just looked and is about to sleep.
    { const std::lock_guard lock(adopted_mutex_); }
    adopted_.notify_one();
}

}  // namespace tc
