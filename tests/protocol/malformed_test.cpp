// SPDX-License-Identifier: MIT
//
// Bytes that are no message of the protocol, at the level of the codec. Every mutation of every
// example is judged: malformed, or understood exactly.
#include <array>
#include <catch2/catch.hpp>
#include <functional>
#include <random>
#include <set>

#include "hex_examples.hpp"
#include "protocol/admin_messages.h"
#include "protocol/frame.h"
#include "protocol/opcodes.h"
#include "read_back.hpp"

namespace {

ReadBack read_body(const HexExample& example, std::string_view body) {
    return example.direction == Direction::request
               ? read_request_body(opcode_of(example), body)
               : read_reply_body(opcode_of(example), status_of(example), body);
}

void for_each_frame(const std::function<void(const HexExample&)>& act) {
    for (const Direction direction : {Direction::request, Direction::reply}) {
        for (const HexExample& example : frame_examples(direction)) {
            INFO(example.name << (direction == Direction::request ? " request: " : " reply: ")
                              << example.title);
            act(example);
        }
    }
}

// The fields of an example's body and where each begins in it.
struct Placed {
    Field field;
    std::size_t begin = 0;
};

std::vector<Placed> placed_fields(const HexExample& example) {
    std::vector<Placed> placed;
    std::size_t at = 0;
    for (const Field& field : read_body(example, body_of(example)).fields) {
        placed.push_back({field, at});
        at += field.bytes.size();
    }
    return placed;
}

// The version that ends a reply is there or not: the length of the body alone says which.
bool ends_with_optional_version(const HexExample& example) {
    const bool is_ok_reply = example.direction == Direction::reply && status_of(example) == WIRE_OK;
    return is_ok_reply && example.meant.back().name == "version";
}

std::size_t length_bytes(const Field& field) {
    if (field.type == "bytes8") {
        return 1;
    }
    if (field.type == "bytes16" || field.name.ends_with("s_count")) {
        return 2;
    }
    if (field.type == "bytes32") {
        return 4;
    }
    return field.name == "count" && field.type != "u64" ? field.bytes.size() : 0;
}

// The option bits that docs/protocol.md gives to a field "options" or "present" of an example.
std::uint16_t bits_of(const HexExample& example, bool is_first) {
    if (example.direction == Direction::reply) {
        switch (opcode_of(example)) {
            case WIRE_OP_GET:
            case WIRE_OP_MGET:
            case WIRE_OP_GETDEL: return 0x002F;
            case WIRE_OP_TAG_LIST:
            case WIRE_OP_KEYS_BY_TAG:
            case WIRE_OP_SCAN: return 0x0001;
            default: return 0x0004;
        }
    }
    switch (opcode_of(example)) {
        case WIRE_OP_GET:
        case WIRE_OP_MGET: return 0x003F;
        case WIRE_OP_GETDEL: return 0x000F;
        case WIRE_OP_PUT:
        case WIRE_OP_ADD:
        case WIRE_OP_REPLACE: return 0x007F;
        case WIRE_OP_MPUT: return is_first ? 0x0040 : 0x003F;
        case WIRE_OP_APPEND:
        case WIRE_OP_PREPEND: return 0x0045;
        case WIRE_OP_INCR:
        case WIRE_OP_DECR: return 0x0043;
        case WIRE_OP_EXISTS:
        case WIRE_OP_TOUCH:
        case WIRE_OP_DELETE: return 0x0004;
        case WIRE_OP_TAG_ADD:
        case WIRE_OP_TAG_REMOVE: return 0x0040;
        case WIRE_OP_KEYS_BY_TAG:
        case WIRE_OP_TAG_LIST:
        case WIRE_OP_SCAN: return 0x0001;
        case WIRE_OP_INVALIDATE: return 0x0003;
        case WIRE_OP_USER: return 0x003F;
        default: return 0;
    }
}

wire_frame_result parse_request(const std::string& bytes, std::uint32_t body_bytes_max) {
    const std::vector<char> exact(bytes.begin(), bytes.end());
    wire_request request;
    return wire_parse_request({exact.data(), exact.size()}, body_bytes_max, &request);
}

std::string request_header(std::uint32_t body_bytes, std::uint8_t opcode, std::uint8_t flags) {
    Fields header;
    header.u32("body_bytes", body_bytes);
    header.u8("opcode", opcode);
    header.u8("flags", flags);
    header.u16("namespace", 0);
    header.u32("request_id", 7);
    return header.bytes();
}

}  // namespace

