// SPDX-License-Identifier: MIT
#include "cli/fields.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "cli/escape.hpp"
#include "cli/quantity.hpp"

namespace tc {
namespace {

bool ends_with(std::string_view name, std::string_view unit) {
    return name.ends_with(unit) || name.ends_with(std::string(unit) + "_max");
}

const Field* find(const Fields& fields, std::string_view name) {
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [name](const Field& field) { return field.name == name; });
    return found == fields.end() ? nullptr : &*found;
}

// "" when the digits say it all.
std::string meaning(const Field& field) {
    if (ends_with(field.name, "_bytes") && field.u64 >= 1024) {
        return " (" + size_text(field.u64) + ")";
    }
    if (ends_with(field.name, "_ms") && field.u64 >= 1000) {
        return " (" + duration_text(field.u64) + ")";
    }
    return "";
}

std::string real_text(double number) {
    std::array<char, 32> text{};
    const int size = std::snprintf(text.data(), text.size(), "%.6g", number);
    return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace

Fields read_fields(const Result& result) {
    Fields fields;
    while (tagcache_result_next_field(result)) {
        Field& field = fields.emplace_back();
        field.name = as_view(tagcache_result_field_name(result));
        field.type = tagcache_result_field_type(result);
        field.u64 = tagcache_result_field_u64(result);
        field.i64 = tagcache_result_field_i64(result);
        field.f64 = tagcache_result_field_f64(result);
        field.text = as_view(tagcache_result_field_text(result));
    }
    return fields;
}

Fields ask_fields(const Client& client, FieldsCall call, const char* what) {
    const Result result;
    client.check(call(client, result, nullptr), what);
    return read_fields(result);
}

std::uint64_t number_of(const Fields& fields, std::string_view name) {
    const Field* field = find(fields, name);
    return field == nullptr ? 0 : field->u64;
}

std::string_view text_of(const Fields& fields, std::string_view name) {
    const Field* field = find(fields, name);
    return field == nullptr ? std::string_view() : std::string_view(field->text);
}

std::string field_text(const Field& field, Form form) {
    switch (field.type) {
        case TAGCACHE_FIELD_U64:
            return std::to_string(field.u64) + (form == Form::terminal ? meaning(field) : "");
        case TAGCACHE_FIELD_I64: return std::to_string(field.i64);
        case TAGCACHE_FIELD_F64: return real_text(field.f64);
        case TAGCACHE_FIELD_TEXT: return escaped(field.text);
        case TAGCACHE_FIELD_NONE: break;
    }
    return "";
}

void write_fields(Output& output, const Fields& fields) {
    std::size_t name_width = 0;
    for (const Field& field : fields) {
        name_width = std::max(name_width, field.name.size());
    }
    for (const Field& field : fields) {
        output.field(escaped(field.name), field_text(field, output.form()), name_width);
    }
}

void write_table(Output& output, const std::vector<Fields>& rows) {
    std::vector<std::vector<std::string>> cells;
    std::vector<std::size_t> widths;
    const auto add_row = [&](std::vector<std::string> row) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], row[i].size());
        }
        cells.push_back(std::move(row));
    };
    for (const Fields& fields : rows) {
        std::vector<std::string> names;
        std::vector<std::string> row;
        for (const Field& field : fields) {
            names.push_back(field.name);
            row.push_back(field_text(field, Form::raw));
        }
        if (cells.empty()) {
            add_row(std::move(names));
        }
        add_row(std::move(row));
    }
    for (std::size_t line = 0; line < cells.size(); ++line) {
        std::string text;
        for (std::size_t i = 0; i < cells[line].size(); ++i) {
            const bool is_last = i + 1 == cells[line].size();
            text += cells[line][i];
            text += is_last ? "" : std::string(widths[i] - cells[line][i].size() + 2, ' ');
        }
        output.write((line == 0 ? output.strong(text) : text) + '\n');
    }
}

void write_line(Output& output, const Fields& fields) {
    std::string line;
    for (const Field& field : fields) {
        line += (line.empty() ? "" : "\t") + field.name + "=" + field_text(field, Form::raw);
    }
    output.write(line + '\n');
}

void write_members(JsonObject& object, const Fields& fields) {
    for (const Field& field : fields) {
        switch (field.type) {
            case TAGCACHE_FIELD_U64: object.number(field.name, field.u64); break;
            case TAGCACHE_FIELD_I64: object.signed_number(field.name, field.i64); break;
            case TAGCACHE_FIELD_F64: object.real(field.name, field.f64); break;
            case TAGCACHE_FIELD_TEXT: object.text(field.name, field.text); break;
            case TAGCACHE_FIELD_NONE: break;
        }
    }
}

}  // namespace tc
