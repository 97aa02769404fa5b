// SPDX-License-Identifier: MIT
#include "reached.hpp"

#include <array>
#include <bitset>

#include "protocol/entry_messages.h"

namespace tc::fuzz {
namespace {

std::array<std::bitset<256>, 256> statuses_of_opcodes;

void note_mget(std::bitset<256>& statuses, wire_bytes body) {
    std::uint32_t count = 0;
    wire_reader items;
    if (wire_decode_mget_reply(body, &count, &items)) {
        for (std::uint32_t i = 0; i < count; ++i) {
            wire_hit hit;
            statuses.set(wire_next_mget_item(&items, &hit));
        }
    }
}

void note_results(std::bitset<256>& statuses, wire_bytes body) {
    wire_results results;
    if (wire_decode_results(body, &results)) {
        wire_reader items = wire_reader_over(results.items);
        for (std::uint32_t i = 0; i < results.count; ++i) {
            std::uint64_t version = 0;
            statuses.set(wire_next_result(&items, results.present, &version));
        }
    }
}

}  // namespace

void note_reached(const wire_reply& reply) {
    std::bitset<256>& statuses = statuses_of_opcodes[reply.opcode];
    statuses.set(reply.status);
    if (reply.status != WIRE_OK) {
        return;
    }
    switch (reply.opcode) {
        case WIRE_OP_MGET: return note_mget(statuses, reply.body);
        case WIRE_OP_EXISTS:
        case WIRE_OP_MPUT:
        case WIRE_OP_TOUCH:
        case WIRE_OP_DELETE: return note_results(statuses, reply.body);
        default: return;
    }
}

bool is_reached(std::uint8_t opcode, std::uint8_t status) {
    return statuses_of_opcodes[opcode].test(status);
}

bool is_status_reached(std::uint8_t status) {
    for (const std::bitset<256>& statuses : statuses_of_opcodes) {
        if (statuses.test(status)) {
            return true;
        }
    }
    return false;
}

}  // namespace tc::fuzz
