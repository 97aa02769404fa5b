// SPDX-License-Identifier: MIT
//
// The whole terminal for as long as this lives: the alternate screen, without cursor, keys read as
// they are pressed. Whatever ends the program by an exception, q, Ctrl-C, SIGTERM or a hangup gives
// it back as it was.
#pragma once

#include <signal.h>
#include <termios.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <string>

namespace tc {

class TerminalScreen {
 public:
    struct Size {
        std::size_t column_count;
        std::size_t line_count;
    };
    enum class Event { time, resize, quit };

    // Standard output is a terminal; standard input need not be one. One at a time.
    TerminalScreen();
    TerminalScreen(const TerminalScreen&) = delete;
    TerminalScreen& operator=(const TerminalScreen&) = delete;
    ~TerminalScreen();

    [[nodiscard]] Size size() const;
    // `lines` are divided by line feeds, at most size().line_count of them.
    void draw(const std::string& lines);
    // Until `deadline`, or what comes before it. Ctrl-C is quit; so is a signal that ends programs.
    [[nodiscard]] Event wait_until(std::chrono::steady_clock::time_point deadline);

 private:
    static constexpr std::array<int, 4> signals = {SIGINT, SIGTERM, SIGHUP, SIGWINCH};

    [[nodiscard]] bool is_quit_pressed();

    bool has_keys_ = false;
    termios old_mode_{};
    std::array<struct sigaction, signals.size()> old_actions_{};
};

}  // namespace tc
