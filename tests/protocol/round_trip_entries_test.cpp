// SPDX-License-Identifier: MIT
//
// Random messages about entries.
#include "protocol/entry_messages.h"
#include "random_message.hpp"

namespace {

// A random item as PUT and its kin have it, and its fields.
struct RandomPut {
    RandomPut(Random& random, unsigned known)
        : tags(random.texts(255)),
          tag_list(tags),
          key(random.text(65535)),
          value(random.text(70000)) {
        put.options = random.some_of(known);
        put.ttl_ms = random.number();
        put.if_version = random.number();
        put.flags = static_cast<std::uint32_t>(random.number());
        put.tags = tag_list.list();
        put.key = bytes_of(key);
        put.value = bytes_of(value);
    }
    RandomPut(const RandomPut&) = delete;
    RandomPut& operator=(const RandomPut&) = delete;

    void describe(Fields& fields) const {
        fields.u16("options", put.options);
        if ((put.options & WIRE_FIELD_TTL) != 0) {
            fields.u64("ttl_ms", put.ttl_ms);
        }
        if ((put.options & WIRE_FIELD_VERSION) != 0) {
            fields.u64("if_version", put.if_version);
        }
        if ((put.options & WIRE_FIELD_FLAGS) != 0) {
            fields.u32("flags", put.flags);
        }
        if ((put.options & WIRE_FIELD_TAGS) != 0) {
            fields.tags(tags);
        }
        fields.bytes16("key", key);
        fields.bytes32("value", value);
    }

    std::vector<std::string> tags;
    ListOf tag_list;
    std::string key;
    std::string value;
    wire_put put{};
};

// A random hit, and its fields.
struct RandomHit {
    explicit RandomHit(Random& random)
        : tags(random.texts(255)), tag_list(tags), value(random.text(70000)) {
        hit.present = random.some_of(0x002F);
        if ((hit.present & WIRE_GET_NO_VALUE) != 0) {
            value.clear();
        }
        hit.ttl_ms = random.number();
        hit.version = random.version();
        hit.flags = static_cast<std::uint32_t>(random.number());
        hit.value_bytes = static_cast<std::uint32_t>(random.number());
        hit.tags = tag_list.list();
        hit.value = bytes_of(value);
    }
    RandomHit(const RandomHit&) = delete;
    RandomHit& operator=(const RandomHit&) = delete;

    void describe(Fields& fields) const {
        fields.u16("present", hit.present);
        if ((hit.present & WIRE_FIELD_TTL) != 0) {
            fields.u64("ttl_ms", hit.ttl_ms);
        }
        if ((hit.present & WIRE_FIELD_VERSION) != 0) {
            fields.u64("version", hit.version);
        }
        if ((hit.present & WIRE_FIELD_FLAGS) != 0) {
            fields.u32("flags", hit.flags);
        }
        if ((hit.present & WIRE_GET_NO_VALUE) != 0) {
            fields.u32("value_bytes", hit.value_bytes);
        }
        if ((hit.present & WIRE_FIELD_TAGS) != 0) {
            fields.tags(tags);
        }
        fields.bytes32("value", value);
    }

    std::vector<std::string> tags;
    ListOf tag_list;
    std::string value;
    wire_hit hit{};
};

}  // namespace

TEST_CASE("random GETs and GETDELs come back as they were", "[protocol][round-trip]") {
    Random random;
    for (int round = 0; round < rounds; ++round) {
        const std::string key = random.text(65535);
        const bool is_get = random.coin();
        const wire_get get = {random.some_of(is_get ? 0x003F : 0x000F), random.number(),
                              bytes_of(key)};
        Encoded encoded;
        wire_encode_get(&encoded.out, &get);
        Fields expected;
        expected.u16("options", get.options);
        if ((get.options & WIRE_GET_TOUCH) != 0) {
            expected.u64("ttl_ms", get.ttl_ms);
        }
        expected.bytes16("key", key);
        check_request(is_get ? WIRE_OP_GET : WIRE_OP_GETDEL, encoded, expected);
    }
}

