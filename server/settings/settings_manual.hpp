// SPDX-License-Identifier: MIT
//
// The table of settings for people.
#pragma once

#include <string>

namespace tc {

// A configuration file that says what is so without it: each setting with its documentation, and
// its value in a comment.
[[nodiscard]] std::string default_config();
// tagcached.toml(5), in mdoc. `date` as in "November 22, 2026".
[[nodiscard]] std::string config_manual(const std::string& date);

}  // namespace tc
