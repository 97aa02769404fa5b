// SPDX-License-Identifier: MIT
//
// A command line from its words to its exit code: the program's own, or a line of its shell.
#pragma once

#include <functional>
#include <optional>

#include "cli/arguments.hpp"

namespace tc {

// Runs the command that the words name, and reports a failure as one line on stderr. What the words
// do not say is as in `defaults`; `adjust` sees the arguments before the command does, and may
// throw a Failure too.
[[nodiscard]] ExitCode run_command_line(const Words& words, const Arguments& defaults,
                                        const std::function<void(Arguments&)>& adjust);

// Does it, and reports a failure likewise. Nothing when there was none.
[[nodiscard]] std::optional<ExitCode> run_reported(const std::function<void()>& action,
                                                   bool is_json);

}  // namespace tc
