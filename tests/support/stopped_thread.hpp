// SPDX-License-Identifier: MIT
//
// A thread of another process that is stopped from outside, as a debugger does it, so that the
// process needs no seam for that.
#pragma once

#include <sys/ptrace.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>

namespace tc::test {

// A thread that stands still, until the object goes.
class StoppedThread {
 public:
    explicit StoppedThread(pid_t thread) : thread_(thread) {
        is_traced_ = ptrace(PTRACE_SEIZE, thread, nullptr, nullptr) == 0;
        if (is_traced_) {
            REQUIRE(ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr) == 0);
            REQUIRE(waitpid(thread, nullptr, __WALL) == thread);
        }
    }
    StoppedThread(const StoppedThread&) = delete;
    StoppedThread& operator=(const StoppedThread&) = delete;
    ~StoppedThread() { ptrace(PTRACE_DETACH, thread_, nullptr, nullptr); }

    // False where the system does not let anybody do this.
    [[nodiscard]] bool is_traced() const { return is_traced_; }

 private:
    const pid_t thread_;
    bool is_traced_ = false;
};

}  // namespace tc::test
