// SPDX-License-Identifier: MIT
#include "protocol/request_names.h"

#include <array>
#include <catch2/catch.hpp>

#include "protocol/entry_messages.h"
#include "random_message.hpp"

namespace {

constexpr unsigned put_options = WIRE_FIELD_TTL | WIRE_FIELD_TAGS | WIRE_FIELD_VERSION |
                                 WIRE_FIELD_FLAGS | WIRE_PUT_KEEP_TTL | WIRE_PUT_RETURN_VERSION;

wire_request request_of(std::uint8_t opcode, const std::string& body) {
    wire_request request{};
    request.opcode = opcode;
    request.body = bytes_of(body);
    return request;
}

std::string key_of(const wire_request& request) {
    const wire_bytes key = wire_peek_key(&request).key;
    return {static_cast<const char*>(key.data), key.size};
}

// A body of the opcode with this key and any options.
std::string body_of(std::uint8_t opcode, const std::string& key, Random& random) {
    std::string body(1 << 20, '\0');
    wire_writer out = wire_writer_over(body.data(), body.size());
    const std::vector<std::string> tags = random.texts(WIRE_TAG_BYTES_MAX);
    const ListOf list(tags);
    if (opcode == WIRE_OP_GET || opcode == WIRE_OP_GETDEL) {
        const unsigned touch = opcode == WIRE_OP_GET ? WIRE_GET_TOUCH : 0U;
        const wire_get get{random.some_of(WIRE_FIELD_TTL | WIRE_FIELD_TAGS | touch), 7,
                           bytes_of(key)};
        wire_encode_get(&out, &get);
    } else if (opcode == WIRE_OP_INCR || opcode == WIRE_OP_DECR) {
        const wire_incr incr{random.some_of(WIRE_FIELD_TTL | WIRE_FIELD_TAGS), -5, 7, list.list(),
                             bytes_of(key)};
        wire_encode_incr(&out, &incr);
    } else {
        const bool is_append = opcode == WIRE_OP_APPEND || opcode == WIRE_OP_PREPEND;
        const unsigned options =
            is_append ? WIRE_FIELD_TTL | WIRE_FIELD_VERSION | WIRE_PUT_RETURN_VERSION : put_options;
        const wire_put put{random.some_of(options), 7, 8, 9, list.list(), bytes_of(key),
                           bytes_of("the value")};
        wire_encode_put(&out, &put);
    }
    REQUIRE_FALSE(out.failed);
    body.resize(wire_writer_size(&out));
    return body;
}

constexpr std::array<std::uint8_t, 9> one_key_opcodes = {
    WIRE_OP_GET,    WIRE_OP_GETDEL,  WIRE_OP_PUT,  WIRE_OP_ADD, WIRE_OP_REPLACE,
    WIRE_OP_APPEND, WIRE_OP_PREPEND, WIRE_OP_INCR, WIRE_OP_DECR};

}  // namespace

TEST_CASE("the key of a request on one entry is found without decoding it", "[protocol]") {
    Random random;
    for (const std::uint8_t opcode : one_key_opcodes) {
        for (int round = 0; round < rounds; ++round) {
            const std::string key = random.text(WIRE_KEY_BYTES_MAX);
            const std::string body = body_of(opcode, key, random);
            const wire_request request = request_of(opcode, body);
            REQUIRE(key_of(request) == key);
            REQUIRE(wire_peek_key(&request).is_write == (opcode != WIRE_OP_GET));
        }
    }
    for (const std::uint8_t opcode : {WIRE_OP_PING, WIRE_OP_MGET, WIRE_OP_INVALIDATE}) {
        CHECK(key_of(request_of(opcode, body_of(WIRE_OP_GET, "key", random))).empty());
    }
}

TEST_CASE("a malformed request has a key within its body, or none", "[protocol][malformed]") {
    Random random;
    for (const std::uint8_t opcode : one_key_opcodes) {
        for (int round = 0; round < rounds; ++round) {
            std::string body = body_of(opcode, random.text(40), random);
            body.resize(random.below(static_cast<std::uint32_t>(body.size()) + 1));
            if (!body.empty() && random.coin()) {
                body[random.below(static_cast<std::uint32_t>(body.size()))] ^= '\x81';
            }
            // On the heap and no larger, so that AddressSanitizer sees a read behind its end.
            const std::vector<char> exact(body.begin(), body.end());
            wire_request request{};
            request.opcode = opcode;
            request.body = {exact.data(), exact.size()};
            const wire_bytes key = wire_peek_key(&request).key;
            if (key.size != 0) {
                const char* const begin = static_cast<const char*>(key.data);
                CHECK(begin >= exact.data());
                CHECK(begin + key.size <= exact.data() + exact.size());
            }
        }
    }
}
