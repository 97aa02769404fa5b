// SPDX-License-Identifier: MIT
#include "server/settings/setting_layers.hpp"

#include <cstring>

namespace tc {

namespace {

constexpr std::string_view variable_prefix = "TAGCACHED_";
constexpr std::string_view file_variable = "TAGCACHED_CONFIG";

constexpr std::size_t index_of(SettingSource source) {
    return static_cast<std::size_t>(source);
}

const Setting* find_by_variable(std::string_view name) {
    for (const Setting& setting : all_settings()) {
        if (variable_of(setting) == name) {
            return &setting;
        }
    }
    return nullptr;
}

}  // namespace

std::optional<std::string> SettingLayers::give(const Setting& setting, SettingSource source,
                                               GivenSetting given) {
    Settings scratch;
    if (auto problem = read_setting(setting, given.text, scratch); problem.has_value()) {
        return given.place + ": " + *problem;
    }
    layers_[index_of(source)].insert_or_assign(&setting, std::move(given));
    return std::nullopt;
}

void SettingLayers::take_back(const Setting& setting, SettingSource source) {
    layers_[index_of(source)].erase(&setting);
}

void SettingLayers::clear(SettingSource source) {
    layers_[index_of(source)].clear();
}

bool SettingLayers::has(SettingSource source) const {
    return !layers_[index_of(source)].empty();
}

EffectiveSetting SettingLayers::effective(const Setting& setting) const {
    for (std::size_t i = source_count; i > 0; --i) {
        const auto found = layers_[i - 1].find(&setting);
        if (found != layers_[i - 1].end()) {
            return {static_cast<SettingSource>(i - 1), &found->second};
        }
    }
    return {};
}

Settings SettingLayers::settings() const {
    Settings settings;
    for (const Setting& setting : all_settings()) {
        if (const EffectiveSetting effective = this->effective(setting);
            effective.given != nullptr) {
            // It was read once before it was kept.
            static_cast<void>(read_setting(setting, effective.given->text, settings));
        }
    }
    return settings;
}

std::string SettingLayers::place_of(std::string_view key) const {
    const Setting* const setting = find_setting(key);
    const EffectiveSetting effective =
        setting != nullptr ? this->effective(*setting) : EffectiveSetting{};
    return effective.given != nullptr ? effective.given->place : std::string(key);
}

std::string_view name_of(SettingSource source) noexcept {
    switch (source) {
        case SettingSource::built_in: return "default";
        case SettingSource::file: return "file";
        case SettingSource::environment: return "environment";
        case SettingSource::command_line: return "command line";
        case SettingSource::run_time: return "set";
    }
    return "";
}

std::vector<std::string> read_environment(const char* const* variables, SettingLayers& layers) {
    std::vector<std::string> problems;
    for (; variables != nullptr && *variables != nullptr; ++variables) {
        const std::string_view variable = *variables;
        const std::string_view name = variable.substr(0, variable.find('='));
        if (!name.starts_with(variable_prefix) || name == file_variable ||
            name.size() == variable.size()) {
            continue;
        }
        const Setting* const setting = find_by_variable(name);
        if (setting == nullptr) {
            problems.push_back(std::string(name) + ": there is no such setting");
            continue;
        }
        const std::string text(variable.substr(name.size() + 1));
        if (auto problem =
                layers.give(*setting, SettingSource::environment, {text, std::string(name)});
            problem.has_value()) {
            problems.push_back(std::move(*problem));
        }
    }
    return problems;
}

}  // namespace tc
