// SPDX-License-Identifier: MIT
//
// What the commands mean, over the wire against a real server, beyond what the store's own tests
// say: options, presence, QUIET, pages, HELLO.
#include <catch2/catch.hpp>
#include <set>

#include "protocol/opcodes.h"
#include "support/eventually.hpp"
#include "support/running_server.hpp"
#include "support/server_stats.hpp"
#include "support/wire_client.hpp"

using namespace tc::test;

namespace {

std::string item_frame(std::uint8_t opcode, wire_put item, std::uint8_t flags = 0) {
    return frame(
        opcode, 0, [&](wire_writer* out) { wire_encode_put(out, &item); }, flags);
}

wire_put item(std::string_view key, std::string_view value, std::uint16_t options = 0) {
    wire_put put{};
    put.options = options;
    put.key = bytes(key);
    put.value = bytes(value);
    return put;
}

std::string mput_frame(const std::vector<wire_put>& items, std::uint16_t options = 0,
                       std::uint8_t flags = 0) {
    return frame(
        WIRE_OP_MPUT, 0,
        [&](wire_writer* out) {
            wire_write_u16(out, options);
            wire_write_u32(out, static_cast<std::uint32_t>(items.size()));
            for (const wire_put& put : items) {
                wire_encode_put(out, &put);
            }
        },
        flags);
}

std::string delete_frame(std::string_view key, std::uint8_t flags = 0) {
    const wire_bytes view = bytes(key);
    wire_keys keys{};
    keys.keys = {1, &view, {}};
    return frame(
        WIRE_OP_DELETE, 0, [&](wire_writer* out) { wire_encode_keys(out, WIRE_OP_DELETE, &keys); },
        flags);
}

std::string scan_frame(std::uint8_t opcode, std::string_view pattern, std::string_view cursor,
                       std::uint32_t limit, std::uint16_t options = 0) {
    const wire_scan scan{options, limit, bytes(cursor), bytes(pattern)};
    return frame(opcode, 0, [&](wire_writer* out) { wire_encode_scan(out, &scan); });
}

wire_hit hit_of(const Reply& reply) {
    wire_hit hit;
    REQUIRE(reply.status == WIRE_OK);
    REQUIRE(wire_decode_hit(bytes(reply.body), &hit));
    return hit;
}

std::set<std::string> scan_all(WireClient& client, std::string_view pattern,
                               std::uint16_t options) {
    std::set<std::string> names;
    std::string cursor;
    do {
        const Reply reply = client.call(scan_frame(WIRE_OP_SCAN, pattern, cursor, 10, options));
        wire_page page;
        REQUIRE(reply.status == WIRE_OK);
        REQUIRE(wire_decode_page(bytes(reply.body), &page));
        CHECK(page.count <= 10);
        wire_reader items = wire_reader_over(page.items);
        for (std::uint32_t i = 0; i < page.count; ++i) {
            std::uint64_t entries = 0;
            CHECK(names.insert(text(wire_next_name(&items, 0, &entries))).second);
        }
        cursor = text(page.cursor);
    } while (!cursor.empty());
    return names;
}

}  // namespace

