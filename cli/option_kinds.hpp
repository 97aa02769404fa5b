// SPDX-License-Identifier: MIT
//
// Kinds of options: how the text of an argument becomes a member of Arguments. And the shield that
// brings any word through CLI11, which takes some for its own: "--" where all positionals are there
// already, "[a,b]" as two words, "" as none, "++" as the end of a command. Such words get a first
// character before they go in, and lose it where they arrive.
#pragma once

#include <CLI/CLI.hpp>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cli/arguments.hpp"
#include "cli/escape.hpp"

namespace tc {

[[nodiscard]] bool needs_shield(const std::string& word);
[[nodiscard]] std::string shielded(const std::string& word);
[[nodiscard]] std::string unshielded(const std::string& word);

// `target` is a string, or an optional one where it matters whether the option was there.
template <typename Text>
CLI::Option* add_text(CLI::App& app, const char* name, Text& target, const char* description) {
    return app.add_option_function<std::string>(
        name, [&target](const std::string& text) { target = unshielded(text); }, description);
}
CLI::Option* add_texts(CLI::App& app, const char* name, Words& target, const char* description);
// One word for a member that may hold more.
CLI::Option* add_one_text(CLI::App& app, const char* name, Words& target, const char* description);
CLI::Option* add_duration(CLI::App& app, const std::string& name,
                          std::optional<std::uint64_t>& target, const char* description);

// Decimal only: CLI11's own numbers take 010 for 8.
template <typename Number>
Number parse_number(std::string_view option, const std::string& text) {
    Number number{};
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc::result_out_of_range) {
        throw usage_failure(std::string(option) + ": " + text + " is out of range");
    }
    if (error != std::errc{} || rest != end) {
        throw usage_failure(std::string(option) + ": " + in_quotes(unshielded(text)) +
                            " is not a whole number");
    }
    return number;
}

template <typename Target>
struct NumberOf {
    using Type = Target;
};
template <typename Target>
struct NumberOf<std::optional<Target>> {
    using Type = Target;
};

// `name` may have a short form before, "-p,--port", or be that of a word.
template <typename Target>
CLI::Option* add_number(CLI::App& app, const std::string& name, Target& target,
                        const char* description) {
    const std::size_t long_at = name.find("--");
    const std::string long_name = name.substr(long_at == std::string::npos ? 0 : long_at);
    return app
        .add_option_function<std::string>(
            name,
            [&target, long_name](const std::string& text) {
                target = parse_number<typename NumberOf<Target>::Type>(long_name, text);
            },
            description)
        ->option_text("N");
}

}  // namespace tc
