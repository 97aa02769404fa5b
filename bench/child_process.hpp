// SPDX-License-Identifier: MIT
//
// Runs one case of a benchmark in a process of its own, so that what another case left in the
// allocator is not part of what is measured.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <system_error>
#include <type_traits>

namespace tc::bench {

// A count that the store has to know exactly; anything else fails the benchmark.
inline void expect_count(const char* what, std::uint64_t actual, std::uint64_t expected) {
    if (actual != expected) {
        throw std::runtime_error(std::string(what) + ": " + std::to_string(actual) +
                                 " instead of " + std::to_string(expected));
    }
}

// Calls run() in a child and returns its result. Throws when the child threw or died, and says on
// stderr what it threw. REQUIRES: no other thread runs.
template <typename Run>
[[nodiscard]] auto in_child(Run run) {
    using Result = decltype(run());
    static_assert(std::is_trivially_copyable_v<Result>);
    std::array<int, 2> pipe_ends{};
    if (pipe(pipe_ends.data()) != 0) {
        throw std::system_error(errno, std::generic_category(), "pipe");
    }
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child < 0) {
        throw std::system_error(errno, std::generic_category(), "fork");
    }
    if (child == 0) {
        bool is_done = false;
        try {
            const Result result = run();
            std::FILE* const out = fdopen(pipe_ends[1], "wb");
            is_done = out != nullptr && std::fwrite(&result, sizeof result, 1, out) == 1;
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s\n", error.what());
        }
        std::fflush(nullptr);
        _exit(is_done ? 0 : 1);
    }
    close(pipe_ends[1]);
    Result result{};
    std::FILE* const in = fdopen(pipe_ends[0], "rb");
    const bool is_read = in != nullptr && std::fread(&result, sizeof result, 1, in) == 1;
    std::fclose(in);
    int status = 0;
    waitpid(child, &status, 0);
    if (!is_read || status != 0) {
        throw std::runtime_error("a case failed");
    }
    return result;
}

// The same for a case that prints its results itself.
template <typename Run>
void run_in_child(Run run) {
    static_cast<void>(in_child([&run] {
        run();
        return true;
    }));
}

}  // namespace tc::bench
