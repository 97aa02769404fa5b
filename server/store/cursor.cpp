// SPDX-License-Identifier: MIT
#include "store/cursor.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tc {
namespace {

constexpr std::uint8_t cursor_version = 1;
constexpr std::size_t check_at = 8;
constexpr std::size_t cursor_bytes = 12;
// Longer than any cursor can be: what Cursor::from() makes of too many bytes.
constexpr std::uint8_t impossible_size = UINT8_MAX;

void write_u32(std::uint32_t value, std::uint8_t* target) {
    for (std::size_t index = 0; index < 4; ++index) {
        target[index] = static_cast<std::uint8_t>(value >> (8 * index));
    }
}

std::uint32_t read_u32(const std::uint8_t* source) {
    std::uint32_t value = 0;
    for (std::size_t index = 0; index < 4; ++index) {
        value |= std::uint32_t{source[index]} << (8 * index);
    }
    return value;
}

std::uint32_t check_of(const Cursor& cursor, const KeyHash& hash) {
    const std::string_view checked{std::bit_cast<const char*>(cursor.bytes.data()), check_at};
    return static_cast<std::uint32_t>(hash(checked) >> 16);
}

}  // namespace

std::string_view Cursor::view() const noexcept {
    return {std::bit_cast<const char*>(bytes.data()), std::min<std::size_t>(size, bytes.size())};
}

Cursor Cursor::from(std::string_view bytes) noexcept {
    Cursor cursor;
    if (bytes.size() > cursor.bytes.size()) {
        cursor.size = impossible_size;
        return cursor;
    }
    std::copy(bytes.begin(), bytes.end(), cursor.bytes.begin());
    cursor.size = static_cast<std::uint8_t>(bytes.size());
    return cursor;
}

Cursor encode_cursor(CursorKind kind, ScanPlace place, const KeyHash& hash) noexcept {
    Cursor cursor;
    cursor.bytes[0] = cursor_version;
    cursor.bytes[1] = static_cast<std::uint8_t>(kind);
    cursor.bytes[2] = static_cast<std::uint8_t>(place.part);
    write_u32(place.place, cursor.bytes.data() + 4);
    write_u32(check_of(cursor, hash), cursor.bytes.data() + check_at);
    cursor.size = cursor_bytes;
    return cursor;
}

std::optional<ScanPlace> decode_cursor(const Cursor& cursor, CursorKind kind,
                                       std::uint32_t part_count, const KeyHash& hash) noexcept {
    if (cursor.size == 0) {
        return ScanPlace{};
    }
    if (cursor.size != cursor_bytes || cursor.bytes[0] != cursor_version ||
        cursor.bytes[1] != static_cast<std::uint8_t>(kind) || cursor.bytes[3] != 0 ||
        read_u32(cursor.bytes.data() + check_at) != check_of(cursor, hash)) {
        return std::nullopt;
    }
    const ScanPlace place{.part = cursor.bytes[2], .place = read_u32(cursor.bytes.data() + 4)};
    return place.part < part_count ? std::optional{place} : std::nullopt;
}

}  // namespace tc
