// SPDX-License-Identifier: MIT
#include "cli/option_kinds.hpp"

#include "cli/quantity.hpp"

namespace tc {
namespace {

constexpr char shield = '\x01';

}  // namespace

bool needs_shield(const std::string& word) {
    return word.empty() || word == "++" || word[0] == '[' || word[0] == shield;
}

std::string shielded(const std::string& word) {
    return shield + word;
}

std::string unshielded(const std::string& word) {
    return !word.empty() && word[0] == shield ? word.substr(1) : word;
}

CLI::Option* add_one_text(CLI::App& app, const char* name, Words& target, const char* description) {
    return app.add_option_function<std::string>(
        name, [&target](const std::string& text) { target = {unshielded(text)}; }, description);
}

CLI::Option* add_texts(CLI::App& app, const char* name, Words& target, const char* description) {
    return app.add_option_function<Words>(
        name,
        [&target](const Words& texts) {
            for (const std::string& text : texts) {
                target.push_back(unshielded(text));
            }
        },
        description);
}

CLI::Option* add_duration(CLI::App& app, const std::string& name,
                          std::optional<std::uint64_t>& target, const char* description) {
    return app
        .add_option_function<std::string>(
            name,
            [&target, name](const std::string& text) {
                target = parse_duration_ms(text);
                if (!target.has_value()) {
                    throw usage_failure(name + ": " + in_quotes(unshielded(text)) +
                                        " is not a duration; say 500ms, 30s, 5m, 2h, 1d, or 0 "
                                        "for no expiry");
                }
            },
            description)
        ->option_text("DURATION");
}

}  // namespace tc
