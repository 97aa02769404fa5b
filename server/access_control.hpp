// SPDX-License-Identifier: MIT
//
// Who may use the server: the users file, the table that is made of it, and the worker that
// changes both. Each reactor has its own copy of the table (Reactor::access()).
//
// Threads: a change is an errand, so all changes happen on the worker's thread, one after the
// other; that thread owns the table that the others are copied from. What else is here is immutable
// or atomic.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "access/access_table.hpp"
#include "access/attempt_delays.hpp"
#include "server/access_options.hpp"
#include "server/errand_worker.hpp"

namespace tc {

class Server;

class AccessControl {
 public:
    // Reads the users file; throws std::runtime_error with what is wrong in it, and where.
    AccessControl(Server& server, const AccessOptions& options);

    // Copies the table to every reactor, before they start. Throws std::bad_alloc.
    void start();

    [[nodiscard]] const AccessOptions& options() const noexcept { return options_; }
    [[nodiscard]] bool has_users() const noexcept {
        return has_users_.load(std::memory_order_relaxed);
    }
    // Whether peers from other machines are served at all.
    [[nodiscard]] bool serves_remote_peers() const noexcept {
        return options_.allows_unauthenticated || has_users();
    }
    [[nodiscard]] AttemptDelays& delays() noexcept { return delays_; }
    [[nodiscard]] ErrandWorker& worker() noexcept { return worker_; }

    // Reads the users file again, later, however many changes wait; the old table stays when there
    // is anything wrong with it, and the log says what.
    void reload() noexcept;

    // What an edit of the table came to.
    struct Change {
        wire_status status = WIRE_OK;
        std::string message;  // why not, for the user
    };
    // Edits a copy of the table, writes it to the file, and has every reactor use it before this
    // returns, so that no request that is sent from then on is executed with the old one. When
    // `edit` does not answer OK, or anything fails, all is as it was. Worker's thread only.
    [[nodiscard]] Change change(const std::function<Change(AccessTable&)>& edit) noexcept;

    // A reactor uses the table of that generation, or has ended. Called on its thread.
    void note_adopted() noexcept;

 private:
    // change() with the table that the file has now.
    [[nodiscard]] Change take_file() noexcept;
    void take_file_and_report() noexcept;
    [[nodiscard]] Change use(AccessTable edited, bool is_saved);
    void await_adoption();

    Server& server_;
    const AccessOptions options_;
    std::atomic<bool> has_users_{false};
    AttemptDelays delays_;

    AccessTable table_;             // Worker's thread only, once it runs.
    std::uint64_t generation_ = 0;  // likewise
    std::mutex adopted_mutex_;
    std::condition_variable adopted_;
    ErrandWorker worker_{
        [this] { take_file_and_report(); }};  // last: it ends before what it uses goes
};

}  // namespace tc
