// SPDX-License-Identifier: MIT
//
// A real tagcached as a child process, on a free port of 127.0.0.1. The destructor stops it by
// SIGTERM and fails the test unless it ends well.
#pragma once

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/child_process.hpp"
#include "support/places.hpp"

namespace tc::test {

class RunningServer {
 public:
    // `arguments` come behind --bind 127.0.0.1 --port 0.
    explicit RunningServer(const std::vector<std::string>& arguments = {}) { start(arguments); }
    RunningServer(const RunningServer&) = delete;
    RunningServer& operator=(const RunningServer&) = delete;
    ~RunningServer() {
        if (pid_ > 0) {
            const int exit_code = stop();
            INFO((exit_code == 0 ? "" : later_lines()));  // what a sanitizer said, for instance
            CHECK(exit_code == 0);
        }
        if (stderr_fd_ >= 0) {
            close(stderr_fd_);
        }
    }

    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] std::string port_text() const { return std::to_string(port_); }
    [[nodiscard]] pid_t pid() const { return pid_; }
    // "... event=listening address=127.0.0.1:34567 version=0.1.0 reactors=2 ..."
    [[nodiscard]] const std::string& start_line() const { return start_line_; }

    // Ends the server and returns its exit code; 128 + the signal when one killed it.
    int stop(int signal_number = SIGTERM) {
        kill(pid_, signal_number);
        return wait();
    }

    // Waits for a server that ends by itself, for a minute at most.
    int wait() {
        int status = 0;
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (waitpid(pid_, &status, WNOHANG) == 0) {
            if (std::chrono::steady_clock::now() > deadline) {
                kill(pid_, SIGKILL);
                waitpid(pid_, &status, 0);
                break;
            }
            poll(nullptr, 0, 5);
        }
        pid_ = -1;
        return exit_code_of(status);
    }

    // SIGSTOP; returns once none of its threads runs, for which a signal may take its time. SIGCONT
    // is the caller's.
    void hold() const {
        int status = 0;
        REQUIRE(kill(pid_, SIGSTOP) == 0);
        REQUIRE(waitpid(pid_, &status, WUNTRACED) == pid_);
        REQUIRE(WIFSTOPPED(status));
    }

    // What it said behind its start line. REQUIRES: it has ended.
    [[nodiscard]] const std::string& later_lines() {
        while (read_more()) {
        }
        return later_lines_;
    }

    // Waits until it has said this behind its start line, and behind what was waited for before.
    // False when it has ended, or said nothing at all for so long.
    [[nodiscard]] bool says(const std::string& text, int silence_ms_max = 60'000) {
        pollfd readable{stderr_fd_, POLLIN, 0};
        std::size_t at = 0;
        while ((at = later_lines_.find(text, awaited_bytes_)) == std::string::npos) {
            if (poll(&readable, 1, silence_ms_max) != 1 || !read_more()) {
                return false;
            }
        }
        awaited_bytes_ = at + text.size();
        return true;
    }

 private:
    void start(const std::vector<std::string>& arguments) {
        const char* const other = std::getenv("TC_SERVER_UNDER_TEST");
        std::vector<std::string> words = {other != nullptr ? other : server_program, "--bind",
                                          "127.0.0.1", "--port", "0"};
        words.insert(words.end(), arguments.begin(), arguments.end());
        const Child child = start_program(std::move(words), {STDERR_FILENO});
        pid_ = child.pid;
        stderr_fd_ = child.output_fd;
        try {
            read_start_line();
        } catch (...) {  // no destructor follows
            (void)stop(SIGKILL);
            close(stderr_fd_);
            throw;
        }
    }

    bool read_more() {
        char block[1024];
        const ssize_t count = read(stderr_fd_, block, sizeof block);
        later_lines_.append(block, static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        return count > 0;
    }

    // Until the line is whole; its first address is ours.
    void read_start_line() {
        char byte = 0;
        pollfd readable{stderr_fd_, POLLIN, 0};
        while (byte != '\n') {
            if (poll(&readable, 1, 30'000) != 1 || read(stderr_fd_, &byte, 1) != 1) {
                throw std::runtime_error("tagcached did not start: " + start_line_);
            }
            start_line_ += byte;
        }
        const std::string address = "127.0.0.1:";
        const std::size_t at = start_line_.find(address);
        if (start_line_.find("listening") == std::string::npos || at == std::string::npos) {
            throw std::runtime_error("tagcached did not start: " + start_line_);
        }
        port_ = std::stoi(start_line_.substr(at + address.size()));
    }

    pid_t pid_ = -1;
    int stderr_fd_ = -1;
    int port_ = 0;
    std::string start_line_;
    std::string later_lines_;
    std::size_t awaited_bytes_ = 0;
};

}  // namespace tc::test
