// SPDX-License-Identifier: MIT
//
// Reads a message with the decoder of its opcode and encodes what came out again: the tests compare
// the fields with what they expect, and the bytes with those that they began with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fields.hpp"

struct ReadBack {
    bool is_wellformed = false;
    std::vector<Field> fields;  // as decoded; empty when malformed
    std::string encoded;        // what the encoder made of them; empty when malformed
};

// False for an opcode whose grammar is a draft: there is nothing to read it with.
bool has_codec(std::uint8_t opcode);

ReadBack read_request_body(std::uint8_t opcode, std::string_view body);
// The same for AUTH, USER and TOKEN; read_request_body() calls it.
ReadBack read_access_request(std::uint8_t opcode, wire_bytes body);
// The body's grammar goes by the status: that of the opcode, nothing, or an error.
ReadBack read_reply_body(std::uint8_t opcode, std::uint8_t status, std::string_view body);
// The same for the reply to an opcode whose status is OK; read_reply_body() calls it.
ReadBack read_ok_body(std::uint8_t opcode, wire_bytes body);

// Room for what an encoder writes; more than any message of the tests. It is used again, because
// the fuzzer makes millions of messages.
class Encoded {
 public:
    Encoded() : room_(std::move(spare_room())) {
        room_.resize(std::size_t{256} * 1024);
        out = wire_writer_over(room_.data(), room_.size());
    }
    Encoded(const Encoded&) = delete;
    Encoded& operator=(const Encoded&) = delete;
    ~Encoded() { spare_room() = std::move(room_); }

    [[nodiscard]] std::string bytes() const { return room_.substr(0, wire_writer_size(&out)); }

    wire_writer out{};

 private:
    static std::string& spare_room() {
        static std::string room;
        return room;
    }

    std::string room_;
};

// The tags of a decoded list, copied.
std::vector<std::string> tags_of(const wire_list& list);