TEST_CASE("random MGETs come back as they were", "[protocol][round-trip]") {
    Random random;
    for (int round = 0; round < rounds; ++round) {
        const std::vector<std::string> keys = random.texts(300);
        const ListOf list(keys);
        const wire_mget mget = {random.some_of(0x003F), random.number(), list.list()};
        Encoded encoded;
        wire_encode_mget(&encoded.out, &mget);
        Fields expected;
        expected.u16("options", mget.options);
        if ((mget.options & WIRE_GET_TOUCH) != 0) {
            expected.u64("ttl_ms", mget.ttl_ms);
        }
        expected.u32("count", mget.keys.count);
        for (const std::string& key : keys) {
            expected.bytes16("key", key);
        }
        check_request(WIRE_OP_MGET, encoded, expected);
    }
}

TEST_CASE("random hits come back as they were, alone and in an MGET", "[protocol][round-trip]") {
    Random random;
    for (int round = 0; round < rounds; ++round) {
        const RandomHit one(random);
        Encoded alone;
        wire_write_hit(&alone.out, &one.hit);
        Fields expected;
        one.describe(expected);
        check_reply(random.coin() ? WIRE_OP_GET : WIRE_OP_GETDEL, alone, expected);

        const RandomHit other(random);
        const std::uint8_t statuses[] = {WIRE_OK, WIRE_NOT_FOUND, WIRE_OK, WIRE_TRUNCATED};
        Encoded many;
        wire_write_u32(&many.out, 4);
        Fields items;
        items.u32("count", 4);
        for (std::size_t i = 0; i < 4; ++i) {
            items.u8("status", statuses[i]);
            wire_write_u8(&many.out, statuses[i]);
            if (statuses[i] == WIRE_OK) {
                const RandomHit& item = i == 0 ? one : other;
                item.describe(items);
                wire_write_hit(&many.out, &item.hit);
            }
        }
        check_reply(WIRE_OP_MGET, many, items);
    }
}

TEST_CASE("random PUTs and their kin come back as they were", "[protocol][round-trip]") {
    Random random;
    constexpr std::uint8_t puts[] = {WIRE_OP_PUT, WIRE_OP_ADD, WIRE_OP_REPLACE};
    constexpr std::uint8_t appends[] = {WIRE_OP_APPEND, WIRE_OP_PREPEND};
    for (int round = 0; round < rounds; ++round) {
        const bool is_append = random.coin();
        const RandomPut item(random, is_append ? 0x0045 : 0x007F);
        Encoded encoded;
        wire_encode_put(&encoded.out, &item.put);
        Fields expected;
        item.describe(expected);
        check_request(is_append ? appends[random.below(2)] : puts[random.below(3)], encoded,
                      expected);
    }
}

TEST_CASE("random MPUTs come back as they were", "[protocol][round-trip]") {
    Random random;
    for (int round = 0; round < rounds; ++round) {
        const wire_mput mput = {random.some_of(WIRE_PUT_RETURN_VERSION), random.below(3), {}};
        Encoded encoded;
        wire_encode_mput(&encoded.out, &mput);
        Fields expected;
        expected.u16("options", mput.options);
        expected.u32("count", mput.count);
        for (std::uint32_t i = 0; i < mput.count; ++i) {
            const RandomPut item(random, 0x003F);
            wire_encode_put(&encoded.out, &item.put);
            item.describe(expected);
        }
        if (!encoded.out.failed) {  // two of the largest do not fit into the test's buffer
            check_request(WIRE_OP_MPUT, encoded, expected);
        }
    }
}

TEST_CASE("random INCRs and DECRs come back as they were", "[protocol][round-trip]") {
    Random random;
    for (int round = 0; round < rounds; ++round) {
        const std::string key = random.text(65535);
        const std::vector<std::string> tags = random.texts(255);
        const ListOf list(tags);
        const wire_incr incr = {random.some_of(0x0043), static_cast<std::int64_t>(random.number()),
                                random.number(), list.list(), bytes_of(key)};
        Encoded encoded;
        wire_encode_incr(&encoded.out, &incr);
        Fields expected;
        expected.u16("options", incr.options);
        expected.i64("amount", incr.amount);
        if ((incr.options & WIRE_FIELD_TTL) != 0) {
            expected.u64("ttl_ms", incr.ttl_ms);
        }
        if ((incr.options & WIRE_FIELD_TAGS) != 0) {
            expected.tags(tags);
        }
        expected.bytes16("key", key);
        check_request(random.coin() ? WIRE_OP_INCR : WIRE_OP_DECR, encoded, expected);
    }
}

