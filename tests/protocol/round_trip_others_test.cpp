// SPDX-License-Identifier: MIT
//
// Random messages about tags, pages, figures and the connection.
#include "protocol/admin_messages.h"
#include "protocol/entry_messages.h"
#include "protocol/tag_messages.h"
#include "random_message.hpp"

TEST_CASE("random HELLOs and their replies come back as they were", "[protocol][round-trip]") {
    Random random;
    for (int round = 0; round < rounds; ++round) {
        const std::string name = random.text(255);
        const std::string library = random.text(255);
        const wire_hello hello = {random.number(), bytes_of(name), bytes_of(library)};
        Encoded request;
        wire_encode_hello(&request.out, &hello);
        Fields asked;
        asked.u64("features", hello.features);
        asked.bytes8("client_name", name);
        asked.bytes8("library", library);
        check_request(WIRE_OP_HELLO, request, asked);

        Fields told;
        wire_hello_reply reply{};
        told.u64("features", reply.features = random.number());
        told.u64("boot_id", reply.boot_id = random.number());
        told.u64("sequence", reply.sequence = random.number());
        told.u32("key_bytes_max", reply.key_bytes_max = random.below(UINT32_MAX));
        told.u32("value_bytes_max", reply.value_bytes_max = random.below(UINT32_MAX));
        told.u32("tag_bytes_max", reply.tag_bytes_max = random.below(UINT32_MAX));
        told.u32("tags_max", reply.tags_max = random.below(UINT32_MAX));
        told.u32("keys_max", reply.keys_max = random.below(UINT32_MAX));
        told.u32("frame_body_bytes_max", reply.frame_body_bytes_max = random.below(UINT32_MAX));
        told.u32("reply_bytes_max", reply.reply_bytes_max = random.below(UINT32_MAX));
        told.u32("auth_mechanisms", reply.auth_mechanisms = random.below(UINT32_MAX));
        told.bytes8("server_version", name);
        reply.server_version = bytes_of(name);
        Encoded answer;
        wire_encode_hello_reply(&answer.out, &reply);
        check_reply(WIRE_OP_HELLO, answer, told);
    }
}

TEST_CASE("random errors come back as they were", "[protocol][round-trip]") {
    Random random;
    for (int round = 0; round < rounds; ++round) {
        const std::string message = random.text(65535);
        const wire_error error = {random.below(UINT32_MAX), random.below(UINT32_MAX),
                                  bytes_of(message)};
        Encoded encoded;
        wire_encode_error(&encoded.out, &error);
        Fields expected;
        expected.u32("retry_after_ms", error.retry_after_ms);
        expected.u32("detail", error.detail);
        expected.bytes16("message", message);
        const auto status =
            static_cast<std::uint8_t>(WIRE_STATUS_REFUSED_FIRST + random.below(0xC0));
        check_read(read_reply_body(WIRE_OP_GET, status, encoded.bytes()), expected);
    }
}

TEST_CASE("random requests about tags come back as they were", "[protocol][round-trip]") {
    Random random;
    for (int round = 0; round < rounds; ++round) {
        const std::string key = random.text(65535);
        const std::vector<std::string> tags = random.texts(255);
        const ListOf list(tags);

        Encoded of_key;
        Fields key_alone;
        wire_encode_tags(&of_key.out, bytes_of(key));
        key_alone.bytes16("key", key);
        check_request(WIRE_OP_TAGS, of_key, key_alone);

        const wire_tag_change change = {random.some_of(WIRE_PUT_RETURN_VERSION), list.list(),
                                        bytes_of(key)};
        Encoded changing;
        Fields changed;
        wire_encode_tag_change(&changing.out, &change);
        changed.u16("options", change.options);
        changed.tags(tags);
        changed.bytes16("key", key);
        check_request(random.coin() ? WIRE_OP_TAG_ADD : WIRE_OP_TAG_REMOVE, changing, changed);

        const wire_invalidate invalidate = {random.some_of(0x0003), list.list()};
        Encoded invalidating;
        Fields invalidated;
        wire_encode_invalidate(&invalidating.out, &invalidate);
        invalidated.u16("options", invalidate.options);
        invalidated.tags(tags);
        check_request(WIRE_OP_INVALIDATE, invalidating, invalidated);

        const std::string tag = random.text(255);
        Encoded counting;
        Fields counted;
        wire_encode_tag_count(&counting.out, bytes_of(tag));
        counted.bytes8("tag", tag);
        check_request(WIRE_OP_TAG_COUNT, counting, counted);

        const wire_list tag_list = list.list();
        Encoded told;
        Fields listed;
        wire_write_tags(&told.out, &tag_list);
        listed.tags(tags);
        check_reply(WIRE_OP_TAGS, told, listed);
    }
}

