// SPDX-License-Identifier: MIT
//
// Ctrl-C, where it is to end a command and not the program: in the shell. It is looked for where a
// command waits and after each answer of the server, so that no request is cut off in the middle.
#pragma once

#include <signal.h>

namespace tc {

// For as long as it lives. They nest; each forgets an older Ctrl-C, and what the command did to the
// signals.
class InterruptScope {
 public:
    InterruptScope();
    InterruptScope(const InterruptScope&) = delete;
    InterruptScope& operator=(const InterruptScope&) = delete;
    ~InterruptScope();

 private:
    struct sigaction old_interrupt_ {};
    struct sigaction old_terminate_ {};
};

// Waits until a descriptor can be read, or throws as below; at once outside of a scope.
void wait_or_be_interrupted(int fd);

// Throws a Failure once there was a Ctrl-C; never outside of a scope.
void throw_if_interrupted();

}  // namespace tc
