// SPDX-License-Identifier: MIT
//
// What a crash leaves behind on standard error: version, signal and the calls that led there, for
// addr2line or a debugger. Then the process ends by that signal, with a core where that is wanted.
// Nothing of this is in a build with sanitizers, which have reports of their own.
#pragma once

#include <cstddef>
#include <memory>

namespace tc {

// Of the process, before its threads begin.
void install_crash_report() noexcept;

// Room for the report of a thread whose own stack may be what ran out: for as long as it lives, on
// the thread that makes it. Without memory for it the report takes the thread's stack.
class CrashStack {
 public:
    CrashStack() noexcept;
    CrashStack(const CrashStack&) = delete;
    CrashStack& operator=(const CrashStack&) = delete;
    ~CrashStack();

 private:
    std::unique_ptr<std::byte[]> bytes_;
};

}  // namespace tc
