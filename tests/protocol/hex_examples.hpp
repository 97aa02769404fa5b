// SPDX-License-Identifier: MIT
//
// The worked examples of docs/protocol.md: its ```hex blocks, read as the page's section "Reading
// the examples" says.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fields.hpp"

enum class Direction : std::uint8_t { request, reply };

struct HexExample {
    std::string name;  // of the opcode, or PREFACE
    Direction direction = Direction::request;
    std::string title;           // what happens
    std::string bytes;           // the whole message, as the hex says
    std::vector<Field> written;  // its fields with their bytes as the hex says
    std::vector<Field> meant;    // the same with the bytes that the values say
};

// All examples of the page, in its order. Throws std::runtime_error naming a line that it cannot
// read: an example that is not understood must not pass unseen.
const std::vector<HexExample>& hex_examples();

// Those that are frames.
std::vector<HexExample> frame_examples(Direction direction);

// The body of an example's frame, without extensions.
std::string_view body_of(const HexExample& example);
std::uint8_t opcode_of(const HexExample& example);
std::uint8_t status_of(const HexExample& reply);
