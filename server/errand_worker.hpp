// SPDX-License-Identifier: MIT
//
// The thread that runs errands (errand.hpp), one after the other.
//
// Threads: any.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>

#include "server/errand.hpp"

namespace tc {

class ErrandWorker {
 public:
    // Throws std::system_error when there is no thread.
    ErrandWorker();
    ErrandWorker(const ErrandWorker&) = delete;
    ErrandWorker& operator=(const ErrandWorker&) = delete;
    // Finishes the errand that it is at, and forgets those that wait.
    ~ErrandWorker();

    // False, and the errand is still the caller's, when limits::errands_max wait already.
    [[nodiscard]] bool submit(std::unique_ptr<Errand>& errand) noexcept;

 private:
    void work() noexcept;
    static void run_and_deliver(std::unique_ptr<Errand> errand) noexcept;

    std::mutex mutex_;
    std::condition_variable changed_;
    ErrandList waiting_;             // Guarded by mutex_.
    std::size_t waiting_count_ = 0;  // Guarded by mutex_.
    bool is_ending_ = false;         // Guarded by mutex_.
    std::thread thread_;
};

}  // namespace tc
