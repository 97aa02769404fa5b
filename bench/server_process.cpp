// SPDX-License-Identifier: MIT
#include "bench/server_process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

namespace tc::bench {
namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

// Free now; somebody else may take it before the server does, which is then started again.
std::uint16_t free_port() {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    const bool is_bound = fd >= 0 &&
                          bind(fd, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                          getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    const int error = errno;
    close(fd);
    if (!is_bound) {
        throw std::system_error(error, std::generic_category(), "no free port");
    }
    return ntohs(address.sin_port);
}

bool accepts_connections(std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    const bool is_connected =
        connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    close(fd);
    return is_connected;
}

// In the child: it is bound to its core, dies with its parent, and is silent.
[[noreturn]] void become(const std::vector<std::string>& words, std::optional<std::size_t> core,
                         pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(127);  // the parent was gone before it could be watched
    }
    setsid();  // Ctrl-C is for the parent, which ends its servers itself
    if (core.has_value()) {
        cpu_set_t cores;
        CPU_ZERO(&cores);
        CPU_SET(*core, &cores);
        sched_setaffinity(0, sizeof cores, &cores);
    }
    const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        dup2(nowhere, fd);
    }
    std::vector<char*> pointers(words.size() + 1);
    std::transform(words.begin(), words.end(), pointers.begin(),
                   [](const std::string& word) { return const_cast<char*>(word.c_str()); });
    execv(pointers[0], pointers.data());
    _exit(127);
}

}  // namespace

std::optional<std::string> find_program(const std::string& name) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): no thread changes the environment.
    const char* const path = std::getenv("PATH");
    std::istringstream folders(path == nullptr ? "" : path);
    std::string folder;
    while (std::getline(folders, folder, ':')) {
        const std::filesystem::path candidate = std::filesystem::path(folder) / name;
        if (access(candidate.c_str(), X_OK) == 0) {
            return candidate.string();
        }
    }
    return std::nullopt;
}

ServerProcess::ServerProcess(const Command& command, std::optional<std::size_t> core) {
    constexpr int attempts_max = 3;
    std::vector<std::string> words;
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
        port_ = free_port();
        words = command(port_);
        if (start(words, core)) {
            return;
        }
        end();
    }
    throw std::runtime_error(words[0] + " does not accept connections on port " +
                             std::to_string(port_));
}

ServerProcess::~ServerProcess() {
    end();
}

bool ServerProcess::start(const std::vector<std::string>& words, std::optional<std::size_t> core) {
    const pid_t parent = getpid();
    pid_ = fork();
    if (pid_ < 0) {
        throw std::system_error(errno, std::generic_category(), "fork");
    }
    if (pid_ == 0) {
        become(words, core, parent);
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < deadline) {
        if (waitpid(pid_, nullptr, WNOHANG) != 0) {
            pid_ = -1;  // it has ended already: not this port, or not on this machine
            return false;
        }
        if (accepts_connections(port_)) {
            return true;
        }
        poll(nullptr, 0, 10);
    }
    return false;
}

// There is nothing in it that it would have to put in order.
void ServerProcess::end() noexcept {
    if (pid_ > 0) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }
}

ServerProcess::CpuTimes ServerProcess::cpu_times() const {
    const std::string folder = "/proc/" + std::to_string(pid_) + "/task";
    CpuTimes sum;
    for (const auto& task : std::filesystem::directory_iterator(folder)) {
        std::ifstream file(task.path() / "schedstat");
        CpuTimes times;
        if (file >> times.used_ns >> times.waited_ns) {
            sum.used_ns += times.used_ns;
            sum.waited_ns += times.waited_ns;
        }
    }
    if (sum.used_ns == 0) {
        throw std::runtime_error("the CPU time of process " + std::to_string(pid_) +
                                 " cannot be read: has it ended?");
    }
    return sum;
}

std::uint64_t ServerProcess::resident_bytes() const {
    std::ifstream file("/proc/" + std::to_string(pid_) + "/smaps_rollup");
    std::string word;
    while (file >> word) {
        if (word == "Rss:") {
            std::uint64_t kilobytes = 0;
            file >> kilobytes;
            return kilobytes * 1024;
        }
    }
    throw std::runtime_error("the memory of process " + std::to_string(pid_) + " cannot be read");
}

}  // namespace tc::bench
