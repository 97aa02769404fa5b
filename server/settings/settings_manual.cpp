// SPDX-License-Identifier: MIT
#include "server/settings/settings_manual.hpp"

#include "server/settings/setting.hpp"

namespace tc {

namespace {

constexpr std::string_view config_head =
    "# The configuration of tagcached(8), in TOML; tagcached.toml(5) describes it.\n"
    "# Every setting is here with its default in a comment. Options of the command line\n"
    "# and variables of the environment go before this file. tagcached --check-config\n"
    "# looks through it. After SIGHUP the running server takes over what it can, which\n"
    "# is marked \"live\"; the rest needs a restart.\n";

constexpr std::string_view manual_head =
    ".Dt TAGCACHED.TOML 5\n"
    ".Os\n"
    ".Sh NAME\n"
    ".Nm tagcached.toml\n"
    ".Nd configuration of the TagCache server\n"
    ".Sh DESCRIPTION\n"
    "The file is TOML.\n"
    "It is the one that\n"
    ".Fl -config\n"
    "or the variable\n"
    ".Ev TAGCACHED_CONFIG\n"
    "names; else the first of these that exists:\n"
    ".Pa $XDG_CONFIG_HOME/tagcache/tagcached.toml ,\n"
    ".Pa ~/.config/tagcache/tagcached.toml ,\n"
    ".Pa /etc/tagcache/tagcached.toml .\n"
    "An empty name means no file.\n"
    ".Pp\n"
    "An option of the command line goes before the variable of the environment, that before the\n"
    "file, and that before the default.\n"
    "A setting that does not exist, that stands in the file twice, that has a value of another\n"
    "type or out of range is refused with file, line, setting and reason, and the server does not\n"
    "start; exit code 78.\n"
    ".Pp\n"
    "A size is a number of bytes, or a text with a unit of 1024: \"512m\", \"2g\".\n"
    "A list is a list of texts; in an option or a variable there are commas between them.\n"
    ".Pp\n"
    "On SIGHUP the server reads the file again.\n"
    "Settings that are live take effect at once, others at the next start.\n"
    "A memory.max that the running server cannot be given waits too: above four times what it was\n"
    "started with, or too little for its values.\n"
    "When anything in the file is wrong, all stays as it was and the log says why.\n"
    ".Xr tagcache 1\n"
    ".Cm config set\n"
    "changes a setting in the server and in the file.\n"
    ".Sh SETTINGS\n"
    ".Bl -tag -width Ds\n";

constexpr std::string_view manual_tail =
    ".El\n"
    ".Sh EXAMPLES\n"
    ".Bd -literal -offset indent\n"
    "bind = [\"127.0.0.1\", \"::1\"]\n"
    "max_connections = 2000\n"
    "\n"
    "[memory]\n"
    "max = \"2g\"\n"
    ".Ed\n"
    ".Sh SEE ALSO\n"
    ".Xr tagcache 1 ,\n"
    ".Xr tagcached 8\n";

std::string_view table_of(std::string_view key) {
    const std::size_t dot = key.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : key.substr(0, dot);
}

std::string_view name_in_table(std::string_view key) {
    return key.substr(key.rfind('.') + 1);
}

// The value as TOML writes it.
std::string toml_value(const Setting& setting) {
    std::string text =
        setting.example.empty() ? write_setting(setting, Settings{}) : std::string(setting.example);
    switch (setting.kind) {
        case SettingKind::number:
        case SettingKind::boolean: return text;
        case SettingKind::list: return "[\"" + text + "\"]";
        case SettingKind::size:
        case SettingKind::text:
        case SettingKind::choice: return "\"" + text + "\"";
    }
    return text;
}

// Lines of at most 88 bytes, each begun with "# ".
std::string comment(std::string_view text) {
    constexpr std::size_t width = 86;
    std::string lines;
    while (!text.empty()) {
        std::size_t size = text.size();
        if (size > width) {
            size = text.rfind(' ', width);
        }
        lines += "# " + std::string(text.substr(0, size)) + "\n";
        text.remove_prefix(std::min(size + 1, text.size()));
    }
    return lines;
}

// A line of mdoc cannot begin with a dot or an apostrophe, and a backslash would escape.
std::string mdoc_text(std::string_view text) {
    std::string escaped;
    for (const char byte : text) {
        escaped += byte == '\\' ? "\\e" : std::string(1, byte);
    }
    return escaped;
}

std::string manual_item(const Setting& setting) {
    std::string item = ".It Ic " + std::string(setting.key);
    if (!setting.value_name.empty()) {
        item += " No = Ar " + std::string(setting.value_name);
    }
    item += "\n" + mdoc_text(setting.documentation) + ".\n";
    item += "It is " + range_text_of(setting) +
            "; default: " + mdoc_text(default_text_of(setting)) + ".\n";
    item += setting.is_live ? "Live.\n" : "";
    item += ".br\nOption\n.Fl " + option_of(setting).substr(1) + " ,\nvariable\n.Ev " +
            variable_of(setting) + " .\n";
    return item;
}

}  // namespace

std::string default_config() {
    std::string text(config_head);
    std::string_view table;
    for (const Setting& setting : all_settings()) {
        text += "\n";
        if (table_of(setting.key) != table) {
            table = table_of(setting.key);
            text += "[" + std::string(table) + "]\n\n";
        }
        text += comment(std::string(setting.documentation) + ".");
        text += comment("Default: " + default_text_of(setting) + ". Takes " +
                        range_text_of(setting) + (setting.is_live ? "; live." : "."));
        text += "# " + std::string(name_in_table(setting.key)) + " = " + toml_value(setting) + "\n";
    }
    return text;
}

std::string config_manual(const std::string& date) {
    std::string page = ".\\\" SPDX-License-Identifier: MIT\n.Dd " + date + "\n";
    page += manual_head;
    for (const Setting& setting : all_settings()) {
        page += manual_item(setting);
    }
    return page + std::string(manual_tail);
}

}  // namespace tc
