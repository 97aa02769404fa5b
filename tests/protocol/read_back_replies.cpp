// SPDX-License-Identifier: MIT
#include "protocol/access_messages.h"
#include "protocol/admin_messages.h"
#include "protocol/control_messages.h"
#include "protocol/entry_messages.h"
#include "protocol/tag_messages.h"
#include "read_back.hpp"

namespace {

ReadBack finished(const Fields& fields, const Encoded& encoded) {
    return {!encoded.out.failed, fields.list(), encoded.bytes()};
}

ReadBack read_empty(wire_bytes body) {
    return {body.size == 0, {}, {}};
}

ReadBack read_hello(wire_bytes body) {
    wire_hello_reply reply;
    if (!wire_decode_hello_reply(body, &reply)) {
        return {};
    }
    Fields fields;
    fields.u64("features", reply.features);
    fields.u64("boot_id", reply.boot_id);
    fields.u64("sequence", reply.sequence);
    fields.u32("key_bytes_max", reply.key_bytes_max);
    fields.u32("value_bytes_max", reply.value_bytes_max);
    fields.u32("tag_bytes_max", reply.tag_bytes_max);
    fields.u32("tags_max", reply.tags_max);
    fields.u32("keys_max", reply.keys_max);
    fields.u32("frame_body_bytes_max", reply.frame_body_bytes_max);
    fields.u32("reply_bytes_max", reply.reply_bytes_max);
    fields.u32("auth_mechanisms", reply.auth_mechanisms);
    fields.bytes8("server_version", text_of(reply.server_version));
    Encoded encoded;
    wire_encode_hello_reply(&encoded.out, &reply);
    return finished(fields, encoded);
}

void describe_hit(Fields& fields, const wire_hit& hit) {
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
        fields.tags(tags_of(hit.tags));
    }
    fields.bytes32("value", text_of(hit.value));
}

ReadBack read_hit(wire_bytes body) {
    wire_hit hit;
    if (!wire_decode_hit(body, &hit)) {
        return {};
    }
    Fields fields;
    describe_hit(fields, hit);
    Encoded encoded;
    wire_write_hit(&encoded.out, &hit);
    return finished(fields, encoded);
}

ReadBack read_mget(wire_bytes body) {
    std::uint32_t count = 0;
    wire_reader items;
    if (!wire_decode_mget_reply(body, &count, &items)) {
        return {};
    }
    Fields fields;
    fields.u32("count", count);
    Encoded encoded;
    wire_write_u32(&encoded.out, count);
    for (std::uint32_t i = 0; i < count; ++i) {
        wire_hit hit;
        const std::uint8_t status = wire_next_mget_item(&items, &hit);
        fields.u8("status", status);
        wire_write_u8(&encoded.out, status);
        if (status == WIRE_OK) {
            describe_hit(fields, hit);
            wire_write_hit(&encoded.out, &hit);
        }
    }
    return finished(fields, encoded);
}

ReadBack read_results(wire_bytes body) {
    wire_results results;
    if (!wire_decode_results(body, &results)) {
        return {};
    }
    Fields fields;
    fields.u32("count", results.count);
    fields.u16("present", results.present);
    Encoded encoded;
    wire_write_results_head(&encoded.out, results.count, results.present);
    wire_reader items = wire_reader_over(results.items);
    for (std::uint32_t i = 0; i < results.count; ++i) {
        std::uint64_t version = 0;
        const std::uint8_t status = wire_next_result(&items, results.present, &version);
        fields.u8("status", status);
        if (status == WIRE_OK && results.present != 0) {
            fields.u64("version", version);
        }
        wire_write_result(&encoded.out, results.present, status, version);
    }
    return finished(fields, encoded);
}

// What ends with the version if it was asked for. A version of 0 is told by nothing.
ReadBack with_version(Fields& fields, Encoded& encoded, std::uint64_t version) {
    if (version != 0) {
        fields.u64("version", version);
    }
    wire_write_version(&encoded.out, version);
    return finished(fields, encoded);
}

ReadBack read_stored(wire_bytes body) {
    std::uint64_t version = 0;
    if (!wire_decode_stored(body, &version)) {
        return {};
    }
    Fields fields;
    Encoded encoded;
    return with_version(fields, encoded, version);
}

