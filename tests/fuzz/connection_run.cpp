// SPDX-License-Identifier: MIT
#include "connection_run.hpp"

#include <algorithm>
#include <string>

#include "fields.hpp"
#include "loop_server.hpp"
#include "reached.hpp"
#include "read_back.hpp"
#include "require.hpp"

namespace tc::fuzz {
namespace {

// Returns how many frames followed the preface.
std::size_t check_replies(std::string_view received) {
    wire_server_preface preface;
    const wire_frame_result result = wire_decode_server_preface(bytes_of(received), &preface);
    require(received.empty() || result == WIRE_FRAME_COMPLETE, "a server begins with its preface");
    received.remove_prefix(std::min<std::size_t>(received.size(), WIRE_PREFACE_BYTES));
    std::size_t count = 0;
    for (; !received.empty(); ++count) {
        wire_reply reply;
        require(wire_parse_reply(bytes_of(received), UINT32_MAX, &reply) == WIRE_FRAME_COMPLETE,
                "a reply is whole");
        require(preface.chosen != 0, "who was refused gets no replies");
        const ReadBack read = read_reply_body(reply.opcode, reply.status, ::text_of(reply.body));
        require(read.is_wellformed && read.encoded == ::text_of(reply.body),
                "a reply has the grammar of its status and opcode");
        note_reached(reply);
        received.remove_prefix(reply.frame_bytes);
        require(reply.status < WIRE_STATUS_CLOSING_FIRST || received.empty(),
                "the reply that closes is the last");
    }
    return count;
}

}  // namespace

void run_connection(Input& input) {
    const std::size_t piece_bytes = std::max<std::size_t>(input.byte(), 1);
    const std::string stream(input.text(SIZE_MAX));
    LoopServer& server = emptied_server(
        0, {.memory_bytes_max = ample_memory_bytes, .stripe_count = 1, .hash_seed = 1984});
    LoopClient client(server);
    for (std::size_t at = 0; at < stream.size() && !client.is_ended(); at += piece_bytes) {
        client.send(std::string_view(stream).substr(at, piece_bytes));
    }
    const std::size_t reply_count = check_replies(client.received());
    require(reply_count <= stream.size() / WIRE_HEADER_BYTES + 1, "no more is said than was asked");
    server.store().check_invariants();
}

}  // namespace tc::fuzz
