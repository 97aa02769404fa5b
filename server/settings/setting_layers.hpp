// SPDX-License-Identifier: MIT
//
// Where the value of each setting comes from: what was set at run time goes before the command
// line, that before the environment, that before the file, that before what is built in.
//
// Threads: one at a time.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/settings/setting.hpp"

namespace tc {

enum class SettingSource : std::uint8_t { built_in, file, environment, command_line, run_time };

struct GivenSetting {
    std::string text;
    std::string place;  // as messages name it: "--port", "TAGCACHED_PORT", "/etc/...:12: port"
};

struct EffectiveSetting {
    SettingSource source = SettingSource::built_in;
    const GivenSetting* given = nullptr;  // nullptr when it is built in
};

class SettingLayers {
 public:
    // Keeps the text, unless the setting cannot have it: then it says why not, with the place.
    [[nodiscard]] std::optional<std::string> give(const Setting& setting, SettingSource source,
                                                  GivenSetting given);
    void take_back(const Setting& setting, SettingSource source);
    void clear(SettingSource source);
    [[nodiscard]] bool has(SettingSource source) const;

    [[nodiscard]] EffectiveSetting effective(const Setting& setting) const;
    // What all of them amount to, without what follows from the machine.
    [[nodiscard]] Settings settings() const;
    // How a message names the setting: by the place that it comes from.
    [[nodiscard]] std::string place_of(std::string_view key) const;

 private:
    static constexpr std::size_t source_count = 5;

    std::array<std::map<const Setting*, GivenSetting>, source_count> layers_;
};

// "default", "file", "environment", "command line", "set".
[[nodiscard]] std::string_view name_of(SettingSource source) noexcept;

// What only shows when all of them are known: whole sentences, none when all is well.
[[nodiscard]] std::vector<std::string> problems_of(const SettingLayers& layers,
                                                   const Settings& settings);
// What is legal, but may not be meant.
[[nodiscard]] std::vector<std::string> warnings_about(const SettingLayers& layers,
                                                      const Settings& settings);

// All TAGCACHED_ variables of the environment; each problem a sentence.
[[nodiscard]] std::vector<std::string> read_environment(const char* const* variables,
                                                        SettingLayers& layers);

}  // namespace tc
