// SPDX-License-Identifier: MIT
#include "server/configuration.hpp"

#include <algorithm>
#include <utility>

#include "server/limits.hpp"
#include "server/machine.hpp"
#include "server/settings/config_file.hpp"

namespace tc {

namespace {

constexpr std::string_view memory_key = "memory.max";

bool is_in(const Setting& setting, std::string_view key_or_table) {
    return key_or_table.empty() || setting.key == key_or_table ||
           (setting.key.starts_with(key_or_table) && setting.key[key_or_table.size()] == '.');
}

// What the server works out by itself is told in words.
std::string shown_value(const Setting& setting, const Settings& settings) {
    const bool is_automatic =
        !setting.default_text.empty() && is_same_setting(setting, settings, Settings{});
    return is_automatic ? default_text_of(setting) : write_setting(setting, settings);
}

}  // namespace

Settings completed(Settings settings) {
    if (settings.memory_bytes_max == 0) {
        settings.memory_bytes_max = usable_memory_bytes() / 2;
    }
    if (settings.ttl_default_ms == 0) {
        settings.ttl_default_ms = settings.ttl_max_ms;
    }
    return settings;
}

std::uint64_t memory_bytes_ceiling(const Settings& settings) {
    const std::uint64_t memory = settings.memory_bytes_max;
    const bool is_large = memory > UINT64_MAX / limits::memory_growth_max;
    return std::max(memory, std::min(usable_memory_bytes(),
                                     is_large ? memory : memory * limits::memory_growth_max));
}

std::string listing_text(const SettingLayers& layers, const Settings& settings) {
    std::string text;
    for (const Setting& setting : all_settings()) {
        const EffectiveSetting effective = layers.effective(setting);
        text += std::string(setting.key) + " = " + shown_value(setting, settings) + "  (" +
                (effective.given != nullptr ? effective.given->place
                                            : std::string(name_of(effective.source))) +
                ")\n";
    }
    return text;
}

Configuration::Configuration(SettingLayers layers, std::string config_path, Settings settings)
    : config_path_(std::move(config_path)),
      memory_bytes_ceiling_(memory_bytes_ceiling(settings)),
      layers_(std::move(layers)),
      settings_(std::move(settings)) {}

void Configuration::set_listener(std::function<void(const Settings&)> listener) {
    const std::lock_guard lock(mutex_);
    listener_ = std::move(listener);
}

Settings Configuration::settings() const {
    const std::lock_guard lock(mutex_);
    return settings_;
}

std::vector<SettingListing> Configuration::list(std::string_view key_or_table) const {
    const std::lock_guard lock(mutex_);
    const Settings next = completed(layers_.settings());
    std::vector<SettingListing> listings;
    for (const Setting& setting : all_settings()) {
        if (!is_in(setting, key_or_table)) {
            continue;
        }
        const EffectiveSetting effective = layers_.effective(setting);
        listings.push_back({.setting = &setting,
                            .value = shown_value(setting, settings_),
                            .next_value = shown_value(setting, next),
                            .source = effective.source,
                            .place = effective.given != nullptr ? effective.given->place : ""});
    }
    return listings;
}

ConfigurationChange Configuration::set(const Setting& setting, std::string text) {
    const std::lock_guard lock(mutex_);
    if (!setting.is_live) {
        return {{std::string(setting.key) + " takes effect at the next start only"}, {}, {}};
    }
    SettingLayers layers = layers_;
    if (auto problem = layers.give(setting, SettingSource::run_time,
                                   {std::move(text), std::string(setting.key)});
        problem.has_value()) {
        return {{std::move(*problem)}, {}, {}};
    }
    if (setting.key == memory_key) {
        if (auto problems = memory_problems(layers); !problems.empty()) {
            return {std::move(problems), {}, {}};
        }
    }
    return take_over(std::move(layers));
}

ConfigurationChange Configuration::reset(const Setting& setting) {
    const std::lock_guard lock(mutex_);
    SettingLayers layers = layers_;
    layers.take_back(setting, SettingSource::run_time);
    return take_over(std::move(layers));
}

ConfigurationChange Configuration::reload(const Check& check) {
    const std::lock_guard lock(mutex_);
    SettingLayers layers = layers_;
    layers.clear(SettingSource::run_time);
    layers.clear(SettingSource::file);
    if (auto problems = read_config_file(config_path_, layers); !problems.empty()) {
        return {std::move(problems), {}, {}};
    }
    if (std::string problem = check(completed(layers.settings())); !problem.empty()) {
        return {{std::move(problem)}, {}, {}};
    }
    return take_over(std::move(layers));
}

// Why the running server cannot have the limit of memory that the layers amount to, although the
// next one may: address space is kept for so much, and values are as large as they were.
std::vector<std::string> Configuration::memory_problems(const SettingLayers& layers) const {
    Settings running = settings_;
    running.memory_bytes_max = completed(layers.settings()).memory_bytes_max;
    if (running.memory_bytes_max > memory_bytes_ceiling_) {
        return {layers.place_of(memory_key) + ": this server can be given " +
                std::to_string(memory_bytes_ceiling_ >> 20) +
                "m while it runs; more takes a restart"};
    }
    return problems_of(layers, running);
}

ConfigurationChange Configuration::take_over(SettingLayers layers) {
    const Settings next = completed(layers.settings());
    ConfigurationChange change;
    change.problems = problems_of(layers, next);
    if (!change.problems.empty()) {
        return change;
    }
    const bool is_memory_postponed = !memory_problems(layers).empty();
    for (const Setting& setting : all_settings()) {
        if (is_same_setting(setting, settings_, next)) {
            continue;
        }
        if (setting.is_live && !(is_memory_postponed && setting.key == memory_key)) {
            copy_setting(setting, next, settings_);
            change.changed.push_back(&setting);
        } else {
            change.postponed.push_back(&setting);
        }
    }
    layers_ = std::move(layers);
    if (!change.changed.empty() && listener_ != nullptr) {
        listener_(settings_);
    }
    return change;
}

}  // namespace tc
