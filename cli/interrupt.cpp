// SPDX-License-Identifier: MIT
#include "cli/interrupt.hpp"

#include <poll.h>

#include "cli/failure.hpp"

namespace tc {
namespace {

volatile sig_atomic_t is_interrupted = 0;
int scope_count = 0;

void on_interrupt(int /*signal_number*/) {
    is_interrupted = 1;
}

}  // namespace

InterruptScope::InterruptScope() {
    is_interrupted = 0;
    ++scope_count;
    // Without SA_RESTART: what waits shall see it.
    struct sigaction action {};
    action.sa_handler = on_interrupt;
    sigaction(SIGINT, &action, &old_interrupt_);
    sigaction(SIGTERM, nullptr, &old_terminate_);
}

InterruptScope::~InterruptScope() {
    sigaction(SIGINT, &old_interrupt_, nullptr);
    sigaction(SIGTERM, &old_terminate_, nullptr);
    is_interrupted = 0;
    --scope_count;
}

void wait_or_be_interrupted(int fd) {
    if (scope_count == 0) {
        return;
    }
    // One that came between the look at the variable and the wait would go unnoticed otherwise.
    sigset_t blocked;
    sigset_t unblocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    pthread_sigmask(SIG_BLOCK, &blocked, &unblocked);
    if (is_interrupted == 0) {
        pollfd readable{fd, POLLIN, 0};
        ppoll(&readable, 1, nullptr, &unblocked);
    }
    pthread_sigmask(SIG_SETMASK, &unblocked, nullptr);
    throw_if_interrupted();
}

void throw_if_interrupted() {
    if (is_interrupted != 0) {
        is_interrupted = 0;
        throw Failure(ExitCode::negative, "interrupted");
    }
}

}  // namespace tc
