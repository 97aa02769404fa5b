// SPDX-License-Identifier: MIT
//
// A mutex that clang's thread-safety analysis understands: every guarded field names its mutex, and
// the lint build turns a forgotten lock into an error. gcc sees a plain std::mutex.
#pragma once

#include <mutex>

#include "store/yield_point.hpp"

#if defined(__clang__)
#define TC_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define TC_THREAD_ATTRIBUTE(x)
#endif

#define TC_CAPABILITY(name) TC_THREAD_ATTRIBUTE(capability(name))
#define TC_SCOPED_CAPABILITY TC_THREAD_ATTRIBUTE(scoped_lockable)
#define TC_GUARDED_BY(mutex) TC_THREAD_ATTRIBUTE(guarded_by(mutex))
#define TC_REQUIRES(...) TC_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define TC_EXCLUDES(...) TC_THREAD_ATTRIBUTE(locks_excluded(__VA_ARGS__))
#define TC_ACQUIRE(...) TC_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define TC_ASSERT_CAPABILITY(...) TC_THREAD_ATTRIBUTE(assert_capability(__VA_ARGS__))
#define TC_RELEASE(...) TC_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))

namespace tc {

class TC_CAPABILITY("mutex") Mutex {
 public:
    Mutex() = default;
    Mutex(const Mutex&) = delete;
    Mutex& operator=(const Mutex&) = delete;

    void lock() noexcept TC_ACQUIRE() { lock_at_yield_points(mutex_); }
    void unlock() noexcept TC_RELEASE() {
        mutex_.unlock();
        yield_point(YieldPoint::after_unlock);
    }
    // For the analysis alone: says so in a function that somebody else calls back, who does not
    // know of the lock.
    void is_held() const noexcept TC_ASSERT_CAPABILITY(this) {}

 private:
    std::mutex mutex_;
};

class TC_SCOPED_CAPABILITY MutexLock {
 public:
    explicit MutexLock(Mutex& mutex) noexcept TC_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
    ~MutexLock() TC_RELEASE() { mutex_.unlock(); }
    MutexLock(const MutexLock&) = delete;
    MutexLock& operator=(const MutexLock&) = delete;

 private:
    Mutex& mutex_;
};

}  // namespace tc
