// SPDX-License-Identifier: MIT
//
// Bytes of users, made fit for a terminal: nothing in a key may move the cursor, change colours or
// hide text.
#pragma once

#include <string>
#include <string_view>

namespace tc {

[[nodiscard]] bool is_utf8(std::string_view bytes);

// Printable UTF-8 as it is; control characters, direction overrides and bytes that are no UTF-8 as
// \xHH.
[[nodiscard]] std::string escaped(std::string_view bytes);

// The same, but line feeds and tabs stay: for values.
[[nodiscard]] std::string escaped_lines(std::string_view bytes);

// "a key": escaped and in quotes, for sentences; the beginning of a long one.
[[nodiscard]] std::string in_quotes(std::string_view bytes);

}  // namespace tc
