// SPDX-License-Identifier: MIT
#include "cli/completion.hpp"

#include <algorithm>

#include "cli/command_options.hpp"

namespace tc {
namespace {

// An option of the command, or of those above, that takes the word behind it.
bool takes_value(const CLI::App& command, const std::string& word) {
    for (const CLI::App* app = &command; app != nullptr; app = app->get_parent()) {
        if (const CLI::Option* option = app->get_option_no_throw(word)) {
            return option->get_items_expected_max() > 0;
        }
    }
    return false;
}

// NULL when there is none.
const CLI::App* subcommand(const CLI::App& command, const std::string& name) {
    for (const CLI::App* one : command.get_subcommands([](const CLI::App*) { return true; })) {
        if (one->get_name() == name) {
            return one;
        }
    }
    return nullptr;
}

}  // namespace

Words command_names(const CLI::App& app) {
    Words names;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(command->get_name());
    }
    return names;
}

Words option_names(const CLI::App& command) {
    Words names;
    for (const CLI::App* app = &command; app != nullptr; app = app->get_parent()) {
        for (const CLI::Option* option : app->get_options()) {
            if (option->get_group().empty()) {
                continue;  // known, to be refused
            }
            for (const std::string& name : option->get_lnames()) {
                names.push_back("--" + name);
            }
        }
    }
    return names;
}

Words completions_of(const Words& before, std::string_view begun) {
    Arguments unused;
    CommandTable commands;
    CLI::App app;
    add_commands(app, unused, commands);
    const CLI::App* command = &app;
    bool has_argument = false;
    bool is_value = false;
    for (const std::string& word : before) {
        if (is_value) {
            is_value = false;
        } else if (word.starts_with('-')) {
            is_value = takes_value(*command, word);
        } else if (const CLI::App* next = subcommand(*command, word);
                   next != nullptr && !has_argument) {
            command = next;
        } else {
            has_argument = true;
        }
    }
    Words names;
    if (!is_value && begun.starts_with('-')) {
        names = option_names(*command);
    } else if (!is_value && !has_argument) {
        names = command_names(*command);
    }
    std::erase_if(names, [begun](const std::string& name) { return !name.starts_with(begun); });
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

}  // namespace tc
