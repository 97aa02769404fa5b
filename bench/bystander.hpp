// SPDX-License-Identifier: MIT
//
// A second thread that works on entries of its own, one after the other at random, while the first
// does what is measured: how much longer do its calls take?
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string_view>
#include <thread>

#include "numbered_name.hpp"
#include "pause_times.hpp"
#include "store/store.hpp"

namespace tc::bench {

// In order of weight: a call that sees two phases counts for the heavier one, so that a long wait
// is not lost because it outlasts what caused it.
enum class Phase : std::uint8_t { unmeasured, quiet, busy };

class Bystander {
 public:
    enum class Call : std::uint8_t { get, put };

    // Stores its entries before it returns.
    Bystander(Store& store, Call call, std::uint64_t entry_count)
        : store_(store),
          call_(call),
          entry_count_(entry_count),
          thread_([this](const std::stop_token& stop) { run(stop); }) {
        is_ready_.wait(false);
    }

    void set_phase(Phase phase) noexcept { phase_ = phase; }
    // Waits for its thread.
    void stop() {
        thread_.request_stop();
        thread_.join();
    }
    // REQUIRES: stop() was called.
    [[nodiscard]] const PauseTimes& times(Phase phase) const noexcept {
        return times_[static_cast<std::size_t>(phase)];
    }
    [[nodiscard]] bool has_failed() const noexcept { return has_failed_; }

 private:
    void run(const std::stop_token& stop) {
        Session session(store_);
        session.enter(1);
        for (std::uint64_t i = 0; i < entry_count_; ++i) {
            put(session, i);
        }
        is_ready_ = true;
        is_ready_.notify_one();
        Random random(7);
        for (std::uint64_t i = 0; !stop.stop_requested(); ++i) {
            measure_call(session, random.below(entry_count_));
            if (i % 64 == 63) {
                session.leave();
                session.enter(1);
            }
        }
        session.leave();
    }

    void measure_call(Session& session, std::uint64_t number) {
        const Phase before = phase_;
        const std::uint64_t begin_cpu_ns = driver::thread_cpu_ns();
        const std::uint64_t begin_ns = driver::now_ns();
        if (call_ == Call::put) {
            put(session, number);
        } else {
            const NumberedName key('b', number);
            const EntryView view = store_.get(session, key.view());
            has_failed_ = has_failed_ || !view || view.value() != value;
        }
        const std::uint64_t end_ns = driver::now_ns();
        const std::uint64_t end_cpu_ns = driver::thread_cpu_ns();
        PauseTimes& times = times_[static_cast<std::size_t>(std::max(before, phase_.load()))];
        times.wall.record(end_ns - begin_ns);
        times.cpu.record(end_cpu_ns - begin_cpu_ns);
    }

    void put(Session& session, std::uint64_t number) noexcept {
        const NumberedName key('b', number);
        const NumberedName tag('b', number % 1'000);
        const std::string_view name = tag.view();
        has_failed_ = has_failed_ ||
                      store_.write(session, {.key = key.view(), .value = value, .tags = {&name, 1}})
                              .outcome != Outcome::ok;
    }

    static constexpr std::string_view value = "a value of a bystander, of forty bytes ";

    Store& store_;
    const Call call_;
    const std::uint64_t entry_count_;
    std::atomic<Phase> phase_{Phase::unmeasured};
    std::atomic<bool> is_ready_{false};
    // The thread's own until it is joined.
    std::array<PauseTimes, 3> times_{};
    bool has_failed_ = false;
    std::jthread thread_;
};

}  // namespace tc::bench