TEST_CASE("F3: a length over the limit is refused from its four bytes", "[protocol][malformed]") {
    for (const std::uint32_t body_bytes : {0x7FFFFFFFU, 0x80000000U, 0xFFFFFFFFU}) {
        CAPTURE(body_bytes);
        const std::string header = request_header(body_bytes, WIRE_OP_PUT, 0);
        for (std::size_t size = 4; size <= header.size(); ++size) {
            CHECK(parse_request(header.substr(0, size), WIRE_FRAME_FLOOR_BYTES) ==
                  WIRE_FRAME_OVERSIZED);
            wire_reply reply;
            CHECK(wire_parse_reply({header.data(), size}, WIRE_FRAME_FLOOR_BYTES, &reply) ==
                  WIRE_FRAME_OVERSIZED);
        }
    }
}

TEST_CASE("F3: the refusal of a long frame can name the request when its header is there",
          "[protocol][malformed]") {
    const std::string header = request_header(0xFFFFFFFF, WIRE_OP_PUT, 0);
    wire_request request;
    CHECK(wire_parse_request(bytes_of(header), 1, &request) == WIRE_FRAME_OVERSIZED);
    CHECK(request.opcode == WIRE_OP_PUT);
    CHECK(request.request_id == 7);
}

TEST_CASE("F4: a body that is cut short is malformed, wherever it is cut",
          "[protocol][malformed]") {
    for_each_frame([](const HexExample& example) {
        const std::string body(body_of(example));
        for (std::size_t size = 0; size < body.size(); ++size) {
            CAPTURE(size);
            const bool lacks_version =
                ends_with_optional_version(example) && size + sizeof(std::uint64_t) == body.size();
            CHECK(read_body(example, body.substr(0, size)).is_wellformed == lacks_version);
        }
    });
}

TEST_CASE("F5: a byte behind the end of a body makes it malformed", "[protocol][malformed]") {
    for_each_frame([](const HexExample& example) {
        for (const char last : {'\0', '\1', '\xFF'}) {
            CHECK_FALSE(read_body(example, std::string(body_of(example)) + last).is_wellformed);
        }
    });
}

TEST_CASE("F5: an inner length or count that promises too much is malformed",
          "[protocol][malformed]") {
    for_each_frame([](const HexExample& example) {
        for (const Placed& placed : placed_fields(example)) {
            const std::size_t size = length_bytes(placed.field);
            CAPTURE(placed.field);
            for (std::size_t zeros = 0; zeros < size; ++zeros) {
                // All bits, and the values whose sum with what is read already wraps.
                std::string body(body_of(example));
                body.replace(placed.begin + zeros, size - zeros, size - zeros, '\xFF');
                CHECK_FALSE(read_body(example, body).is_wellformed);
            }
        }
    });
}

TEST_CASE("F5: an inner length that is off by one is malformed or read exactly",
          "[protocol][malformed]") {
    for_each_frame([](const HexExample& example) {
        const std::vector<Placed> fields = placed_fields(example);
        for (const Placed& placed : fields) {
            if (length_bytes(placed.field) == 0) {
                continue;
            }
            CAPTURE(placed.field);
            for (const int step : {-1, 1}) {
                std::string body(body_of(example));
                body[placed.begin] = static_cast<char>(body[placed.begin] + step);
                const ReadBack read = read_body(example, body);
                CHECK((!read.is_wellformed || read.encoded == body));
                const bool is_last = placed.begin == fields.back().begin;
                CHECK_FALSE((is_last && read.is_wellformed));
            }
        }
    });
}

