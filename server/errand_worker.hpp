// SPDX-License-Identifier: MIT
//
// The thread that runs errands (errand.hpp), one after the other.
//
// Threads: any.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "server/errand.hpp"

namespace tc {

class ErrandWorker {
 public:
    // `standing`: an errand that there is always room for; it does not throw. Throws
    // std::system_error when there is no thread.
    explicit ErrandWorker(std::function<void()> standing);
    ErrandWorker(const ErrandWorker&) = delete;
    ErrandWorker& operator=(const ErrandWorker&) = delete;
    // Finishes the errand that it is at, and forgets those that wait.
    ~ErrandWorker();

    // False, and the errand is still the caller's, when limits::errands_max wait already.
    [[nodiscard]] bool submit(std::unique_ptr<Errand>& errand) noexcept;
    // Has the standing errand run before those that wait, once for all calls until it begins.
    void want_standing() noexcept;

 private:
    void work() noexcept;
    static void run_and_deliver(std::unique_ptr<Errand> errand) noexcept;

    const std::function<void()> standing_;
    std::mutex mutex_;
    std::condition_variable changed_;
    ErrandList waiting_;               // Guarded by mutex_.
    std::size_t waiting_count_ = 0;    // Guarded by mutex_.
    bool is_standing_wanted_ = false;  // Guarded by mutex_.
    bool is_ending_ = false;           // Guarded by mutex_.
    std::thread thread_;
};

}  // namespace tc
