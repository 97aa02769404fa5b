// SPDX-License-Identifier: MIT
//
// What a fuzz target says when something does not hold. It ends the process, so that libFuzzer
// keeps the input, and a replay under ctest fails.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace tc::fuzz {

// Says more about what led there; set by targets of many steps.
inline void (*tell_more)() = nullptr;

inline void require(bool holds, const char* expectation) noexcept {
    if (!holds) [[unlikely]] {
        std::fprintf(stderr, "fuzz: it does not hold that %s\n", expectation);
        if (tell_more != nullptr) {
            tell_more();
        }
        std::abort();
    }
}

}  // namespace tc::fuzz
