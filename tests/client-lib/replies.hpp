// SPDX-License-Identifier: MIT
//
// What a server sends, made with the codec or by hand: prefaces and replies as strings.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "protocol/admin_messages.h"
#include "protocol/entry_messages.h"
#include "protocol/frame.h"
#include "protocol/tag_messages.h"
#include "tagcache/tagcache.h"

namespace tc::test {

inline wire_bytes wire(std::string_view text) {
    return {text.data(), text.size()};
}

inline tagcache_bytes bytes_of(std::string_view text) {
    return {text.data(), text.size()};
}

inline std::string text_of(tagcache_bytes bytes) {
    return {static_cast<const char*>(bytes.data), bytes.size};
}

// Whatever `write` writes.
template <typename Write>
std::string written(Write write) {
    std::string buffer(64 * 1024, '\0');
    wire_writer out = wire_writer_over(buffer.data(), buffer.size());
    write(&out);
    if (out.failed) {
        throw std::runtime_error("the message does not fit");
    }
    buffer.resize(wire_writer_size(&out));
    return buffer;
}

inline std::string server_preface(std::uint8_t chosen = 1, std::uint8_t reason = 0) {
    const wire_server_preface preface{chosen, 1, 1, reason};
    return written([&](wire_writer* out) { wire_encode_server_preface(out, &preface); });
}

inline std::string reply(std::uint8_t opcode, std::uint32_t request_id,
                         std::uint8_t status = WIRE_OK, std::string_view body = "") {
    std::string frame = written([&](wire_writer* out) {
        const std::size_t begin = wire_begin_reply(out, opcode, request_id);
        wire_finish_reply(out, begin, status, 0);
    });
    frame.append(body);
    const auto size = static_cast<std::uint32_t>(body.size());
    wire_store_u32(reinterpret_cast<std::uint8_t*>(frame.data()), size);
    return frame;
}

inline wire_hello_reply default_hello() {
    wire_hello_reply hello{};
    hello.key_bytes_max = WIRE_KEY_BYTES_MAX;
    hello.value_bytes_max = WIRE_VALUE_BYTES_MAX;
    hello.tag_bytes_max = WIRE_TAG_BYTES_MAX;
    hello.tags_max = WIRE_TAGS_MAX;
    hello.keys_max = WIRE_KEYS_MAX;
    hello.frame_body_bytes_max = wire_frame_body_bytes_max(WIRE_VALUE_BYTES_MAX, WIRE_KEY_BYTES_MAX,
                                                           WIRE_TAGS_MAX, WIRE_TAG_BYTES_MAX);
    hello.reply_bytes_max = WIRE_REPLY_BYTES_MAX;
    hello.server_version = wire("9.9.9");
    return hello;
}

// The library's HELLO is request 1 of its connection.
inline std::string hello_reply(const wire_hello_reply& hello = default_hello()) {
    return reply(WIRE_OP_HELLO, 1, WIRE_OK,
                 written([&](wire_writer* out) { wire_encode_hello_reply(out, &hello); }));
}

inline std::string greeting() {
    return server_preface() + hello_reply();
}

inline std::string hit_body(std::string_view value) {
    wire_hit hit{};
    hit.value = wire(value);
    return written([&](wire_writer* out) { wire_write_hit(out, &hit); });
}

inline std::string error_body(std::string_view message, std::uint32_t detail = 0) {
    const wire_error error{0, detail, wire(message)};
    return written([&](wire_writer* out) { wire_encode_error(out, &error); });
}

inline std::string count_body(std::uint64_t count) {
    return written([&](wire_writer* out) { wire_write_u64(out, count); });
}

// One page of DELETE_PREFIX; an empty cursor is the last one's.
inline std::string removed_body(std::uint64_t count, std::string_view cursor) {
    return written([&](wire_writer* out) { wire_write_removed(out, count, wire(cursor)); });
}

}  // namespace tc::test
