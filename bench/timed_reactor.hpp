// SPDX-License-Identifier: MIT
//
// A thread's seat at the store that behaves as a reactor does, in turns of 64 operations and slices
// of upkeep, and notes how long turns' ends and slices take: work that somebody's call left behind
// is done there.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string_view>

#include "numbered_name.hpp"
#include "pause_times.hpp"
#include "store/store.hpp"
#include "store_upkeep.hpp"

namespace tc::bench {

class TimedReactor {
 public:
    static constexpr std::uint64_t start_ms = 1;

    explicit TimedReactor(Store& store) : store_(store), session_(store) {
        session_.enter(now_ms_);
    }
    TimedReactor(const TimedReactor&) = delete;
    TimedReactor& operator=(const TimedReactor&) = delete;
    ~TimedReactor() { session_.leave(); }

    [[nodiscard]] Store& store() noexcept { return store_; }
    [[nodiscard]] Session& session() noexcept { return session_; }
    [[nodiscard]] StoreUpkeep& upkeep() noexcept { return upkeep_; }

    // From the next turn on.
    void set_now(std::uint64_t now_ms) noexcept { now_ms_ = now_ms; }
    [[nodiscard]] std::uint64_t now_ms() const noexcept { return now_ms_; }

    void end_turn() {
        turn_ends.measure([this] { session_.leave(); });
        session_.enter(now_ms_);
    }
    void end_turn_after(std::uint64_t index) {
        if (index % turn_operations == turn_operations - 1) {
            end_turn();
        }
    }
    // For preparations: the same, not measured.
    void pass_turn_after(std::uint64_t index) noexcept {
        if (index % turn_operations == turn_operations - 1) {
            session_.leave();
            session_.enter(now_ms_);
        }
    }
    void run_slice() {
        slices.measure([this] { upkeep_.run_slice(); });
        end_turn();
    }
    // Slices until what was removed is free; others may go on meanwhile.
    void reclaim() {
        for (end_turn(); upkeep_.has_backlog();) {
            run_slice();
        }
    }

    // A PUT that has to work, of the entry 'k' `number`, with tags.
    void put(std::uint64_t number, std::span<const std::string_view> tags = {},
             std::uint64_t ttl_ms = 0) {
        const NumberedName key('k', number);
        const WriteRequest request{
            .key = key.view(), .value = value_100, .tags = tags, .ttl_ms = ttl_ms};
        if (store_.write(session_, request).outcome != Outcome::ok) {
            throw std::runtime_error("a PUT was refused");
        }
    }

    PauseTimes turn_ends;
    PauseTimes slices;

 private:
    static constexpr std::uint64_t turn_operations = 64;
    static constexpr std::string_view value_100 =
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
        "890123456789";

    Store& store_;
    Session session_;
    StoreUpkeep upkeep_{store_, session_};
    std::uint64_t now_ms_ = start_ms;
};

inline void print_upkeep(const TimedReactor& reactor) {
    print_pauses("end of a turn", reactor.turn_ends);
    print_pauses("slice of upkeep", reactor.slices);
}

}  // namespace tc::bench
