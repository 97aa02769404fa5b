// SPDX-License-Identifier: MIT
//
// Bytes of users, made fit for a terminal: nothing in a key may move the cursor, change colours or
// hide text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tc {

struct CodePoint {
    std::uint32_t value;
    std::size_t size;  // bytes; 0 = no UTF-8
};

// REQUIRES: bytes is not empty.
[[nodiscard]] CodePoint first_code_point(std::string_view bytes);

// False for what acts on a terminal: controls, line separators, and what turns the direction.
[[nodiscard]] bool is_printable(std::uint32_t code_point);

[[nodiscard]] bool is_utf8(std::string_view bytes);

// Printable UTF-8 as it is; what is not, and bytes that are no UTF-8, as \xHH; and a backslash as
// two, so that no two names look the same.
[[nodiscard]] std::string escaped(std::string_view bytes);

// The same, but line feeds, tabs and backslashes stay: for values.
[[nodiscard]] std::string escaped_lines(std::string_view bytes);

// "a key": escaped and in quotes, for sentences; the beginning of a long one.
[[nodiscard]] std::string in_quotes(std::string_view bytes);

}  // namespace tc
