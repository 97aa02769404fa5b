// SPDX-License-Identifier: MIT
//
// One row of the table of settings (setting_table.cpp), and what follows from it: the option of the
// command line, the variable of the environment, the line of the file, and the checks, the same for
// all of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "server/settings/settings.hpp"

namespace tc {

enum class SettingKind : std::uint8_t {
    number,   // a plain number
    size,     // bytes, with or without a unit: 512m, 2g
    text,     // any text
    choice,   // one of `choices`
    boolean,  // true or false
    list,     // texts; separated by commas where they are one text
};

// The member whose type goes with the kind: number and size, text and choice, boolean, list.
using SettingMember = std::variant<std::uint64_t Settings::*, std::string Settings::*,
                                   bool Settings::*, std::vector<std::string> Settings::*>;

struct Setting {
    std::string_view key;  // "memory.max": the table and the name in the file
    SettingKind kind;
    SettingMember member;
    std::string_view documentation;    // one or two sentences, without a full stop at the end
    std::string_view value_name = {};  // what stands for the value in usages; empty for a boolean
    std::uint64_t min = 0;             // of a number or size
    std::uint64_t max = UINT64_MAX;
    std::string_view choices = {};       // with a space between
    std::string_view default_text = {};  // in words, where the default is computed at the start
    std::string_view example = {};       // then, a value that could stand in the file
    bool is_live = false;                // can change while the server runs
    // What a text has to be beyond that; each text of a list. "" when all is well.
    std::string (*check)(const std::string& text) = nullptr;
};

// All of them, in the order of the file: a table's keys stand together, the root's first.
[[nodiscard]] std::span<const Setting> all_settings() noexcept;
// nullptr when there is none.
[[nodiscard]] const Setting* find_setting(std::string_view key) noexcept;
// The key that was most likely meant by one that does not exist; empty when none comes close.
[[nodiscard]] std::string_view nearest_setting_key(std::string_view key);

// "--memory-max", "TAGCACHED_MEMORY_MAX".
[[nodiscard]] std::string option_of(const Setting& setting);
[[nodiscard]] std::string variable_of(const Setting& setting);

// Gives the member the value that the text says, or tells why not, as the end of a sentence that
// began with the setting's name. nullopt when all is well.
[[nodiscard]] std::optional<std::string> read_setting(const Setting& setting, std::string_view text,
                                                      Settings& settings);
// The text that read_setting() reads the same.
[[nodiscard]] std::string write_setting(const Setting& setting, const Settings& settings);
// What the value is when nobody sets it, for people.
[[nodiscard]] std::string default_text_of(const Setting& setting);
// What values there are, for people: "0 to 65535", "s3-fifo, lru or none".
[[nodiscard]] std::string range_text_of(const Setting& setting);
void copy_setting(const Setting& setting, const Settings& from, Settings& to);
[[nodiscard]] bool is_same_setting(const Setting& setting, const Settings& left,
                                   const Settings& right);

}  // namespace tc
