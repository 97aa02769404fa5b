// SPDX-License-Identifier: MIT
#include "schedule.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace tc {
namespace {

struct Self {
    test::Schedule* schedule = nullptr;
    test::ThreadIndex index = 0;
};
// Nobody's in a thread that no schedule runs: it just goes on.
thread_local Self self;

}  // namespace

void yield_point(YieldPoint point) noexcept {
    if (self.schedule != nullptr) {
        self.schedule->at(point);
    }
}

namespace test {
namespace {

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "schedule: %s\n", what);
    std::abort();
}

std::uint64_t seed_of_run() {
    const char* const given = std::getenv("TC_TEST_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 0) : std::random_device{}();
}

}  // namespace

ThreadIndex BoundedSearch::choose(std::span<const ThreadIndex> ready, bool can_go_on) {
    if (can_go_on && interruptions_ == interruptions_max_) {
        return ready.front();
    }
    if (depth_ == path_.size()) {
        path_.push_back({.option_count = ready.size(), .chosen = 0});
    }
    const Choice& choice = path_[depth_++];
    if (choice.option_count != ready.size()) {
        fail("the same choices led elsewhere: the test depends on something else");
    }
    interruptions_ += can_go_on && choice.chosen != 0 ? 1 : 0;
    return ready[choice.chosen];
}

bool BoundedSearch::next() {
    depth_ = 0;
    interruptions_ = 0;
    while (!path_.empty() && path_.back().chosen + 1 == path_.back().option_count) {
        path_.pop_back();
    }
    if (path_.empty()) {
        return false;
    }
    ++path_.back().chosen;
    return true;
}

RandomPriorities::RandomPriorities(std::uint64_t seed, std::uint32_t change_count,
                                   std::uint32_t steps_max)
    : random_(seed), lowest_(change_count) {
    for (std::uint32_t change = 0; change < change_count; ++change) {
        changes_.push_back(static_cast<std::uint32_t>(random_() % std::max(steps_max, 1U)));
    }
}

ThreadIndex RandomPriorities::choose(std::span<const ThreadIndex> ready, bool can_go_on) {
    while (priorities_.size() <= *std::max_element(ready.begin(), ready.end())) {
        priorities_.push_back(lowest_ + 1 + random_() % 1'000'000);
    }
    const bool changes = std::find(changes_.begin(), changes_.end(), step_++) != changes_.end();
    if (changes && can_go_on) {
        priorities_[ready.front()] = lowest_--;
    }
    return *std::max_element(ready.begin(), ready.end(), [this](ThreadIndex a, ThreadIndex b) {
        return priorities_[a] < priorities_[b];
    });
}

Schedule::Schedule(Chooser& chooser, std::span<const YieldPoint> ignored) : chooser_(chooser) {
    for (const YieldPoint point : ignored) {
        ignored_ |= std::uint64_t{1} << static_cast<unsigned>(point);
    }
}

void Schedule::run(const std::vector<std::function<void()>>& bodies) {
    states_.assign(bodies.size(), State::ready);
    std::vector<std::thread> threads;
    for (ThreadIndex index = 0; index < bodies.size(); ++index) {
        threads.emplace_back([this, index, &body = bodies[index]] {
            wait_for_turn(index);
            self = {.schedule = this, .index = index};
            body();
            finish(index);
        });
    }
    pass_to(choose_next(nobody));
    for (std::thread& thread : threads) {
        thread.join();
    }
}

void Schedule::at(YieldPoint point) {
    const ThreadIndex current = self.index;
    if (point == YieldPoint::waits_for_lock) {
        states_[current] = State::waits;
    } else if (point == YieldPoint::after_unlock) {
        std::replace(states_.begin(), states_.end(), State::waits, State::ready);
    }
    if ((ignored_ >> static_cast<unsigned>(point) & 1) != 0) {
        return;
    }
    steps_.push_back({.thread = current, .point = point});
    const ThreadIndex next = choose_next(current);
    if (next != current) {
        pass_to(next);
        wait_for_turn(current);
    }
}

// `current` is nobody when it is the first, or follows on one that is over.
ThreadIndex Schedule::choose_next(ThreadIndex current) {
    const bool can_go_on = current != nobody && states_[current] == State::ready;
    std::array<ThreadIndex, threads_max> ready{};
    std::size_t ready_count = 0;
    if (can_go_on) {
        ready.at(ready_count++) = current;
    }
    for (ThreadIndex thread = 0; thread < states_.size(); ++thread) {
        if (thread != current && states_[thread] == State::ready) {
            ready.at(ready_count++) = thread;
        }
    }
    if (ready_count == 0) {
        fail("a deadlock: all threads wait for a lock");
    }
    return ready_count == 1 ? ready.front()
                            : chooser_.choose(std::span{ready}.first(ready_count), can_go_on);
}

void Schedule::pass_to(ThreadIndex thread) {
    const std::lock_guard lock(mutex_);
    turn_ = thread;
    has_turn_.at(thread).notify_one();
}

void Schedule::wait_for_turn(ThreadIndex index) {
    std::unique_lock lock(mutex_);
    has_turn_.at(index).wait(lock, [&] { return turn_ == index; });
}

void Schedule::finish(ThreadIndex index) {
    self = {};
    states_[index] = State::over;
    if (std::any_of(states_.begin(), states_.end(),
                    [](State state) { return state != State::over; })) {
        pass_to(choose_next(nobody));
    }
}

std::string Schedule::trace() const {
    std::string text = "thread: points";
    std::optional<ThreadIndex> last;
    for (const Step& step : steps_) {
        text += step.thread == last ? " " : "\n" + std::to_string(step.thread) + ": ";
        text += std::to_string(static_cast<unsigned>(step.point));
        last = step.thread;
    }
    return text;
}

void explore(const Exploration& exploration, const std::function<void(Schedule&)>& body) {
    std::uint32_t steps_max = 0;
    const auto run = [&](Chooser& chooser) {
        Schedule schedule(chooser, exploration.ignored);
        try {
            body(schedule);
        } catch (...) {
            WARN(schedule.trace());
            throw;
        }
        steps_max = std::max(steps_max, schedule.step_count());
    };
    BoundedSearch search(exploration.interruptions_max);
    std::uint64_t run_count = 0;
    do {
        run(search);
        ++run_count;
    } while (search.next());
    const std::uint64_t first_seed = seed_of_run();
    for (std::uint32_t number = 0; number < exploration.random_run_count; ++number) {
        INFO("TC_TEST_SEED=" << first_seed + number);
        RandomPriorities random(first_seed + number, 1 + number % 5, steps_max);
        run(random);
    }
    std::printf("schedules: %llu bounded, %u random from TC_TEST_SEED=%llu, of up to %u steps\n",
                static_cast<unsigned long long>(run_count), exploration.random_run_count,
                static_cast<unsigned long long>(first_seed), steps_max);
}

}  // namespace test
}  // namespace tc
