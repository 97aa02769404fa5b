// SPDX-License-Identifier: MIT
//
// config show|get|set|reset|reload|path: the settings of the server, and of its file.
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/config_file.hpp"
#include "cli/config_text.hpp"
#include "cli/environment.hpp"
#include "cli/escape.hpp"
#include "cli/fields.hpp"

namespace tc {
namespace {

// The settings that an action tells of. Nothing when there is none of this name.
std::optional<std::vector<Fields>> ask(const Client& client, tagcache_config_action action,
                                       const std::string& key, const std::string& value = "") {
    const Result result;
    const tagcache_status status = client.check(
        tagcache_config(client, action, as_bytes(key), as_bytes(value), result, nullptr),
        "config " + key);
    if (status == TAGCACHE_NOT_FOUND) {
        return std::nullopt;
    }
    std::vector<Fields> settings;
    while (tagcache_result_next(result)) {
        settings.push_back(read_fields(result));
    }
    return settings;
}

Failure no_such_setting(const std::string& key) {
    return {ExitCode::negative,
            "the server has no setting " + in_quotes(key) + "; tagcache config show lists them"};
}

std::vector<Fields> settings_of(const Client& client, const std::string& key) {
    auto settings = ask(client, TAGCACHE_CONFIG_GET, key);
    if (!settings.has_value()) {
        throw no_such_setting(key);
    }
    return std::move(*settings);
}

Fields setting_of(const Client& client, const std::string& key) {
    std::vector<Fields> settings = settings_of(client, key);
    if (settings.size() != 1 || text_of(settings[0], "key") != key) {
        throw no_such_setting(key);
    }
    return std::move(settings[0]);
}

std::string place_of(const Fields& setting) {
    const std::string_view place = text_of(setting, "place");
    return std::string(place.empty() ? text_of(setting, "source") : place);
}

void show_setting(Output& output, const Fields& setting, std::size_t key_width) {
    const std::string key(text_of(setting, "key"));
    const std::string value(text_of(setting, "value"));
    if (output.form() != Form::terminal) {
        output.write(key + '\t' + value + '\t' + std::string(text_of(setting, "source")) + '\n');
        return;
    }
    const std::string_view next = text_of(setting, "next_value");
    output.write(output.strong(key) + std::string(key_width - key.size() + 2, ' ') +
                 escaped(value) + "  (" + escaped(place_of(setting)) + ")" +
                 (next.empty() ? "" : "  " + escaped(next) + " after a restart") + '\n');
}

// What a change needs to know of the server. Only a file that is named can be changed without one.
struct Target {
    bool is_reached = false;
    std::string path;  // of the file; "" = none
};

Target target_of(const Arguments& arguments, const Client& client) {
    Target target{true, arguments.file};
    if (tagcache_client_connect(client, nullptr) != TAGCACHE_OK) {
        if (arguments.file.empty() || arguments.is_live_only) {
            client.check(tagcache_client_connect(client, nullptr), "connect");
        }
        target.is_reached = false;
    } else if (arguments.is_live_only) {
        target.path.clear();
    } else if (target.path.empty() && client.is_here()) {
        // A server on another machine has its file there.
        target.path = text_of(ask_fields(client, tagcache_info, "info"), "config_file");
    }
    return target;
}

void tell(Output& output, const std::string& key, bool is_live, const std::string& path) {
    const std::string server = is_live ? "the running server" : "";
    const std::string file = path.empty() ? "" : (is_live ? " and " : "") + path;
    output.sentence("changed " + key + " in " + server + file);
    if (!is_live) {
        output.note("it takes effect at the server's next start");
    } else if (path.empty()) {
        output.note("it lasts until the server ends");
    }
}

// Sets with a value, resets without one.
ExitCode change(const Arguments& arguments, Output& output,
                const std::optional<std::string>& value) {
    const Client client(arguments);
    const std::string& key = arguments.setting;
    const Target target = target_of(arguments, client);
    const bool is_live = target.is_reached && number_of(setting_of(client, key), "live") != 0;
    if (!is_live && target.path.empty()) {
        throw Failure(ExitCode::refused,
                      key +
                          " takes effect at the server's start only, and there is no file to "
                          "change here; name one with --config");
    }
    if (!target.path.empty()) {
        const ConfigFile file(target.path);
        file.replace(value.has_value() ? with_setting(file.contents(), key, toml_value_of(*value))
                                       : without_setting(file.contents(), key));
    }
    if (is_live && target.path.empty()) {
        ask(client, value.has_value() ? TAGCACHE_CONFIG_SET : TAGCACHE_CONFIG_RESET, key,
            value.value_or(""));
    } else if (is_live) {
        ask(client, TAGCACHE_CONFIG_RELOAD, "");
    }
    tell(output, key, is_live, target.path);
    return ExitCode::ok;
}

bool is_there(const std::string& path) {
    return access(path.c_str(), F_OK) == 0;
}

}  // namespace

ExitCode config_show(const Arguments& arguments, Output& output) {
    const Client client(arguments);
    const std::vector<Fields> settings = settings_of(client, arguments.setting);
    std::size_t key_width = 0;
    for (const Fields& setting : settings) {
        key_width = std::max(key_width, text_of(setting, "key").size());
    }
    for (const Fields& setting : settings) {
        if (output.form() == Form::json) {
            output.json([&](JsonObject& object) { write_members(object, setting); });
        } else {
            show_setting(output, setting, key_width);
        }
    }
    return ExitCode::ok;
}

ExitCode config_get(const Arguments& arguments, Output& output) {
    const Client client(arguments);
    const Fields setting = setting_of(client, arguments.setting);
    if (output.form() == Form::json) {
        output.json([&](JsonObject& object) { write_members(object, setting); });
    } else {
        output.item(text_of(setting, "value"));
    }
    return ExitCode::ok;
}

ExitCode config_set(const Arguments& arguments, Output& output) {
    return change(arguments, output, arguments.setting_value);
}

ExitCode config_reset(const Arguments& arguments, Output& output) {
    return change(arguments, output, std::nullopt);
}

ExitCode config_reload(const Arguments& arguments, Output& output) {
    const Client client(arguments);
    const auto changed = ask(client, TAGCACHE_CONFIG_RELOAD, "");
    for (const Fields& setting : changed.value_or(std::vector<Fields>{})) {
        if (output.form() == Form::json) {
            output.json([&](JsonObject& object) { write_members(object, setting); });
        } else {
            show_setting(output, setting, text_of(setting, "key").size());
        }
    }
    if (!changed.has_value() || changed->empty()) {
        output.sentence("nothing has changed");
    }
    return ExitCode::ok;
}

// The server's, when it answers; else the one that a server started now would read.
ExitCode config_path(const Arguments& arguments, Output& output) {
    const Client client(arguments);
    std::string path;
    if (tagcache_client_connect(client, nullptr) == TAGCACHE_OK) {
        path = text_of(ask_fields(client, tagcache_info, "info"), "config_file");
    } else {
        const char* const home = environment_text("HOME");
        const std::string own =
            std::string(home == nullptr ? "" : home) + "/.config/tagcache/tagcached.toml";
        const std::string system = "/etc/tagcache/tagcached.toml";
        path = home != nullptr && is_there(own) ? own : is_there(system) ? system : "";
    }
    if (path.empty()) {
        output.negative("no configuration file is in use");
        return ExitCode::negative;
    }
    output.item(path);
    return ExitCode::ok;
}

}  // namespace tc
