// SPDX-License-Identifier: MIT
//
// What CLI11 is told: the commands with their options, bound to an Arguments.
#pragma once

#include <CLI/CLI.hpp>

#include <map>

#include "cli/arguments.hpp"

namespace tc {

using CommandTable = std::map<const CLI::App*, Command>;

// Adds all options and commands to `app`, and what each command runs to `commands`. The options
// write to `arguments` when `app` parses.
void add_commands(CLI::App& app, Arguments& arguments, CommandTable& commands);

// The options of bench, which are many and stand in a file of their own (bench_options.cpp).
void add_bench_options(CLI::App& command, BenchOptions& options);

}  // namespace tc
