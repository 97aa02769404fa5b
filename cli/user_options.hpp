// SPDX-License-Identifier: MIT
//
// Options about who one is, and the commands about users and tokens with theirs.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/arguments.hpp"
#include "cli/command_options.hpp"

namespace tc {

void add_credential_options(CLI::App& app, CredentialArguments& credentials);
void add_user_commands(CLI::App& app, Arguments& arguments, const AddCommand& add);

}  // namespace tc
