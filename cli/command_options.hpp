// SPDX-License-Identifier: MIT
//
// What CLI11 is told: the commands with their options, bound to an Arguments.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>
#include <map>
#include <string>

#include "cli/arguments.hpp"

namespace tc {

using CommandTable = std::map<const CLI::App*, Command>;

// Adds a command below another one; what the files of some commands get from that of all.
using AddCommand = std::function<CLI::App&(CLI::App& parent, const char* name, Command command,
                                           const char* description, const std::string& example)>;

// Adds all options and commands to `app`, and what each command runs to `commands`. The options
// write to `arguments` when `app` parses.
void add_commands(CLI::App& app, Arguments& arguments, CommandTable& commands);

// The options of bench, which are many and stand in a file of their own (bench_options.cpp).
void add_bench_options(CLI::App& command, BenchOptions& options);

}  // namespace tc
