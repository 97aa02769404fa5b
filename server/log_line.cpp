// SPDX-License-Identifier: MIT
#include "server/log_line.hpp"

#include <algorithm>
#include <charconv>

namespace tc {

namespace {

bool is_printable(unsigned char byte) noexcept {
    return byte >= ' ' && byte <= '~';
}

// Whether a text can stand in a line without quotes.
bool is_word(std::string_view text) noexcept {
    return !text.empty() && std::ranges::all_of(text, [](unsigned char byte) {
        return is_printable(byte) && byte != ' ' && byte != '"' && byte != '=' && byte != '\\';
    });
}

}  // namespace

void LogLine::put(char byte) noexcept {
    if (size_ == bytes_.size()) {
        is_full_ = true;
        return;
    }
    bytes_[size_++] = byte;
}

void LogLine::put(std::string_view text) noexcept {
    for (const char byte : text) {
        put(byte);
    }
}

void LogLine::put_in_quotes(char byte) noexcept {
    if (byte == '"' || byte == '\\') {
        put('\\');
    }
    put(byte);
}

// Bytes that are not printable ASCII are \xNN in both formats, and a backslash is two; JSON doubles
// each backslash once more. So both say the same, and any bytes can be read back from it.
void LogLine::put_escaped(unsigned char byte) noexcept {
    constexpr std::string_view digits = "0123456789abcdef";
    if (is_printable(byte)) {
        if (byte == '\\' && format_ == LogFormat::json) {
            put_in_quotes('\\');
        }
        return put_in_quotes(static_cast<char>(byte));
    }
    put(format_ == LogFormat::json ? "\\\\x" : "\\x");
    put(digits[byte >> 4]);
    put(digits[byte & 15]);
}

void LogLine::put_text(const LogField& field) noexcept {
    constexpr std::string_view cut = "...";
    if (format_ == LogFormat::text && is_word(field.text())) {
        put(field.text());
        return put(field.is_cut() ? cut : "");
    }
    put('"');
    for (const char byte : field.text()) {
        put_escaped(static_cast<unsigned char>(byte));
    }
    put(field.is_cut() ? cut : "");
    put('"');
}

void LogLine::add(const LogField& field) noexcept {
    const std::size_t size_before = size_;
    const bool is_json = format_ == LogFormat::json;
    if (size_ != 0) {
        put(is_json ? ',' : ' ');
    }
    put(is_json ? "\"" : "");
    put(field.name());
    put(is_json ? "\":" : "=");
    if (field.is_number()) {
        std::array<char, 20> digits;
        const auto [end, error] =
            std::to_chars(digits.data(), digits.data() + digits.size(), field.number());
        put(std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
    } else {
        put_text(field);
    }
    if (is_full_) {
        size_ = size_before;
    }
}

}  // namespace tc
