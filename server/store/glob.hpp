// SPDX-License-Identifier: MIT
//
// Matching keys with shell patterns, byte by byte:
//   *       any bytes, also none        ?      any one byte
//   [a-z]   one byte of the class       [!a]   one byte that is not of the class
//   \x      the byte x itself
// A ] right after [ or [! is a byte of the class, and so is what follows a \ in it. A class without
// an end and a \ at the end stand for themselves.
#pragma once

#include <cstdint>
#include <string_view>

namespace tc {

struct GlobMatch {
    bool is_match;
    std::uint32_t step_count;  // bytes of the pattern looked at, which is what it cost
};

// At most proportional to text.size() x pattern.size(), whatever the pattern; no recursion.
[[nodiscard]] GlobMatch match_glob(std::string_view pattern, std::string_view text) noexcept;

}  // namespace tc
