// SPDX-License-Identifier: MIT
//
// Options about who one is, and the commands about users and tokens with theirs.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>
#include <string>

#include "cli/arguments.hpp"

namespace tc {

// Adds a command below another one, as command_options.cpp does it for all.
using AddCommand = std::function<CLI::App&(CLI::App& parent, const char* name, Command command,
                                           const char* description, const std::string& example)>;

void add_credential_options(CLI::App& app, CredentialArguments& credentials);
void add_user_commands(CLI::App& app, Arguments& arguments, const AddCommand& add);

}  // namespace tc
