// SPDX-License-Identifier: MIT
//
// Every example of docs/protocol.md against the codec, in both directions.
#include <algorithm>
#include <catch2/catch.hpp>

#include "hex_examples.hpp"
#include "protocol/frame.h"
#include "protocol/opcodes.h"
#include "read_back.hpp"

namespace {

// The fields of a frame's header, encoded by the library.
Field header_field(const wire_request& request) {
    Encoded encoded;
    const std::size_t begin =
        wire_begin_request(&encoded.out, request.opcode, request.flags, request.request_id);
    const std::string body(request.frame_bytes - WIRE_HEADER_BYTES, 'x');
    wire_write_raw(&encoded.out, bytes_of(body));
    wire_finish_request(&encoded.out, begin);
    return {"request", "header", encoded.bytes().substr(0, WIRE_HEADER_BYTES)};
}

Field header_field(const wire_reply& reply) {
    Encoded encoded;
    const std::size_t begin = wire_begin_reply(&encoded.out, reply.opcode, reply.request_id);
    wire_write_raw(&encoded.out, reply.body);
    wire_finish_reply(&encoded.out, begin, reply.status, reply.flags);
    return {"reply", "header", encoded.bytes().substr(0, WIRE_HEADER_BYTES)};
}

// Version 1 has no extension, so the codec only steps over them: they are read here.
void append_extensions(std::vector<Field>& fields, const wire_request& request,
                       const std::string& frame) {
    if ((request.flags & WIRE_REQUEST_EXT) == 0) {
        return;
    }
    const std::size_t body_begin = frame.size() - request.body.size;
    wire_reader in =
        wire_reader_over({frame.data() + WIRE_HEADER_BYTES, body_begin - WIRE_HEADER_BYTES});
    Fields extensions;
    extensions.u16("extensions_bytes", wire_read_u16(&in));
    while (wire_reader_left(&in) != 0) {
        extensions.u16("type", wire_read_u16(&in));
        extensions.bytes16("value", text_of(wire_read_bytes16(&in)));
    }
    REQUIRE(wire_reader_finished(&in));
    fields.insert(fields.end(), extensions.list().begin(), extensions.list().end());
}

std::string bytes_of_all(const std::vector<Field>& fields) {
    std::string bytes;
    for (const Field& field : fields) {
        bytes += field.bytes;
    }
    return bytes;
}

}  // namespace

TEST_CASE("each line of an example has the bytes that its value says", "[protocol][golden]") {
    REQUIRE(hex_examples().size() > 60);
    for (const HexExample& example : hex_examples()) {
        CAPTURE(example.name, example.title);
        CHECK(example.written == example.meant);
    }
}

TEST_CASE("a request of the page decodes to the fields beside it and encodes to its bytes",
          "[protocol][golden]") {
    for (const HexExample& example : frame_examples(Direction::request)) {
        CAPTURE(example.name, example.title);
        wire_request request;
        REQUIRE(wire_parse_request(bytes_of(example.bytes), WIRE_FRAME_FLOOR_BYTES, &request) ==
                WIRE_FRAME_COMPLETE);
        CHECK(request.frame_bytes == example.bytes.size());
        CHECK(request.namespace_id == 0);
        REQUIRE(wire_opcode_find(request.opcode) != nullptr);
        CHECK(wire_opcode_find(request.opcode)->name == example.name);

        std::vector<Field> fields = {header_field(request)};
        append_extensions(fields, request, example.bytes);
        const ReadBack body = read_request_body(request.opcode, text_of(request.body));
        REQUIRE(body.is_wellformed);
        fields.insert(fields.end(), body.fields.begin(), body.fields.end());
        CHECK(fields == example.meant);
        CHECK(hex_of(bytes_of_all(fields)) == hex_of(example.bytes));
        CHECK(hex_of(body.encoded) == hex_of(text_of(request.body)));
    }
}

TEST_CASE("a reply of the page decodes to the fields beside it and encodes to its bytes",
          "[protocol][golden]") {
    for (const HexExample& example : frame_examples(Direction::reply)) {
        CAPTURE(example.name, example.title);
        wire_reply reply;
        REQUIRE(wire_parse_reply(bytes_of(example.bytes), WIRE_FRAME_FLOOR_BYTES, &reply) ==
                WIRE_FRAME_COMPLETE);
        CHECK(reply.frame_bytes == example.bytes.size());
        REQUIRE(wire_opcode_find(reply.opcode) != nullptr);
        CHECK(wire_opcode_find(reply.opcode)->name == example.name);

        std::vector<Field> fields = {header_field(reply)};
        const ReadBack body = read_reply_body(reply.opcode, reply.status, text_of(reply.body));
        REQUIRE(body.is_wellformed);
        fields.insert(fields.end(), body.fields.begin(), body.fields.end());
        CHECK(fields == example.meant);
        CHECK(hex_of(bytes_of_all(fields)) == hex_of(example.bytes));
        CHECK(hex_of(body.encoded) == hex_of(text_of(reply.body)));
    }
}

TEST_CASE("a preface of the page decodes to the fields beside it and encodes to its bytes",
          "[protocol][golden]") {
    int preface_count = 0;
    for (const HexExample& example : hex_examples()) {
        if (example.name != "PREFACE") {
            continue;
        }
        CAPTURE(example.title);
        ++preface_count;
        Fields fields;
        fields.raw("magic", "raw", std::string(WIRE_MAGIC, WIRE_MAGIC_BYTES));
        Encoded encoded;
        if (example.direction == Direction::request) {
            wire_client_preface preface;
            REQUIRE(wire_decode_client_preface(bytes_of(example.bytes), &preface) ==
                    WIRE_FRAME_COMPLETE);
            fields.u8("version_min", preface.version_min);
            fields.u8("version_max", preface.version_max);
            fields.u16("zero", 0);
            wire_encode_client_preface(&encoded.out, &preface);
        } else {
            wire_server_preface preface;
            REQUIRE(wire_decode_server_preface(bytes_of(example.bytes), &preface) ==
                    WIRE_FRAME_COMPLETE);
            fields.u8("chosen", preface.chosen);
            fields.u8("version_min", preface.version_min);
            fields.u8("version_max", preface.version_max);
            fields.u8("reason", preface.reason);
            wire_encode_server_preface(&encoded.out, &preface);
        }
        CHECK(fields.list() == example.meant);
        CHECK(hex_of(encoded.bytes()) == hex_of(example.bytes));
    }
    CHECK(preface_count >= 3);
}

TEST_CASE("every working opcode has an example of its request and of its OK reply",
          "[protocol][golden]") {
    std::size_t count = 0;
    const wire_opcode_info* opcodes = wire_opcodes(&count);
    const auto requests = frame_examples(Direction::request);
    const auto replies = frame_examples(Direction::reply);
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint8_t opcode = opcodes[i].opcode;
        CAPTURE(opcodes[i].name);
        const auto has_request =
            std::any_of(requests.begin(), requests.end(),
                        [&](const HexExample& request) { return opcode_of(request) == opcode; });
        const auto has_reply =
            std::any_of(replies.begin(), replies.end(), [&](const HexExample& reply) {
                return opcode_of(reply) == opcode && status_of(reply) == WIRE_OK;
            });
        CHECK(has_request == opcodes[i].is_working);
        CHECK(has_reply == opcodes[i].is_working);
        CHECK(has_codec(opcode) == opcodes[i].is_working);
    }
}
