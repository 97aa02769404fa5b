// SPDX-License-Identifier: MIT
#include "cli/descriptor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "cli/failure.hpp"

namespace tc {

bool occupy_standard_descriptors() {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
        // For the direction that nobody uses.
        const int mode = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", mode) != fd) {
            return false;
        }
    }
    return true;
}

void wait_for(int fd, short events) {
    pollfd awaited{fd, events, 0};
    // Whatever ends it, the read or write that comes next finds out what the matter is.
    (void)poll(&awaited, 1, -1);
}

void write_all(int fd, std::string_view bytes, const std::string& target) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno == EAGAIN) {
            wait_for(fd, POLLOUT);
        } else if (errno != EINTR) {
            throw usage_failure("cannot write to " + target + ": " + errno_text());
        }
    }
}

}  // namespace tc
