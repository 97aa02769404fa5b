// SPDX-License-Identifier: MIT
//
// The commands that administrate a server, with their options.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/arguments.hpp"
#include "cli/command_options.hpp"

namespace tc {

void add_slowlog_commands(CLI::App& app, Arguments& arguments, const AddCommand& add);
void add_config_commands(CLI::App& app, Arguments& arguments, const AddCommand& add);

}  // namespace tc
