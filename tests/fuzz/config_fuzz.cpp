// SPDX-License-Identifier: MIT
//
// The configuration file: an input is its contents. It is read, or refused with a line for each
// problem; what was read is what the listing of settings says, and can be written again.
#include <algorithm>
#include <string>

#include "input.hpp"
#include "require.hpp"
#include "server/settings/config_file.hpp"
#include "target.hpp"

namespace tc::fuzz {
namespace {

constexpr std::string_view path = "file";

// "file:line: ...", in one line.
void require_problem(const std::string& problem, std::size_t line_count) {
    require(problem.starts_with("file:"), "a problem begins with its file");
    const std::size_t line = std::strtoul(problem.c_str() + path.size() + 1, nullptr, 10);
    require(line >= 1 && line <= line_count, "a problem names a line of the file");
    require(problem.find('\n') == std::string::npos, "a problem is one line");
}

// As a file would say it; a text of a number or of true is one too.
std::string assignment(const Setting& setting, const std::string& text) {
    std::string quoted;
    for (const char c : text) {
        static constexpr char digits[] = "0123456789abcdef";
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F || c == '"' || c == '\\') {
            quoted += std::string("\\u00") + digits[byte >> 4] + digits[byte & 0x0F];
        } else {
            quoted += c;
        }
    }
    const bool is_bare =
        setting.kind == SettingKind::number || setting.kind == SettingKind::boolean;
    return std::string(setting.key) + " = " + (is_bare ? text : '"' + quoted + '"') + "\n";
}

}  // namespace
}  // namespace tc::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tc;
    using namespace tc::fuzz;
    const std::string_view contents = Input(data, size).text(size);
    SettingLayers layers;
    const auto problems = parse_config(contents, std::string(path), layers);
    const auto line_count =
        static_cast<std::size_t>(std::count(contents.begin(), contents.end(), '\n')) + 1;
    for (const std::string& problem : problems) {
        require_problem(problem, line_count);
    }
    if (!problems.empty()) {
        return 0;
    }
    std::string written;
    for (const Setting& setting : all_settings()) {
        if (const EffectiveSetting effective = layers.effective(setting); effective.given) {
            written += assignment(setting, effective.given->text);
        }
    }
    SettingLayers again;
    require(parse_config(written, std::string(path), again).empty(),
            "what was read can be written");
    for (const Setting& setting : all_settings()) {
        const GivenSetting* const first = layers.effective(setting).given;
        const GivenSetting* const second = again.effective(setting).given;
        require((first == nullptr) == (second == nullptr), "a setting that was read is written");
        require(first == nullptr || first->text == second->text, "it is written as it was read");
    }
    (void)problems_of(layers, layers.settings());
    (void)warnings_about(layers, layers.settings());
    return 0;
}
