// SPDX-License-Identifier: MIT
#include "server/settings/config_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <map>
#include <sstream>
#include <system_error>

#include <toml++/toml.h>

#include "server/environment.hpp"

namespace tc {

namespace {

constexpr off_t file_bytes_max = 1024 * 1024;

std::string errno_text() {
    return std::system_category().message(errno);
}

std::string kind_of(const toml::node& node) {
    switch (node.type()) {
        case toml::node_type::table: return "a table";
        case toml::node_type::array: return "a list";
        case toml::node_type::string: return "a text";
        case toml::node_type::integer: return "a number";
        case toml::node_type::floating_point: return "a number with a fraction";
        case toml::node_type::boolean: return "true or false";
        default: return "a date or time";
    }
}

// Texts of one list, as one text. Nothing when an item is no text.
std::optional<std::string> text_of_array(const toml::array& array) {
    std::string text;
    for (const toml::node& item : array) {
        const auto value = item.value_exact<std::string>();
        if (!value.has_value() || value->find(',') != std::string::npos) {
            return std::nullopt;
        }
        text += (text.empty() ? "" : ",") + *value;
    }
    return text;
}

// What the node says, as the command line would say it. Nothing when it is of another kind.
std::optional<std::string> text_of_node(SettingKind kind, const toml::node& node) {
    const auto integer = node.value_exact<std::int64_t>();
    auto string = node.value_exact<std::string>();
    const auto boolean = node.value_exact<bool>();
    switch (kind) {
        case SettingKind::number:
            return integer.has_value() ? std::optional(std::to_string(*integer)) : std::nullopt;
        case SettingKind::size:
            return integer.has_value() ? std::optional(std::to_string(*integer)) : string;
        case SettingKind::boolean:
            return boolean.has_value() ? std::optional(*boolean ? "true" : "false") : std::nullopt;
        case SettingKind::list: return node.is_array() ? text_of_array(*node.as_array()) : string;
        case SettingKind::text:
        case SettingKind::choice: return string;
    }
    return std::nullopt;
}

// A problem is one line, and no sequence of a terminal, whatever the file has in its names, texts
// or broken syntax.
std::string in_one_line(const std::string& text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    constexpr unsigned char delete_byte = 0x7F;
    std::string line;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < ' ' || byte == delete_byte) {
            line += {'\\', 'x', digits[byte >> 4], digits[byte & 0x0F]};
        } else {
            line += c;
        }
    }
    return line;
}

class FileReader {
 public:
    FileReader(const std::string& path, SettingLayers& layers) : path_(path), layers_(layers) {}

    void read(const toml::table& table, const std::string& prefix) {
        for (const auto& [name, node] : table) {
            const std::string key = prefix + std::string(name.str());
            if (name.str().find('.') != std::string_view::npos) {
                // In quotes, so that it is a name, and no table with a name in it.
                refuse_unknown(prefix + '"' + std::string(name.str()) + '"', key, node);
            } else if (const Setting* setting = find_setting(key); setting != nullptr) {
                read_value(*setting, node);
            } else if (node.is_table() && is_table_of_settings(key)) {
                read(*node.as_table(), key + ".");
            } else {
                refuse_unknown(key, key, node);
            }
        }
    }

    void refuse(std::uint32_t line, const std::string& problem) {
        problems_.emplace(line, in_one_line(problem));
    }
    [[nodiscard]] std::string place_of(std::uint32_t line) const {
        return path_ + ":" + std::to_string(line);
    }
    // By line, since a table is read by its keys' names.
    [[nodiscard]] std::vector<std::string> problems() && {
        std::vector<std::string> problems;
        for (auto& [line, problem] : problems_) {
            problems.push_back(std::move(problem));
        }
        return problems;
    }

 private:
    static bool is_table_of_settings(const std::string& key) {
        for (const Setting& setting : all_settings()) {
            if (setting.key.starts_with(key + ".")) {
                return true;
            }
        }
        return false;
    }

    void read_value(const Setting& setting, const toml::node& node) {
        const std::uint32_t line = node.source().begin.line;
        const std::string place = place_of(line) + ": " + std::string(setting.key);
        const std::optional<std::string> text = text_of_node(setting.kind, node);
        if (!text.has_value()) {
            return refuse(line, place + ": this is " + kind_of(node) + ", and has to be " +
                                    range_text_of(setting));
        }
        if (auto problem = layers_.give(setting, SettingSource::file, {*text, place});
            problem.has_value()) {
            refuse(line, *problem);
        }
    }

    void refuse_unknown(const std::string& written, const std::string& key,
                        const toml::node& node) {
        const std::uint32_t line = node.source().begin.line;
        const std::string_view meant = nearest_setting_key(key);
        refuse(line, place_of(line) + ": " + written + ": there is no such setting" +
                         (meant.empty() ? "" : "; maybe " + std::string(meant) + " is meant"));
    }

    std::multimap<std::uint32_t, std::string> problems_;
    const std::string& path_;
    SettingLayers& layers_;
};

bool is_there(const std::string& path) {
    return access(path.c_str(), F_OK) == 0;
}

}  // namespace

std::vector<std::string> parse_config(std::string_view contents, const std::string& path,
                                      SettingLayers& layers) {
    FileReader reader(path, layers);
    try {
        reader.read(toml::parse(contents), "");
    } catch (const toml::parse_error& error) {
        const std::uint32_t line = error.source().begin.line;
        reader.refuse(line, reader.place_of(line) + ": " + std::string(error.description()));
    }
    return std::move(reader).problems();
}

std::vector<std::string> read_config_file(const std::string& path, SettingLayers& layers) {
    if (path.empty()) {
        return {};
    }
    // Looked at before it is opened, because opening a pipe waits for somebody to write.
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) {
        return {path + ": " + errno_text()};
    }
    if (!S_ISREG(status.st_mode)) {
        return {path + ": this is no regular file"};
    }
    if (status.st_size > file_bytes_max) {
        return {path + ": larger than the 1 MiB that a configuration can have"};
    }
    std::ifstream file(path, std::ios::binary);
    std::ostringstream contents;
    if (!file || !(contents << file.rdbuf() || status.st_size == 0)) {
        return {path + ": " + errno_text()};
    }
    return parse_config(contents.view(), path, layers);
}

std::string find_config_file() {
    if (const char* named = variable("TAGCACHED_CONFIG"); named != nullptr) {
        return named;
    }
    constexpr std::string_view name = "/tagcache/tagcached.toml";
    const char* const xdg = variable("XDG_CONFIG_HOME");
    const char* const home = variable("HOME");
    if (xdg != nullptr && *xdg != '\0' && is_there(std::string(xdg) + std::string(name))) {
        return std::string(xdg) + std::string(name);
    }
    if (home != nullptr && is_there(std::string(home) + "/.config" + std::string(name))) {
        return std::string(home) + "/.config" + std::string(name);
    }
    const std::string system_file = "/etc" + std::string(name);
    return is_there(system_file) ? system_file : "";
}

}  // namespace tc
