// SPDX-License-Identifier: MIT
//
// How tagcached was asked to run: its command line, the environment and the configuration file, put
// together. Everything that is wrong with them has been said, on standard error, on return.
#pragma once

#include <string>
#include <vector>

#include "server/settings/setting_layers.hpp"

namespace tc {

struct StartOptions {
    SettingLayers layers;
    Settings settings;                  // complete: what follows from the machine is filled in
    std::string config_path;            // absolute; "" = no file
    std::vector<std::string> warnings;  // what is legal, but may not be meant
    bool resets_credentials = false;    // instead of serving
    bool exits = false;  // asked for something that is done, or a mistake: there is nothing to run
    int exit_code = 0;
};

[[nodiscard]] StartOptions read_start_options(int argc, char** argv);

}  // namespace tc
