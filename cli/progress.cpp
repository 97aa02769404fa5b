// SPDX-License-Identifier: MIT
#include "cli/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <string>

#include "cli/arguments.hpp"
#include "cli/descriptor.hpp"
#include "cli/output.hpp"
#include "cli/quantity.hpp"

namespace tc {
namespace {

constexpr auto draw_interval = std::chrono::milliseconds(100);
constexpr std::size_t bar_columns = 24;

std::string bar(double done) {
    const auto filled = static_cast<std::size_t>(done * bar_columns);
    return "[" + std::string(filled, '#') + std::string(bar_columns - filled, '.') + "] " +
           std::to_string(static_cast<int>(done * 100)) + " %  ";
}

}  // namespace

Progress::Progress(const Arguments& arguments, std::uint64_t total_bytes)
    : is_visible_(isatty(STDERR_FILENO) == 1 && !arguments.is_quiet && !arguments.is_json),
      total_bytes_(total_bytes) {}

double Progress::elapsed_s() const {
    return std::chrono::duration<double>(Clock::now() - begin_).count();
}

void Progress::update(std::uint64_t entries, std::uint64_t bytes) {
    if (!is_visible_ || Clock::now() < next_draw_) {
        return;
    }
    next_draw_ = Clock::now() + draw_interval;
    draw(entries, bytes);
}

void Progress::draw(std::uint64_t entries, std::uint64_t bytes) {
    const double elapsed = std::max(elapsed_s(), 0.001);
    std::string line = "\r";
    if (total_bytes_ != 0) {
        // A file that grows while it is read is never more than full.
        const double done =
            std::min(1.0, static_cast<double>(bytes) / static_cast<double>(total_bytes_));
        line += bar(done);
    }
    const auto rate = static_cast<std::uint64_t>(static_cast<double>(entries) / elapsed);
    line += std::to_string(entries) + " entries  " + size_text(bytes) + "  " +
            std::to_string(rate) + "/s";
    if (total_bytes_ > bytes && bytes != 0) {
        const double left_s =
            elapsed * static_cast<double>(total_bytes_ - bytes) / static_cast<double>(bytes);
        line += "  " + duration_text(static_cast<std::uint64_t>(left_s * 1000)) + " left";
    }
    // To the end of the line: what the last drawing left there is erased.
    line += "\x1B[K";
    write_all(STDERR_FILENO, line, "standard error");
    is_drawn_ = true;
}

void Progress::clear() {
    if (is_drawn_) {
        write_all(STDERR_FILENO, "\r\x1B[K", "standard error");
        is_drawn_ = false;
    }
}

}  // namespace tc
