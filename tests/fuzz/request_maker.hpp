// SPDX-License-Identifier: MIT
//
// Requests as the input chooses them: of every opcode, on few keys and tags, so that they meet, and
// now and then with what has to be refused.
#pragma once

#include <deque>
#include <string>

#include "input.hpp"
#include "model_server.hpp"
#include "protocol/frame.h"

namespace tc::fuzz {

class RequestMaker {
 public:
    RequestMaker(Input& input, const ModelServer& model) : input_(input), model_(model) {}

    // The next request's frame.
    [[nodiscard]] std::string make(std::uint32_t request_id);
    // One of KEYS_BY_TAG, SCAN, TAG_LIST and DELETE_PREFIX, from its start.
    [[nodiscard]] std::string make_first_page(std::uint32_t request_id);
    // The same from another place on.
    [[nodiscard]] static std::string next_page(const wire_request& page, std::string_view cursor,
                                               std::uint32_t request_id);
    // One that cannot be parsed, or whose body breaks its grammar: the server closes.
    [[nodiscard]] std::string make_malformed(std::uint32_t request_id);

 private:
    // Arguments. Views of them are good until the next request.
    [[nodiscard]] wire_bytes key();
    [[nodiscard]] wire_bytes tag();
    [[nodiscard]] wire_bytes value();
    [[nodiscard]] wire_list keys(std::uint32_t count_max);
    [[nodiscard]] wire_list tags();
    [[nodiscard]] std::uint64_t ttl_ms();
    [[nodiscard]] std::uint64_t if_version(wire_bytes key);
    // Some of an opcode's bits, and rarely one that it does not have.
    [[nodiscard]] std::uint16_t options(unsigned legal);
    [[nodiscard]] std::uint32_t limit();
    [[nodiscard]] wire_bytes kept(std::string text);

    void write_body(wire_writer* out, std::uint8_t opcode);
    void write_read(wire_writer* out, std::uint8_t opcode);
    void write_mget(wire_writer* out);
    void write_item(wire_writer* out, unsigned legal);
    void write_mput(wire_writer* out);
    void write_incr(wire_writer* out);
    void write_keys(wire_writer* out, std::uint8_t opcode);
    void write_tag_change(wire_writer* out);
    void write_invalidate(wire_writer* out);
    void write_page(wire_writer* out, std::uint8_t opcode);
    void write_admin(wire_writer* out, std::uint8_t opcode);

    Input& input_;
    const ModelServer& model_;
    std::deque<std::string> kept_;
    std::vector<wire_bytes> key_list_;
    std::vector<wire_bytes> tag_list_;
    std::vector<std::uint64_t> versions_;
};

}  // namespace tc::fuzz
