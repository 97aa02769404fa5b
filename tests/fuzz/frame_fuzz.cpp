// SPDX-License-Identifier: MIT
//
// Prefaces and frame headers, of both directions: an input is a direction, a place to cut, and a
// stream. What is parsed depends on the bytes alone, never on how many have arrived.
#include <array>
#include <cstring>

#include "input.hpp"
#include "protocol/frame.h"
#include "protocol/request_names.h"
#include "require.hpp"
#include "target.hpp"

namespace tc::fuzz {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint32_t body_bytes_max = WIRE_FRAME_FLOOR_BYTES + WIRE_FRAME_SLACK_BYTES;

wire_bytes wire(Bytes bytes) noexcept {
    return {bytes.data(), bytes.size()};
}

bool lies_within(wire_bytes inner, Bytes outer) noexcept {
    const auto* const begin = static_cast<const std::uint8_t*>(inner.data);
    return inner.size == 0 ||
           (begin >= outer.data() && begin + inner.size <= outer.data() + outer.size());
}

struct Parsed {
    wire_frame_result result;
    std::size_t frame_bytes;  // 0 while it is not known
};

// The bytes that a frame begins with, made again from what was read of it.
void require_same_header(const wire_writer& out, Bytes bytes) noexcept {
    require(!out.failed && wire_writer_size(&out) == WIRE_HEADER_BYTES, "a header can be written");
    require(std::memcmp(out.start + 4, bytes.data() + 4, WIRE_HEADER_BYTES - 4) == 0,
            "a header that was read is written as it was");
}

Parsed parse_request(Bytes bytes) noexcept {
    wire_request request;
    const wire_frame_result result = wire_parse_request(wire(bytes), body_bytes_max, &request);
    if (result == WIRE_FRAME_COMPLETE) {
        const Bytes body =
            bytes.subspan(WIRE_HEADER_BYTES, request.frame_bytes - WIRE_HEADER_BYTES);
        require(lies_within(request.body, body), "a body lies within its frame");
        require(lies_within(wire_peek_key(&request).key, body), "a key lies within its body");
        std::array<std::uint8_t, WIRE_HEADER_BYTES> header{};
        wire_writer out = wire_writer_over(header.data(), header.size());
        (void)wire_begin_request(&out, request.opcode, request.flags, request.request_id);
        wire_store_u16(header.data() + 6, request.namespace_id);
        require_same_header(out, bytes);
    }
    return {result, request.frame_bytes};
}

Parsed parse_reply(Bytes bytes) noexcept {
    wire_reply reply;
    const wire_frame_result result = wire_parse_reply(wire(bytes), body_bytes_max, &reply);
    if (result == WIRE_FRAME_COMPLETE) {
        require(lies_within(reply.body, bytes.first(reply.frame_bytes)),
                "a body lies in its frame");
        std::array<std::uint8_t, WIRE_HEADER_BYTES> header{};
        wire_writer out = wire_writer_over(header.data(), header.size());
        wire_finish_reply(&out, wire_begin_reply(&out, reply.opcode, reply.request_id),
                          reply.status, reply.flags);
        require_same_header(out, bytes);
    }
    return {result, reply.frame_bytes};
}

Parsed parse_client_preface(Bytes bytes) noexcept {
    wire_client_preface preface;
    const wire_frame_result result = wire_decode_client_preface(wire(bytes), &preface);
    if (result == WIRE_FRAME_COMPLETE) {
        const std::uint8_t chosen = wire_choose_version(&preface);
        require(chosen == 0 || (chosen >= preface.version_min && chosen <= preface.version_max),
                "the chosen version is one of the client's");
    }
    return {result, WIRE_PREFACE_BYTES};
}

Parsed parse_server_preface(Bytes bytes) noexcept {
    wire_server_preface preface;
    const wire_frame_result result = wire_decode_server_preface(wire(bytes), &preface);
    if (result == WIRE_FRAME_COMPLETE) {
        std::array<std::uint8_t, WIRE_PREFACE_BYTES> again{};
        wire_writer out = wire_writer_over(again.data(), again.size());
        wire_encode_server_preface(&out, &preface);
        require(!out.failed && std::memcmp(again.data(), bytes.data(), again.size()) == 0,
                "a preface that was read is written as it was");
    }
    return {result, WIRE_PREFACE_BYTES};
}

bool is_refused(wire_frame_result result) noexcept {
    return result == WIRE_FRAME_BROKEN || result == WIRE_FRAME_OVERSIZED;
}

using Parse = Parsed (*)(Bytes bytes) noexcept;

// What fewer bytes are taken for must not contradict what all of them are.
void require_same_when_cut(Parse parse, Bytes bytes, const Parsed& whole,
                           std::size_t cut) noexcept {
    if (cut >= bytes.size()) {
        return;
    }
    const Parsed part = parse(bytes.first(cut));
    if (is_refused(part.result)) {
        require(is_refused(whole.result), "what is refused stays refused when more bytes come");
    } else if (part.result == WIRE_FRAME_COMPLETE) {
        require(whole.result == WIRE_FRAME_COMPLETE, "a complete frame stays complete");
        require(whole.frame_bytes == part.frame_bytes, "a complete frame keeps its size");
    } else if (whole.result == WIRE_FRAME_COMPLETE) {
        require(cut < whole.frame_bytes, "a frame is complete when its last byte is there");
        require(part.frame_bytes == 0 || part.frame_bytes == whole.frame_bytes,
                "a header tells the size of its frame");
    }
}

// Reads one and returns its size, or 0 when it is the last thing that can be read.
std::size_t step(Parse parse, Bytes bytes, std::size_t cut) noexcept {
    const Parsed whole = parse(bytes);
    for (const std::size_t each : {cut, std::size_t{3}, std::size_t{11}, whole.frame_bytes - 1}) {
        require_same_when_cut(parse, bytes, whole, each);
    }
    if (whole.result != WIRE_FRAME_COMPLETE) {
        return 0;
    }
    require(whole.frame_bytes <= bytes.size(), "a complete frame is there");
    return whole.frame_bytes;
}

}  // namespace
}  // namespace tc::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tc::fuzz;
    Input input(data, size);
    const bool is_request = input.coin();
    const std::size_t cut = input.byte();
    Bytes stream = input.rest();
    std::size_t done = step(is_request ? parse_client_preface : parse_server_preface, stream, cut);
    while (done != 0) {
        stream = stream.subspan(done);
        done = step(is_request ? parse_request : parse_reply, stream, cut);
    }
    return 0;
}
