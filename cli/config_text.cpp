// SPDX-License-Identifier: MIT
#include "cli/config_text.hpp"

#include <toml++/toml.h>
#include <algorithm>
#include <sstream>
#include <vector>

#include "cli/failure.hpp"

namespace tc {
namespace {

using Lines = std::vector<std::string>;

Lines lines_of(const std::string& text) {
    Lines lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size() - 1);
        lines.push_back(text.substr(at, end + 1 - at));
        at = end + 1;
    }
    return lines;
}

std::string text_of(const Lines& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text += line;
    }
    return text;
}

toml::table parse(const std::string& contents) {
    try {
        return toml::parse(std::string_view(contents));
    } catch (const toml::parse_error& error) {
        throw usage_failure("the configuration file is no TOML: line " +
                            std::to_string(error.source().begin.line) + ": " +
                            std::string(error.description()));
    }
}

const toml::node* node_of(const toml::table& table, std::string_view key) {
    return table.at_path(key).node();
}

std::string_view table_of(std::string_view key) {
    const std::size_t dot = key.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : key.substr(0, dot);
}

std::string name_of(std::string_view key) {
    return std::string(key.substr(key.rfind('.') + 1));
}

std::string_view trimmed(std::string_view line) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    return line.substr(0, line.find_last_not_of(" \t\r\n") + 1);
}

// Where a column of toml++, which counts characters from 1, is in bytes.
std::size_t byte_at(const std::string& line, toml::source_index column) {
    std::size_t at = 0;
    for (toml::source_index passed = 1; passed < column && at < line.size(); ++passed) {
        do {
            ++at;
        } while (at < line.size() && (static_cast<unsigned char>(line[at]) & 0xC0) == 0x80);
    }
    return at;
}

// The lines of a table, without its header; of the root those in front of the first header. Nothing
// when the table has no header of its own.
struct Section {
    bool is_there = false;
    std::size_t begin = 0;
    std::size_t end = 0;
};

Section section_of(const Lines& lines, std::string_view table) {
    Section section{table.empty(), 0, lines.size()};
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string_view line = trimmed(lines[i]);
        if (!line.starts_with('[')) {
            continue;
        }
        if (section.is_there) {
            section.end = i;
            return section;
        }
        const std::string_view name = trimmed(line.substr(1, line.find(']') - 1));
        if (name == table) {
            section = {true, i + 1, lines.size()};
        }
    }
    return section;
}

// The comment that has the default of the setting: "# max = ...".
bool is_default_comment(std::string_view line, const std::string& name) {
    line = trimmed(line);
    if (!line.starts_with('#')) {
        return false;
    }
    line = trimmed(line.substr(1));
    return line.starts_with(name) && trimmed(line.substr(name.size())).starts_with('=');
}

// Where a new line of the section goes.
std::size_t place_in(const Lines& lines, const Section& section, const std::string& name) {
    std::size_t end = section.begin;
    for (std::size_t i = section.begin; i < section.end; ++i) {
        if (is_default_comment(lines[i], name)) {
            return i + 1;
        }
        if (!trimmed(lines[i]).empty()) {
            end = i + 1;
        }
    }
    return end;
}

Lines with_new_line(Lines lines, std::string_view key, const std::string& toml_value) {
    if (!lines.empty() && !lines.back().ends_with('\n')) {
        lines.back() += '\n';
    }
    const std::string line = name_of(key) + " = " + toml_value + "\n";
    const Section section = section_of(lines, table_of(key));
    if (section.is_there) {
        const std::size_t place = place_in(lines, section, name_of(key));
        lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(place), line);
    } else {
        lines.push_back((lines.empty() ? "[" : "\n[") + std::string(table_of(key)) + "]\n");
        lines.push_back(line);
    }
    return lines;
}

Lines with_new_value(Lines lines, const toml::source_region& old, const std::string& toml_value) {
    std::string& first = lines.at(old.begin.line - 1);
    const std::string& last = lines.at(old.end.line - 1);
    first = first.substr(0, byte_at(first, old.begin.column)) + toml_value +
            last.substr(byte_at(last, old.end.column));
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(old.begin.line),
                lines.begin() + static_cast<std::ptrdiff_t>(old.end.line));
    return lines;
}

// Every value by its path, as text.
void collect(const toml::table& table, const std::string& prefix, Lines& values) {
    for (const auto& [name, node] : table) {
        const std::string path = prefix + std::string(name.str());
        if (node.is_table()) {
            collect(*node.as_table(), path + ".", values);
        } else {
            std::ostringstream text;
            text << path << " = ";
            node.visit([&](const auto& value) { text << value; });
            values.push_back(text.str());
        }
    }
    std::sort(values.begin(), values.end());
}

Lines values_but(const toml::table& table, std::string_view key) {
    Lines values;
    collect(table, "", values);
    std::erase_if(values, [&](const std::string& value) {
        return value.starts_with(std::string(key) + " = ");
    });
    return values;
}

// Whether the change did what it should, and nothing else.
std::string checked(const std::string& before, const std::string& after, std::string_view key,
                    bool has_key) {
    try {
        const toml::table changed = toml::parse(std::string_view(after));
        if ((node_of(changed, key) != nullptr) == has_key &&
            values_but(changed, key) == values_but(parse(before), key)) {
            return after;
        }
    } catch (const toml::parse_error&) {
        // Said below.
    }
    throw usage_failure("the configuration file is written in a way that " + std::string(key) +
                        " cannot be changed in; change it by hand");
}

}  // namespace

std::string toml_value_of(const std::string& text) {
    try {
        const toml::table table = toml::parse(std::string_view("value = " + text + "\n"));
        const toml::node* const node = node_of(table, "value");
        const bool is_alone =
            table.size() == 1 && node != nullptr &&
            (node->is_integer() || node->is_boolean() || node->is_array() || node->is_string());
        if (is_alone) {
            return text;
        }
    } catch (const toml::parse_error&) {
        // A text.
    }
    // In one line: a value of many would be taken apart with the lines of the file, and toml++
    // would write one that is not TOML.
    const bool has_lines = text.find('\n') != std::string::npos;
    const toml::value<std::string> value(text);
    std::ostringstream quoted;
    quoted << toml::toml_formatter(
        value, has_lines ? toml::format_flags::none : toml::format_flags::allow_literal_strings);
    return quoted.str();
}

std::string with_setting(const std::string& contents, std::string_view key,
                         const std::string& toml_value) {
    const toml::table table = parse(contents);
    const toml::node* const node = node_of(table, key);
    const Lines lines = lines_of(contents);
    const Lines changed = node == nullptr ? with_new_line(lines, key, toml_value)
                                          : with_new_value(lines, node->source(), toml_value);
    return checked(contents, text_of(changed), key, true);
}

std::string without_setting(const std::string& contents, std::string_view key) {
    const toml::table table = parse(contents);
    const toml::node* const node = node_of(table, key);
    if (node == nullptr) {
        return contents;
    }
    Lines lines = lines_of(contents);
    for (auto line = node->source().begin.line; line <= node->source().end.line; ++line) {
        lines.at(line - 1).insert(0, "# ");
    }
    return checked(contents, text_of(lines), key, false);
}

}  // namespace tc
