// SPDX-License-Identifier: MIT
//
// Values of settings as texts.
#include <algorithm>
#include <charconv>
#include <system_error>

#include "server/limits.hpp"
#include "server/settings/setting.hpp"

namespace tc {

namespace {

// What stands between two separators; calls `take` with each.
template <typename Take>
void split(std::string_view text, char separator, Take take) {
    for (;;) {
        const std::size_t end = text.find(separator);
        take(text.substr(0, end));
        if (end == std::string_view::npos) {
            return;
        }
        text.remove_prefix(end + 1);
    }
}

// Of "k", "MiB" and the like: how far a number is shifted. Nothing when it is no unit.
std::optional<unsigned> unit_shift(std::string_view unit) {
    constexpr std::string_view letters = "kmgt";
    if (unit.empty() || unit == "B" || unit == "b") {
        return 0;
    }
    const char letter = static_cast<char>(unit[0] | 0x20);
    const std::size_t at = letters.find(letter);
    const std::string_view rest = unit.substr(1);
    const bool is_known =
        rest.empty() || rest == "b" || rest == "B" || rest == "iB" || rest == "ib";
    if (at == std::string_view::npos || !is_known) {
        return std::nullopt;
    }
    return static_cast<unsigned>(10 * (at + 1));
}

std::optional<std::uint64_t> parse_number(std::string_view text, bool has_unit) {
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    // 010 is ten to some and eight to others.
    const bool is_octal = text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
    if (error != std::errc{} || is_octal) {
        return std::nullopt;
    }
    std::string_view unit(rest, static_cast<std::size_t>(end - rest));
    if (!has_unit) {
        return unit.empty() ? std::optional(number) : std::nullopt;
    }
    unit.remove_prefix(std::min(unit.find_first_not_of(' '), unit.size()));
    const std::optional<unsigned> shift = unit_shift(unit);
    if (!shift.has_value() || number > UINT64_MAX >> *shift) {
        return std::nullopt;
    }
    return number << *shift;
}

// The largest unit that loses nothing.
std::string size_text(std::uint64_t bytes) {
    constexpr std::string_view letters = "tgmk";
    for (std::size_t i = 0; i < letters.size(); ++i) {
        const unsigned shift = static_cast<unsigned>(10 * (letters.size() - i));
        if (bytes != 0 && bytes % (std::uint64_t{1} << shift) == 0) {
            return std::to_string(bytes >> shift) + letters[i];
        }
    }
    return std::to_string(bytes);
}

std::string choices_text(std::string_view choices) {
    std::string text(choices);
    const std::size_t last = text.rfind(' ');
    if (last != std::string::npos) {
        text.replace(last, 1, " or ");
    }
    for (std::size_t at = 0; (at = text.find(' ', at)) < text.rfind(" or "); at += 2) {
        text.insert(at, ",");
    }
    return text;
}

bool is_choice(std::string_view choices, std::string_view text) {
    bool is_one = false;
    split(choices, ' ', [&](std::string_view choice) { is_one = is_one || choice == text; });
    return is_one;
}

std::optional<std::string> read_number(const Setting& setting, std::string_view text,
                                       std::uint64_t& value) {
    const auto number = parse_number(text, setting.kind == SettingKind::size);
    if (!number.has_value() || *number < setting.min || *number > setting.max) {
        return "'" + std::string(text) + "' is not " + range_text_of(setting);
    }
    value = *number;
    return std::nullopt;
}

std::optional<std::string> read_text(const Setting& setting, std::string_view text,
                                     std::string& value) {
    if (setting.kind == SettingKind::choice && !is_choice(setting.choices, text)) {
        return "'" + std::string(text) + "' is not " + range_text_of(setting);
    }
    if (text.find('\0') != std::string_view::npos) {
        return "a text cannot have a NUL byte";
    }
    if (text.size() > limits::text_bytes_max) {
        return "a text cannot be longer than " + std::to_string(limits::text_bytes_max) + " bytes";
    }
    std::string given(text);
    if (setting.check != nullptr) {
        if (std::string problem = setting.check(given); !problem.empty()) {
            return problem;
        }
    }
    value = std::move(given);
    return std::nullopt;
}

std::optional<std::string> read_boolean(const Setting& setting, std::string_view text,
                                        bool& value) {
    if (text != "true" && text != "false") {
        return "'" + std::string(text) + "' is not " + range_text_of(setting);
    }
    value = text == "true";
    return std::nullopt;
}

std::optional<std::string> read_list(const Setting& setting, std::string_view text,
                                     std::vector<std::string>& value) {
    std::vector<std::string> items;
    std::optional<std::string> problem;
    split(text, ',', [&](std::string_view item) {
        item.remove_prefix(std::min(item.find_first_not_of(' '), item.size()));
        item = item.substr(0, item.find_last_not_of(' ') + 1);
        std::string read;
        if (!problem.has_value()) {
            problem = read_text(setting, item, read);
            items.push_back(std::move(read));
        }
    });
    if (!problem.has_value()) {
        value = std::move(items);
    }
    return problem;
}

// Calls `use` with the member of the settings.
template <typename SomeSettings, typename Use>
decltype(auto) with_member(const Setting& setting, SomeSettings& settings, Use use) {
    return std::visit([&](auto member) -> decltype(auto) { return use(settings.*member); },
                      setting.member);
}

std::string text_of_value(const Setting& setting, std::uint64_t value) {
    return setting.kind == SettingKind::size ? size_text(value) : std::to_string(value);
}
std::string text_of_value(const Setting& /*setting*/, const std::string& value) {
    return value;
}
std::string text_of_value(const Setting& /*setting*/, bool value) {
    return value ? "true" : "false";
}
std::string text_of_value(const Setting& /*setting*/, const std::vector<std::string>& value) {
    std::string text;
    for (const std::string& item : value) {
        text += (text.empty() ? "" : ",") + item;
    }
    return text;
}

}  // namespace

std::string_view nearest_setting_key(std::string_view key) {
    const auto spelled_alike = [](std::string_view left, std::string_view right) {
        const auto is_gap = [](char byte) { return byte == '.' || byte == '_' || byte == '-'; };
        return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                          [&](char a, char b) { return a == b || (is_gap(a) && is_gap(b)); });
    };
    const auto name_of = [](std::string_view path) { return path.substr(path.rfind('.') + 1); };
    for (const Setting& setting : all_settings()) {
        if (spelled_alike(setting.key, key) || name_of(setting.key) == name_of(key)) {
            return setting.key;
        }
    }
    return {};
}

