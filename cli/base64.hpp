// SPDX-License-Identifier: MIT
//
// Base64 of RFC 4648, section 4: the standard alphabet, padded, nothing between the characters.
#pragma once

#include <string>
#include <string_view>

namespace tc {

void append_base64(std::string& out, std::string_view bytes);

// Appends the bytes that `text` stands for. False when it is no base64; `out` is as it was then.
[[nodiscard]] bool decode_base64(std::string_view text, std::string& out);

}  // namespace tc
