// SPDX-License-Identifier: MIT
//
// The names of commands and options, for whoever completes, suggests or explains them.
#pragma once

#include <CLI/CLI.hpp>

#include <string_view>

#include "cli/arguments.hpp"

namespace tc {

[[nodiscard]] Words command_names(const CLI::App& app);
// "--limit", also of the commands above.
[[nodiscard]] Words option_names(const CLI::App& command);

// What may stand in the place of `begun`, the begin of a word, behind the words before it: commands
// of the command that these make up, or its options when `begun` is the begin of one. In order.
[[nodiscard]] Words completions_of(const Words& before, std::string_view begun);

}  // namespace tc
