// SPDX-License-Identifier: MIT
//
// What check_invariants() does with a broken one.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace tc {

inline void require_invariant(bool holds, const char* invariant) noexcept {
    if (!holds) {
        std::fprintf(stderr, "store: broken invariant: %s\n", invariant);
        std::abort();
    }
}

}  // namespace tc