TEST_CASE("F5: a body with any bytes changed is malformed or read exactly",
          "[protocol][malformed]") {
    std::mt19937 random(20240521);  // NOLINT: the same mutations in every run
    for_each_frame([&](const HexExample& example) {
        const std::string original(body_of(example));
        if (original.empty()) {
            return;
        }
        for (int round = 0; round < 300; ++round) {
            std::string body = original;
            const std::size_t change_count = 1 + random() % 3;
            for (std::size_t i = 0; i < change_count; ++i) {
                body[random() % body.size()] = static_cast<char>(random());
            }
            CAPTURE(hex_of(body));
            const ReadBack read = read_body(example, body);
            CHECK((!read.is_wellformed || read.encoded == body));
        }
    });
}

TEST_CASE("F9: every option bit that an opcode does not have is malformed",
          "[protocol][malformed]") {
    std::set<std::uint8_t> opcodes;
    for_each_frame([&](const HexExample& example) {
        bool is_first = true;
        for (const Placed& placed : placed_fields(example)) {
            if (placed.field.name != "options" && placed.field.name != "present") {
                continue;
            }
            opcodes.insert(opcode_of(example));
            const std::uint16_t known = bits_of(example, is_first);
            is_first = false;
            for (unsigned bit = 0; bit < 16; ++bit) {
                CAPTURE(placed.begin, bit);
                std::string body(body_of(example));
                const std::size_t at = placed.begin + bit / 8;
                body[at] = static_cast<char>(body[at] ^ (1 << bit % 8));
                if ((known >> bit & 1) == 0) {
                    CHECK_FALSE(read_body(example, body).is_wellformed);
                }
            }
        }
    });
    CHECK(opcodes.size() == 23);
}

TEST_CASE("F9: a field that another opcode has is malformed even when it is all there",
          "[protocol][malformed]") {
    Fields touching;
    touching.u16("options", WIRE_GET_TOUCH);
    touching.u64("ttl_ms", 1);
    touching.bytes16("key", "k");
    CHECK(read_request_body(WIRE_OP_GET, touching.bytes()).is_wellformed);
    CHECK_FALSE(read_request_body(WIRE_OP_GETDEL, touching.bytes()).is_wellformed);

    Fields flagged;
    flagged.u16("options", WIRE_FIELD_FLAGS);
    flagged.u32("flags", 1);
    Fields tagged;
    tagged.u16("options", WIRE_FIELD_TAGS);
    tagged.tags({"t"});
    for (Fields* item : {&flagged, &tagged}) {
        item->bytes16("key", "k");
        item->bytes32("value", "v");
        CHECK(read_request_body(WIRE_OP_PUT, item->bytes()).is_wellformed);
        CHECK_FALSE(read_request_body(WIRE_OP_APPEND, item->bytes()).is_wellformed);
        CHECK_FALSE(read_request_body(WIRE_OP_PREPEND, item->bytes()).is_wellformed);
    }
}

TEST_CASE("F5: a field of an unknown type is malformed, because its size cannot be known",
          "[protocol][malformed]") {
    for (const unsigned type : {0U, 5U, 255U}) {
        Fields told;
        told.u16("count", 1);
        told.bytes8("name", "n");
        told.u8("type", static_cast<std::uint8_t>(type));
        const std::string body = told.bytes();
        std::uint16_t count = 0;
        wire_reader fields;
        CHECK_FALSE(wire_decode_fields(bytes_of(body), &count, &fields));
    }
}

