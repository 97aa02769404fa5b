// SPDX-License-Identifier: MIT
//
// Which names are used most, in bounded memory: a sketch of what a reactor is asked for, one for
// keys and one for tags. It counts a sample of the uses, so that it costs the others nothing but a
// decrement, and keeps a fixed number of counters, each with its name. A name without a counter
// takes over the smallest one of its set and the count in it (Space-Saving: Metwally, Agrawal, El
// Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data Streams", ICDT 2005); what
// it took over is remembered, and not told as its own. Counts are halved every few seconds, so that
// what was hot fades.
//
// Threads: note() is the owner's, who never waits: while somebody else lists, samples are dropped.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/limits.hpp"
#include "store/hash.hpp"
#include "store/mutex.hpp"

namespace tc {

// Held for a moment by the owner for a sample, and for some microseconds by those who list. A mutex
// would cost the owner as much again as the sample does.
class TC_CAPABILITY("mutex") SampleLock {
 public:
    [[nodiscard]] bool try_lock() noexcept TC_THREAD_ATTRIBUTE(try_acquire_capability(true)) {
        return !is_held_.exchange(true, std::memory_order_acquire);
    }
    void lock() noexcept TC_ACQUIRE();
    void unlock() noexcept TC_RELEASE() { is_held_.store(false, std::memory_order_release); }

 private:
    std::atomic<bool> is_held_{false};
};

class TC_SCOPED_CAPABILITY SampleLockHolder {
 public:
    explicit SampleLockHolder(SampleLock& lock) noexcept TC_ACQUIRE(lock) : lock_(lock) {
        lock_.lock();
    }
    ~SampleLockHolder() TC_RELEASE() { lock_.unlock(); }
    SampleLockHolder(const SampleLockHolder&) = delete;
    SampleLockHolder& operator=(const SampleLockHolder&) = delete;

 private:
    SampleLock& lock_;
};

struct HotName {
    std::string name;
    std::uint64_t rate = 0;  // estimated uses a second, rounded up
};

class HotSketch {
 public:
    // For names of at most `name_bytes_max`; times are those of any clock that never goes back far.
    // A seed of 0 is a random one. Throws std::bad_alloc or std::system_error.
    HotSketch(std::size_t name_bytes_max, std::uint64_t now_ms, std::uint64_t seed = 0);
    HotSketch(const HotSketch&) = delete;
    HotSketch& operator=(const HotSketch&) = delete;

    // `name` is used, once. REQUIRES: the owner's thread, and a name of a legal size.
    void note(std::string_view name, std::uint64_t now_ms) noexcept {
        if (--uses_until_sample_ == 0) [[unlikely]] {
            sample(name, now_ms);
        }
    }

    // Appends every name that has a counter, in no order. Throws std::bad_alloc.
    void list(std::uint64_t now_ms, std::vector<HotName>& names);

 private:
    // One name's uses since it has the counter, and those of other names that it took over. No uses
    // at all: the counter is free.
    struct Count {
        std::uint64_t hash = 0;  // stands for the name: two names share it once in 2^64
        std::uint32_t uses = 0;
        std::uint32_t uses_taken_over = 0;
        std::uint16_t name_bytes = 0;
    };

    // Rare: its callers are to be laid out as if it were not there.
    [[gnu::cold]] void sample(std::string_view name, std::uint64_t now_ms) noexcept;
    void age(std::uint64_t now_ms) noexcept TC_REQUIRES(lock_);
    void add(std::string_view name) noexcept TC_REQUIRES(lock_);
    [[nodiscard]] char* name_of(std::size_t index) noexcept TC_REQUIRES(lock_);
    [[nodiscard]] std::uint64_t span_ms(std::uint64_t now_ms) const noexcept TC_REQUIRES(lock_);

    // The owner's alone.
    std::uint32_t uses_until_sample_ = 1;
    std::uint64_t random_;

    const KeyHash hash_;
    const std::size_t name_bytes_max_;

    SampleLock lock_;
    std::vector<Count> counts_ TC_GUARDED_BY(lock_);
    std::unique_ptr<char[]> names_ TC_GUARDED_BY(lock_);
    std::uint64_t aged_at_ms_ TC_GUARDED_BY(lock_);
    // The time that the counts stand for: it passes as uses come, and is halved as they are.
    std::uint64_t aged_span_ms_ TC_GUARDED_BY(lock_) = 0;
};

// What a reactor has noted.
struct HotSketches {
    explicit HotSketches(std::uint64_t now_ms);

    HotSketch keys;
    HotSketch tags;
};

}  // namespace tc
