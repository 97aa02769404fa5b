// SPDX-License-Identifier: MIT
//
// The queue of the worker: errands of clients have a limit there, what the server wants has not.
#include <catch2/catch.hpp>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>

#include "server/errand_worker.hpp"
#include "server/limits.hpp"

using namespace tc;

namespace {

class CalledErrand final : public Errand {
 public:
    explicit CalledErrand(std::function<void()> call) : call_(std::move(call)) {}
    void run() noexcept override { call_(); }
    void answer(Command& /*command*/) noexcept override {}

 private:
    std::function<void()> call_;
};

// Letters of what has run.
class Course {
 public:
    void add(char letter) {
        const std::lock_guard lock(mutex_);
        letters_ += letter;
        changed_.notify_all();
    }
    [[nodiscard]] std::string when_it_has(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return letters_.size() >= count; });
        return letters_;
    }

 private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string letters_;
};

}  // namespace

TEST_CASE("a worker whose queue is full runs its standing errand next, and once", "[access]") {
    Course course;
    std::promise<void> gate;
    ErrandWorker worker([&] { course.add('S'); });
    const auto submit = [&](std::function<void()> call) {
        std::unique_ptr<Errand> errand = std::make_unique<CalledErrand>(std::move(call));
        return worker.submit(errand);
    };
    REQUIRE(submit([&] {
        course.add('b');
        gate.get_future().wait();
    }));
    REQUIRE(course.when_it_has(1) == "b");
    for (std::size_t i = 0; i < limits::errands_max; ++i) {
        REQUIRE(submit([&] { course.add('e'); }));
    }
    REQUIRE_FALSE(submit([] {}));
    worker.want_standing();
    worker.want_standing();
    gate.set_value();
    CHECK(course.when_it_has(limits::errands_max + 2) ==
          "bS" + std::string(limits::errands_max, 'e'));
}
