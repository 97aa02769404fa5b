// SPDX-License-Identifier: MIT
//
// What CLI11 is told: the commands with their options, bound to an Arguments.
#pragma once

#include <map>
#include <string>

#include "cli/arguments.hpp"

namespace CLI {
class App;
}

namespace tc {

// CLI11 takes some words for its own: "--" where all positionals are there already, "[a,b]" as two
// words, "" as none, "++" as the end of a command. Words that it must pass through are shielded
// with a first character before, and unshielded where they arrive.
[[nodiscard]] std::string shielded(const std::string& word);
[[nodiscard]] std::string unshielded(const std::string& word);

using CommandTable = std::map<const CLI::App*, Command>;

// Adds all options and commands to `app`, and what each command runs to `commands`. The options
// write to `arguments` when `app` parses.
void add_commands(CLI::App& app, Arguments& arguments, CommandTable& commands);

}  // namespace tc
