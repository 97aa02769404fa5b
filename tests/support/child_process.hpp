// SPDX-License-Identifier: MIT
//
// Programs as children of a test: what they print through a pipe, how they ended.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <vector>

namespace tc::test {

struct Child {
    pid_t pid;
    int output_fd;  // to be closed by whoever has the child
};

// In a child: nobody is left behind by a test that is killed. The kernel takes the thread that
// forked for the parent, so that one has to live as long as the child is needed.
inline void end_with(pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(127);  // it was gone before
    }
}

// Starts a program, found by its path, with these of its standard descriptors in the pipe.
inline Child start_program(std::vector<std::string> words, std::initializer_list<int> captured) {
    std::vector<char*> argv;
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) != 0) {
        throw std::runtime_error("pipe");
    }
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid == 0) {
        end_with(parent);
        for (const int fd : captured) {
            dup2(fds[1], fd);
        }
        execv(argv[0], argv.data());
        _exit(127);
    }
    close(fds[1]);
    return {pid, fds[0]};
}

// Of a status that waitpid() gave: 128 + the signal when one killed it.
inline int exit_code_of(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

inline int wait_for_exit(pid_t pid) {
    int status = 0;
    waitpid(pid, &status, 0);
    return exit_code_of(status);
}

struct Ended {
    int exit_code;
    std::string output;
};

// Runs a program to its end; for those that end by themselves.
inline Ended run_program(std::vector<std::string> words, std::initializer_list<int> captured) {
    const Child child = start_program(std::move(words), captured);
    Ended ended{};
    char block[4096];
    for (ssize_t count = 0; (count = read(child.output_fd, block, sizeof block)) > 0;) {
        ended.output.append(block, static_cast<std::size_t>(count));
    }
    close(child.output_fd);
    ended.exit_code = wait_for_exit(child.pid);
    return ended;
}

}  // namespace tc::test
