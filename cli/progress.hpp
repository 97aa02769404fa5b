// SPDX-License-Identifier: MIT
//
// How far a long command is, on a line of stderr that is written over; nothing at all when stderr
// is no terminal.
#pragma once

#include <chrono>
#include <cstdint>

namespace tc {

struct Arguments;

class Progress {
 public:
    // total_bytes 0 = not known: no bar and no time left.
    Progress(const Arguments& arguments, std::uint64_t total_bytes);

    // Cheap: draws ten times a second at most.
    void update(std::uint64_t entries, std::uint64_t bytes);
    // Clears the line, so that something else can be written there.
    void clear();
    [[nodiscard]] double elapsed_s() const;

 private:
    using Clock = std::chrono::steady_clock;
    void draw(std::uint64_t entries, std::uint64_t bytes);

    bool is_visible_;
    bool is_drawn_ = false;
    std::uint64_t total_bytes_;
    Clock::time_point begin_ = Clock::now();
    Clock::time_point next_draw_ = begin_;
};

}  // namespace tc
