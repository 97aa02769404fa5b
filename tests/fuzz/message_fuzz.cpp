// SPDX-License-Identifier: MIT
//
// Every message that has a codec: an input is a direction, an opcode, a status and a body. A body
// that is read is written byte by byte as it was, since the grammar says each thing in one way
// only. The table of codecs is that of the golden tests, so a new message is here too.
#include <algorithm>
#include <string>

#include "input.hpp"
#include "protocol/request_names.h"
#include "read_back.hpp"
#include "require.hpp"
#include "target.hpp"

namespace tc::fuzz {
namespace {

void require_same(const ReadBack& read, std::string_view body) {
    require(!read.is_wellformed || read.encoded == body,
            "a body that was read is written as it was");
}

// The key that is prefetched for a request is the one that it will be executed on.
void require_same_key(std::uint8_t opcode, std::string_view body, const ReadBack& read) {
    wire_request request{};
    request.opcode = opcode;
    request.body = bytes_of(body);
    const wire_request_key peeked = wire_peek_key(&request);
    if (!read.is_wellformed || peeked.key.size == 0) {
        return;
    }
    const auto field = std::find_if(read.fields.begin(), read.fields.end(),
                                    [](const Field& each) { return each.name == "key"; });
    require(field != read.fields.end(), "only a request that has a key gives one away");
    require(field->bytes.substr(2) == text_of(peeked.key), "the key found ahead is the key");
}

}  // namespace
}  // namespace tc::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tc::fuzz;
    Input input(data, size);
    const bool is_request = input.coin();
    const std::uint8_t opcode = input.byte();
    const std::uint8_t status = input.byte();
    const std::string_view body = input.text(size);
    if (!is_request) {
        require_same(read_reply_body(opcode, status, body), body);
    } else if (has_codec(opcode)) {
        const ReadBack read = read_request_body(opcode, body);
        require_same(read, body);
        require_same_key(opcode, body, read);
    }
    return 0;
}
