// SPDX-License-Identifier: MIT
#include "hex_examples.hpp"

#include <cctype>
#include <cstdlib>
#include <regex>
#include <sstream>
#include <stdexcept>

#include "document.hpp"
#include "protocol/frame.h"

namespace {

[[noreturn]] void refuse(const std::string& line) {
    throw std::runtime_error("docs/protocol.md: not understood in an example: " + line);
}

std::string bytes_from_hex(const std::string& text) {
    std::istringstream in(text);
    std::string bytes;
    for (std::string pair; in >> pair;) {
        if (pair.size() != 2 || std::isxdigit(static_cast<unsigned char>(pair[0])) == 0 ||
            std::isxdigit(static_cast<unsigned char>(pair[1])) == 0) {
            refuse(text);
        }
        bytes += static_cast<char>(std::stoul(pair, nullptr, 16));
    }
    return bytes;
}

std::string bytes_from_quoted(const std::string& text) {
    std::string bytes;
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        if (text[i] != '\\') {
            bytes += text[i];
        } else if (text[i + 1] == 'n') {
            bytes += '\n';
            i += 1;
        } else if (text[i + 1] == 'x') {
            bytes += static_cast<char>(std::stoul(text.substr(i + 2, 2), nullptr, 16));
            i += 3;
        } else {
            refuse(text);
        }
    }
    return bytes;
}

std::string bytes_from_number(const std::string& type, const std::string& value) {
    if (type == "f64") {
        Fields fields;
        fields.f64("", std::stod(value));
        return fields.bytes();
    }
    const bool is_signed = type == "i64";
    const std::uint64_t number = is_signed
                                     ? static_cast<std::uint64_t>(std::stoll(value, nullptr, 0))
                                     : std::stoull(value, nullptr, 0);
    const std::size_t size_bytes = std::stoul(type.substr(1)) / 8;
    if (size_bytes < 8 && number >> (8 * size_bytes) != 0) {
        refuse(type + " = " + value);
    }
    return little_endian(number, size_bytes);
}

// "key bytes16 = "a"", "options u16 = 0x0003 (TTL, TAGS)"
Field field_meant(const std::string& line) {
    static const std::regex form(
        R"re((\w+) (raw|bytes8|bytes16|bytes32|[uif]\d+) = (".*"|\S+)( \(.*\))?)re");
    std::smatch match;
    if (!std::regex_match(line, match, form)) {
        refuse(line);
    }
    const std::string type = match[2];
    const std::string value = match[3];
    Fields fields;
    if (type == "raw") {
        fields.raw(match[1], type, bytes_from_quoted(value));
    } else if (type == "bytes8") {
        fields.bytes8(match[1], bytes_from_quoted(value));
    } else if (type == "bytes16") {
        fields.bytes16(match[1], bytes_from_quoted(value));
    } else if (type == "bytes32") {
        fields.bytes32(match[1], bytes_from_quoted(value));
    } else {
        fields.raw(match[1], type, bytes_from_number(type, value));
    }
    return fields.list().front();
}

// "request = body 14, opcode 0x10, flags 0, namespace 0, id 1"
// "reply = body 19, status 0x00, flags 0, opcode 0x10, 0, id 1"
bool header_meant(const std::string& line, Field& header) {
    static const std::regex request(
        R"(request = body (\d+), opcode (0x..), flags (\d+)(?: \(.*\))?, )"
        R"(namespace (\d+), id (\d+))");
    static const std::regex reply(
        R"(reply = body (\d+), status (0x..), flags (\d+), opcode (0x..), (0), id (\d+))");
    std::smatch match;
    const bool is_request = std::regex_match(line, match, request);
    if (!is_request && !std::regex_match(line, match, reply)) {
        return false;
    }
    const std::vector<std::size_t> sizes = is_request ? std::vector<std::size_t>{4, 1, 1, 2, 4}
                                                      : std::vector<std::size_t>{4, 1, 1, 1, 1, 4};
    header = {is_request ? "request" : "reply", "header", {}};
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        header.bytes += little_endian(std::stoull(match[i + 1], nullptr, 0), sizes[i]);
    }
    return true;
}

HexExample titled(const std::string& line) {
    static const std::regex form(R"(# ([A-Z_]+) (request|reply): (.+))");
    std::smatch match;
    if (!std::regex_match(line, match, form)) {
        refuse(line);
    }
    HexExample example;
    example.name = match[1];
    example.direction = match[2] == "request" ? Direction::request : Direction::reply;
    example.title = match[3];
    return example;
}

void add_line(HexExample& example, const std::string& line) {
    const std::size_t mark = line.find('#');
    const std::string bytes = bytes_from_hex(line.substr(0, mark));
    example.bytes += bytes;
    if (mark == std::string::npos) {
        if (example.written.empty()) {
            refuse(line);
        }
        example.written.back().bytes += bytes;
        return;
    }
    const std::string annotation = line.substr(mark + 2);
    Field meant;
    if (!header_meant(annotation, meant)) {
        meant = field_meant(annotation);
    }
    example.written.push_back({meant.name, meant.type, bytes});
    example.meant.push_back(std::move(meant));
}

std::vector<HexExample> read_examples() {
    std::vector<HexExample> examples;
    std::istringstream in(protocol_page());
    std::string line;
    while (std::getline(in, line)) {
        if (line != "```hex") {
            continue;
        }
        std::getline(in, line);
        HexExample example = titled(line);
        while (std::getline(in, line) && line != "```") {
            add_line(example, line);
        }
        examples.push_back(std::move(example));
    }
    return examples;
}

wire_request parsed_request(const HexExample& example) {
    wire_request request;
    if (wire_parse_request(bytes_of(example.bytes), UINT32_MAX, &request) != WIRE_FRAME_COMPLETE) {
        refuse(example.title);
    }
    return request;
}

wire_reply parsed_reply(const HexExample& example) {
    wire_reply reply;
    if (wire_parse_reply(bytes_of(example.bytes), UINT32_MAX, &reply) != WIRE_FRAME_COMPLETE) {
        refuse(example.title);
    }
    return reply;
}

}  // namespace

const std::vector<HexExample>& hex_examples() {
    static const std::vector<HexExample> examples = read_examples();
    return examples;
}

std::vector<HexExample> frame_examples(Direction direction) {
    std::vector<HexExample> frames;
    for (const HexExample& example : hex_examples()) {
        if (example.direction == direction && example.name != "PREFACE") {
            frames.push_back(example);
        }
    }
    return frames;
}

std::string_view body_of(const HexExample& example) {
    const wire_bytes body = example.direction == Direction::request ? parsed_request(example).body
                                                                    : parsed_reply(example).body;
    return {static_cast<const char*>(body.data), body.size};
}

std::uint8_t opcode_of(const HexExample& example) {
    return example.direction == Direction::request ? parsed_request(example).opcode
                                                   : parsed_reply(example).opcode;
}

std::uint8_t status_of(const HexExample& reply) {
    return parsed_reply(reply).status;
}
