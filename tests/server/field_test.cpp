// SPDX-License-Identifier: MIT
//
// Fields at and beyond their limits against a real server: the ids are those of the catalogue of
// bad inputs. Everything here leaves the connection open.
#include <catch2/catch.hpp>
#include <numeric>

#include "support/running_server.hpp"
#include "support/wire_client.hpp"

using namespace tc::test;

namespace {

std::string incr_frame(std::string_view key, std::int64_t amount,
                       std::uint8_t opcode = WIRE_OP_INCR,
                       std::optional<std::uint64_t> ttl_ms = {}) {
    wire_incr incr{};
    incr.options = ttl_ms ? WIRE_FIELD_TTL : 0;
    incr.ttl_ms = ttl_ms.value_or(0);
    incr.amount = amount;
    incr.key = bytes(key);
    return frame(opcode, 0, [&](wire_writer* out) { wire_encode_incr(out, &incr); });
}

std::string put_ttl_frame(std::string_view key, std::uint64_t ttl_ms) {
    wire_put put{};
    put.options = WIRE_FIELD_TTL;
    put.ttl_ms = ttl_ms;
    put.key = bytes(key);
    put.value = bytes("v");
    return frame(WIRE_OP_PUT, 0, [&](wire_writer* out) { wire_encode_put(out, &put); });
}

std::string keys_frame(std::uint8_t opcode, const std::vector<std::string>& keys,
                       std::uint64_t ttl_ms = 0) {
    std::vector<wire_bytes> views;
    for (const std::string& key : keys) {
        views.push_back(bytes(key));
    }
    wire_keys request{};
    request.ttl_ms = ttl_ms;
    request.keys = {static_cast<std::uint32_t>(views.size()), views.data(), {}};
    return frame(opcode, 0, [&](wire_writer* out) { wire_encode_keys(out, opcode, &request); });
}

std::string mget_frame(const std::vector<std::string>& keys) {
    std::vector<wire_bytes> views;
    for (const std::string& key : keys) {
        views.push_back(bytes(key));
    }
    wire_mget request{};
    request.keys = {static_cast<std::uint32_t>(views.size()), views.data(), {}};
    return frame(WIRE_OP_MGET, 0, [&](wire_writer* out) { wire_encode_mget(out, &request); });
}

std::uint64_t ttl_of(WireClient& client, std::string_view key) {
    const Reply reply = client.call(get_frame(key, 0, WIRE_FIELD_TTL));
    wire_hit hit;
    REQUIRE(wire_decode_hit(bytes(reply.body), &hit));
    return hit.ttl_ms;
}

std::vector<std::string> tags_of(WireClient& client, std::string_view key) {
    const Reply reply = client.call(get_frame(key, 0, WIRE_FIELD_TAGS));
    wire_hit hit;
    REQUIRE(wire_decode_hit(bytes(reply.body), &hit));
    wire_reader in = wire_reader_over(hit.tags.raw);
    std::vector<std::string> tags;
    for (std::uint32_t i = 0; i < hit.tags.count; ++i) {
        tags.push_back(text(wire_next_tag(&in)));
    }
    return tags;
}

}  // namespace

TEST_CASE("D1: keys of length 0, 1, the limit, one more, and the most the grammar can say",
          "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    CHECK(client.call(put_frame("", "v")).status == WIRE_KEY_EMPTY);
    CHECK(client.call(put_frame("k", "v")).status == WIRE_OK);
    CHECK(client.call(put_frame(std::string(1024, 'k'), "v")).status == WIRE_OK);
    const Reply reply = client.call(put_frame(std::string(1025, 'k'), "v"));
    CHECK(reply.status == WIRE_KEY_TOO_LONG);
    CHECK(reply.error().detail == 1024);
    CHECK(client.call(get_frame(std::string(65535, 'k'))).status == WIRE_KEY_TOO_LONG);
    CHECK(client.call(get_frame("")).status == WIRE_KEY_EMPTY);
    // In a batch a bad key is its own item's affair.
    const Reply batch =
        client.call(keys_frame(WIRE_OP_DELETE, {"k", "", std::string(1025, 'k'), "absent"}));
    CHECK(batch.results() ==
          std::vector<int>{WIRE_OK, WIRE_KEY_EMPTY, WIRE_KEY_TOO_LONG, WIRE_NOT_FOUND});
}

TEST_CASE("D2: keys, values and tags are bytes", "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    using namespace std::string_literals;
    for (const std::string& odd :
         {"a\0b"s, "line\r\nbreak"s, "\xff\xfe\x80"s, "<script>alert(1)</script>"s, "\x1b[31m"s,
          "\xf0\x9f\x98\x80"s, "\xe2\x80\xae rtl"s, "\xc3\x28"s}) {
        REQUIRE(client.call(put_frame(odd, odd, {odd})).status == WIRE_OK);
        CHECK(client.call(get_frame(odd)).value() == odd);
        CHECK(tags_of(client, odd) == std::vector<std::string>{odd});
        CHECK(client.call(invalidate_frame(odd)).count() == 1);
    }
}

