// SPDX-License-Identifier: MIT
#include "cli/base64.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace tc {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 0xFF;

constexpr std::array<std::uint8_t, 256> make_digits() {
    std::array<std::uint8_t, 256> digits{};
    digits.fill(no_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        digits[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return digits;
}

constexpr std::array<std::uint8_t, 256> digits = make_digits();

std::uint32_t byte_at(std::string_view bytes, std::size_t index) {
    return index < bytes.size() ? static_cast<unsigned char>(bytes[index]) : 0U;
}

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::uint32_t group =
            byte_at(bytes, i) << 16 | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2);
        out += alphabet[group >> 18];
        out += alphabet[group >> 12 & 0x3F];
        out += i + 1 < bytes.size() ? alphabet[group >> 6 & 0x3F] : '=';
        out += i + 2 < bytes.size() ? alphabet[group & 0x3F] : '=';
    }
}

bool decode_base64(std::string_view text, std::string& out) {
    const std::size_t size_before = out.size();
    if (text.size() % 4 != 0) {
        return false;
    }
    std::size_t padding = 0;
    while (padding < 2 && !text.empty() && text.back() == '=') {
        text.remove_suffix(1);
        ++padding;
    }
    std::uint32_t bits = 0;
    std::uint32_t bit_count = 0;
    for (const char c : text) {
        const std::uint8_t digit = digits[static_cast<unsigned char>(c)];
        if (digit == no_digit) {
            out.resize(size_before);
            return false;
        }
        bits = (bits << 6 | digit) & 0xFFFF;
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            out += static_cast<char>(bits >> bit_count & 0xFF);
        }
    }
    // Bits that are left over have to be zero, or two texts would stand for the same bytes.
    if ((bits & ((1U << bit_count) - 1)) != 0) {
        out.resize(size_before);
        return false;
    }
    return true;
}

}  // namespace tc
