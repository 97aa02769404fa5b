// SPDX-License-Identifier: MIT
#include "cli/input.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "cli/descriptor.hpp"
#include "cli/failure.hpp"
#include "cli/interrupt.hpp"

namespace tc {
namespace {

// The most that a server can be configured to take.
constexpr std::size_t value_bytes_ceiling = 512U * 1024 * 1024;

std::string display_name(const std::string& path) {
    return path == "-" ? "standard input" : path;
}

}  // namespace

InputFile::InputFile(const std::string& path)
    : path_(path), fd_(path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat status {};
    if (fd_ < 0 || fstat(fd_, &status) != 0) {
        throw usage_failure("cannot open " + display_name(path_) + ": " + errno_text());
    }
    if (S_ISREG(status.st_mode)) {
        size_bytes_ = static_cast<std::uint64_t>(status.st_size);
    }
}

InputFile::~InputFile() {
    if (fd_ > STDIN_FILENO) {
        close(fd_);
    }
}

std::size_t InputFile::read(char* buffer, std::size_t size) {
    for (;;) {
        wait_or_be_interrupted(fd_);
        const ssize_t count = ::read(fd_, buffer, size);
        if (count >= 0) {
            return static_cast<std::size_t>(count);
        }
        if (errno == EAGAIN) {
            wait_for(fd_, POLLIN);
        } else if (errno != EINTR) {
            throw usage_failure("cannot read " + display_name(path_) + ": " + errno_text());
        }
    }
}

std::string read_input(const std::string& path) {
    InputFile file(path);
    std::string bytes;
    char block[64 * 1024];
    for (;;) {
        const std::size_t count = file.read(block, sizeof block);
        if (count == 0) {
            return bytes;
        }
        bytes.append(block, count);
        if (bytes.size() > value_bytes_ceiling) {
            throw Failure(ExitCode::refused, display_name(path) +
                                                 " is larger than 512 MiB, which no server takes "
                                                 "as a value");
        }
    }
}

}  // namespace tc
