// SPDX-License-Identifier: MIT
#include "bench/native_protocol.hpp"

#include <string>

#include "protocol/entry_messages.h"
#include "protocol/opcodes.h"
#include "protocol/tag_messages.h"

namespace tc::bench {

using driver::Completion;
using driver::Completions;
using driver::Operation;
using driver::Outcome;
using driver::Verb;

namespace {

// Of a hit without any optional field: present u16 | value bytes32.
constexpr std::size_t hit_head_bytes = 6;

wire_bytes bytes(std::string_view text) {
    return {text.data(), text.size()};
}

std::uint8_t opcode_of(Verb verb) {
    switch (verb) {
        case Verb::get: return WIRE_OP_GET;
        case Verb::put: return WIRE_OP_PUT;
        case Verb::invalidate: return WIRE_OP_INVALIDATE;
    }
    return WIRE_OP_NONE;
}

Outcome outcome_of(const wire_reply& reply) {
    if (reply.status >= WIRE_STATUS_REFUSED_FIRST) {
        return Outcome::refused;
    }
    const bool is_get = reply.opcode == WIRE_OP_GET;
    switch (reply.status) {
        case WIRE_OK: return is_get ? Outcome::hit : Outcome::done;
        case WIRE_NOT_FOUND: return is_get ? Outcome::miss : Outcome::error;
        default: return Outcome::error;
    }
}

// An upper bound: the header, the fields of fixed size and the texts with their lengths.
std::size_t request_bytes_max(const Operation& operation) {
    constexpr std::size_t fixed_bytes = 64;
    std::size_t bytes = fixed_bytes + operation.key.size() + operation.value.size();
    for (const std::string_view tag : operation.tags) {
        bytes += tag.size() + 1;
    }
    return bytes;
}

}  // namespace

NativeProtocol::NativeProtocol() {
    wire_writer out = wire_writer_over(output_.reserve(WIRE_PREFACE_BYTES), WIRE_PREFACE_BYTES);
    const wire_client_preface preface{WIRE_VERSION_OLDEST, WIRE_VERSION};
    wire_encode_client_preface(&out, &preface);
    output_.commit(wire_writer_size(&out));
}

bool NativeProtocol::append(std::uint32_t number, const Operation& operation,
                            Completions& /*completions*/) noexcept {
    const std::size_t room_bytes = request_bytes_max(operation);
    wire_writer out = wire_writer_over(output_.reserve(room_bytes), room_bytes);
    const std::size_t begin = wire_begin_request(&out, opcode_of(operation.verb), 0, number);
    write_body(out, operation);
    wire_finish_request(&out, begin);
    output_.commit(wire_writer_size(&out));
    return true;
}

void NativeProtocol::use_tags(std::span<const std::string_view> tags) noexcept {
    tags_.clear();
    for (const std::string_view tag : tags) {
        tags_.push_back(bytes(tag));
    }
}

void NativeProtocol::write_body(wire_writer& out, const Operation& operation) noexcept {
    use_tags(operation.tags);
    const wire_list tags{static_cast<std::uint32_t>(tags_.size()), tags_.data(), {}};
    if (operation.verb == Verb::get) {
        const wire_get get{0, 0, bytes(operation.key)};
        return wire_encode_get(&out, &get);
    }
    if (operation.verb == Verb::invalidate) {
        const wire_invalidate invalidate{0, tags};
        return wire_encode_invalidate(&out, &invalidate);
    }
    wire_put put{};
    put.options = static_cast<std::uint16_t>((operation.ttl_ms != 0 ? WIRE_FIELD_TTL : 0) |
                                             (tags.count != 0 ? WIRE_FIELD_TAGS : 0));
    put.ttl_ms = operation.ttl_ms;
    put.tags = tags;
    put.key = bytes(operation.key);
    put.value = bytes(operation.value);
    wire_encode_put(&out, &put);
}

bool NativeProtocol::received(std::size_t size, Completions& completions) noexcept {
    input_.arrived(size);
    if (!is_ready_ && !read_preface()) {
        return false;
    }
    Read read = is_ready_ ? Read::whole : Read::cut_off;
    while (read == Read::whole) {
        skip_bytes_ -= input_.take_up_to(skip_bytes_).size();
        if (skip_bytes_ != 0) {
            return true;
        }
        if (is_skipping_) {
            completions.push_back(skipped_for_);
            is_skipping_ = false;
        }
        read = read_head();
    }
    return read != Read::broken;
}

bool NativeProtocol::read_preface() noexcept {
    wire_server_preface preface{};
    const auto unread = input_.unread();
    switch (wire_decode_server_preface({unread.data(), unread.size()}, &preface)) {
        case WIRE_FRAME_NEED_MORE: return true;
        case WIRE_FRAME_COMPLETE: break;
        default: failure_ = "this is no TagCache server"; return false;
    }
    if (preface.chosen == 0) {
        failure_ = "the server refuses the connection, reason " + std::to_string(preface.reason);
        return false;
    }
    input_.consume(WIRE_PREFACE_BYTES);
    is_ready_ = true;
    return true;
}

// Everything of a reply that is looked at; the rest is skipped, and then it is complete.
NativeProtocol::Read NativeProtocol::read_head() noexcept {
    const auto unread = input_.unread();
    if (unread.size() < WIRE_HEADER_BYTES) {
        return Read::cut_off;
    }
    wire_reply reply{};
    const wire_frame_result result =
        wire_parse_reply({unread.data(), unread.size()}, UINT32_MAX, &reply);
    if (result == WIRE_FRAME_BROKEN || result == WIRE_FRAME_OVERSIZED || reply.flags != 0) {
        failure_ = "not a reply";
        return Read::broken;
    }
    if (reply.status >= WIRE_STATUS_CLOSING_FIRST) {
        failure_ = "the server closes with " + reason_name(reply.status);
        return Read::broken;
    }
    Completion completion{reply.request_id, outcome_of(reply), reply.status, 0};
    std::size_t head_bytes = WIRE_HEADER_BYTES;
    if (completion.outcome == Outcome::hit) {
        head_bytes += hit_head_bytes;
        if (unread.size() < head_bytes) {
            return Read::cut_off;
        }
        wire_reader in = wire_reader_over({unread.data() + WIRE_HEADER_BYTES, hit_head_bytes});
        const std::uint16_t present = wire_read_u16(&in);
        completion.value_bytes = wire_read_u32(&in);
        if (present != 0 || reply.frame_bytes != head_bytes + completion.value_bytes) {
            failure_ = "not the reply to a plain GET";
            return Read::broken;
        }
    }
    input_.consume(head_bytes);
    skip_bytes_ = reply.frame_bytes - head_bytes;
    skipped_for_ = completion;
    is_skipping_ = true;
    return Read::whole;
}

std::string NativeProtocol::reason_name(std::int32_t reason) const {
    return wire_status_name(static_cast<std::uint8_t>(reason));
}

}  // namespace tc::bench
