// SPDX-License-Identifier: MIT
//
// Waiting for what a server will show, and frames in numbers.
#pragma once

#include <poll.h>

#include <chrono>
#include <string>

namespace tc::test {

// Asks until `is_true` holds; the server's counters follow what clients do with a little delay.
template <typename Condition>
bool eventually(Condition is_true) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!is_true()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        poll(nullptr, 0, 5);
    }
    return true;
}

inline std::string repeated(const std::string& frame, int count) {
    std::string frames;
    for (int i = 0; i < count; ++i) {
        frames += frame;
    }
    return frames;
}

}  // namespace tc::test
