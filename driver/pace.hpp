// SPDX-License-Identifier: MIT
//
// When the operations of one thread start, from when they count, and when no more do. In a closed
// loop an operation starts whenever there is a place for it; in an open loop at its intended time,
// however late it then leaves. The time is always an argument.
#pragma once

#include <cstdint>
#include <optional>

#include "driver/arrivals.hpp"

namespace tc::driver {

struct PacePlan {
    std::uint64_t begin_ns = 0;
    std::uint64_t warmup_ns = 0;    // operations that are to start in it are not measured
    std::uint64_t duration_ns = 0;  // behind the warm-up; 0 = no limit
    std::uint64_t request_count = UINT64_MAX;  // of measured operations
    double rate_per_s = 0;                     // 0 = a closed loop
    Arrivals::Kind arrivals = Arrivals::Kind::constant;
    double first_arrival_ns = 0;  // behind the beginning
    std::uint64_t seed = 1;
};

class Pace {
 public:
    struct Start {
        std::uint64_t intended_ns;
        bool is_measured;
    };

    explicit Pace(const PacePlan& plan) noexcept
        : is_open_loop_(plan.rate_per_s > 0),
          measured_from_ns_(plan.begin_ns + plan.warmup_ns),
          end_ns_(plan.duration_ns == 0 ? UINT64_MAX : measured_from_ns_ + plan.duration_ns),
          requests_left_(plan.request_count),
          arrivals_(plan.arrivals, is_open_loop_ ? plan.rate_per_s : 1,
                    static_cast<double>(plan.begin_ns) + plan.first_arrival_ns, Random(plan.seed)) {
    }

    // The next operation, when it may start by now. It stays the next one until started().
    [[nodiscard]] std::optional<Start> next(std::uint64_t now_ns) const noexcept {
        const std::uint64_t intended_ns = is_open_loop_ ? arrivals_.due_ns() : now_ns;
        if (intended_ns > now_ns || !may_start_at(intended_ns)) {
            return std::nullopt;
        }
        return Start{intended_ns, intended_ns >= measured_from_ns_};
    }
    void started(const Start& start) noexcept {
        if (is_open_loop_) {
            arrivals_.advance();
        }
        // UINT64_MAX of them are not to be counted down in a lifetime.
        requests_left_ -= start.is_measured ? 1 : 0;
    }

    // No operation starts any more. In an open loop all those are started first that were to start
    // in time: a server that stalls at the end is not spared them.
    [[nodiscard]] bool is_over(std::uint64_t now_ns) const noexcept {
        return !may_start_at(is_open_loop_ ? arrivals_.due_ns() : now_ns);
    }
    // How long until the next operation may start; 0 in a closed loop, where that is not a question
    // of time.
    [[nodiscard]] std::uint64_t wait_ns(std::uint64_t now_ns) const noexcept {
        const std::uint64_t due_ns = is_open_loop_ ? arrivals_.due_ns() : now_ns;
        return due_ns > now_ns ? due_ns - now_ns : 0;
    }
    void stop() noexcept { requests_left_ = 0; }
    // Open loop: gives up all operations that were still to start, and tells how many were to be
    // measured.
    [[nodiscard]] std::uint64_t abandon() noexcept {
        std::uint64_t count = 0;
        while (is_open_loop_ && may_start_at(arrivals_.due_ns())) {
            const Start start{arrivals_.due_ns(), arrivals_.due_ns() >= measured_from_ns_};
            count += start.is_measured ? 1 : 0;
            started(start);
        }
        return count;
    }

    [[nodiscard]] bool is_open_loop() const noexcept { return is_open_loop_; }
    [[nodiscard]] std::uint64_t measured_from_ns() const noexcept { return measured_from_ns_; }

 private:
    [[nodiscard]] bool may_start_at(std::uint64_t ns) const noexcept {
        return requests_left_ != 0 && ns < end_ns_;
    }

    bool is_open_loop_;
    std::uint64_t measured_from_ns_;
    std::uint64_t end_ns_;
    std::uint64_t requests_left_;
    Arrivals arrivals_;
};

}  // namespace tc::driver
