// SPDX-License-Identifier: MIT
//
// The configuration file: TOML, with the settings by their keys. Each problem that is returned is
// one line, "file:line: key: reason"; the layers are only of use when there is none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/settings/setting_layers.hpp"

namespace tc {

// A regular file of at most 1 MiB. "" reads nothing, for a server without a file.
[[nodiscard]] std::vector<std::string> read_config_file(const std::string& path,
                                                        SettingLayers& layers);
// The same of its contents.
[[nodiscard]] std::vector<std::string> parse_config(std::string_view contents,
                                                    const std::string& path, SettingLayers& layers);

// The file that is read when the command line names none: what TAGCACHED_CONFIG says, where an
// empty one means none; else the first of these that exists: tagcache/tagcached.toml in
// $XDG_CONFIG_HOME, or in ~/.config, and /etc/tagcache/tagcached.toml. "" = none.
[[nodiscard]] std::string find_config_file();

}  // namespace tc