TEST_CASE("a version of 0 at the end of a reply is malformed, because no entry has it",
          "[protocol][malformed]") {
    const std::string zero = little_endian(0, 8);
    const std::string one = little_endian(1, 8);
    const auto is_wellformed = [](std::uint8_t opcode, const std::string& body) {
        return read_reply_body(opcode, WIRE_OK, body).is_wellformed;
    };
    for (const std::uint8_t opcode : {WIRE_OP_PUT, WIRE_OP_APPEND, WIRE_OP_INCR, WIRE_OP_TAG_ADD}) {
        CAPTURE(static_cast<int>(opcode));
        const std::size_t fixed_bytes = opcode == WIRE_OP_PUT      ? 0
                                        : opcode == WIRE_OP_APPEND ? 4
                                        : opcode == WIRE_OP_INCR   ? 8
                                                                   : 2;
        const std::string fixed(fixed_bytes, '\1');
        CHECK(is_wellformed(opcode, fixed));
        CHECK(is_wellformed(opcode, fixed + one));
        CHECK_FALSE(is_wellformed(opcode, fixed + zero));
    }
}

TEST_CASE("F9: an unknown opcode leaves the framing intact", "[protocol][malformed]") {
    for (unsigned opcode = 1; opcode <= 0xFF; ++opcode) {
        const std::string frame = request_header(3, static_cast<std::uint8_t>(opcode), 0) + "abc";
        wire_request request;
        REQUIRE(wire_parse_request(bytes_of(frame), 3, &request) == WIRE_FRAME_COMPLETE);
        CHECK(request.opcode == opcode);
        CHECK(text_of(request.body) == "abc");
    }
    CHECK(wire_opcode_find(0xFF) == nullptr);
}

TEST_CASE("F9: a reserved bit or byte of a header is malformed", "[protocol][malformed]") {
    for (unsigned bit = 0; bit < 8; ++bit) {
        const auto flags = static_cast<std::uint8_t>(1 << bit);
        CAPTURE(bit);
        const bool is_known = (flags & WIRE_REQUEST_FLAGS_KNOWN) != 0;
        const std::string request = request_header(2, WIRE_OP_PING, flags) + std::string(2, '\0');
        CHECK(parse_request(request, 2) == (is_known ? WIRE_FRAME_COMPLETE : WIRE_FRAME_BROKEN));

        // No feature that sets one of a reply's flags can have been agreed on.
        std::string reply = request_header(0, WIRE_OK, flags);
        wire_reply parsed;
        CHECK(wire_parse_reply(bytes_of(reply), 2, &parsed) == WIRE_FRAME_BROKEN);
        reply = request_header(0, WIRE_OK, 0);
        reply[7] = static_cast<char>(flags);
        CHECK(wire_parse_reply(bytes_of(reply), 2, &parsed) == WIRE_FRAME_BROKEN);
    }
}

TEST_CASE("F9: the action of a CLIENT request that is unknown decodes to the action alone",
          "[protocol][malformed]") {
    const ReadBack read = read_request_body(WIRE_OP_CLIENT, std::string("\x03") + "anything");
    REQUIRE(read.is_wellformed);
    REQUIRE(read.fields.size() == 1);
    CHECK(read.fields[0].bytes == "\x03");
}

TEST_CASE("F13: opcode 0 is malformed", "[protocol][malformed]") {
    CHECK(parse_request(request_header(0, WIRE_OP_NONE, 0), 1) == WIRE_FRAME_BROKEN);
}

TEST_CASE("F13: a reply sent as a request is malformed or for a namespace that does not exist",
          "[protocol][malformed]") {
    for (const HexExample& example : frame_examples(Direction::reply)) {
        CAPTURE(example.name, example.title);
        wire_request request;
        const wire_frame_result result =
            wire_parse_request(bytes_of(example.bytes), WIRE_FRAME_FLOOR_BYTES, &request);
        if (status_of(example) == WIRE_OK) {
            CHECK(result == WIRE_FRAME_BROKEN);
        } else {
            CHECK(request.namespace_id != 0);
        }
    }
}

