// SPDX-License-Identifier: MIT
//
// The requests; read_back_access.cpp has those of AUTH, USER and TOKEN, and read_back_replies.cpp
// the replies.
#include "read_back.hpp"

#include "protocol/admin_messages.h"
#include "protocol/control_messages.h"
#include "protocol/entry_messages.h"
#include "protocol/opcodes.h"
#include "protocol/tag_messages.h"

namespace {

ReadBack finished(const Fields& fields, const Encoded& encoded) {
    return {!encoded.out.failed, fields.list(), encoded.bytes()};
}

ReadBack read_empty(std::uint8_t, wire_bytes body) {
    return {body.size == 0, {}, {}};
}

ReadBack read_hello(std::uint8_t, wire_bytes body) {
    wire_hello hello;
    if (!wire_decode_hello(body, &hello)) {
        return {};
    }
    Fields fields;
    fields.u64("features", hello.features);
    fields.bytes8("client_name", text_of(hello.client_name));
    fields.bytes8("library", text_of(hello.library));
    Encoded encoded;
    wire_encode_hello(&encoded.out, &hello);
    return finished(fields, encoded);
}

ReadBack read_get(std::uint8_t opcode, wire_bytes body) {
    wire_get get;
    const auto decode = opcode == WIRE_OP_GETDEL ? wire_decode_getdel : wire_decode_get;
    if (!decode(body, &get)) {
        return {};
    }
    Fields fields;
    fields.u16("options", get.options);
    if ((get.options & WIRE_GET_TOUCH) != 0) {
        fields.u64("ttl_ms", get.ttl_ms);
    }
    fields.bytes16("key", text_of(get.key));
    Encoded encoded;
    wire_encode_get(&encoded.out, &get);
    return finished(fields, encoded);
}

ReadBack read_mget(std::uint8_t, wire_bytes body) {
    wire_mget mget;
    if (!wire_decode_mget(body, &mget)) {
        return {};
    }
    Fields fields;
    fields.u16("options", mget.options);
    if ((mget.options & WIRE_GET_TOUCH) != 0) {
        fields.u64("ttl_ms", mget.ttl_ms);
    }
    fields.u32("count", mget.keys.count);
    wire_reader keys = wire_reader_over(mget.keys.raw);
    for (std::uint32_t i = 0; i < mget.keys.count; ++i) {
        fields.bytes16("key", text_of(wire_next_key(&keys)));
    }
    Encoded encoded;
    wire_encode_mget(&encoded.out, &mget);
    return finished(fields, encoded);
}

void describe_item(Fields& fields, const wire_put& put) {
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
        fields.tags(tags_of(put.tags));
    }
    fields.bytes16("key", text_of(put.key));
    fields.bytes32("value", text_of(put.value));
}

ReadBack read_put(std::uint8_t opcode, wire_bytes body) {
    wire_put put;
    const bool is_append = opcode == WIRE_OP_APPEND || opcode == WIRE_OP_PREPEND;
    if (!(is_append ? wire_decode_append(body, &put) : wire_decode_put(body, &put))) {
        return {};
    }
    Fields fields;
    describe_item(fields, put);
    Encoded encoded;
    wire_encode_put(&encoded.out, &put);
    return finished(fields, encoded);
}

ReadBack read_mput(std::uint8_t, wire_bytes body) {
    wire_mput mput;
    if (!wire_decode_mput(body, &mput)) {
        return {};
    }
    Fields fields;
    fields.u16("options", mput.options);
    fields.u32("count", mput.count);
    wire_reader items = wire_reader_over(mput.items);
    mput.items = {};
    Encoded encoded;
    wire_encode_mput(&encoded.out, &mput);
    for (std::uint32_t i = 0; i < mput.count; ++i) {
        wire_put put;
        wire_next_put(&items, &put);
        describe_item(fields, put);
        wire_encode_put(&encoded.out, &put);
    }
    return finished(fields, encoded);
}

ReadBack read_incr(std::uint8_t, wire_bytes body) {
    wire_incr incr;
    if (!wire_decode_incr(body, &incr)) {
        return {};
    }
    Fields fields;
    fields.u16("options", incr.options);
    fields.i64("amount", incr.amount);
    if ((incr.options & WIRE_FIELD_TTL) != 0) {
        fields.u64("ttl_ms", incr.ttl_ms);
    }
    if ((incr.options & WIRE_FIELD_TAGS) != 0) {
        fields.tags(tags_of(incr.tags));
    }
    fields.bytes16("key", text_of(incr.key));
    Encoded encoded;
    wire_encode_incr(&encoded.out, &incr);
    return finished(fields, encoded);
}