TEST_CASE("D3: values of 0 and 1 byte, the limit, and one more", "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    for (const std::size_t size : {0U, 1U, 1024U * 1024U - 1, 1024U * 1024U}) {
        const std::string value(size, 'v');
        REQUIRE(client.call(put_frame("k", value)).status == WIRE_OK);
        CHECK(client.call(get_frame("k")).value() == value);
    }
    const Reply reply = client.call(put_frame("k", std::string(1024 * 1024 + 1, 'x')));
    CHECK(reply.status == WIRE_VALUE_TOO_LARGE);
    CHECK(reply.error().detail == 1024 * 1024);
    // The refused value has changed nothing, and the connection goes on.
    CHECK(client.call(get_frame("k")).value() == std::string(1024 * 1024, 'v'));
}

TEST_CASE("D4: tags: none, the limit, one more, duplicates, an empty one, one named as the key",
          "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    std::vector<std::string> tags;
    for (int i = 0; i < WIRE_TAGS_MAX; ++i) {
        tags.push_back("tag" + std::to_string(i));
    }
    CHECK(client.call(put_frame("k", "v", tags)).status == WIRE_OK);
    CHECK(tags_of(client, "k").size() == WIRE_TAGS_MAX);
    tags.push_back("one more");
    CHECK(client.call(put_frame("k", "w", tags)).status == WIRE_TOO_MANY_TAGS);
    CHECK(client.call(get_frame("k")).value() == "v");
    CHECK(client.call(put_frame("k", "v", {"t", "t", "u", "t"})).status == WIRE_OK);
    CHECK(tags_of(client, "k").size() == 2);
    CHECK(client.call(put_frame("k", "v", {"t", ""})).status == WIRE_TAG_EMPTY);
    CHECK(client.call(put_frame("same", "v", {"same"})).status == WIRE_OK);
    CHECK(client.call(invalidate_frame("same")).count() == 1);
    CHECK(client.call(put_frame("k", "v", {std::string(255, 't')})).status == WIRE_OK);
}

TEST_CASE("D5: the bytes of tags are charged to memory", "[wire]") {
    // Without eviction, so that the end of the room is seen.
    RunningServer server({"--memory-max", "64m", "--eviction-policy", "none"});
    auto client = WireClient::greeted(server.port());
    // Entries with 512 long tags of their own: 130 KB of names each, so 64 MiB end soon.
    int stored_count = 0;
    Reply reply;
    for (; stored_count < 2000; ++stored_count) {
        std::vector<std::string> tags;
        for (int i = 0; i < WIRE_TAGS_MAX; ++i) {
            std::string tag = std::to_string(stored_count) + ":" + std::to_string(i) + ":";
            tags.push_back(tag + std::string(255 - tag.size(), 't'));
        }
        reply = client.call(put_frame("key" + std::to_string(stored_count), "v", tags));
        if (reply.status != WIRE_OK) {
            break;
        }
    }
    CHECK(reply.status == WIRE_OUT_OF_MEMORY);
    CHECK(reply.error().retry_after_ms > 0);
    CHECK(stored_count > 50);
    CHECK(stored_count < 600);
    // Reads, deletes and invalidations work, and give the room back.
    CHECK(client.call(get_frame("key0")).status == WIRE_OK);
    CHECK(client.call(invalidate_frame("0:0:" + std::string(251, 't'))).count() == 1);
    CHECK(client.call(raw_frame(WIRE_OP_FLUSH, 0, "")).count() ==
          static_cast<std::uint64_t>(stored_count) - 1);
    CHECK(client.call(put_frame("again", "v", {"t"})).status == WIRE_OK);
}

TEST_CASE("D6: one tag on 200 thousand keys, and 200 thousand tags on one key each", "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    constexpr int count = 200'000;
    constexpr int batch_count = 1000;
    for (int i = 0; i < count; i += batch_count) {
        std::string frames;
        for (int j = i; j < i + batch_count; ++j) {
            const std::string number = std::to_string(j);
            frames += put_frame(number, "v", {"all", "own:" + number}, 0, WIRE_REQUEST_QUIET);
        }
        CHECK(client.call(frames + ping_frame(1)).request_id == 1);
    }
    const std::string all_tag("\3all", 4);
    CHECK(client.call(raw_frame(WIRE_OP_TAG_COUNT, 0, all_tag)).count() == count);
    CHECK(client.call(invalidate_frame("own:77")).count() == 1);
    CHECK(client.call(invalidate_frame("all")).count() == count - 1);
    CHECK(client.call(raw_frame(WIRE_OP_TAG_COUNT, 0, all_tag)).count() == 0);
    CHECK(client.call(invalidate_frame("own:78")).count() == 0);
}

