// SPDX-License-Identifier: MIT
//
// Exactly the limit passes, one more fails: frames, lengths in their fields, and the cursors over
// bytes that everything goes through.
#include <catch2/catch.hpp>

#include "protocol/admin_messages.h"
#include "protocol/entry_messages.h"
#include "protocol/frame.h"
#include "protocol/tag_messages.h"
#include "read_back.hpp"

namespace {

constexpr std::uint32_t body_bytes_max = 1000;

std::string request_frame(std::uint32_t body_bytes) {
    Fields frame;
    frame.u32("body_bytes", body_bytes);
    frame.u8("opcode", WIRE_OP_PUT);
    frame.raw("rest", "raw", std::string(7, '\0'));
    return frame.bytes() + std::string(body_bytes, 'x');
}

std::string reply_frame(std::uint32_t body_bytes) {
    Fields frame;
    frame.u32("body_bytes", body_bytes);
    frame.raw("rest", "raw", std::string(8, '\0'));
    return frame.bytes() + std::string(body_bytes, 'x');
}

}  // namespace

TEST_CASE("F14: a frame of exactly the limit is read, one more byte is refused",
          "[protocol][limits]") {
    wire_request request;
    wire_reply reply;
    CHECK(wire_parse_request(bytes_of(request_frame(body_bytes_max)), body_bytes_max, &request) ==
          WIRE_FRAME_COMPLETE);
    CHECK(request.body.size == body_bytes_max);
    CHECK(wire_parse_reply(bytes_of(reply_frame(body_bytes_max)), body_bytes_max, &reply) ==
          WIRE_FRAME_COMPLETE);
    CHECK(reply.body.size == body_bytes_max);

    CHECK(wire_parse_request(bytes_of(request_frame(body_bytes_max + 1)), body_bytes_max,
                             &request) == WIRE_FRAME_OVERSIZED);
    CHECK(wire_parse_reply(bytes_of(reply_frame(body_bytes_max + 1)), body_bytes_max, &reply) ==
          WIRE_FRAME_OVERSIZED);
}

TEST_CASE("F14: the largest legal entry fits into a frame, with the defaults and at the ceilings",
          "[protocol][limits]") {
    const auto largest = [](std::uint64_t value, std::uint64_t key, std::uint64_t tags) {
        // options, ttl_ms, if_version, flags, the number of tags, tags, key, value
        return 2 + 8 + 8 + 4 + 2 + tags * (1 + WIRE_TAG_BYTES_MAX) + 2 + key + 4 + value;
    };
    CHECK(wire_frame_body_bytes_max(WIRE_VALUE_BYTES_MAX, WIRE_KEY_BYTES_MAX, WIRE_TAGS_MAX,
                                    WIRE_TAG_BYTES_MAX) >=
          largest(WIRE_VALUE_BYTES_MAX, WIRE_KEY_BYTES_MAX, WIRE_TAGS_MAX));
    CHECK(wire_frame_body_bytes_max(WIRE_VALUE_BYTES_CEILING, WIRE_KEY_BYTES_CEILING,
                                    WIRE_TAGS_CEILING, WIRE_TAG_BYTES_MAX) >=
          largest(WIRE_VALUE_BYTES_CEILING, WIRE_KEY_BYTES_CEILING, WIRE_TAGS_CEILING));
    CHECK(wire_frame_body_bytes_max(1, 1, 1, 1) == (1024 + 128) * 1024);
}

TEST_CASE("F15: a key that is too long for its length field fails the writer",
          "[protocol][limits]") {
    const std::string longest(UINT16_MAX, 'k');
    const std::string longer = longest + 'k';
    wire_get get = {0, 0, bytes_of(longest)};
    Encoded fits;
    wire_encode_get(&fits.out, &get);
    CHECK_FALSE(fits.out.failed);
    CHECK(read_request_body(WIRE_OP_GET, fits.bytes()).is_wellformed);

    get.key = bytes_of(longer);
    Encoded fails;
    wire_encode_get(&fails.out, &get);
    CHECK(fails.out.failed);
}

TEST_CASE("F15: a tag that is too long for its length field fails the writer",
          "[protocol][limits]") {
    const std::string longest(UINT8_MAX, 't');
    const std::string longer = longest + 't';
    for (const std::string& tag : {longest, longer}) {
        CAPTURE(tag.size());
        const wire_bytes array[] = {bytes_of(tag)};
        const wire_invalidate invalidate = {0, {1, array, {}}};
        Encoded encoded;
        wire_encode_invalidate(&encoded.out, &invalidate);
        CHECK(encoded.out.failed == (tag.size() > UINT8_MAX));
    }
}

TEST_CASE("F15: more tags than their count can say fail the writer", "[protocol][limits]") {
    for (const std::uint32_t count : {UINT16_MAX + 0U, UINT16_MAX + 1U}) {
        CAPTURE(count);
        const std::vector<wire_bytes> array(count);
        const wire_list tags = {count, array.data(), {}};
        Encoded encoded;
        wire_write_tags(&encoded.out, &tags);
        CHECK(encoded.out.failed == (count > UINT16_MAX));
    }
}

