// SPDX-License-Identifier: MIT
//
// The fields of a message as docs/protocol.md writes them: name, type and the bytes that the field
// takes. Encodes by itself, so that the codec under test does not judge its own work.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/list.h"

struct Field {
    std::string name;
    std::string type;
    std::string bytes;

    bool operator==(const Field&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Field& field);

// "0a 00 70"
std::string hex_of(std::string_view bytes);

inline wire_bytes bytes_of(std::string_view text) {
    return {text.data(), text.size()};
}
inline std::string text_of(wire_bytes bytes) {
    return bytes.size == 0 ? std::string()
                           : std::string(static_cast<const char*>(bytes.data), bytes.size);
}

// `size_bytes` bytes of a number, the lowest first.
std::string little_endian(std::uint64_t value, std::size_t size_bytes);

class Fields {
 public:
    void u8(std::string name, std::uint8_t value) { number(std::move(name), "u8", value, 1); }
    void u16(std::string name, std::uint16_t value) { number(std::move(name), "u16", value, 2); }
    void u32(std::string name, std::uint32_t value) { number(std::move(name), "u32", value, 4); }
    void u64(std::string name, std::uint64_t value) { number(std::move(name), "u64", value, 8); }
    void i64(std::string name, std::int64_t value);
    void f64(std::string name, double value);
    void bytes8(std::string name, std::string_view value) {
        sized(std::move(name), "bytes8", value, 1);
    }
    void bytes16(std::string name, std::string_view value) {
        sized(std::move(name), "bytes16", value, 2);
    }
    void bytes32(std::string name, std::string_view value) {
        sized(std::move(name), "bytes32", value, 4);
    }
    void tags(const std::vector<std::string>& tags) { list8("tags_count", "tag", tags); }
    // A count, and bytes8 each.
    void list8(std::string count_name, const std::string& item_name,
               const std::vector<std::string>& items);
    void raw(std::string name, std::string type, std::string bytes);

    [[nodiscard]] const std::vector<Field>& list() const { return list_; }
    [[nodiscard]] std::string bytes() const;

 private:
    void number(std::string name, std::string type, std::uint64_t value, std::size_t size_bytes);
    void sized(std::string name, std::string type, std::string_view value,
               std::size_t length_bytes);

    std::vector<Field> list_;
};
