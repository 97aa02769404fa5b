// SPDX-License-Identifier: MIT
#include "server/byte_buffer.hpp"

#include <catch2/catch.hpp>
#include <string>

using tc::ByteBuffer;

namespace {

std::span<const std::uint8_t> bytes(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string contents(const ByteBuffer& buffer) {
    const auto readable = buffer.readable();
    return {readable.begin(), readable.end()};
}

}  // namespace

TEST_CASE("a byte buffer gives back what was appended, front first") {
    ByteBuffer buffer;
    CHECK(buffer.empty());
    REQUIRE(buffer.append(bytes("hello ")));
    REQUIRE(buffer.append(bytes("world")));
    CHECK(contents(buffer) == "hello world");
    buffer.consume(6);
    CHECK(contents(buffer) == "world");
    buffer.truncate(2);
    CHECK(contents(buffer) == "wo");
    buffer.consume(2);
    CHECK(buffer.empty());
}

TEST_CASE("a byte buffer reuses its consumed front before it grows") {
    ByteBuffer buffer;
    REQUIRE(buffer.append(bytes(std::string(1000, 'a'))));
    const std::size_t capacity = buffer.capacity();
    for (int i = 0; i < 100; ++i) {
        buffer.consume(500);
        REQUIRE(buffer.append(bytes(std::string(500, 'b'))));
    }
    CHECK(buffer.capacity() <= 2 * capacity);
    CHECK(contents(buffer) == std::string(1000, 'b'));
}

TEST_CASE("a byte buffer that is too large when empty is given back") {
    ByteBuffer buffer;
    REQUIRE(buffer.append(bytes(std::string(1000, 'a'))));
    buffer.clear();
    buffer.release_above(1000);
    CHECK(buffer.capacity() == 1000);
    buffer.release_above(999);
    CHECK(buffer.capacity() == 0);
    REQUIRE(buffer.append(bytes("again")));
    CHECK(contents(buffer) == "again");
}