TEST_CASE("random EXISTS, TOUCHes and DELETEs come back as they were", "[protocol][round-trip]") {
    Random random;
    constexpr std::uint8_t opcodes[] = {WIRE_OP_EXISTS, WIRE_OP_TOUCH, WIRE_OP_DELETE};
    for (int round = 0; round < rounds; ++round) {
        const std::uint8_t opcode = opcodes[random.below(3)];
        const std::vector<std::string> names = random.texts(300);
        const ListOf list(names);
        std::vector<std::uint64_t> versions(names.size() + 1);
        for (std::uint64_t& version : versions) {
            version = random.number();
        }
        const wire_keys keys = {random.some_of(WIRE_FIELD_VERSION), random.number(), list.list(),
                                versions.data()};
        Encoded encoded;
        wire_encode_keys(&encoded.out, opcode, &keys);
        Fields expected;
        expected.u16("options", keys.options);
        if (opcode == WIRE_OP_TOUCH) {
            expected.u64("ttl_ms", keys.ttl_ms);
        }
        expected.u32("count", keys.keys.count);
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (opcode != WIRE_OP_EXISTS && keys.options != 0) {
                expected.u64("if_version", versions[i]);
            }
            expected.bytes16("key", names[i]);
        }
        check_request(opcode, encoded, expected);
    }
}

TEST_CASE("random results of batches come back as they were", "[protocol][round-trip]") {
    Random random;
    constexpr std::uint8_t opcodes[] = {WIRE_OP_MPUT, WIRE_OP_EXISTS, WIRE_OP_TOUCH,
                                        WIRE_OP_DELETE};
    for (int round = 0; round < rounds; ++round) {
        const std::uint16_t present = random.some_of(WIRE_FIELD_VERSION);
        const std::uint32_t count = random.below(20);
        Encoded encoded;
        wire_write_results_head(&encoded.out, count, present);
        Fields expected;
        expected.u32("count", count);
        expected.u16("present", present);
        for (std::uint32_t i = 0; i < count; ++i) {
            const auto status = static_cast<std::uint8_t>(random.coin() ? 0U : random.below(256));
            const std::uint64_t version = random.version();
            wire_write_result(&encoded.out, present, status, version);
            expected.u8("status", status);
            if (status == WIRE_OK && present != 0) {
                expected.u64("version", version);
            }
        }
        check_reply(opcodes[random.below(4)], encoded, expected);
    }
}

TEST_CASE("random replies that end with a version come back as they were",
          "[protocol][round-trip]") {
    Random random;
    for (int round = 0; round < rounds; ++round) {
        const std::uint64_t version = random.coin() ? random.version() : 0;
        const auto finish = [&](Encoded& encoded, Fields& expected, std::uint8_t opcode) {
            wire_write_version(&encoded.out, version);
            if (version != 0) {
                expected.u64("version", version);
            }
            check_reply(opcode, encoded, expected);
        };
        Encoded stored;
        Fields nothing;
        finish(stored, nothing, WIRE_OP_PUT);

        const std::uint32_t value_bytes = random.below(UINT32_MAX);
        Encoded length;
        Fields appended;
        wire_write_u32(&length.out, value_bytes);
        appended.u32("value_bytes", value_bytes);
        finish(length, appended, WIRE_OP_APPEND);

        const auto value = static_cast<std::int64_t>(random.number());
        Encoded number;
        Fields incremented;
        wire_write_i64(&number.out, value);
        incremented.i64("value", value);
        finish(number, incremented, WIRE_OP_INCR);

        const auto changed_count = static_cast<std::uint16_t>(random.number());
        Encoded change;
        Fields changed;
        wire_write_u16(&change.out, changed_count);
        changed.u16("changed", changed_count);
        finish(change, changed, WIRE_OP_TAG_ADD);
    }
}
