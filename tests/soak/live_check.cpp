// SPDX-License-Identifier: MIT
//
// A server that, on SIGRTMIN + 1, lets every reactor end its turn, keeps them from beginning
// another, checks the store, says so on stderr and goes on. A broken invariant aborts it.
#include "store/live_check.hpp"

#include <signal.h>

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <mutex>

#include "store/store.hpp"

namespace tc {
namespace {

std::atomic<bool> is_asked{false};
std::mutex mutex;
std::condition_variable changed;
int turns = 0;         // that are going on
bool is_held = false;  // nobody begins one

[[gnu::constructor]] void expect_question() noexcept {
    signal(SIGRTMIN + 1, [](int) { is_asked = true; });
}

}  // namespace

void before_turn() noexcept {
    std::unique_lock lock(mutex);
    changed.wait(lock, [] { return !is_held; });
    ++turns;
}

void after_turn() noexcept {
    const std::lock_guard lock(mutex);
    --turns;
    changed.notify_all();
}

// Called within a turn, the only one that is left then.
void check_if_asked(const Store& store) noexcept {
    if (!is_asked.exchange(false)) {
        return;
    }
    std::unique_lock lock(mutex);
    is_held = true;
    changed.wait(lock, [] { return turns == 1; });
    store.check_invariants();
    is_held = false;
    changed.notify_all();
    std::fprintf(stderr, "all invariants hold, over %llu entries\n",
                 static_cast<unsigned long long>(store.stats().entry_count));
}

}  // namespace tc