std::string option_of(const Setting& setting) {
    std::string option = "--" + std::string(setting.key);
    std::replace_if(
        option.begin(), option.end(), [](char c) { return c == '.' || c == '_'; }, '-');
    return option;
}

std::string variable_of(const Setting& setting) {
    std::string variable = "TAGCACHED_";
    for (const char byte : setting.key) {
        const bool is_letter = byte >= 'a' && byte <= 'z';
        variable += byte == '.' ? '_' : is_letter ? static_cast<char>(byte - 'a' + 'A') : byte;
    }
    return variable;
}

std::optional<std::string> read_setting(const Setting& setting, std::string_view text,
                                        Settings& settings) {
    struct Reader {
        const Setting& setting;
        std::string_view text;
        auto operator()(std::uint64_t& value) { return read_number(setting, text, value); }
        auto operator()(std::string& value) { return read_text(setting, text, value); }
        auto operator()(bool& value) { return read_boolean(setting, text, value); }
        auto operator()(std::vector<std::string>& value) { return read_list(setting, text, value); }
    };
    return with_member(setting, settings, Reader{setting, text});
}

std::string write_setting(const Setting& setting, const Settings& settings) {
    return with_member(setting, settings,
                       [&](const auto& value) { return text_of_value(setting, value); });
}

std::string default_text_of(const Setting& setting) {
    return setting.default_text.empty() ? write_setting(setting, Settings{})
                                        : std::string(setting.default_text);
}

std::string range_text_of(const Setting& setting) {
    switch (setting.kind) {
        case SettingKind::choice: return choices_text(setting.choices);
        case SettingKind::boolean: return "true or false";
        case SettingKind::list: return "a list of texts";
        case SettingKind::text: return "a text";
        case SettingKind::number:
        case SettingKind::size: break;
    }
    const std::string what =
        setting.kind == SettingKind::size ? "a size (65536, 64k, 512m, 2g)" : "a number";
    if (setting.max == UINT64_MAX) {
        return setting.min == 0 ? what
                                : what + " of at least " + text_of_value(setting, setting.min);
    }
    return what + " from " + text_of_value(setting, setting.min) + " to " +
           text_of_value(setting, setting.max);
}

void copy_setting(const Setting& setting, const Settings& from, Settings& to) {
    std::visit([&](auto member) { to.*member = from.*member; }, setting.member);
}

bool is_same_setting(const Setting& setting, const Settings& left, const Settings& right) {
    return std::visit([&](auto member) { return left.*member == right.*member; }, setting.member);
}

}  // namespace tc
