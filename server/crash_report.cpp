// SPDX-License-Identifier: MIT
#include "server/crash_report.hpp"

#include <execinfo.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <new>
#include <string_view>
#include <utility>

#include "server/version.hpp"

namespace tc {

namespace {

#if defined(TC_SANITIZED)
constexpr bool is_reported = false;
#else
constexpr bool is_reported = true;
#endif

constexpr std::size_t stack_bytes = 64 * 1024;
constexpr std::size_t frames_max = 64;
// A reader who does not read keeps nobody from ending.
constexpr unsigned report_s_max = 5;

constexpr std::array<std::pair<int, std::string_view>, 5> crashes = {{{SIGSEGV, "SIGSEGV"},
                                                                      {SIGBUS, "SIGBUS"},
                                                                      {SIGABRT, "SIGABRT"},
                                                                      {SIGFPE, "SIGFPE"},
                                                                      {SIGILL, "SIGILL"}}};

std::atomic_flag has_crashed = ATOMIC_FLAG_INIT;

void put(std::string_view text) noexcept {
    while (!text.empty()) {
        const ssize_t count = write(STDERR_FILENO, text.data(), text.size());
        if (count <= 0) {
            return;
        }
        text.remove_prefix(static_cast<std::size_t>(count));
    }
}

// Calls only what is allowed in a signal handler; backtrace() is, once it has been called before.
void on_crash(int number) {
    if (has_crashed.test_and_set()) {
        for (;;) {
            pause();  // another thread is at it, and ends the process
        }
    }
    alarm(report_s_max);
    put("tagcached ");
    put(version_text);
    put(": ended by ");
    for (const auto& [crash, name] : crashes) {
        put(crash == number ? name : "");
    }
    put(", called from:\n");
    std::array<void*, frames_max> frames;
    const int count = backtrace(frames.data(), frames_max);
    backtrace_symbols_fd(frames.data(), count, STDERR_FILENO);
    signal(number, SIG_DFL);
    raise(number);  // once this returns, since the signal is blocked until then
}

}  // namespace

void install_crash_report() noexcept {
    if (!is_reported) {
        return;
    }
    void* frame = nullptr;
    (void)backtrace(&frame, 1);  // loads what it needs now
    struct sigaction action {};
    action.sa_handler = on_crash;
    action.sa_flags = SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    for (const auto& [number, name] : crashes) {
        sigaddset(&action.sa_mask, number);  // a crash of the report ends it at once
    }
    for (const auto& [number, name] : crashes) {
        sigaction(number, &action, nullptr);
    }
}

CrashStack::CrashStack() noexcept {
    if (!is_reported) {
        return;
    }
    bytes_.reset(new (std::nothrow) std::byte[stack_bytes]);
    if (bytes_ != nullptr) {
        stack_t stack{};
        stack.ss_sp = bytes_.get();
        stack.ss_size = stack_bytes;
        sigaltstack(&stack, nullptr);
    }
}

CrashStack::~CrashStack() {
    if (bytes_ != nullptr) {
        stack_t none{};
        none.ss_flags = SS_DISABLE;
        sigaltstack(&none, nullptr);
    }
}

}  // namespace tc
