// SPDX-License-Identifier: MIT
#include "cli/terminal_screen.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "cli/descriptor.hpp"
#include "cli/failure.hpp"

namespace tc {
namespace {

// The alternate screen; no cursor; lines that are too long are cut, not wrapped. And back.
constexpr const char* enter_sequence = "\x1B[?1049h\x1B[?25l\x1B[?7l";
constexpr const char* leave_sequence = "\x1B[?7h\x1B[?25h\x1B[?1049l";
constexpr const char* target = "standard output";

// What the handlers have seen, and wait_until() has not.
volatile sig_atomic_t end_signal = 0;
volatile sig_atomic_t is_resized = 0;

void on_signal(int signal_number) {
    if (signal_number == SIGWINCH) {
        is_resized = 1;
    } else {
        end_signal = signal_number;
    }
}

timespec time_until(std::chrono::steady_clock::time_point deadline) {
    using std::chrono::nanoseconds;
    constexpr std::int64_t ns_per_s = 1'000'000'000;
    const auto left = deadline - std::chrono::steady_clock::now();
    const std::int64_t left_ns =
        std::max<std::int64_t>(0, std::chrono::duration_cast<nanoseconds>(left).count());
    return {left_ns / ns_per_s, left_ns % ns_per_s};
}

}  // namespace

TerminalScreen::TerminalScreen() {
    end_signal = 0;
    is_resized = 0;
    for (std::size_t i = 0; i < signals.size(); ++i) {
        struct sigaction action {};
        action.sa_handler = on_signal;
        sigaction(signals[i], &action, &old_actions_[i]);
    }
    if (tcgetattr(STDIN_FILENO, &old_mode_) == 0) {
        has_keys_ = true;
        termios mode = old_mode_;
        mode.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
        // Stopped, the program would leave the shell on our screen.
        mode.c_cc[VSUSP] = _POSIX_VDISABLE;
        mode.c_cc[VMIN] = 1;
        mode.c_cc[VTIME] = 0;
        tcsetattr(STDIN_FILENO, TCSANOW, &mode);
    }
    write_all(STDOUT_FILENO, enter_sequence, target);
}

TerminalScreen::~TerminalScreen() {
    try {
        write_all(STDOUT_FILENO, leave_sequence, target);
    } catch (const Failure&) {
        // The terminal is gone; there is nothing to give back.
        has_keys_ = false;
    }
    if (has_keys_) {
        tcsetattr(STDIN_FILENO, TCSANOW, &old_mode_);
    }
    for (std::size_t i = 0; i < signals.size(); ++i) {
        sigaction(signals[i], &old_actions_[i], nullptr);
    }
    // Whoever asked us to end shall see that we did; Ctrl-C is how people leave.
    if (end_signal != 0 && end_signal != SIGINT) {
        raise(end_signal);
    }
}

TerminalScreen::Size TerminalScreen::size() const {
    constexpr Size size_default = {80, 24};
    winsize window{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0 ||
        window.ws_row == 0) {
        return size_default;
    }
    return {window.ws_col, window.ws_row};
}

void TerminalScreen::draw(const std::string& lines) {
    std::string bytes = "\x1B[H";
    for (const char c : lines) {
        // What the last drawing left behind the end of the line is erased.
        bytes += c == '\n' ? "\x1B[K\r\n" : std::string(1, c);
    }
    write_all(STDOUT_FILENO, bytes + "\x1B[K\x1B[J", target);
}

bool TerminalScreen::is_quit_pressed() {
    char key = 0;
    const ssize_t count = read(STDIN_FILENO, &key, 1);
    if (count <= 0) {
        has_keys_ = count < 0 && (errno == EAGAIN || errno == EINTR);
        return false;
    }
    return key == 'q' || key == 'Q';
}

TerminalScreen::Event TerminalScreen::wait_until(std::chrono::steady_clock::time_point deadline) {
    sigset_t blocked;
    sigset_t unblocked;
    sigemptyset(&blocked);
    for (const int signal_number : signals) {
        sigaddset(&blocked, signal_number);
    }
    // A signal between the look at its variable and the wait would go unnoticed otherwise.
    pthread_sigmask(SIG_BLOCK, &blocked, &unblocked);
    Event event = Event::time;
    for (;;) {
        if (end_signal != 0) {
            event = Event::quit;
            break;
        }
        if (is_resized != 0) {
            is_resized = 0;
            event = Event::resize;
            break;
        }
        const timespec left = time_until(deadline);
        pollfd key{has_keys_ ? STDIN_FILENO : -1, POLLIN, 0};
        const int ready = ppoll(&key, 1, &left, &unblocked);
        if (ready == 0) {
            break;
        }
        if (ready > 0 && is_quit_pressed()) {
            event = Event::quit;
            break;
        }
    }
    pthread_sigmask(SIG_SETMASK, &unblocked, nullptr);
    return event;
}

}  // namespace tc
