// SPDX-License-Identifier: MIT
//
// The tagcache program, run by a test: arguments, standard input and environment in, both outputs
// and the exit code out; through pipes, or on a pseudo-terminal.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/places.hpp"
#include "support/running_server.hpp"

namespace tc::test {

struct CliResult {
    int exit_code;    // 128 + the signal when one killed it
    std::string out;  // on a terminal: everything
    std::string err;  // on a terminal: nothing
    long memory_kib;  // the largest resident set it had
};

class Cli {
 public:
    using Words = std::vector<std::string>;

    // Talks to nobody unless told by its arguments.
    Cli() = default;
    // Talks to this server, by way of TAGCACHE_PORT.
    explicit Cli(const RunningServer& server) { environment["TAGCACHE_PORT"] = server.port_text(); }

    // What the child has beside PATH.
    std::map<std::string, std::string> environment = {{"TERM", "dumb"}};

    CliResult operator()(const Words& arguments, std::string_view input = {}) const {
        int in[2];
        int out[2];
        int err[2];
        if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) {
            throw std::runtime_error("pipe");
        }
        const pid_t parent = getpid();
        const pid_t child = fork();
        if (child == 0) {
            dup2(in[0], STDIN_FILENO);
            dup2(out[1], STDOUT_FILENO);
            dup2(err[1], STDERR_FILENO);
            setsid();  // no terminal that it could ask on, wherever the tests run
            become(arguments, parent);
        }
        close(in[0]);
        close(out[1]);
        close(err[1]);
        CliResult result{};
        exchange(child, in[1], input, {{out[0], &result.out}, {err[0], &result.err}});
        finish(child, result);
        return result;
    }

    // Types `input` there. Line ends come back as \n.
    CliResult on_terminal(const Words& arguments, std::string_view input = {}) const {
        int terminal = -1;
        winsize size{50, 200, 0, 0};
        const pid_t parent = getpid();
        const pid_t child = forkpty(&terminal, nullptr, nullptr, &size);
        if (child == 0) {
            become(arguments, parent);
        }
        CliResult result{};
        const int typist = dup(terminal);
        exchange(child, typist, input, {{terminal, &result.out}});
        finish(child, result);
        std::erase(result.out, '\r');
        return result;
    }

    struct Step {
        std::string awaited;
        std::string typed;
        std::function<void()> action = [] {};
        int signal_number = 0;  // sent to it; 0 = none
    };
    // The same, but each step is done once what it awaits was shown, behind what the step before it
    // awaited.
    CliResult in_dialogue(const Words& arguments, const std::vector<Step>& steps) const {
        int terminal = -1;
        winsize size{50, 200, 0, 0};
        const pid_t parent = getpid();
        const pid_t child = forkpty(&terminal, nullptr, nullptr, &size);
        if (child == 0) {
            become(arguments, parent);
        }
        CliResult result{};
        std::size_t seen = 0;
        auto step = steps.begin();
        pollfd readable{terminal, POLLIN, 0};
        while (poll(&readable, 1, 20'000) == 1 && collect({terminal, &result.out})) {
            std::erase(result.out, '\r');
            while (step != steps.end()) {
                const std::size_t at = result.out.find(step->awaited, seen);
                if (at == std::string::npos) {
                    break;
                }
                seen = at + step->awaited.size();
                step->action();
                if (step->signal_number != 0) {
                    kill(child, step->signal_number);
                }
                CHECK(write(terminal, step->typed.data(), step->typed.size()) ==
                      static_cast<ssize_t>(step->typed.size()));
                ++step;
            }
        }
        // Whoever still waits for a key gets a hangup instead.
        close(terminal);
        finish(child, result);
        INFO(result.out);
        CHECK(static_cast<std::size_t>(step - steps.begin()) == steps.size());
        return result;
    }

 private:
    struct Source {
        int fd;
        std::string* text;
    };

    // In the child.
    [[noreturn]] void become(const Words& arguments, pid_t parent) const {
        end_with(parent);
        Words words = {cli_program};
        words.insert(words.end(), arguments.begin(), arguments.end());
        Words variables;
        for (const auto& [name, value] : environment) {
            variables.push_back(name + "=" + value);
        }
        if (const char* path = getenv("PATH")) {
            variables.push_back(std::string("PATH=") + path);
        }
        execve(cli_program, pointers(words).data(), pointers(variables).data());
        _exit(127);
    }

    static std::vector<char*> pointers(Words& words) {
        std::vector<char*> pointers;
        for (std::string& word : words) {
            pointers.push_back(word.data());
        }
        pointers.push_back(nullptr);
        return pointers;
    }

    // Feeds the input and collects the outputs, whichever is ready, until the outputs end.
    static void exchange(pid_t child, int input_fd, std::string_view input,
                         std::vector<Source> sources) {
        signal(SIGPIPE, SIG_IGN);
        fcntl(input_fd, F_SETFL, fcntl(input_fd, F_GETFL) | O_NONBLOCK);
        while (!sources.empty()) {
            if (input.empty() && input_fd >= 0) {
                close(input_fd);
                input_fd = -1;
            }
            std::vector<pollfd> polled = {{input_fd, POLLOUT, 0}};
            for (const Source& source : sources) {
                polled.push_back({source.fd, POLLIN, 0});
            }
            if (poll(polled.data(), polled.size(), 120'000) <= 0) {
                kill(child, SIGKILL);
                wait_for_exit(child);
                throw std::runtime_error("tagcache does not go on");
            }
            if (polled[0].revents != 0) {
                const ssize_t count = write(input_fd, input.data(), input.size());
                // It has stopped reading: what it says about that is still to come.
                input.remove_prefix(count < 0 ? input.size() : static_cast<std::size_t>(count));
            }
            for (std::size_t i = sources.size(); i > 0; --i) {
                if (polled[i].revents != 0 && !collect(sources[i - 1])) {
                    close(sources[i - 1].fd);
                    sources.erase(sources.begin() + static_cast<std::ptrdiff_t>(i) - 1);
                }
            }
        }
        if (input_fd >= 0) {
            close(input_fd);
        }
    }

    // False at the end; a terminal whose other side has gone says EIO.
    static bool collect(const Source& source) {
        char block[65536];
        const ssize_t count = read(source.fd, block, sizeof block);
        if (count > 0) {
            source.text->append(block, static_cast<std::size_t>(count));
        }
        return count > 0;
    }

    static void finish(pid_t child, CliResult& result) {
        int status = 0;
        rusage usage{};
        wait4(child, &status, 0, &usage);
        result.memory_kib = usage.ru_maxrss;
        result.exit_code = exit_code_of(status);
    }
};

// For CHECK: one line with everything, so that a failing test shows all of it.
inline std::ostream& operator<<(std::ostream& out, const CliResult& result) {
    return out << "exit code " << result.exit_code << ", out \"" << result.out << "\", err \""
               << result.err << '"';
}
inline bool operator==(const CliResult& left, const CliResult& right) {
    return left.exit_code == right.exit_code && left.out == right.out && left.err == right.err;
}

// What a run should have been.
inline CliResult prints(std::string out) {
    return {0, std::move(out), "", 0};
}
inline CliResult fails(int exit_code, std::string err, std::string out = "") {
    return {exit_code, std::move(out), std::move(err), 0};
}

}  // namespace tc::test
