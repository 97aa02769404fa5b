// SPDX-License-Identifier: MIT
//
// STATS and CLIENT LIST as maps, for tests that count what the server did.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/wire_client.hpp"

namespace tc::test {

struct FieldMap {
    std::map<std::string, std::uint64_t> numbers;
    std::map<std::string, std::string> texts;
};

inline FieldMap read_fields(wire_reader& in) {
    FieldMap map;
    const std::uint16_t count = wire_read_u16(&in);
    for (int i = 0; i < count; ++i) {
        wire_field field;
        wire_read_field(&in, &field);
        if (field.type == WIRE_FIELD_U64) {
            map.numbers[text(field.name)] = field.u64;
        } else if (field.type == WIRE_FIELD_TEXT) {
            map.texts[text(field.name)] = text(field.text);
        }
    }
    if (in.failed) {
        throw std::runtime_error("malformed fields");
    }
    return map;
}

inline FieldMap fields_of(WireClient& client, std::uint8_t opcode) {
    const Reply reply = client.call(raw_frame(opcode, 0, ""));
    wire_reader in = wire_reader_over(bytes(reply.body));
    return read_fields(in);
}

inline std::uint64_t counter_of(WireClient& client, const std::string& name) {
    return fields_of(client, WIRE_OP_STATS).numbers.at(name);
}

// All connections, page after page of `limit`.
inline std::vector<FieldMap> clients_of(WireClient& client, std::uint32_t limit = 10'000) {
    std::vector<FieldMap> clients;
    std::string cursor;
    do {
        const wire_client request{WIRE_CLIENT_LIST, limit, bytes(cursor), 0, {}};
        const Reply reply = client.call(
            frame(WIRE_OP_CLIENT, 0, [&](wire_writer* out) { wire_encode_client(out, &request); }));
        std::uint32_t count = 0;
        wire_bytes next{};
        wire_reader items;
        if (!wire_decode_client_reply(bytes(reply.body), &count, &next, &items)) {
            throw std::runtime_error("no clients");
        }
        for (std::uint32_t i = 0; i < count; ++i) {
            clients.push_back(read_fields(items));
        }
        cursor = text(next);
    } while (!cursor.empty());
    return clients;
}

}  // namespace tc::test