TEST_CASE("random requests for pages come back as they were", "[protocol][round-trip]") {
    Random random;
    for (int round = 0; round < rounds; ++round) {
        const std::string cursor = random.text(WIRE_CURSOR_BYTES_MAX);
        const std::uint32_t limit = random.below(UINT32_MAX);
        const std::vector<std::string> tags = random.texts(255);
        const ListOf list(tags);
        const wire_keys_by_tag by_tag = {random.some_of(WIRE_TAGS_ALL), limit, bytes_of(cursor),
                                         list.list()};
        Encoded asking;
        Fields asked;
        wire_encode_keys_by_tag(&asking.out, &by_tag);
        asked.u16("options", by_tag.options);
        asked.u32("limit", limit);
        asked.bytes8("cursor", cursor);
        asked.tags(tags);
        check_request(WIRE_OP_KEYS_BY_TAG, asking, asked);

        constexpr std::uint8_t opcodes[] = {WIRE_OP_SCAN, WIRE_OP_TAG_LIST, WIRE_OP_DELETE_PREFIX};
        const std::uint8_t opcode = opcodes[random.below(3)];
        const std::string pattern = random.text(65535);
        const wire_scan scan = {random.some_of(opcode == WIRE_OP_DELETE_PREFIX ? 0 : 1), limit,
                                bytes_of(cursor), bytes_of(pattern)};
        Encoded scanning;
        Fields scanned;
        wire_encode_scan(&scanning.out, &scan);
        scanned.u16("options", scan.options);
        scanned.u32("limit", limit);
        scanned.bytes8("cursor", cursor);
        scanned.bytes16(opcode == WIRE_OP_SCAN ? "pattern" : "prefix", pattern);
        check_request(opcode, scanning, scanned);

        const wire_client client = {WIRE_CLIENT_LIST, limit, bytes_of(cursor), 0, {}};
        Encoded listing;
        Fields listed;
        wire_encode_client(&listing.out, &client);
        listed.u8("action", WIRE_CLIENT_LIST);
        listed.u32("limit", limit);
        listed.bytes8("cursor", cursor);
        check_request(WIRE_OP_CLIENT, listing, listed);
    }
}

TEST_CASE("random pages come back as they were", "[protocol][round-trip]") {
    Random random;
    constexpr std::uint8_t opcodes[] = {WIRE_OP_KEYS_BY_TAG, WIRE_OP_TAG_LIST, WIRE_OP_SCAN};
    for (int round = 0; round < rounds; ++round) {
        const std::string cursor = random.text(WIRE_CURSOR_BYTES_MAX);
        const std::vector<std::string> names = random.texts(300);
        const std::uint16_t present = random.some_of(WIRE_TAG_LIST_COUNTS);
        Encoded encoded;
        wire_write_page_head(&encoded.out, static_cast<std::uint32_t>(names.size()), present,
                             bytes_of(cursor));
        Fields expected;
        expected.u32("count", static_cast<std::uint32_t>(names.size()));
        expected.u16("present", present);
        expected.bytes8("cursor", cursor);
        for (const std::string& name : names) {
            if (present != 0) {
                const std::uint64_t entries = random.number();
                wire_write_u64(&encoded.out, entries);
                expected.u64("entries", entries);
            }
            wire_write_bytes16(&encoded.out, bytes_of(name));
            expected.bytes16("name", name);
        }
        check_reply(opcodes[random.below(3)], encoded, expected);

        const std::uint64_t removed_count = random.number();
        Encoded removing;
        Fields removed;
        wire_write_removed(&removing.out, removed_count, bytes_of(cursor));
        removed.u64("removed", removed_count);
        removed.bytes8("cursor", cursor);
        check_reply(WIRE_OP_DELETE_PREFIX, removing, removed);

        Encoded counting;
        Fields counted;
        wire_write_u64(&counting.out, removed_count);
        counted.u64("count", removed_count);
        check_reply(random.coin() ? WIRE_OP_INVALIDATE : WIRE_OP_FLUSH, counting, counted);
    }
}

