// SPDX-License-Identifier: MIT
//
// For tests with several threads at once: few keys, so that they meet.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "driven_store.hpp"

namespace tc::test {

#if defined(TC_SANITIZED)
inline constexpr std::uint64_t rounds = 4'000;
#else
inline constexpr std::uint64_t rounds = 30'000;
#endif

inline constexpr std::uint64_t threads_now_ms = 1000;

// Runs the bodies, each in a thread with a session of its own, to the end.
template <typename... Bodies>
void run_together(Store& store, const Bodies&... bodies) {
    std::atomic<std::size_t> ready_count{0};
    std::vector<std::thread> threads;
    const auto start = [&](const auto& body) {
        threads.emplace_back([&store, &ready_count, &body] {
            Session session(store);
            ++ready_count;
            while (ready_count.load() < sizeof...(Bodies)) {
                std::this_thread::yield();
            }
            body(session);
        });
    };
    (start(bodies), ...);
    for (std::thread& thread : threads) {
        thread.join();
    }
}

inline std::uint64_t number_in(const EntryView& view) {
    return std::stoull(std::string{view.value()});
}

inline Outcome put(Store& store, Session& session, std::string_view key, std::string_view value,
                   const Names& tags) {
    const Turn turn(session, threads_now_ms);
    return store.write(session, {.key = key, .value = value, .tags = tags}).outcome;
}

// A thread that does upkeep in small slices all the time, until the others are done.
inline auto keep_up(Store& store, const std::atomic<bool>& is_done) {
    return [&store, &is_done](Session& session) {
        while (!is_done.load()) {
            const Turn turn(session, threads_now_ms);
            static_cast<void>(store.upkeep(session, 0, 1, 100));
        }
    };
}

}  // namespace tc::test
