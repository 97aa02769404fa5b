// SPDX-License-Identifier: MIT
//
// Threads that take turns as a test wants: only one of them goes on at a time, and at each yield
// point of the store (store/yield_point.hpp) somebody chooses which. What happens is the choice's
// doing alone, so that every failure can be had again.
//
// explore() runs a test's body many times: first with all schedules that interrupt a thread at most
// twice where it could go on (Musuvathi and Qadeer, "Iterative context bounding for systematic
// testing of multithreaded programs", 2007: few interruptions find most faults), then with random
// priorities that change now and then (Burckhardt and others, "A randomized scheduler with
// probabilistic guarantees of finding bugs", 2010).
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "store/yield_point.hpp"

namespace tc::test {

using ThreadIndex = std::uint32_t;

class Chooser {
 public:
    Chooser() = default;
    virtual ~Chooser() = default;
    Chooser(const Chooser&) = delete;
    Chooser& operator=(const Chooser&) = delete;

    // Which of `ready` goes on; there are two at least. The one that was going on is the first of
    // them if `can_go_on`.
    [[nodiscard]] virtual ThreadIndex choose(std::span<const ThreadIndex> ready,
                                             bool can_go_on) = 0;
};

// One after the other, all schedules with so many interruptions at most. Whenever a thread cannot
// go on, each of the others is tried.
class BoundedSearch final : public Chooser {
 public:
    explicit BoundedSearch(std::uint32_t interruptions_max)
        : interruptions_max_(interruptions_max) {}

    [[nodiscard]] ThreadIndex choose(std::span<const ThreadIndex> ready, bool can_go_on) override;
    // Goes on to the next schedule; false when that was the last one.
    [[nodiscard]] bool next();

 private:
    struct Choice {
        std::size_t option_count;
        std::size_t chosen;
    };

    const std::uint32_t interruptions_max_;
    std::vector<Choice> path_;
    std::size_t depth_ = 0;
    std::uint32_t interruptions_ = 0;
};

// The thread of the highest priority goes on, until one of a few random moments gives it the
// lowest.
class RandomPriorities final : public Chooser {
 public:
    RandomPriorities(std::uint64_t seed, std::uint32_t change_count, std::uint32_t steps_max);

    [[nodiscard]] ThreadIndex choose(std::span<const ThreadIndex> ready, bool can_go_on) override;

 private:
    std::mt19937_64 random_;
    std::vector<std::uint32_t> changes_;  // the steps before which one happens
    std::vector<std::uint64_t> priorities_;
    std::uint64_t lowest_;
    std::uint32_t step_ = 0;
};

// One run of the threads.
class Schedule {
 public:
    // `ignored` are points at which nobody else has a turn.
    Schedule(Chooser& chooser, std::span<const YieldPoint> ignored);

    // Runs the bodies, each in a thread of its own, to the end. Once for each schedule.
    void run(const std::vector<std::function<void()>>& bodies);

    // For the bodies: gives the others a turn; and counts up at each call.
    void pause() { at(YieldPoint::test); }
    [[nodiscard]] std::uint64_t tick() { return ++ticks_; }

    [[nodiscard]] std::uint32_t step_count() const {
        return static_cast<std::uint32_t>(steps_.size());
    }
    // Who stood at which point, in order, up to the last change of hands.
    [[nodiscard]] std::string trace() const;

    // Of the calling thread.
    void at(YieldPoint point);

 private:
    enum class State : std::uint8_t { ready, waits, over };
    struct Step {
        ThreadIndex thread;
        YieldPoint point;
    };

    [[nodiscard]] ThreadIndex choose_next(ThreadIndex current);
    void pass_to(ThreadIndex thread);
    void wait_for_turn(ThreadIndex self);
    void finish(ThreadIndex self);

    static constexpr ThreadIndex threads_max = 4;
    static constexpr ThreadIndex nobody = threads_max;

    Chooser& chooser_;
    std::uint64_t ignored_ = 0;  // a bit for each point
    std::vector<State> states_;
    std::vector<Step> steps_;
    std::uint64_t ticks_ = 0;
    std::mutex mutex_;
    std::array<std::condition_variable, threads_max> has_turn_;
    ThreadIndex turn_ = nobody;
};

struct Exploration {
    std::uint32_t interruptions_max = 2;
    std::uint32_t random_run_count = 300;
    // Steps of one thread alone that no other can tell apart.
    std::vector<YieldPoint> ignored = {};
};

// For scenarios that are not about when memory is free.
[[nodiscard]] inline std::vector<YieldPoint> points_of_reclaiming() {
    return {YieldPoint::before_turn_announced, YieldPoint::turn_ended, YieldPoint::limbo_taken,
            YieldPoint::epoch_raised, YieldPoint::before_safe_epoch_raised};
}

// Calls body(schedule), which sets up what it needs, runs it and checks what came of it: with
// REQUIRE, so that it ends with the first schedule that fails.
void explore(const Exploration& exploration, const std::function<void(Schedule&)>& body);

}  // namespace tc::test
