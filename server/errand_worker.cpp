// SPDX-License-Identifier: MIT
#include "server/errand_worker.hpp"

#include <utility>

#include "server/crash_report.hpp"
#include "server/limits.hpp"
#include "server/reactor.hpp"

namespace tc {

ErrandWorker::ErrandWorker(std::function<void()> standing)
    : standing_(std::move(standing)), thread_([this] { work(); }) {}

ErrandWorker::~ErrandWorker() {
    {
        const std::lock_guard lock(mutex_);
        is_ending_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

bool ErrandWorker::submit(std::unique_ptr<Errand>& errand) noexcept {
    {
        const std::lock_guard lock(mutex_);
        if (waiting_count_ >= errand->places_max()) {
            return false;
        }
        waiting_.push(std::move(errand));
        ++waiting_count_;
    }
    changed_.notify_one();
    return true;
}

void ErrandWorker::want_standing() noexcept {
    {
        const std::lock_guard lock(mutex_);
        is_standing_wanted_ = true;
    }
    changed_.notify_one();
}

void ErrandWorker::run_and_deliver(std::unique_ptr<Errand> errand) noexcept {
    errand->run();
    if (Reactor* const reactor = errand->reactor_; reactor != nullptr) {
        reactor->deliver(std::move(errand));
    }
}

void ErrandWorker::work() noexcept {
    const CrashStack crash_stack;
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock,
                      [this] { return is_ending_ || is_standing_wanted_ || waiting_count_ != 0; });
        if (is_ending_) {
            return;
        }
        if (std::exchange(is_standing_wanted_, false)) {
            lock.unlock();
            standing_();
            lock.lock();
            continue;
        }
        std::unique_ptr<Errand> errand = waiting_.pop();
        --waiting_count_;
        lock.unlock();
        run_and_deliver(std::move(errand));
        lock.lock();
    }
}

}  // namespace tc
