// SPDX-License-Identifier: MIT
//
// The requests that are about users.
#include "protocol/access_messages.h"
#include "read_back.hpp"

namespace {

ReadBack finished(const Fields& fields, const Encoded& encoded) {
    return {!encoded.out.failed, fields.list(), encoded.bytes()};
}

ReadBack read_auth(wire_bytes body) {
    wire_auth auth;
    if (!wire_decode_auth(body, &auth)) {
        return {};
    }
    Fields fields;
    fields.u8("mechanism", auth.mechanism);
    fields.bytes8("name", text_of(auth.name));
    fields.bytes16("secret", text_of(auth.secret));
    Encoded encoded;
    wire_encode_auth(&encoded.out, &auth);
    return finished(fields, encoded);
}

void describe_user_set(Fields& fields, const wire_user& user) {
    fields.u16("options", user.options);
    if ((user.options & WIRE_USER_RIGHTS) != 0) {
        fields.u8("rights", user.rights);
    }
    fields.bytes8("name", text_of(user.name));
    if ((user.options & WIRE_USER_PASSWORD) != 0) {
        fields.bytes16("password", text_of(user.password));
    }
    if ((user.options & WIRE_USER_KEY_PREFIXES) != 0) {
        fields.list8("key_prefixes_count", "key_prefix", tags_of(user.key_prefixes));
    }
    if ((user.options & WIRE_USER_TAG_PREFIXES) != 0) {
        fields.list8("tag_prefixes_count", "tag_prefix", tags_of(user.tag_prefixes));
    }
    if ((user.options & WIRE_USER_TLS_NAMES) != 0) {
        fields.list8("tls_names_count", "tls_name", tags_of(user.tls_names));
    }
}

// The rest of an action that is not known is not decoded, so it stands for itself here.
ReadBack read_user(wire_bytes body) {
    wire_user user;
    if (!wire_decode_user(body, &user)) {
        return {};
    }
    Fields fields;
    fields.u8("action", user.action);
    switch (user.action) {
        case WIRE_USER_LIST:
            fields.u32("limit", user.limit);
            fields.bytes8("cursor", text_of(user.cursor));
            break;
        case WIRE_USER_SET: describe_user_set(fields, user); break;
        case WIRE_USER_DELETE: fields.bytes8("name", text_of(user.name)); break;
        case WIRE_USER_PASSWD:
            fields.bytes16("old_password", text_of(user.old_password));
            fields.bytes16("new_password", text_of(user.password));
            break;
        default: return {true, fields.list(), text_of(body)};
    }
    Encoded encoded;
    wire_encode_user(&encoded.out, &user);
    return finished(fields, encoded);
}

ReadBack read_token(wire_bytes body) {
    wire_token token;
    if (!wire_decode_token(body, &token)) {
        return {};
    }
    Fields fields;
    fields.u8("action", token.action);
    switch (token.action) {
        case WIRE_TOKEN_LIST: fields.bytes8("name", text_of(token.name)); break;
        case WIRE_TOKEN_CREATE:
            fields.u64("ttl_ms", token.ttl_ms);
            fields.bytes8("name", text_of(token.name));
            break;
        case WIRE_TOKEN_REVOKE:
            fields.bytes8("name", text_of(token.name));
            fields.bytes8("id", text_of(token.id));
            break;
        default: return {true, fields.list(), text_of(body)};
    }
    Encoded encoded;
    wire_encode_token(&encoded.out, &token);
    return finished(fields, encoded);
}

}  // namespace

ReadBack read_access_request(std::uint8_t opcode, wire_bytes body) {
    switch (opcode) {
        case WIRE_OP_AUTH: return read_auth(body);
        case WIRE_OP_USER: return read_user(body);
        default: return read_token(body);
    }
}
