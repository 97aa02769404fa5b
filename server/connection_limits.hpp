// SPDX-License-Identifier: MIT
//
// Bounds on what connections may hold and how long they may take: the settings below limits that
// can change while the server runs.
//
// Threads: assign() is for one at a time, the rest for all. Each bound is looked at by itself, so
// that no order between them matters.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "server/limits.hpp"
#include "server/settings/settings.hpp"

namespace tc {

class ConnectionLimits {
 public:
    void assign(const Settings& settings) noexcept {
        const std::uint64_t part = settings.memory_bytes_max / limits::buffer_part_of_memory;
        output_bytes_max_ = settings.output_bytes_max != 0
                                ? settings.output_bytes_max
                                : std::max(part, limits::buffer_bytes_default_min);
        input_bytes_max_ = std::max(part, limits::buffer_bytes_default_min);
        connections_per_address_ = settings.connections_per_address;
        frame_ms_max_ = settings.frame_ms_max;
        idle_ms_max_ = settings.idle_ms_max;
    }
    [[nodiscard]] std::uint64_t output_bytes_max() const noexcept {
        return value(output_bytes_max_);
    }
    [[nodiscard]] std::uint64_t input_bytes_max() const noexcept { return value(input_bytes_max_); }
    // 0: as many as there may be.
    [[nodiscard]] std::uint64_t connections_per_address() const noexcept {
        return value(connections_per_address_);
    }
    [[nodiscard]] std::uint64_t frame_ms_max() const noexcept { return value(frame_ms_max_); }
    // 0: connections may be idle for ever.
    [[nodiscard]] std::uint64_t idle_ms_max() const noexcept { return value(idle_ms_max_); }

 private:
    using Bound = std::atomic<std::uint64_t>;
    [[nodiscard]] static std::uint64_t value(const Bound& bound) noexcept {
        return bound.load(std::memory_order_relaxed);
    }

    Bound output_bytes_max_{0};
    Bound input_bytes_max_{0};
    Bound connections_per_address_{0};
    Bound frame_ms_max_{0};
    Bound idle_ms_max_{0};
};

}  // namespace tc
