// SPDX-License-Identifier: MIT
#include "fields.hpp"

#include <bit>
#include <ostream>

std::ostream& operator<<(std::ostream& out, const Field& field) {
    return out << field.name << ' ' << field.type << " [" << hex_of(field.bytes) << ']';
}

std::string hex_of(std::string_view bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += text.empty() ? "" : " ";
        text += digits[byte >> 4];
        text += digits[byte & 0x0F];
    }
    return text;
}

std::string little_endian(std::uint64_t value, std::size_t size_bytes) {
    std::string bytes;
    for (std::size_t i = 0; i < size_bytes; ++i) {
        bytes += static_cast<char>(value >> (8 * i) & 0xFF);
    }
    return bytes;
}

void Fields::raw(std::string name, std::string type, std::string bytes) {
    list_.push_back({std::move(name), std::move(type), std::move(bytes)});
}

void Fields::number(std::string name, std::string type, std::uint64_t value,
                    std::size_t size_bytes) {
    raw(std::move(name), std::move(type), little_endian(value, size_bytes));
}

void Fields::sized(std::string name, std::string type, std::string_view value,
                   std::size_t length_bytes) {
    raw(std::move(name), std::move(type),
        little_endian(value.size(), length_bytes) + std::string(value));
}

void Fields::i64(std::string name, std::int64_t value) {
    number(std::move(name), "i64", static_cast<std::uint64_t>(value), 8);
}

void Fields::f64(std::string name, double value) {
    number(std::move(name), "f64", std::bit_cast<std::uint64_t>(value), 8);
}

void Fields::list8(std::string count_name, const std::string& item_name,
                   const std::vector<std::string>& items) {
    u16(std::move(count_name), static_cast<std::uint16_t>(items.size()));
    for (const std::string& item : items) {
        bytes8(item_name, item);
    }
}

std::string Fields::bytes() const {
    std::string all;
    for (const Field& field : list_) {
        all += field.bytes;
    }
    return all;
}
