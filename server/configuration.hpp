// SPDX-License-Identifier: MIT
//
// The settings of a running server: what is in effect, where it comes from, and how it changes. A
// change is made whole or not at all. What is not live waits for the next start, and so does a
// memory.max that only a new server can have, unless it is set here: then it is refused.
//
// Threads: any; locked inside. Never on the path of a request but CONFIG's.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "server/settings/setting_layers.hpp"

namespace tc {

// What follows from the machine and from other settings, filled in.
[[nodiscard]] Settings completed(Settings settings);

// Up to which memory.max can be raised while a server runs that was started with these settings:
// it keeps address space for so much.
[[nodiscard]] std::uint64_t memory_bytes_ceiling(const Settings& settings);

// One setting as CONFIG shows it.
struct SettingListing {
    const Setting* setting = nullptr;
    std::string value;       // in effect
    std::string next_value;  // from the next start on
    SettingSource source = SettingSource::built_in;
    std::string place;  // where it was given: "--port", "/etc/...:3: port"; empty when built in
};

// A line each: key, value, source.
[[nodiscard]] std::string listing_text(const SettingLayers& layers, const Settings& settings);

struct ConfigurationChange {
    std::vector<std::string> problems;      // when there is one, nothing has changed
    std::vector<const Setting*> changed;    // took effect
    std::vector<const Setting*> postponed;  // will at the next start
};

class Configuration {
 public:
    // `settings`: complete, and in effect from now on.
    Configuration(SettingLayers layers, std::string config_path, Settings settings);

    // Called with each change, one at a time, until it is set to nothing; it may take live settings
    // over, and nothing else. It must not call back.
    void set_listener(std::function<void(const Settings&)> listener);

    [[nodiscard]] Settings settings() const;
    [[nodiscard]] const std::string& config_path() const noexcept { return config_path_; }
    // Of one key, of all of a table, or with "" of all; none when there is no such key.
    [[nodiscard]] std::vector<SettingListing> list(std::string_view key_or_table) const;

    // For this run of the server; goes before everything else until the next reload.
    [[nodiscard]] ConfigurationChange set(const Setting& setting, std::string text);
    // Back to what command line, environment and file say.
    [[nodiscard]] ConfigurationChange reset(const Setting& setting);
    // Reads the file again, and forgets what was set; unless `check` says of what the next start
    // would have that there is something wrong with it. It must not call back.
    using Check = std::function<std::string(const Settings& next)>;
    [[nodiscard]] ConfigurationChange reload(const Check& check);

 private:
    [[nodiscard]] std::vector<std::string> memory_problems(const SettingLayers& layers) const;
    [[nodiscard]] ConfigurationChange take_over(SettingLayers layers);

    const std::string config_path_;
    const std::uint64_t memory_bytes_ceiling_;
    mutable std::mutex mutex_;
    SettingLayers layers_;                           // Guarded by mutex_.
    Settings settings_;                              // Guarded by mutex_: in effect.
    std::function<void(const Settings&)> listener_;  // Guarded by mutex_.
};

}  // namespace tc
