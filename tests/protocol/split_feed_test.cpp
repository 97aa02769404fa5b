// SPDX-License-Identifier: MIT
//
// Streams of many messages, cut wherever they can be cut: what is parsed depends on the bytes
// alone, never on how they arrive.
#include <catch2/catch.hpp>
#include <span>

#include "hex_examples.hpp"
#include "protocol/frame.h"

namespace {

struct Parsed {
    std::uint32_t request_id = 0;
    std::uint8_t opcode = 0;
    std::uint8_t status = 0;
    std::string body;

    bool operator==(const Parsed&) const = default;
};

// One side's reader: keeps what is not complete yet, as a connection does.
class Feed {
 public:
    explicit Feed(Direction direction) : direction_(direction) {}

    void add(std::string_view bytes) {
        // A buffer of exactly what has arrived, so that a sanitizer sees a parser read further.
        pending_.insert(pending_.end(), bytes.begin(), bytes.end());
        pending_.shrink_to_fit();
        while (step()) {
        }
    }

    [[nodiscard]] const std::vector<Parsed>& parsed() const { return parsed_; }
    [[nodiscard]] bool is_drained() const { return pending_.empty() && has_preface_; }
    [[nodiscard]] bool is_broken() const { return is_broken_; }

 private:
    // False when the rest has to wait for more bytes.
    bool step() {
        const wire_bytes bytes = {pending_.data(), pending_.size()};
        Parsed one;
        std::size_t size_bytes = WIRE_PREFACE_BYTES;
        const wire_frame_result result =
            has_preface_ ? parse_frame(bytes, one, size_bytes) : parse_preface(bytes);
        is_broken_ |= result == WIRE_FRAME_BROKEN || result == WIRE_FRAME_OVERSIZED;
        if (result != WIRE_FRAME_COMPLETE) {
            return false;
        }
        if (has_preface_) {
            parsed_.push_back(one);
        }
        has_preface_ = true;
        pending_.erase(pending_.begin(),
                       pending_.begin() + static_cast<std::ptrdiff_t>(size_bytes));
        return true;
    }

    wire_frame_result parse_preface(wire_bytes bytes) const {
        wire_client_preface client;
        wire_server_preface server;
        return direction_ == Direction::request ? wire_decode_client_preface(bytes, &client)
                                                : wire_decode_server_preface(bytes, &server);
    }

    wire_frame_result parse_frame(wire_bytes bytes, Parsed& one, std::size_t& size_bytes) const {
        if (direction_ == Direction::request) {
            wire_request request;
            const auto result = wire_parse_request(bytes, WIRE_FRAME_FLOOR_BYTES, &request);
            one = {request.request_id, request.opcode, 0, {}};
            one.body = result == WIRE_FRAME_COMPLETE ? text_of(request.body) : std::string();
            size_bytes = request.frame_bytes;
            return result;
        }
        wire_reply reply;
        const auto result = wire_parse_reply(bytes, WIRE_FRAME_FLOOR_BYTES, &reply);
        one = {reply.request_id, reply.opcode, reply.status, {}};
        one.body = result == WIRE_FRAME_COMPLETE ? text_of(reply.body) : std::string();
        size_bytes = reply.frame_bytes;
        return result;
    }

    Direction direction_;
    std::vector<char> pending_;
    std::vector<Parsed> parsed_;
    bool has_preface_ = false;
    bool is_broken_ = false;
};

// The first preface of the page and all its frames of one direction, glued.
std::string stream_of(Direction direction) {
    std::string stream;
    for (const HexExample& example : hex_examples()) {
        if (example.direction == direction && (example.name != "PREFACE" || stream.empty())) {
            stream += example.bytes;
        }
    }
    return stream;
}

std::vector<Parsed> expected_of(Direction direction) {
    std::vector<Parsed> expected;
    for (const HexExample& example : frame_examples(direction)) {
        wire_reader header = wire_reader_over(bytes_of(example.bytes));
        (void)wire_take(&header, 8);
        const std::uint32_t request_id = wire_read_u32(&header);
        const bool is_reply = direction == Direction::reply;
        expected.push_back({request_id, opcode_of(example),
                            is_reply ? status_of(example) : std::uint8_t{0},
                            std::string(body_of(example))});
    }
    return expected;
}

void check_every_cut(Direction direction) {
    const std::string stream = stream_of(direction);
    const std::vector<Parsed> expected = expected_of(direction);
    REQUIRE(expected.size() > 25);
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        CAPTURE(cut);
        Feed feed(direction);
        feed.add(std::string_view(stream).substr(0, cut));
        REQUIRE(!feed.is_broken());
        feed.add(std::string_view(stream).substr(cut));
        REQUIRE(feed.is_drained());
        REQUIRE(feed.parsed() == expected);
    }
}

void check_byte_by_byte(Direction direction) {
    const std::string stream = stream_of(direction);
    Feed feed(direction);
    for (const char& byte : stream) {
        feed.add(std::string_view(&byte, 1));
        REQUIRE(!feed.is_broken());
    }
    CHECK(feed.is_drained());
    CHECK(feed.parsed() == expected_of(direction));
}

}  // namespace

TEST_CASE("a stream of requests parses the same wherever it is cut", "[protocol][split]") {
    check_every_cut(Direction::request);
}

TEST_CASE("a stream of replies parses the same wherever it is cut", "[protocol][split]") {
    check_every_cut(Direction::reply);
}

TEST_CASE("F2: streams parse the same byte by byte", "[protocol][split]") {
    check_byte_by_byte(Direction::request);
    check_byte_by_byte(Direction::reply);
}

TEST_CASE("F1: a frame that is cut short is never complete, and its size is known from its header",
          "[protocol][split]") {
    for (const HexExample& example : frame_examples(Direction::request)) {
        CAPTURE(example.name, example.title);
        for (std::size_t size = 0; size < example.bytes.size(); ++size) {
            const std::vector<char> arrived(
                example.bytes.begin(), example.bytes.begin() + static_cast<std::ptrdiff_t>(size));
            wire_request request;
            REQUIRE(wire_parse_request({arrived.data(), arrived.size()}, WIRE_FRAME_FLOOR_BYTES,
                                       &request) == WIRE_FRAME_NEED_MORE);
            REQUIRE(request.frame_bytes == (size < 4 ? 0 : example.bytes.size()));
        }
    }
}
