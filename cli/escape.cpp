// SPDX-License-Identifier: MIT
#include "cli/escape.hpp"

#include <cstddef>
#include <cstdint>

namespace tc {
namespace {

bool is_continuation(std::string_view bytes, std::size_t index) {
    return index < bytes.size() && (static_cast<unsigned char>(bytes[index]) & 0xC0U) == 0x80;
}

// How many bytes a sequence that begins so has; 0 for a byte that begins none.
std::size_t sequence_size(unsigned char first) {
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xC2 && first <= 0xDF) {
        return 2;
    }
    if (first >= 0xE0 && first <= 0xEF) {
        return 3;
    }
    return first >= 0xF0 && first <= 0xF4 ? 4 : 0;
}

void append_hex(std::string& out, std::string_view bytes) {
    constexpr char digits[] = "0123456789ABCDEF";
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        out += "\\x";
        out += digits[value >> 4];
        out += digits[value & 0xF];
    }
}

std::string escape(std::string_view bytes, bool keeps_lines) {
    std::string out;
    out.reserve(bytes.size());
    while (!bytes.empty()) {
        const CodePoint point = first_code_point(bytes);
        const std::size_t size = point.size == 0 ? 1 : point.size;
        const bool is_layout = keeps_lines && (bytes[0] == '\n' || bytes[0] == '\t');
        if (bytes[0] == '\\' && !keeps_lines) {
            out += "\\\\";
        } else if (is_layout || (point.size != 0 && is_printable(point.value))) {
            out += bytes.substr(0, size);
        } else {
            append_hex(out, bytes.substr(0, size));
        }
        bytes.remove_prefix(size);
    }
    return out;
}

}  // namespace

CodePoint first_code_point(std::string_view bytes) {
    const auto first = static_cast<unsigned char>(bytes[0]);
    const std::size_t size = sequence_size(first);
    if (size <= 1) {
        return {first, size};
    }
    std::uint32_t value = first & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        if (!is_continuation(bytes, i)) {
            return {0, 0};
        }
        value = value << 6 | (static_cast<unsigned char>(bytes[i]) & 0x3FU);
    }
    // Overlong forms, UTF-16 surrogates, and what lies beyond Unicode.
    constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < smallest[size] || is_surrogate || value > 0x10FFFF) {
        return {0, 0};
    }
    return {value, size};
}

bool is_printable(std::uint32_t c) {
    const bool is_control = c < 0x20 || (c >= 0x7F && c < 0xA0);
    const bool is_line_separator = c == 0x2028 || c == 0x2029;
    // Direction marks, embeddings, overrides and isolates make a name look like another one.
    const bool turns_direction = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) ||
                                 c == 0x200E || c == 0x200F || c == 0x061C;
    return !is_control && !is_line_separator && !turns_direction;
}

bool is_utf8(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t size = first_code_point(bytes).size;
        if (size == 0) {
            return false;
        }
        bytes.remove_prefix(size);
    }
    return true;
}

std::string escaped(std::string_view bytes) {
    return escape(bytes, false);
}

std::string escaped_lines(std::string_view bytes) {
    return escape(bytes, true);
}

std::string in_quotes(std::string_view bytes) {
    constexpr std::size_t shown_bytes_max = 200;
    if (bytes.size() <= shown_bytes_max) {
        return '"' + escaped(bytes) + '"';
    }
    std::size_t size = shown_bytes_max;
    // Not in the middle of a character; four bytes are its longest.
    while (size > shown_bytes_max - 4 && is_continuation(bytes, size)) {
        --size;
    }
    return '"' + escaped(bytes.substr(0, size)) + "...\"";
}

}  // namespace tc