TEST_CASE("F15: a field of a type that is not known fails the writer", "[protocol][limits]") {
    wire_field field{};
    field.type = 99;
    Encoded encoded;
    wire_write_field(&encoded.out, &field);
    CHECK(encoded.out.failed);
}

TEST_CASE("a cursor of 32 bytes is read, a longer one is malformed", "[protocol][limits]") {
    for (const int size : {+WIRE_CURSOR_BYTES_MAX, WIRE_CURSOR_BYTES_MAX + 1}) {
        CAPTURE(size);
        const bool is_legal = size <= WIRE_CURSOR_BYTES_MAX;
        const std::string cursor(static_cast<std::size_t>(size), 'c');
        Fields scan;
        scan.u16("options", 0);
        scan.u32("limit", 1);
        scan.bytes8("cursor", cursor);
        scan.bytes16("pattern", "");
        CHECK(read_request_body(WIRE_OP_SCAN, scan.bytes()).is_wellformed == is_legal);
        Fields page;
        page.u32("count", 0);
        page.u16("present", 0);
        page.bytes8("cursor", cursor);
        CHECK(read_reply_body(WIRE_OP_SCAN, WIRE_OK, page.bytes()).is_wellformed == is_legal);
        Fields removed;
        removed.u64("removed", 0);
        removed.bytes8("cursor", cursor);
        CHECK(read_reply_body(WIRE_OP_DELETE_PREFIX, WIRE_OK, removed.bytes()).is_wellformed ==
              is_legal);
        Fields client;
        client.u8("action", WIRE_CLIENT_LIST);
        client.u32("limit", 1);
        client.bytes8("cursor", cursor);
        CHECK(read_request_body(WIRE_OP_CLIENT, client.bytes()).is_wellformed == is_legal);
        Fields clients;
        clients.u32("count", 0);
        clients.bytes8("cursor", cursor);
        CHECK(read_reply_body(WIRE_OP_CLIENT, WIRE_OK, clients.bytes()).is_wellformed == is_legal);
        Fields keys;
        keys.u16("options", 0);
        keys.u32("limit", 1);
        keys.bytes8("cursor", cursor);
        keys.tags({"t"});
        CHECK(read_request_body(WIRE_OP_KEYS_BY_TAG, keys.bytes()).is_wellformed == is_legal);
    }
}

TEST_CASE("a writer that is full fails and writes nothing more", "[protocol][limits]") {
    char room[4] = {'.', '.', '.', '.'};
    wire_writer out = wire_writer_over(room, 3);
    wire_write_u16(&out, 0x4241);
    CHECK_FALSE(out.failed);
    wire_write_u16(&out, 0x4443);
    CHECK(out.failed);
    wire_write_u8(&out, 'C');
    CHECK(wire_writer_size(&out) == 2);
    CHECK(std::string(room, sizeof room) == "AB..");
}

TEST_CASE("a reader that ran short fails and reads zeros from then on", "[protocol][limits]") {
    wire_reader in = wire_reader_over(bytes_of("\x01\x02\x03"));
    CHECK(wire_read_u16(&in) == 0x0201);
    CHECK(wire_read_u16(&in) == 0);
    CHECK(in.failed);
    CHECK(wire_read_u8(&in) == 0);
    CHECK(wire_read_bytes8(&in).size == 0);
    CHECK_FALSE(wire_reader_finished(&in));
}

TEST_CASE("numbers are little-endian", "[protocol][limits]") {
    char room[15];
    wire_writer out = wire_writer_over(room, sizeof room);
    wire_write_u8(&out, 0x01);
    wire_write_u16(&out, 0x0302);
    wire_write_u32(&out, 0x07060504);
    wire_write_i64(&out, -2);
    REQUIRE_FALSE(out.failed);
    CHECK(hex_of({room, sizeof room}) == "01 02 03 04 05 06 07 fe ff ff ff ff ff ff ff");
    wire_reader in = wire_reader_over({room, sizeof room});
    CHECK(wire_read_u8(&in) == 0x01);
    CHECK(wire_read_u16(&in) == 0x0302);
    CHECK(wire_read_u32(&in) == 0x07060504);
    CHECK(wire_read_i64(&in) == -2);
    CHECK(wire_reader_finished(&in));
}

TEST_CASE("a frame that does not fit its buffer leaves the writer failed", "[protocol][limits]") {
    char room[WIRE_HEADER_BYTES + 4];
    for (const std::size_t body_bytes : {std::size_t{4}, std::size_t{5}}) {
        CAPTURE(body_bytes);
        const std::string body(body_bytes, 'x');
        wire_writer out = wire_writer_over(room, sizeof room);
        const std::size_t begin = wire_begin_reply(&out, WIRE_OP_GET, 1);
        wire_write_raw(&out, bytes_of(body));
        wire_finish_reply(&out, begin, WIRE_OK, 0);
        CHECK(out.failed == (body_bytes > 4));
    }
}