TEST_CASE("D7: TTLs of 0, 1 ms and beyond every clock", "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    REQUIRE(client.call(put_ttl_frame("k", 0)).status == WIRE_OK);
    CHECK(ttl_of(client, "k") == 0);
    for (const std::uint64_t ttl_ms : {std::uint64_t{INT64_MAX}, UINT64_MAX - 1, UINT64_MAX}) {
        REQUIRE(client.call(put_ttl_frame("k", ttl_ms)).status == WIRE_OK);
        // They end in 8900 years.
        CHECK(ttl_of(client, "k") > std::uint64_t{1} << 47);
    }
    REQUIRE(client.call(put_ttl_frame("short", 1)).status == WIRE_OK);
    int gets = 0;
    while (client.call(get_frame("short")).status == WIRE_OK) {
        REQUIRE(++gets < 1'000'000);
    }
    CHECK(client.call(put_ttl_frame("long", 3'600'000)).status == WIRE_OK);
    CHECK(ttl_of(client, "long") <= 3'600'000);
    CHECK(ttl_of(client, "long") > 3'500'000);
}

TEST_CASE("D8: if_version that is old, of another key, or of no entry", "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    wire_put put{};
    put.options = WIRE_PUT_RETURN_VERSION;
    put.key = bytes("k");
    put.value = bytes("1");
    const auto call = [&](std::uint8_t opcode) {
        return client.call(frame(opcode, 0, [&](wire_writer* out) { wire_encode_put(out, &put); }));
    };
    std::uint64_t first = 0;
    REQUIRE(wire_decode_stored(bytes(call(WIRE_OP_PUT).body), &first));
    REQUIRE(first != 0);
    put.options = WIRE_FIELD_VERSION;
    put.if_version = first;
    put.value = bytes("2");
    CHECK(call(WIRE_OP_PUT).status == WIRE_OK);
    put.value = bytes("3");
    CHECK(call(WIRE_OP_PUT).status == WIRE_VERSION_MISMATCH);  // reused after success
    CHECK(call(WIRE_OP_REPLACE).status == WIRE_VERSION_MISMATCH);
    CHECK(call(WIRE_OP_ADD).status == WIRE_INVALID_ARGUMENT);
    CHECK(client.call(get_frame("k")).value() == "2");
    put.key = bytes("absent");
    CHECK(call(WIRE_OP_PUT).status == WIRE_NOT_FOUND);
}

TEST_CASE("D9: counters at the ends of their range keep their value", "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    const auto check_refused = [&](const std::string& value, const std::string& frame) {
        REQUIRE(client.call(put_frame("n", value)).status == WIRE_OK);
        const Reply reply = client.call(frame);
        CHECK(client.call(get_frame("n")).value() == value);
        return static_cast<int>(reply.status);
    };
    CHECK(check_refused("9223372036854775807", incr_frame("n", 1)) == WIRE_NUMBER_OVERFLOW);
    CHECK(check_refused("-9223372036854775808", incr_frame("n", 1, WIRE_OP_DECR)) ==
          WIRE_NUMBER_OVERFLOW);
    CHECK(check_refused("0", incr_frame("n", INT64_MIN, WIRE_OP_DECR)) == WIRE_NUMBER_OVERFLOW);
    for (const std::string word :
         {"", "x", "1x", " 1", "1 ", "+1", "01", "-01", "--1", "1.0", "9223372036854775808"}) {
        CHECK(check_refused(word, incr_frame("n", 1)) == WIRE_NOT_A_NUMBER);
    }
    REQUIRE(client.call(put_frame("n", "-1")).status == WIRE_OK);
    const Reply reply = client.call(incr_frame("n", INT64_MIN, WIRE_OP_DECR));
    std::int64_t value = 0;
    std::uint64_t version = 0;
    REQUIRE(wire_decode_number(bytes(reply.body), &value, &version));
    CHECK(value == INT64_MAX);
}

TEST_CASE("D10: a reply beyond its limit truncates items and says which", "[wire]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    const std::string value(1024 * 1024, 'v');
    REQUIRE(client.call(put_frame("big", value)).status == WIRE_OK);
    const std::vector<std::string> keys(WIRE_KEYS_MAX, "big");
    const Reply reply = client.call(mget_frame(keys));
    REQUIRE(reply.status == WIRE_OK);
    CHECK(reply.body.size() <= WIRE_REPLY_BYTES_MAX);
    std::uint32_t count = 0;
    wire_reader items;
    REQUIRE(wire_decode_mget_reply(bytes(reply.body), &count, &items));
    CHECK(count == WIRE_KEYS_MAX);
    int whole_count = 0;
    int truncated_count = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        wire_hit hit;
        const int status = wire_next_mget_item(&items, &hit);
        whole_count += status == WIRE_OK ? 1 : 0;
        truncated_count += status == WIRE_TRUNCATED ? 1 : 0;
    }
    CHECK(whole_count == 15);  // 16 would be a few bytes more than 16 MiB
    CHECK(whole_count + truncated_count == WIRE_KEYS_MAX);
    const std::vector<std::string> too_many(WIRE_KEYS_MAX + 1, "k");
    CHECK(client.call(mget_frame(too_many)).status == WIRE_TOO_MANY_KEYS);
    CHECK(client.call(keys_frame(WIRE_OP_TOUCH, too_many, 1)).status == WIRE_TOO_MANY_KEYS);
}
