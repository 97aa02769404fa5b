// SPDX-License-Identifier: MIT
//
// The fields of a reply: named numbers and texts, as STATS, INFO and lists have them.
#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/admin_messages.h"
#include "server/command.hpp"

namespace tc {

// Writes fields behind a count that is filled in at the end.
class FieldList {
 public:
    explicit FieldList(wire_writer* out) noexcept : out_(out), count_(wire_reserve(out, 2)) {}
    FieldList(const FieldList&) = delete;
    FieldList& operator=(const FieldList&) = delete;
    ~FieldList() {
        if (count_ != nullptr) {
            wire_store_u16(count_, written_);
        }
    }

    void number(std::string_view name, std::uint64_t value) noexcept {
        wire_field field{};
        field.name = bytes_of(name);
        field.type = WIRE_FIELD_U64;
        field.u64 = value;
        write(field);
    }
    void text(std::string_view name, std::string_view value) noexcept {
        wire_field field{};
        field.name = bytes_of(name);
        field.type = WIRE_FIELD_TEXT;
        field.text = bytes_of(value);
        write(field);
    }

 private:
    void write(const wire_field& field) noexcept {
        wire_write_field(out_, &field);
        ++written_;
    }

    wire_writer* out_;
    std::uint8_t* count_;
    std::uint16_t written_ = 0;
};

}  // namespace tc
