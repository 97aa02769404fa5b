// SPDX-License-Identifier: MIT
//
// A line of words, divided as a POSIX shell divides it: blanks between words; 'text' as it is;
// "text" where a backslash takes the meaning from " \ $ and `; a backslash before any other
// character; # and what follows it, at the start of a word, is no word. Nothing is expanded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tc {

// Throws a Failure for a quote that is not closed, a backslash with nothing behind it, and a bare
// | & ; < or >, which a shell would not hand to a command and which do nothing here.
[[nodiscard]] std::vector<std::string> split_shell_words(std::string_view line);

}  // namespace tc
