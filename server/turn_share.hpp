// SPDX-License-Identifier: MIT
//
// What a turn of a reactor's loop may still do for its connections: fairness between all of them,
// as turn_work_max is for each. A turn that is used up leaves what there is to the next.
//
// Threads: the reactor's only.
#pragma once

#include <cstddef>
#include <cstdint>

#include "server/limits.hpp"

namespace tc {

// By what a connection's last batches asked for. The light go first: a GET of 100 bytes does not
// wait behind all the megabytes that a thousand others ask for at once.
enum class Weight : std::uint8_t { light, heavy };

class TurnShare {
 public:
    void begin(std::uint64_t now_ns) noexcept {
        began_ns_ = now_ns;
        time_ns_ = 0;
        output_bytes_ = 0;
    }
    void note_output(std::size_t size_bytes) noexcept { output_bytes_ += size_bytes; }
    void note_time(std::uint64_t now_ns) noexcept { time_ns_ = now_ns - began_ns_; }

    [[nodiscard]] bool is_used_up(Weight weight) const noexcept {
        return output_bytes_ >= (weight == Weight::light ? limits::turn_output_bytes_max_light
                                                         : limits::turn_output_bytes_max) ||
               time_ns_ >= limits::turn_ns_max;
    }

 private:
    std::uint64_t began_ns_ = 0;
    std::uint64_t time_ns_ = 0;
    std::size_t output_bytes_ = 0;
};

}  // namespace tc