ReadBack read_length(wire_bytes body) {
    std::uint32_t value_bytes = 0;
    std::uint64_t version = 0;
    if (!wire_decode_length(body, &value_bytes, &version)) {
        return {};
    }
    Fields fields;
    fields.u32("value_bytes", value_bytes);
    Encoded encoded;
    wire_write_u32(&encoded.out, value_bytes);
    return with_version(fields, encoded, version);
}

ReadBack read_number(wire_bytes body) {
    std::int64_t value = 0;
    std::uint64_t version = 0;
    if (!wire_decode_number(body, &value, &version)) {
        return {};
    }
    Fields fields;
    fields.i64("value", value);
    Encoded encoded;
    wire_write_i64(&encoded.out, value);
    return with_version(fields, encoded, version);
}

ReadBack read_tag_change(wire_bytes body) {
    std::uint16_t changed = 0;
    std::uint64_t version = 0;
    if (!wire_decode_tag_change_reply(body, &changed, &version)) {
        return {};
    }
    Fields fields;
    fields.u16("changed", changed);
    Encoded encoded;
    wire_write_u16(&encoded.out, changed);
    return with_version(fields, encoded, version);
}

ReadBack read_tags(wire_bytes body) {
    wire_list tags;
    if (!wire_decode_tags_reply(body, &tags)) {
        return {};
    }
    Fields fields;
    fields.tags(tags_of(tags));
    Encoded encoded;
    wire_write_tags(&encoded.out, &tags);
    return finished(fields, encoded);
}

ReadBack read_page(wire_bytes body) {
    wire_page page;
    if (!wire_decode_page(body, &page)) {
        return {};
    }
    Fields fields;
    fields.u32("count", page.count);
    fields.u16("present", page.present);
    fields.bytes8("cursor", text_of(page.cursor));
    Encoded encoded;
    wire_write_page_head(&encoded.out, page.count, page.present, page.cursor);
    wire_reader items = wire_reader_over(page.items);
    for (std::uint32_t i = 0; i < page.count; ++i) {
        std::uint64_t entries = 0;
        const wire_bytes name = wire_next_name(&items, page.present, &entries);
        if (page.present != 0) {
            fields.u64("entries", entries);
            wire_write_u64(&encoded.out, entries);
        }
        fields.bytes16("name", text_of(name));
        wire_write_bytes16(&encoded.out, name);
    }
    return finished(fields, encoded);
}

ReadBack read_count(wire_bytes body) {
    std::uint64_t count = 0;
    if (!wire_decode_count(body, &count)) {
        return {};
    }
    Fields fields;
    fields.u64("count", count);
    Encoded encoded;
    wire_write_u64(&encoded.out, count);
    return finished(fields, encoded);
}

ReadBack read_removed(wire_bytes body) {
    std::uint64_t removed = 0;
    wire_bytes cursor;
    if (!wire_decode_removed(body, &removed, &cursor)) {
        return {};
    }
    Fields fields;
    fields.u64("removed", removed);
    fields.bytes8("cursor", text_of(cursor));
    Encoded encoded;
    wire_write_removed(&encoded.out, removed, cursor);
    return finished(fields, encoded);
}

void copy_fields(wire_reader& in, std::uint16_t count, Fields& fields, Encoded& encoded) {
    fields.u16("count", count);
    wire_write_u16(&encoded.out, count);
    for (std::uint32_t i = 0; i < count; ++i) {
        wire_field field;
        wire_read_field(&in, &field);
        fields.bytes8("name", text_of(field.name));
        fields.u8("type", field.type);
        switch (field.type) {
            case WIRE_FIELD_U64: fields.u64("value", field.u64); break;
            case WIRE_FIELD_I64: fields.i64("value", field.i64); break;
            case WIRE_FIELD_F64: fields.f64("value", field.f64); break;
            default: fields.bytes16("value", text_of(field.text));
        }
        wire_write_field(&encoded.out, &field);
    }
}

ReadBack read_fields(wire_bytes body) {
    std::uint16_t count = 0;
    wire_reader in;
    if (!wire_decode_fields(body, &count, &in)) {
        return {};
    }
    Fields fields;
    Encoded encoded;
    copy_fields(in, count, fields, encoded);
    return finished(fields, encoded);
}

