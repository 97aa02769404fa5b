// SPDX-License-Identifier: MIT
//
// Other programs that a command runs.
#pragma once

#include <string>

#include "cli/arguments.hpp"

namespace tc {

struct Ran {
    int exit_code;       // 127 when there is no such program, 128 + the signal when one killed it
    std::string output;  // both outputs
};

// Runs a program of PATH, or with a slash in its name that one, to its end.
[[nodiscard]] Ran run_program(const Words& words);

// Where tagcached is: beside this program, where it is installed, or by its bare name.
[[nodiscard]] std::string server_program();

}  // namespace tc
