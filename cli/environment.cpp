// SPDX-License-Identifier: MIT
#include "cli/environment.hpp"

#include <cstdlib>

namespace tc {

const char* raw_environment_text(const char* name) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): this program has one thread.
    return std::getenv(name);
}

const char* environment_text(const char* name) {
    const char* text = raw_environment_text(name);
    return text != nullptr && *text != '\0' ? text : nullptr;
}

}  // namespace tc
