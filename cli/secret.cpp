// SPDX-License-Identifier: MIT
#include "cli/secret.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/descriptor.hpp"
#include "cli/escape.hpp"
#include "cli/failure.hpp"
#include "cli/input.hpp"

namespace tc {
namespace {

constexpr char interrupt_key = '\x03';
constexpr char end_key = '\x04';
constexpr char kill_line_key = '\x15';
constexpr char backspace_key = '\x08';
constexpr char delete_key = '\x7f';

volatile sig_atomic_t ending_signal = 0;

void on_ending_signal(int signal_number) {
    ending_signal = signal_number;
}

// As long as it lives, nothing that is typed is shown, keys arrive one by one, and no signal ends
// us before the terminal is as it was.
class UnseenInput {
 public:
    explicit UnseenInput(int fd) : fd_(fd) {
        ending_signal = 0;
        struct sigaction action {};
        action.sa_handler = on_ending_signal;
        sigset_t blocked;
        sigemptyset(&blocked);
        for (std::size_t i = 0; i < signal_count; ++i) {
            sigaddset(&blocked, signals[i]);
            sigaction(signals[i], &action, &old_actions_[i]);
        }
        pthread_sigmask(SIG_BLOCK, &blocked, &old_mask_);
        is_terminal_ = tcgetattr(fd_, &old_terminal_) == 0;
        termios unseen = old_terminal_;
        unseen.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ICANON | ISIG);
        unseen.c_cc[VMIN] = 1;
        unseen.c_cc[VTIME] = 0;
        is_terminal_ = is_terminal_ && tcsetattr(fd_, TCSAFLUSH, &unseen) == 0;
    }
    UnseenInput(const UnseenInput&) = delete;
    UnseenInput& operator=(const UnseenInput&) = delete;
    ~UnseenInput() {
        if (is_terminal_) {
            tcsetattr(fd_, TCSAFLUSH, &old_terminal_);
        }
        for (std::size_t i = 0; i < signal_count; ++i) {
            sigaction(signals[i], &old_actions_[i], nullptr);
        }
        pthread_sigmask(SIG_SETMASK, &old_mask_, nullptr);
        if (ending_signal != 0) {
            raise(ending_signal);
        }
    }

    [[nodiscard]] bool is_terminal() const { return is_terminal_; }

    // False at the end of the input, and when a signal came.
    [[nodiscard]] bool read_key(char& key) const {
        pollfd readable{fd_, POLLIN, 0};
        while (ending_signal == 0) {
            // Signals arrive here and nowhere else.
            if (ppoll(&readable, 1, nullptr, &old_mask_) == 1) {
                return read(fd_, &key, 1) == 1;
            }
        }
        return false;
    }

 private:
    static constexpr int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    static constexpr std::size_t signal_count = sizeof signals / sizeof signals[0];

    int fd_;
    bool is_terminal_ = false;
    termios old_terminal_{};
    sigset_t old_mask_{};
    struct sigaction old_actions_[signal_count] {};
};

class Terminal {
 public:
    Terminal() : fd_(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {}
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;
    ~Terminal() {
        if (fd_ >= 0) {
            close(fd_);
        }
    }
    [[nodiscard]] int fd() const { return fd_; }

 private:
    int fd_;
};

Failure interrupted() {
    return {ExitCode::negative, "interrupted"};
}

// Until Enter. Throws a Failure when it was given up.
void read_unseen(const UnseenInput& input, Secret& secret) {
    for (char key = 0; input.read_key(key);) {
        switch (key) {
            case '\n':
            case '\r': return;
            case interrupt_key: throw interrupted();
            case end_key:
                if (secret.empty()) {
                    throw interrupted();
                }
                return;
            case kill_line_key: secret.clear(); break;
            case backspace_key:
            case delete_key:
                // A character may have several bytes.
                while (!secret.empty() && (secret.view().back() & '\xC0') == '\x80') {
                    secret.remove_last();
                }
                if (!secret.empty()) {
                    secret.remove_last();
                }
                break;
            default: secret.append(std::string_view(&key, 1));
        }
    }
    throw interrupted();
}

// As ssh does with private keys: who keeps a secret where others can read it learns that at once.
void refuse_readable_by_others(const std::string& path) {
    struct stat status {};
    if (path == "-" || stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return;
    }
    if (status.st_uid == getuid() && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        throw usage_failure(path + " is open to others, and a secret must not be: chmod 600 " +
                            escaped(path));
    }
}

}  // namespace

Secret& Secret::operator=(const Secret& other) {
    if (this != &other) {
        clear();
        append(other.view());
    }
    return *this;
}

void Secret::append(std::string_view bytes) {
    if (bytes.size() > bytes_max - bytes_.size()) {
        throw usage_failure("a password or a token has at most 512 bytes");
    }
    bytes_ += bytes;
}

void Secret::clear() {
    bytes_.resize(bytes_max);
    explicit_bzero(bytes_.data(), bytes_.size());
    bytes_.clear();
}

Secret read_secret_file(const std::string& path) {
    refuse_readable_by_others(path);
    InputFile file(path);
    Secret secret;
    std::size_t line_count = 0;
    for (char byte = 0; file.read(&byte, 1) == 1;) {
        if (byte == '\n') {
            ++line_count;
        } else if (line_count != 0) {
            throw usage_failure(path + " has more than one line; a secret is one");
        } else {
            secret.append(std::string_view(&byte, 1));
        }
    }
    if (!secret.empty() && secret.view().back() == '\r') {
        secret.remove_last();
    }
    if (secret.empty()) {
        throw usage_failure(path + " is empty, where a secret should be");
    }
    return secret;
}

Secret ask_secret(const std::string& prompt, const std::string& otherwise) {
    const Terminal terminal;
    if (terminal.fd() < 0) {
        throw usage_failure("there is no terminal to ask for a password; " + otherwise);
    }
    Secret secret;
    const UnseenInput input(terminal.fd());
    if (!input.is_terminal()) {
        throw usage_failure("the terminal cannot hide a password; " + otherwise);
    }
    write_all(terminal.fd(), escaped(prompt), "the terminal");
    try {
        read_unseen(input, secret);
    } catch (const Failure&) {
        write_all(terminal.fd(), "\n", "the terminal");
        throw;
    }
    write_all(terminal.fd(), "\n", "the terminal");
    return secret;
}

Secret ask_new_password(const std::string& user, const std::string& otherwise) {
    Secret first = ask_secret("New password of " + user + ": ", otherwise);
    const Secret second = ask_secret("The same again: ", otherwise);
    if (first.view() != second.view()) {
        throw usage_failure("the two passwords differ; nothing was changed");
    }
    return first;
}

}  // namespace tc
