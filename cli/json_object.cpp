// SPDX-License-Identifier: MIT
#include "cli/json_object.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>

#include "cli/base64.hpp"
#include "cli/escape.hpp"

namespace tc {
namespace {

void append_escape(std::string& out, std::uint32_t code_point) {
    switch (code_point) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default: break;
    }
    constexpr char digits[] = "0123456789abcdef";
    out += "\\u";
    // Four of them: nothing beyond U+FFFF is escaped.
    for (unsigned shift = 16; shift != 0; shift -= 4) {
        out += digits[code_point >> (shift - 4) & 0xF];
    }
}

// More than JSON asks for: it is shown on terminals too. REQUIRES: text is UTF-8.
void append_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t copied = 0;
    for (std::size_t i = 0; i < text.size();) {
        const CodePoint point = first_code_point(text.substr(i));
        if (!is_printable(point.value) || point.value == '"' || point.value == '\\') {
            out += text.substr(copied, i - copied);
            append_escape(out, point.value);
            copied = i + point.size;
        }
        i += point.size;
    }
    out += text.substr(copied);
    out += '"';
}

void append_text(std::string& out, std::string_view text) {
    append_string(out, is_utf8(text) ? std::string(text) : escaped(text));
}

}  // namespace

void JsonObject::begin_member(std::string_view name) {
    if (has_members_) {
        out_ += ',';
    }
    has_members_ = true;
    append_text(out_, name);
    out_ += ':';
}

JsonObject& JsonObject::text(std::string_view name, std::string_view text) {
    begin_member(name);
    append_text(out_, text);
    return *this;
}

JsonObject& JsonObject::bytes(std::string_view name, std::string_view bytes) {
    if (is_utf8(bytes)) {
        begin_member(name);
        append_string(out_, bytes);
        return *this;
    }
    begin_member(std::string(name) + "_base64");
    out_ += '"';
    append_base64(out_, bytes);
    out_ += '"';
    return *this;
}

JsonObject& JsonObject::number(std::string_view name, std::uint64_t number) {
    begin_member(name);
    out_ += std::to_string(number);
    return *this;
}

JsonObject& JsonObject::signed_number(std::string_view name, std::int64_t number) {
    begin_member(name);
    out_ += std::to_string(number);
    return *this;
}

JsonObject& JsonObject::real(std::string_view name, double number) {
    begin_member(name);
    // JSON has no word for these.
    if (!std::isfinite(number)) {
        out_ += "null";
        return *this;
    }
    std::array<char, 32> text{};
    const int size = std::snprintf(text.data(), text.size(), "%.6g", number);
    out_.append(text.data(), static_cast<std::size_t>(size));
    return *this;
}

JsonObject& JsonObject::version(std::uint64_t version) {
    return text("version", std::to_string(version));
}

JsonObject& JsonObject::boolean(std::string_view name, bool value) {
    begin_member(name);
    out_ += value ? "true" : "false";
    return *this;
}

JsonObject& JsonObject::begin_list(std::string_view name) {
    begin_member(name);
    out_ += '[';
    has_items_ = false;
    return *this;
}

JsonObject& JsonObject::list_item(std::string_view bytes) {
    if (has_items_) {
        out_ += ',';
    }
    has_items_ = true;
    if (is_utf8(bytes)) {
        append_string(out_, bytes);
        return *this;
    }
    out_ += "{\"base64\":\"";
    append_base64(out_, bytes);
    out_ += "\"}";
    return *this;
}

JsonObject& JsonObject::end_list() {
    out_ += ']';
    return *this;
}

JsonObject& JsonObject::objects(std::string_view name, std::size_t count,
                                const std::function<void(JsonObject&, std::size_t)>& members) {
    begin_member(name);
    out_ += '[';
    for (std::size_t i = 0; i < count; ++i) {
        out_ += i == 0 ? "" : ",";
        JsonObject object(out_);
        members(object, i);
    }
    out_ += ']';
    return *this;
}

}  // namespace tc
