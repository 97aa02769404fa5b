// SPDX-License-Identifier: MIT
//
// Changes to the text of a configuration file, which leave everything else in it as it is: order,
// comments, spaces. Each result is read again before it is given out; what cannot be changed so is
// a Failure that says to do it by hand.
#pragma once

#include <string>
#include <string_view>

namespace tc {

// The value as TOML writes it: what is a number, true, false, a list or a quoted text is taken as
// it is, anything else is a text.
[[nodiscard]] std::string toml_value_of(const std::string& text);

// The contents with the key set to the TOML value: in its place if it has one, else behind the
// comment that has its default, else at the end of its table.
[[nodiscard]] std::string with_setting(const std::string& contents, std::string_view key,
                                       const std::string& toml_value);
// The contents with the key's line made a comment; unchanged when there is none.
[[nodiscard]] std::string without_setting(const std::string& contents, std::string_view key);

}  // namespace tc