ReadBack read_keys(std::uint8_t opcode, wire_bytes body) {
    wire_keys keys;
    if (!wire_decode_keys(body, opcode, &keys)) {
        return {};
    }
    Fields fields;
    fields.u16("options", keys.options);
    if (opcode == WIRE_OP_TOUCH) {
        fields.u64("ttl_ms", keys.ttl_ms);
    }
    fields.u32("count", keys.keys.count);
    const std::uint16_t item_options = opcode == WIRE_OP_EXISTS ? std::uint16_t{0} : keys.options;
    wire_reader items = wire_reader_over(keys.keys.raw);
    for (std::uint32_t i = 0; i < keys.keys.count; ++i) {
        std::uint64_t if_version = 0;
        const wire_bytes key = wire_next_versioned_key(&items, item_options, &if_version);
        if (item_options != 0) {
            fields.u64("if_version", if_version);
        }
        fields.bytes16("key", text_of(key));
    }
    Encoded encoded;
    wire_encode_keys(&encoded.out, opcode, &keys);
    return finished(fields, encoded);
}

ReadBack read_tags(std::uint8_t, wire_bytes body) {
    wire_bytes key;
    if (!wire_decode_tags(body, &key)) {
        return {};
    }
    Fields fields;
    fields.bytes16("key", text_of(key));
    Encoded encoded;
    wire_encode_tags(&encoded.out, key);
    return finished(fields, encoded);
}

ReadBack read_tag_change(std::uint8_t, wire_bytes body) {
    wire_tag_change change;
    if (!wire_decode_tag_change(body, &change)) {
        return {};
    }
    Fields fields;
    fields.u16("options", change.options);
    fields.tags(tags_of(change.tags));
    fields.bytes16("key", text_of(change.key));
    Encoded encoded;
    wire_encode_tag_change(&encoded.out, &change);
    return finished(fields, encoded);
}

ReadBack read_keys_by_tag(std::uint8_t, wire_bytes body) {
    wire_keys_by_tag request;
    if (!wire_decode_keys_by_tag(body, &request)) {
        return {};
    }
    Fields fields;
    fields.u16("options", request.options);
    fields.u32("limit", request.limit);
    fields.bytes8("cursor", text_of(request.cursor));
    fields.tags(tags_of(request.tags));
    Encoded encoded;
    wire_encode_keys_by_tag(&encoded.out, &request);
    return finished(fields, encoded);
}

ReadBack read_tag_count(std::uint8_t, wire_bytes body) {
    wire_bytes tag;
    if (!wire_decode_tag_count(body, &tag)) {
        return {};
    }
    Fields fields;
    fields.bytes8("tag", text_of(tag));
    Encoded encoded;
    wire_encode_tag_count(&encoded.out, tag);
    return finished(fields, encoded);
}

ReadBack read_scan(std::uint8_t opcode, wire_bytes body) {
    wire_scan scan;
    if (!wire_decode_scan(body, opcode, &scan)) {
        return {};
    }
    Fields fields;
    fields.u16("options", scan.options);
    fields.u32("limit", scan.limit);
    fields.bytes8("cursor", text_of(scan.cursor));
    fields.bytes16(opcode == WIRE_OP_SCAN ? "pattern" : "prefix", text_of(scan.pattern));
    Encoded encoded;
    wire_encode_scan(&encoded.out, &scan);
    return finished(fields, encoded);
}

ReadBack read_invalidate(std::uint8_t, wire_bytes body) {
    wire_invalidate invalidate;
    if (!wire_decode_invalidate(body, &invalidate)) {
        return {};
    }
    Fields fields;
    fields.u16("options", invalidate.options);
    fields.tags(tags_of(invalidate.tags));
    Encoded encoded;
    wire_encode_invalidate(&encoded.out, &invalidate);
    return finished(fields, encoded);
}

// The rest behind an action that is not known is not decoded, so it stands for itself here.
ReadBack read_client(std::uint8_t, wire_bytes body) {
    wire_client client;
    if (!wire_decode_client(body, &client)) {
        return {};
    }
    Fields fields;
    fields.u8("action", client.action);
    switch (client.action) {
        case WIRE_CLIENT_LIST:
            fields.u32("limit", client.limit);
            fields.bytes8("cursor", text_of(client.cursor));
            break;
        case WIRE_CLIENT_KILL: fields.u64("id", client.id); break;
        case WIRE_CLIENT_SETNAME: fields.bytes8("name", text_of(client.name)); break;
        default: return {true, fields.list(), text_of(body)};
    }
    Encoded encoded;
    wire_encode_client(&encoded.out, &client);
    return finished(fields, encoded);
}

ReadBack read_hotkeys(std::uint8_t /*opcode*/, wire_bytes body) {
    wire_hotkeys hotkeys;
    if (!wire_decode_hotkeys(body, &hotkeys)) {
        return {};
    }
    Fields fields;
    fields.u8("kind", hotkeys.kind);
    fields.u32("limit", hotkeys.limit);
    Encoded encoded;
    wire_encode_hotkeys(&encoded.out, &hotkeys);
    return finished(fields, encoded);
}

ReadBack read_config(std::uint8_t /*opcode*/, wire_bytes body) {
    wire_config config;
    if (!wire_decode_config(body, &config)) {
        return {};
    }
    Fields fields;
    fields.u8("action", config.action);
    fields.bytes8("name", text_of(config.name));
    fields.bytes16("value", text_of(config.value));
    Encoded encoded;
    wire_encode_config(&encoded.out, &config);
    return finished(fields, encoded);
}

