// SPDX-License-Identifier: MIT
//
// Variables of the environment that are no settings: places, and what a service manager says.
#pragma once

#include <cstdlib>

namespace tc {

// Null when there is none. Any thread: nothing of ours changes the environment.
[[nodiscard]] inline const char* variable(const char* name) noexcept {
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    return std::getenv(name);
}

}  // namespace tc