TEST_CASE("a GET tells the fields it is asked for, and only those", "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    const wire_bytes tag = bytes("t");
    wire_put put =
        item("k", "value",
             WIRE_FIELD_TTL | WIRE_FIELD_TAGS | WIRE_FIELD_FLAGS | WIRE_PUT_RETURN_VERSION);
    put.ttl_ms = 60'000;
    put.flags = 0xABCD;
    put.tags = {1, &tag, {}};
    std::uint64_t version = 0;
    REQUIRE(wire_decode_stored(bytes(client.call(item_frame(WIRE_OP_PUT, put)).body), &version));

    const Reply bare = client.call(get_frame("k"));
    CHECK(bare.body.size() == 2 + 4 + 5);
    const Reply full = client.call(get_frame("k", 0, 0x0F));
    const wire_hit hit = hit_of(full);
    CHECK(hit.version == version);
    CHECK(hit.flags == 0xABCD);
    CHECK(hit.ttl_ms > 0);
    CHECK(hit.ttl_ms <= 60'000);
    CHECK(hit.tags.count == 1);
    CHECK(text(hit.value) == "value");
    const Reply sized = client.call(get_frame("k", 0, WIRE_GET_NO_VALUE));
    CHECK(hit_of(sized).value_bytes == 5);
    CHECK(hit_of(sized).value.size == 0);
}

TEST_CASE("a touching GET sets the TTL and keeps the version", "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    REQUIRE(client.call(put_frame("k", "v")).status == WIRE_OK);
    const Reply before = client.call(get_frame("k", 0, WIRE_FIELD_VERSION));
    const wire_get get{WIRE_GET_TOUCH | WIRE_FIELD_TTL | WIRE_FIELD_VERSION, 5'000, bytes("k")};
    const Reply touched =
        client.call(frame(WIRE_OP_GET, 0, [&](wire_writer* out) { wire_encode_get(out, &get); }));
    CHECK(hit_of(touched).version == hit_of(before).version);
    CHECK(hit_of(touched).ttl_ms <= 5'000);
    CHECK(hit_of(touched).ttl_ms > 0);
}

TEST_CASE("options that contradict each other are refused", "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    wire_put both = item("k", "v", WIRE_FIELD_TTL | WIRE_PUT_KEEP_TTL);
    CHECK(client.call(item_frame(WIRE_OP_PUT, both)).status == WIRE_INVALID_ARGUMENT);
    both.options = WIRE_FIELD_TAGS | WIRE_PUT_KEEP_TAGS;
    CHECK(client.call(item_frame(WIRE_OP_PUT, both)).status == WIRE_INVALID_ARGUMENT);
    CHECK(client.call(get_frame("k")).status == WIRE_NOT_FOUND);
}

TEST_CASE("ADD stores only what is absent, REPLACE only what is there", "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    CHECK(client.call(put_frame("k", "1", {}, 0, 0, WIRE_OP_REPLACE)).status == WIRE_NOT_FOUND);
    CHECK(client.call(put_frame("k", "1", {}, 0, 0, WIRE_OP_ADD)).status == WIRE_OK);
    CHECK(client.call(put_frame("k", "2", {}, 0, 0, WIRE_OP_ADD)).status == WIRE_EXISTS);
    CHECK(client.call(put_frame("k", "3", {}, 0, 0, WIRE_OP_REPLACE)).status == WIRE_OK);
    CHECK(client.call(get_frame("k")).value() == "3");
}

TEST_CASE("an MPUT answers each item, in order, and runs those that it can", "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    const std::string large(WIRE_VALUE_BYTES_MAX + 1, 'v');
    const Reply reply =
        client.call(mput_frame({item("a", "1"), item("", "2"), item("b", large), item("a", "3")},
                               WIRE_PUT_RETURN_VERSION));
    CHECK(reply.results() ==
          std::vector<int>{WIRE_OK, WIRE_KEY_EMPTY, WIRE_VALUE_TOO_LARGE, WIRE_OK});
    CHECK(client.call(get_frame("a")).value() == "3");
}

TEST_CASE("QUIET suppresses the expected outcome of each opcode and nothing else", "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    const std::uint8_t quiet = WIRE_REQUEST_QUIET;
    const std::string large(WIRE_VALUE_BYTES_MAX + 1, 'v');
    client.send(put_frame("k", "v", {}, 1, quiet) + get_frame("absent", 2, 0, quiet) +
                delete_frame("absent", quiet) + mput_frame({item("m", "1")}, 0, quiet) +
                put_frame("k", "w", {}, 4, quiet, WIRE_OP_ADD) +  // EXISTS is of interest
                get_frame("k", 5, 0, quiet) +                     // and so is a hit
                put_frame("k", large, {}, 6, quiet) +             // and an error
                mput_frame({item("m", "2"), item("", "3")}, 0, quiet) +
                raw_frame(WIRE_OP_STATS, 8, "", quiet) + ping_frame(9));
    CHECK(client.receive()->status == WIRE_EXISTS);
    CHECK(client.receive()->value() == "v");
    CHECK(client.receive()->status == WIRE_VALUE_TOO_LARGE);
    CHECK(client.receive()->results() == std::vector<int>{WIRE_OK, WIRE_KEY_EMPTY});
    CHECK(client.receive()->opcode == WIRE_OP_STATS);
    CHECK(client.receive()->request_id == 9);
}

TEST_CASE("HELLO tells the limits and is allowed once", "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    const wire_hello hello{~std::uint64_t{0}, bytes("web-1"), bytes("test/1")};
    const std::string hello_frame =
        frame(WIRE_OP_HELLO, 0, [&](wire_writer* out) { wire_encode_hello(out, &hello); });
    const Reply reply = client.call(hello_frame);
    wire_hello_reply answer;
    REQUIRE(wire_decode_hello_reply(bytes(reply.body), &answer));
    CHECK(answer.features == 0);
    CHECK(answer.boot_id != 0);
    CHECK(answer.key_bytes_max == WIRE_KEY_BYTES_MAX);
    CHECK(answer.value_bytes_max == WIRE_VALUE_BYTES_MAX);
    CHECK(text(answer.server_version) == fields_of(client, WIRE_OP_INFO).texts.at("version"));
    CHECK(client.call(hello_frame).status == WIRE_INVALID_ARGUMENT);
    const auto clients = clients_of(client);
    REQUIRE(clients.size() == 1);
    CHECK(clients[0].texts.at("name") == "web-1");
    CHECK(clients[0].texts.at("library") == "test/1");
    CHECK(clients[0].numbers.at("requests") >= 3);
}

TEST_CASE("HELLO refuses names that CLIENT LIST could not show whole", "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    const auto hello = [&](const std::string& name) {
        const wire_hello named{0, bytes(name), bytes("")};
        return client.call(
            frame(WIRE_OP_HELLO, 0, [&](wire_writer* out) { wire_encode_hello(out, &named); }));
    };
    const Reply refused = hello(std::string(64, 'n'));
    CHECK(refused.status == WIRE_INVALID_ARGUMENT);
    CHECK(refused.error().detail == 63);
    CHECK(hello(std::string(63, 'n')).status == WIRE_OK);
    CHECK(clients_of(client)[0].texts.at("name") == std::string(63, 'n'));
}

TEST_CASE("SCAN finds by prefix and by glob, a page at a time, each key once", "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    for (int i = 0; i < 300; ++i) {
        REQUIRE(client.call(put_frame((i % 2 == 0 ? "even:" : "odd:") + std::to_string(i), "v"))
                    .status == WIRE_OK);
    }
    CHECK(scan_all(client, "", 0).size() == 300);
    CHECK(scan_all(client, "even:", 0).size() == 150);
    CHECK(scan_all(client, "*:1?", WIRE_SCAN_GLOB).size() == 10);
    CHECK(scan_all(client, "*:[!0-8]*", WIRE_SCAN_GLOB).size() == 11 + 0);
    CHECK(scan_all(client, "none", 0).empty());
    // A longer glob is refused, a prefix may be as long as a key.
    const std::string pattern(256, '*');
    CHECK(scan_all(client, pattern, WIRE_SCAN_GLOB).size() == 300);
    CHECK(client.call(scan_frame(WIRE_OP_SCAN, pattern + "*", "", 10, WIRE_SCAN_GLOB)).status ==
          WIRE_INVALID_ARGUMENT);
    CHECK(client.call(scan_frame(WIRE_OP_SCAN, pattern + "*", "", 10)).status == WIRE_OK);
}

TEST_CASE("pages refuse a limit out of range, a foreign cursor and an empty prefix to delete",
          "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    for (const std::uint8_t opcode : {WIRE_OP_SCAN, WIRE_OP_TAG_LIST, WIRE_OP_DELETE_PREFIX}) {
        CHECK(client.call(scan_frame(opcode, "x", "", 0)).status == WIRE_INVALID_ARGUMENT);
        CHECK(client.call(scan_frame(opcode, "x", "", 10'001)).status == WIRE_INVALID_ARGUMENT);
        CHECK(client.call(scan_frame(opcode, "x", "no cursor", 10)).status ==
              WIRE_INVALID_ARGUMENT);
        CHECK(client.call(scan_frame(opcode, "x", std::string(32, '\xff'), 10)).status ==
              WIRE_INVALID_ARGUMENT);
    }
    CHECK(client.call(scan_frame(WIRE_OP_DELETE_PREFIX, "", "", 10)).status ==
          WIRE_INVALID_ARGUMENT);
    CHECK(client.call(raw_frame(WIRE_OP_INVALIDATE, 0, {"\0\0\0\0", 4})).status ==
          WIRE_INVALID_ARGUMENT);
}

TEST_CASE("every opcode of the table is answered: working ones work, drafts are UNSUPPORTED",
          "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    std::size_t count = 0;
    const wire_opcode_info* table = wire_opcodes(&count);
    for (std::size_t i = 0; i < count; ++i) {
        auto own = WireClient::greeted(server.port());
        // A body that no grammar has: working opcodes find it malformed, the others do not look.
        // (Where an unknown action is UNSUPPORTED, whatever follows, it is a cut-off LIST.)
        const bool has_actions = table[i].opcode == WIRE_OP_CLIENT ||
                                 table[i].opcode == WIRE_OP_USER ||
                                 table[i].opcode == WIRE_OP_TOKEN;
        const std::string_view body(has_actions ? "\0" : "\x80", 1);
        const Reply reply = own.call(raw_frame(table[i].opcode, 1, body));
        INFO(table[i].name);
        CHECK(int{reply.status} == (table[i].is_working ? WIRE_MALFORMED : WIRE_UNSUPPORTED));
        CHECK(reply.opcode == table[i].opcode);
    }
}

TEST_CASE("STATS counts what happened", "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    REQUIRE(client.call(put_frame("a", "12345", {"t", "u"})).status == WIRE_OK);
    REQUIRE(client.call(put_frame("b", "1", {"t"})).status == WIRE_OK);
    REQUIRE(client.call(get_frame("a")).status == WIRE_OK);
    REQUIRE(client.call(get_frame("c")).status == WIRE_NOT_FOUND);
    REQUIRE(client.call(invalidate_frame("u")).count() == 1);
    auto stats = fields_of(client, WIRE_OP_STATS).numbers;
    CHECK(stats.at("entries") == 1);
    CHECK(stats.at("tags") == 1);
    // What the dead entry took comes back a little later.
    REQUIRE(eventually([&] {
        stats = fields_of(client, WIRE_OP_STATS).numbers;
        return stats.at("dead_entries") == 0;
    }));
    CHECK(stats.at("edges") == 1);
    CHECK(stats.at("hits") == 1);
    CHECK(stats.at("misses") == 1);
    CHECK(stats.at("stored") == 2);
    CHECK(stats.at("invalidated") == 1);
    CHECK(stats.at("key_bytes") == 1);
    CHECK(stats.at("value_bytes") == 1);
    CHECK(stats.at("connections") == 1);
}
