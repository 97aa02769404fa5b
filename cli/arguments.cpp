// SPDX-License-Identifier: MIT
#include "cli/arguments.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>

#include "cli/base64.hpp"
#include "cli/command_options.hpp"
#include "cli/completion.hpp"
#include "cli/escape.hpp"
#include "cli/option_kinds.hpp"
#include "cli/suggestion.hpp"

namespace tc {
namespace {

constexpr const char* description =
    "Store entries under keys, give them tags, and delete by tag: the command line of TagCache.";
constexpr const char* footer =
    "Exit codes: 0 ok, 1 no (not found, not stored), 2 usage, 3 no connection or no answer,\n"
    "            4 not authorised, 5 refused by the server\n"
    "Example: tagcache put page:/ '<html>' --tag product:7 --ttl 5m\n"
    "         tagcache invalidate product:7\n"
    "Options of a command: tagcache COMMAND --help. All of it: man tagcache";

// The command line as CLI11 has to see it, last word first, which is how it wants it.
Words cli11_words(const Words& command_line) {
    Words words;
    bool is_literal = false;
    for (const std::string& word : command_line) {
        if (!is_literal && word == "--") {
            is_literal = true;
        } else if (is_literal || needs_shield(word)) {
            words.push_back(shielded(word));
        } else if (word.starts_with("--") && word.ends_with("=")) {
            // An option that is given nothing, which is not the same as given no value.
            words.push_back(word.substr(0, word.size() - 1));
            words.push_back(shielded(""));
        } else {
            words.push_back(word);
        }
    }
    std::reverse(words.begin(), words.end());
    return words;
}

// "tagcache tag add": as far as it was understood.
const CLI::App& innermost(const CLI::App& app) {
    const CLI::App* command = &app;
    while (!command->get_subcommands().empty()) {
        command = command->get_subcommands().back();
    }
    return *command;
}

std::string full_name(const CLI::App& command) {
    const CLI::App* parent = command.get_parent();
    return (parent == nullptr ? "" : full_name(*parent) + " ") + command.get_name();
}

[[noreturn]] void fail(const CLI::App& command, const std::string& message) {
    throw usage_failure(message + "; see: " + full_name(command) + " --help");
}

std::string with_suggestion(const std::string& message, std::string_view suggestion) {
    return suggestion.empty() ? message
                              : message + "; did you mean " + std::string(suggestion) + "?";
}

std::string suggested_command(const CLI::App& command, std::string_view typed) {
    const std::string_view ours =
        command.get_parent() == nullptr ? command_for_foreign_word(typed) : std::string_view();
    return ours.empty() ? nearest_word(typed, command_names(command)) : std::string(ours);
}

// A word that no command and no option took.
[[noreturn]] void refuse_word(const CLI::App& app, const std::string& shielded_word) {
    const CLI::App& command = innermost(app);
    const std::string word = unshielded(shielded_word);
    if (shielded_word == word && word.size() > 1 && word[0] == '-') {
        const std::string name = word.substr(0, word.find('='));
        std::string message = with_suggestion("unknown option " + escaped(name),
                                              nearest_word(name, option_names(command)));
        if (&command != &app) {
            message += " (a word that begins with - goes behind --)";
        }
        fail(command, message);
    }
    if (!command_names(command).empty() && command.get_option_no_throw("KEY") == nullptr) {
        fail(command, with_suggestion("unknown command " + in_quotes(word),
                                      suggested_command(command, word)));
    }
    fail(command, "unexpected argument " + in_quotes(word));
}

void parse(CLI::App& app, Words words) {
    try {
        app.parse(words);
    } catch (const CLI::Success&) {
        throw;
    } catch (const CLI::ParseError& error) {
        // A word that was not understood explains best why another one is missing.
        const Words rest = app.remaining(false);
        if (!rest.empty() && innermost(app).get_name() != "server") {
            refuse_word(app, rest.front());
        }
        fail(innermost(app), escaped(error.what()));
    }
    const Words rest = app.remaining(false);
    if (!rest.empty()) {
        refuse_word(app, rest.front());
    }
}

// `get x key y`: the word in front of a command belongs to nothing.
void refuse_words_before(const CLI::App& command) {
    for (const CLI::App* app = command.get_parent(); app != nullptr; app = app->get_parent()) {
        for (const CLI::Option* option : app->get_options()) {
            if (option->get_positional() && option->count() != 0) {
                fail(command, "unexpected argument " + in_quotes(unshielded(option->results()[0])));
            }
        }
    }
}

void decode(std::string& text) {
    std::string bytes;
    if (!decode_base64(text, bytes)) {
        throw usage_failure("--base64: " + in_quotes(text) + " is not base64");
    }
    text = bytes;
}

void decode_names(Arguments& arguments) {
    Words none;
    for (std::string& key : arguments.keys) {
        decode(key);
    }
    for (std::string& tag : arguments.tags) {
        decode(tag);
    }
    decode(arguments.pattern);
    for (auto* prefixes : {&arguments.user.key_prefixes, &arguments.user.tag_prefixes}) {
        for (std::string& prefix : prefixes->has_value() ? **prefixes : none) {
            decode(prefix);
        }
    }
}

// `--host "$CACHE"` without a CACHE is a mistake, and must not reach whatever server is the
// default.
void require_text(const char* option, const std::optional<std::string>& text) {
    if (text.has_value() && text->empty()) {
        throw usage_failure(std::string(option) + " is empty");
    }
}

template <typename Number>
void require_positive(const char* option, const std::optional<Number>& number) {
    if (number == Number{0}) {
        throw usage_failure(std::string(option) + ": the least is 1");
    }
}

// Ranges, and what CLI11 cannot say about options of which each alone is fine.
void check(const Arguments& arguments) {
    require_text("--uri", arguments.uri);
    require_text("--unix", arguments.unix_path);
    require_text("--host", arguments.host);
    require_text("--user", arguments.credentials.user);
    require_text("--password-file", arguments.credentials.password_file);
    require_text("--token-file", arguments.credentials.token_file);
    if (arguments.port == 0U || arguments.port.value_or(1) > UINT16_MAX) {
        throw usage_failure("--port: " + std::to_string(*arguments.port) +
                            " is not a port number from 1 to 65535");
    }
    require_positive("--timeout-ms", arguments.timeout_ms);
    require_positive("--limit", arguments.limit);
    require_positive("--interval", arguments.interval_ms);
    require_positive("--count", arguments.interval_count);
    if (arguments.is_json && arguments.is_raw) {
        throw usage_failure("--json and --raw exclude each other");
    }
    if (arguments.is_json && arguments.bench.is_csv) {
        throw usage_failure("--json and --csv exclude each other");
    }
    check_bench_options(arguments.bench);
}

}  // namespace

std::optional<Arguments> parse_arguments(const Words& words, const Arguments& defaults) {
    Arguments arguments = defaults;
    arguments.command = nullptr;
    CommandTable commands;
    CLI::App app(description, "tagcache");
    app.footer(footer);
    add_commands(app, arguments, commands);
    try {
        parse(app, cli11_words(words));
    } catch (const CLI::Success& answer) {
        app.exit(answer);
        std::cout.flush();
        return std::nullopt;
    }
    const CLI::App& command = innermost(app);
    if (commands.count(&command) != 0) {
        arguments.command = commands[&command];
    }
    if (arguments.command == nullptr) {
        fail(command, "no command");
    }
    refuse_words_before(command);
    for (const std::string& word : command.remaining(false)) {
        arguments.server_arguments.push_back(unshielded(word));
    }
    check(arguments);
    if (arguments.is_base64) {
        decode_names(arguments);
    }
    return arguments;
}

}  // namespace tc
