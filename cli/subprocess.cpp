// SPDX-License-Identifier: MIT
#include "cli/subprocess.hpp"

#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace tc {
namespace {

constexpr int not_found_exit_code = 127;

std::string own_folder() {
    std::array<char, PATH_MAX> path{};
    const ssize_t size = readlink("/proc/self/exe", path.data(), path.size() - 1);
    if (size <= 0) {
        return "";
    }
    const std::string program(path.data(), static_cast<std::size_t>(size));
    return program.substr(0, program.rfind('/'));
}

std::string read_all(int fd) {
    std::string text;
    std::array<char, 4096> block{};
    for (;;) {
        const ssize_t size = read(fd, block.data(), block.size());
        if (size > 0) {
            text.append(block.data(), static_cast<std::size_t>(size));
        } else if (size == 0 || errno != EINTR) {
            return text;
        }
    }
}

int wait_for(pid_t pid) {
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Ran run_program(const Words& words) {
    Words copy = words;
    std::vector<char*> argv;
    for (std::string& word : copy) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    std::array<int, 2> pipe_fds{};
    if (pipe2(pipe_fds.data(), O_CLOEXEC) != 0) {
        throw usage_failure("cannot run " + words[0] + ": " + errno_text());
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_fds[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, pipe_fds[1], STDERR_FILENO);
    pid_t pid = -1;
    const int error = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(pipe_fds[1]);
    Ran ran{not_found_exit_code, ""};
    if (error == 0) {
        ran.output = read_all(pipe_fds[0]);
        ran.exit_code = wait_for(pid);
    }
    close(pipe_fds[0]);
    return ran;
}

std::string server_program() {
    const std::string folder = own_folder();
    for (const char* place : {"/tagcached", "/../sbin/tagcached"}) {
        if (access((folder + place).c_str(), X_OK) == 0) {
            return folder + place;
        }
    }
    return "tagcached";
}

}  // namespace tc
