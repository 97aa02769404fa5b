// SPDX-License-Identifier: MIT
#include "cli/interrupt.hpp"

#include "cli/failure.hpp"

namespace tc {
namespace {

volatile sig_atomic_t is_interrupted = 0;

void on_interrupt(int /*signal_number*/) {
    is_interrupted = 1;
}

}  // namespace

InterruptScope::InterruptScope() {
    is_interrupted = 0;
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
}

void throw_if_interrupted() {
    if (is_interrupted != 0) {
        is_interrupted = 0;
        throw Failure(ExitCode::negative, "interrupted");
    }
}

}  // namespace tc
