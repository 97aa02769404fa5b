// SPDX-License-Identifier: MIT
//
// When operations are to be sent in an open loop: at a rate that does not ask how the server fares.
// Latency counts from these times, so a server that stalls is charged for all that it kept waiting
// (what a closed loop omits: G. Tene, "coordinated omission").
#pragma once

#include <cmath>
#include <cstdint>

#include "driver/random.hpp"

namespace tc::driver {

class Arrivals {
 public:
    enum class Kind : std::uint8_t { constant, poisson };

    // The first is due at `begin_ns`. REQUIRES: rate_per_s > 0.
    Arrivals(Kind kind, double rate_per_s, double begin_ns, Random random) noexcept
        : kind_(kind), interval_ns_(1e9 / rate_per_s), random_(random), due_ns_(begin_ns) {}

    // When the next operation is to be sent.
    [[nodiscard]] std::uint64_t due_ns() const noexcept {
        return static_cast<std::uint64_t>(due_ns_);
    }
    // On to the one after it.
    void advance() noexcept {
        // 1 - unit is never 0. A double holds nanoseconds of a year's uptime to 4 ns.
        due_ns_ +=
            kind_ == Kind::constant ? interval_ns_ : -std::log(1 - random_.unit()) * interval_ns_;
    }

 private:
    Kind kind_;
    double interval_ns_;
    Random random_;
    double due_ns_;
};

}  // namespace tc::driver