namespace {

void add_random_fields(Random& random, Encoded& encoded, Fields& expected) {
    const auto count = static_cast<std::uint16_t>(random.below(6));
    wire_write_u16(&encoded.out, count);
    expected.u16("count", count);
    for (std::uint16_t i = 0; i < count; ++i) {
        const std::string name = random.text(255);
        const std::string text = random.text(5000);
        wire_field field{};
        field.name = bytes_of(name);
        field.type = static_cast<std::uint8_t>(WIRE_FIELD_U64 + random.below(4));
        field.u64 = random.number();
        field.i64 = static_cast<std::int64_t>(random.number());
        field.f64 = static_cast<double>(random.number()) / 7;
        field.text = bytes_of(text);
        wire_write_field(&encoded.out, &field);
        expected.bytes8("name", name);
        expected.u8("type", field.type);
        switch (field.type) {
            case WIRE_FIELD_U64: expected.u64("value", field.u64); break;
            case WIRE_FIELD_I64: expected.i64("value", field.i64); break;
            case WIRE_FIELD_F64: expected.f64("value", field.f64); break;
            default: expected.bytes16("value", text);
        }
    }
}

}  // namespace

TEST_CASE("random fields come back as they were, in STATS, INFO and CLIENT LIST",
          "[protocol][round-trip]") {
    Random random;
    for (int round = 0; round < rounds; ++round) {
        Encoded stats;
        Fields told;
        add_random_fields(random, stats, told);
        check_reply(random.coin() ? WIRE_OP_STATS : WIRE_OP_INFO, stats, told);

        const std::uint32_t client_count = random.below(4);
        const std::string cursor = random.text(WIRE_CURSOR_BYTES_MAX);
        Encoded clients;
        Fields listed;
        wire_write_u32(&clients.out, client_count);
        wire_write_bytes8(&clients.out, bytes_of(cursor));
        listed.u32("count", client_count);
        listed.bytes8("cursor", cursor);
        for (std::uint32_t i = 0; i < client_count; ++i) {
            add_random_fields(random, clients, listed);
        }
        check_reply(WIRE_OP_CLIENT, clients, listed);
    }
}

TEST_CASE("random HOTKEYS and their replies come back as they were", "[protocol][round-trip]") {
    Random random;
    for (int round = 0; round < rounds; ++round) {
        const wire_hotkeys hotkeys = {static_cast<std::uint8_t>(random.below(256)),
                                      random.below(UINT32_MAX)};
        Encoded asking;
        Fields asked;
        wire_encode_hotkeys(&asking.out, &hotkeys);
        asked.u8("kind", hotkeys.kind);
        asked.u32("limit", hotkeys.limit);
        check_request(WIRE_OP_HOTKEYS, asking, asked);

        const std::vector<std::string> names = random.texts(1024);
        Encoded answering;
        Fields answered;
        wire_write_u32(&answering.out, static_cast<std::uint32_t>(names.size()));
        answered.u32("count", static_cast<std::uint32_t>(names.size()));
        for (const std::string& name : names) {
            const std::uint64_t rate = random.number();
            wire_write_hot_name(&answering.out, rate, bytes_of(name));
            answered.u64("rate", rate);
            answered.bytes16("name", name);
        }
        check_reply(WIRE_OP_HOTKEYS, answering, answered);
    }
}
