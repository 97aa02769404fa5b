// SPDX-License-Identifier: MIT
//
// config show|get|set|reset|reload|path: the settings of the server, and of its file.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>

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
        action == TAGCACHE_CONFIG_RELOAD ? "config reload" : "config " + key);
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

// What a change is made to.
struct Target {
    bool is_server = false;  // the running one
    std::string path;        // of the file; "" = none
    std::string note;        // when it is not the server: why it has not changed
};

std::string file_of_server(const Client& client) {
    return std::string(text_of(ask_fields(client, tagcache_info, "info"), "config_file"));
}

// A server on another machine has its file there.
bool is_file_of_server(const std::string& path, const Client& client) {
    std::error_code error;
    return client.is_here() && std::filesystem::equivalent(path, file_of_server(client), error);
}

// Only a file that is named can be changed without a server.
Target target_of(const Arguments& arguments, const Client& client) {
    const std::string& named = arguments.file;
    if (!named.empty() && !arguments.is_live_only && !client.finds_server()) {
        return {false, named, "it takes effect at the server's next start"};
    }
    client.check(tagcache_client_connect(client, nullptr), "connect");
    if (arguments.is_live_only) {
        return {true, "", ""};
    }
    if (named.empty()) {
        return {true, client.is_here() ? file_of_server(client) : "", ""};
    }
    if (!is_file_of_server(named, client)) {
        return {false, named,
                "the server at " + client.address() + " does not read this file, and is as it was"};
    }
    return {true, named, ""};
}

// False when the file is so already.
bool change_file(Output& output, const std::string& path, const std::string& key,
                 const std::optional<std::string>& value) {
    const ConfigFile file(path);
    const std::string contents = value.has_value()
                                     ? with_setting(file.contents(), key, toml_value_of(*value))
                                     : without_setting(file.contents(), key);
    if (contents == file.contents()) {
        return false;
    }
    if (const std::string problem = file.replace(contents); !problem.empty()) {
        output.note("tagcached would not start by this file alone, as before: " + escaped(problem));
    }
    return true;
}

// A file that no server is asked about.
void change_file_alone(Output& output, const Target& target, const std::string& key,
                       const std::optional<std::string>& value) {
    if (change_file(output, target.path, key, value)) {
        output.sentence("changed " + key + " in " + target.path);
        output.note(target.note);
    } else if (!may_be_setting(key)) {
        throw usage_failure("there is no setting " + in_quotes(key) +
                            "; tagcached --print-config lists them");
    } else {
        output.sentence("nothing has changed");
    }
}

// What the server took over, or will at its next start.
std::vector<Fields> reload_behind(const Client& client, const std::string& change) {
    try {
        return ask(client, TAGCACHE_CONFIG_RELOAD, "").value_or(std::vector<Fields>{});
    } catch (const Failure& failure) {
        throw Failure(failure.code(),
                      change + ", but the running server did not take it over: " + failure.what(),
                      failure.status());
    }
}

// A reload forgets what was set with --live, and takes over what was edited by hand.
void tell_others(Output& output, const std::vector<Fields>& settings, const std::string& key) {
    for (const Fields& setting : settings) {
        const std::string other = escaped(text_of(setting, "key"));
        const std::string_view next = text_of(setting, "next_value");
        if (other != key) {
            output.note(next.empty()
                            ? "also took over: " + other + " = " +
                                  escaped(text_of(setting, "value")) + " (" +
                                  escaped(place_of(setting)) + ")"
                            : "also waits for a restart: " + other + " = " + escaped(next));
        }
    }
}

// An option or a variable of the server goes before its file.
bool is_outranked(const Fields& setting) {
    const std::string_view source = text_of(setting, "source");
    return source == "command line" || source == "environment";
}