ReadBack read_clients(wire_bytes body) {
    std::uint32_t count = 0;
    wire_bytes cursor;
    wire_reader in;
    if (!wire_decode_client_reply(body, &count, &cursor, &in)) {
        return {};
    }
    Fields fields;
    fields.u32("count", count);
    fields.bytes8("cursor", text_of(cursor));
    Encoded encoded;
    wire_write_u32(&encoded.out, count);
    wire_write_bytes8(&encoded.out, cursor);
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint16_t field_count = wire_read_u16(&in);
        copy_fields(in, field_count, fields, encoded);
    }
    return finished(fields, encoded);
}

ReadBack read_auth(wire_bytes body) {
    std::uint8_t rights = 0;
    wire_bytes name;
    if (!wire_decode_auth_reply(body, &rights, &name)) {
        return {};
    }
    Fields fields;
    fields.u8("rights", rights);
    fields.bytes8("name", text_of(name));
    Encoded encoded;
    wire_encode_auth_reply(&encoded.out, rights, name);
    return finished(fields, encoded);
}

ReadBack read_settings(wire_bytes body) {
    std::uint32_t count = 0;
    wire_reader in;
    if (!wire_decode_config_reply(body, &count, &in)) {
        return {};
    }
    Fields fields;
    fields.u32("count", count);
    Encoded encoded;
    wire_write_u32(&encoded.out, count);
    for (std::uint32_t i = 0; i < count; ++i) {
        copy_fields(in, wire_read_u16(&in), fields, encoded);
    }
    return finished(fields, encoded);
}

ReadBack read_hot_names(wire_bytes body) {
    std::uint32_t count = 0;
    wire_reader names;
    if (!wire_decode_hotkeys_reply(body, &count, &names)) {
        return {};
    }
    Fields fields;
    fields.u32("count", count);
    Encoded encoded;
    wire_write_u32(&encoded.out, count);
    for (std::uint32_t i = 0; i < count; ++i) {
        std::uint64_t rate = 0;
        const wire_bytes name = wire_next_hot_name(&names, &rate);
        fields.u64("rate", rate);
        fields.bytes16("name", text_of(name));
        wire_write_hot_name(&encoded.out, rate, name);
    }
    return finished(fields, encoded);
}

}  // namespace

ReadBack read_ok_body(std::uint8_t opcode, wire_bytes body) {
    switch (opcode) {
        case WIRE_OP_HELLO: return read_hello(body);
        case WIRE_OP_PING:
        case WIRE_OP_SHUTDOWN: return read_empty(body);
        case WIRE_OP_GET:
        case WIRE_OP_GETDEL: return read_hit(body);
        case WIRE_OP_MGET: return read_mget(body);
        case WIRE_OP_EXISTS:
        case WIRE_OP_MPUT:
        case WIRE_OP_TOUCH:
        case WIRE_OP_DELETE: return read_results(body);
        case WIRE_OP_PUT:
        case WIRE_OP_ADD:
        case WIRE_OP_REPLACE: return read_stored(body);
        case WIRE_OP_APPEND:
        case WIRE_OP_PREPEND: return read_length(body);
        case WIRE_OP_INCR:
        case WIRE_OP_DECR: return read_number(body);
        case WIRE_OP_TAGS: return read_tags(body);
        case WIRE_OP_TAG_ADD:
        case WIRE_OP_TAG_REMOVE: return read_tag_change(body);
        case WIRE_OP_KEYS_BY_TAG:
        case WIRE_OP_TAG_LIST:
        case WIRE_OP_SCAN: return read_page(body);
        case WIRE_OP_TAG_COUNT:
        case WIRE_OP_INVALIDATE:
        case WIRE_OP_FLUSH: return read_count(body);
        case WIRE_OP_DELETE_PREFIX: return read_removed(body);
        case WIRE_OP_STATS:
        case WIRE_OP_INFO: return read_fields(body);
        case WIRE_OP_AUTH: return read_auth(body);
        case WIRE_OP_USER:
        case WIRE_OP_TOKEN:
        case WIRE_OP_CLIENT: return read_clients(body);
        case WIRE_OP_CONFIG:
        case WIRE_OP_SLOWLOG: return read_settings(body);
        case WIRE_OP_HOTKEYS: return read_hot_names(body);
        default: return {};
    }
}
