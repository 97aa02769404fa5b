// SPDX-License-Identifier: MIT
#include "cli/server_options.hpp"

#include "cli/commands.hpp"
#include "cli/option_kinds.hpp"

namespace tc {
namespace {

void add_config_file(CLI::App& command, Arguments& arguments) {
    add_text(command, "--config", arguments.file, "Change this file instead of the server's")
        ->option_text("FILE");
    command.add_flag("--live", arguments.is_live_only, "Change the running server, and no file");
}

}  // namespace

void add_slowlog_commands(CLI::App& app, Arguments& arguments, const AddCommand& add) {
    CLI::App& slowlog_command =
        add(app, "slowlog", slowlog, "Print the last requests that took the server long",
            "tagcache slowlog get 20");
    slowlog_command.require_subcommand(0, 1);
    CLI::App& get = add(slowlog_command, "get", slowlog, "The same, of so many requests",
                        "tagcache slowlog get 20");
    add_number(get, "N", arguments.limit, "At most N, up to 128 (10)");
    add(slowlog_command, "len", slowlog_len, "Print how many are kept", "tagcache slowlog len");
    add(slowlog_command, "reset", slowlog_reset, "Forget them", "tagcache slowlog reset");
}

void add_config_commands(CLI::App& app, Arguments& arguments, const AddCommand& add) {
    CLI::App& config = add(app, "config", nullptr, "Show and change the settings of the server",
                           "tagcache config set memory.max 2g");
    config.require_subcommand(0, 1);
    CLI::App& show = add(config, "show", config_show, "Print settings and where they come from",
                         "tagcache config show memory");
    add_text(show, "TABLE", arguments.setting, "Of one table, or one setting; none = all");
    CLI::App& get = add(config, "get", config_get, "Print the value of a setting",
                        "tagcache config get memory.max");
    add_text(get, "KEY", arguments.setting, "The setting")->required();
    CLI::App& set = add(config, "set", config_set, "Change a setting, in the server and its file",
                        "tagcache config set memory.max 2g");
    add_text(set, "KEY", arguments.setting, "The setting")->required();
    add_text(set, "VALUE", arguments.setting_value, "The value")->required();
    add_config_file(set, arguments);
    CLI::App& reset =
        add(config, "reset", config_reset, "Take a setting back, in the server and its file",
            "tagcache config reset memory.max");
    add_text(reset, "KEY", arguments.setting, "The setting")->required();
    add_config_file(reset, arguments);
    add(config, "reload", config_reload, "Have the server read its file again",
        "tagcache config reload");
    add(config, "path", config_path, "Print the path of the configuration file",
        "tagcache config path");
    add(app, "shutdown", shutdown, "Stop the server", "tagcache shutdown");
    add(app, "restart", restart, "Restart the server by its service manager", "tagcache restart");
}

}  // namespace tc