// The server's own file, and the server by it.
ExitCode change_by_file(const Client& client, Output& output, const std::string& path,
                        const std::string& key, const std::optional<std::string>& value) {
    Fields setting = setting_of(client, key);
    const bool is_live = number_of(setting, "live") != 0;
    const bool is_new = change_file(output, path, key, value);
    const std::string change =
        is_new ? "changed " + key + " in " + path : "nothing has changed in " + path;
    bool has_server_changed = false;
    bool waits_for_start = !is_live;
    if (is_live) {
        const std::vector<Fields> taken = reload_behind(client, change);
        tell_others(output, taken, key);
        const auto ours = std::ranges::find_if(
            taken, [&](const Fields& other) { return text_of(other, "key") == key; });
        has_server_changed = ours != taken.end();
        // A value may be more than a running server can have.
        waits_for_start = has_server_changed && !text_of(*ours, "next_value").empty();
        setting = setting_of(client, key);
    }
    if (is_outranked(setting)) {
        output.note(change + ", but " + escaped(place_of(setting)) +
                    " goes before the file: it is still " + escaped(text_of(setting, "value")));
        return ExitCode::negative;
    }
    if (!is_new) {
        output.sentence(has_server_changed ? "changed " + key + " in the running server"
                                           : "nothing has changed");
        return ExitCode::ok;
    }
    output.sentence("changed " + key + " in " + (waits_for_start ? "" : "the running server and ") +
                    path);
    if (waits_for_start) {
        output.note("it takes effect at the server's next start");
    }
    return ExitCode::ok;
}

ExitCode change_server(const Client& client, Output& output, const std::string& key,
                       const std::optional<std::string>& value) {
    if (number_of(setting_of(client, key), "live") == 0) {
        throw Failure(ExitCode::refused,
                      key +
                          " takes effect at the server's start only, and there is no file to "
                          "change here; name one with --config");
    }
    const auto changed =
        ask(client, value.has_value() ? TAGCACHE_CONFIG_SET : TAGCACHE_CONFIG_RESET, key,
            value.value_or(""));
    if (!value.has_value() && changed.has_value() && changed->empty()) {
        output.sentence("nothing has changed");
        return ExitCode::ok;
    }
    output.sentence("changed " + key + " in the running server");
    output.note("it lasts until the server ends");
    return ExitCode::ok;
}

// Sets with a value, resets without one.
ExitCode change(const Arguments& arguments, Output& output,
                const std::optional<std::string>& value) {
    const Client client(arguments);
    const std::string& key = arguments.setting;
    const Target target = target_of(arguments, client);
    if (target.path.empty()) {
        return change_server(client, output, key, value);
    }
    if (target.is_server) {
        return change_by_file(client, output, target.path, key, value);
    }
    change_file_alone(output, target, key, value);
    return ExitCode::ok;
}

bool is_there(const std::string& path) {
    return access(path.c_str(), F_OK) == 0;
}

// The file that a server reads which is told of none; the rule is that of tagcached. "" = none.
std::string usual_config_file() {
    if (const char* const named = raw_environment_text("TAGCACHED_CONFIG"); named != nullptr) {
        return named;
    }
    const std::string name = "/tagcache/tagcached.toml";
    const char* const xdg = environment_text("XDG_CONFIG_HOME");
    const char* const home = raw_environment_text("HOME");
    if (xdg != nullptr && is_there(xdg + name)) {
        return xdg + name;
    }
    if (home != nullptr && is_there(home + ("/.config" + name))) {
        return home + ("/.config" + name);
    }
    return is_there("/etc" + name) ? "/etc" + name : "";
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

// The server's, when there is one; else the one that a server started now would read.
ExitCode config_path(const Arguments& arguments, Output& output) {
    const Client client(arguments);
    const std::string path = client.finds_server() ? file_of_server(client) : usual_config_file();
    if (path.empty()) {
        output.negative("no configuration file is in use");
        return ExitCode::negative;
    }
    output.item(path);
    return ExitCode::ok;
}

}  // namespace tc
