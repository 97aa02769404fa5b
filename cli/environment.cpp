// SPDX-License-Identifier: MIT
#include "cli/environment.hpp"

#include <cstdlib>

namespace tc {

const char* environment_text(const char* name) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): this program has one thread.
    const char* text = std::getenv(name);
    return text != nullptr && *text != '\0' ? text : nullptr;
}

}  // namespace tc