ReadBack read_slowlog(std::uint8_t /*opcode*/, wire_bytes body) {
    wire_slowlog slowlog;
    if (!wire_decode_slowlog(body, &slowlog)) {
        return {};
    }
    Fields fields;
    fields.u8("action", slowlog.action);
    fields.u32("limit", slowlog.limit);
    Encoded encoded;
    wire_encode_slowlog(&encoded.out, &slowlog);
    return finished(fields, encoded);
}

ReadBack read_shutdown(std::uint8_t /*opcode*/, wire_bytes body) {
    if (!wire_decode_shutdown(body)) {
        return {};
    }
    Fields fields;
    fields.u16("options", 0);
    Encoded encoded;
    wire_encode_shutdown(&encoded.out);
    return finished(fields, encoded);
}

struct RequestCodec {
    std::uint8_t opcode;
    ReadBack (*read)(std::uint8_t opcode, wire_bytes body);
};

constexpr RequestCodec codecs[] = {
    {WIRE_OP_HELLO, read_hello},
    {WIRE_OP_PING, read_empty},
    {WIRE_OP_AUTH, read_access_request},
    {WIRE_OP_GET, read_get},
    {WIRE_OP_MGET, read_mget},
    {WIRE_OP_GETDEL, read_get},
    {WIRE_OP_EXISTS, read_keys},
    {WIRE_OP_PUT, read_put},
    {WIRE_OP_ADD, read_put},
    {WIRE_OP_REPLACE, read_put},
    {WIRE_OP_MPUT, read_mput},
    {WIRE_OP_APPEND, read_put},
    {WIRE_OP_PREPEND, read_put},
    {WIRE_OP_INCR, read_incr},
    {WIRE_OP_DECR, read_incr},
    {WIRE_OP_TOUCH, read_keys},
    {WIRE_OP_DELETE, read_keys},
    {WIRE_OP_TAGS, read_tags},
    {WIRE_OP_TAG_ADD, read_tag_change},
    {WIRE_OP_TAG_REMOVE, read_tag_change},
    {WIRE_OP_KEYS_BY_TAG, read_keys_by_tag},
    {WIRE_OP_TAG_COUNT, read_tag_count},
    {WIRE_OP_TAG_LIST, read_scan},
    {WIRE_OP_INVALIDATE, read_invalidate},
    {WIRE_OP_SCAN, read_scan},
    {WIRE_OP_DELETE_PREFIX, read_scan},
    {WIRE_OP_FLUSH, read_empty},
    {WIRE_OP_STATS, read_empty},
    {WIRE_OP_INFO, read_empty},
    {WIRE_OP_CLIENT, read_client},
    {WIRE_OP_HOTKEYS, read_hotkeys},
    {WIRE_OP_USER, read_access_request},
    {WIRE_OP_TOKEN, read_access_request},
    {WIRE_OP_CONFIG, read_config},
    {WIRE_OP_SLOWLOG, read_slowlog},
    {WIRE_OP_SHUTDOWN, read_shutdown},
};

const RequestCodec* find_codec(std::uint8_t opcode) {
    for (const RequestCodec& codec : codecs) {
        if (codec.opcode == opcode) {
            return &codec;
        }
    }
    return nullptr;
}

}  // namespace

std::vector<std::string> tags_of(const wire_list& list) {
    std::vector<std::string> tags;
    wire_reader in = wire_reader_over(list.raw);
    for (std::uint32_t i = 0; i < list.count; ++i) {
        tags.push_back(text_of(wire_next_tag(&in)));
    }
    return tags;
}

bool has_codec(std::uint8_t opcode) {
    return find_codec(opcode) != nullptr;
}

// The decoder gets a copy that ends where the body ends, so that a sanitizer sees it read further.
ReadBack read_request_body(std::uint8_t opcode, std::string_view body) {
    const std::vector<char> exact(body.begin(), body.end());
    return find_codec(opcode)->read(opcode, {exact.data(), exact.size()});
}

ReadBack read_reply_body(std::uint8_t opcode, std::uint8_t status, std::string_view body) {
    const std::vector<char> exact(body.begin(), body.end());
    const wire_bytes bytes = {exact.data(), exact.size()};
    if (status == WIRE_OK) {
        return read_ok_body(opcode, bytes);
    }
    if (status < WIRE_STATUS_REFUSED_FIRST) {
        return read_empty(opcode, bytes);
    }
    wire_error error;
    if (!wire_decode_error(bytes, &error)) {
        return {};
    }
    Fields fields;
    fields.u32("retry_after_ms", error.retry_after_ms);
    fields.u32("detail", error.detail);
    fields.bytes16("message", text_of(error.message));
    Encoded encoded;
    wire_encode_error(&encoded.out, &error);
    return finished(fields, encoded);
}