TEST_CASE("F7: bytes that are no preface are known at the first that differs",
          "[protocol][malformed]") {
    const std::string preface("\xF5TC\n\x01\x01\0\0", WIRE_PREFACE_BYTES);
    wire_client_preface client;
    wire_server_preface server;
    for (std::size_t at = 0; at < WIRE_MAGIC_BYTES; ++at) {
        std::string wrong = preface;
        wrong[at] = '?';
        for (std::size_t size = 0; size <= wrong.size(); ++size) {
            CAPTURE(at, size);
            const auto expected = size <= at ? WIRE_FRAME_NEED_MORE : WIRE_FRAME_BROKEN;
            CHECK(wire_decode_client_preface({wrong.data(), size}, &client) == expected);
            CHECK(wire_decode_server_preface({wrong.data(), size}, &server) == expected);
        }
    }
    for (const char* other : {"GET / HTTP/1.1", "POST", "\x16\x03\x01\x02", "*3\r\n", "\x80"}) {
        CHECK(wire_decode_client_preface(bytes_of(other), &client) == WIRE_FRAME_BROKEN);
    }
}

TEST_CASE("F8: a preface without a version in common is refused", "[protocol][malformed]") {
    CHECK(wire_choose_version(std::to_array<wire_client_preface>({{1, 1}}).data()) == 1);
    const wire_client_preface both = {1, 200};
    CHECK(wire_choose_version(&both) == WIRE_VERSION);
    const wire_client_preface newer = {WIRE_VERSION + 1, 200};
    CHECK(wire_choose_version(&newer) == 0);
}

TEST_CASE("F8: a preface whose reserved bytes or range make no sense is none",
          "[protocol][malformed]") {
    wire_client_preface client;
    for (const std::string& tail : {std::string("\0\1\0\0", 4), std::string("\2\1\0\0", 4),
                                    std::string("\1\1\1\0", 4), std::string("\1\1\0\1", 4)}) {
        CAPTURE(hex_of(tail));
        CHECK(wire_decode_client_preface(bytes_of("\xF5TC\n" + tail), &client) ==
              WIRE_FRAME_BROKEN);
    }
}

TEST_CASE("extensions are skipped unless they are critical, and fit exactly",
          "[protocol][malformed]") {
    const auto parse = [](const std::string& body, wire_request& request) {
        const auto size = static_cast<std::uint32_t>(body.size());
        const std::string frame = request_header(size, WIRE_OP_PING, WIRE_REQUEST_EXT) + body;
        const wire_frame_result result = wire_parse_request(bytes_of(frame), 1000, &request);
        return std::pair(result, result == WIRE_FRAME_COMPLETE ? text_of(request.body) : "");
    };
    Fields two;
    two.u16("type", 1);
    two.bytes16("value", "abc");
    two.u16("type", 2);
    two.bytes16("value", "");
    const std::string extensions = two.bytes();
    const std::string whole = little_endian(extensions.size(), 2) + extensions;

    wire_request request;
    CHECK(parse(whole + "body", request) == std::pair(WIRE_FRAME_COMPLETE, std::string("body")));
    CHECK_FALSE(request.has_unknown_critical_extension);
    CHECK(parse(little_endian(0, 2), request) == std::pair(WIRE_FRAME_COMPLETE, std::string()));

    for (std::size_t size = 0; size < whole.size(); ++size) {
        CAPTURE(size);
        CHECK(parse(whole.substr(0, size), request).first == WIRE_FRAME_BROKEN);
    }
    for (std::size_t size = 1; size < extensions.size(); ++size) {
        CAPTURE(size);
        const bool ends_between = size == 7;
        const auto result = parse(little_endian(size, 2) + extensions, request).first;
        CHECK((result == WIRE_FRAME_COMPLETE) == ends_between);
    }

    std::string critical = whole;
    critical[3] = '\x80';
    CHECK(parse(critical, request).first == WIRE_FRAME_COMPLETE);
    CHECK(request.has_unknown_critical_extension);
}
