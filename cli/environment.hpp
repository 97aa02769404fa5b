// SPDX-License-Identifier: MIT
//
// The environment of the process; nothing here changes it.
#pragma once

namespace tc {

// NULL when the variable is not set, or empty, which is how people unset one for a command.
[[nodiscard]] const char* environment_text(const char* name);

// NULL only when it is not set: for those of which the empty text says something.
[[nodiscard]] const char* raw_environment_text(const char* name);

}  // namespace tc
