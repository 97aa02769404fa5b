// SPDX-License-Identifier: MIT
//
// What random messages are made of, and how they are checked: encoded from arrays, decoded, and
// compared with the fields that they were made of. The seed is fixed, and shown when a check fails.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "protocol/wire.h"
#include "read_back.hpp"

inline constexpr std::uint32_t seed = 1984;
inline constexpr int rounds = 300;

class Random {
 public:
    std::uint64_t number() {
        // Small numbers, and those at the ends, more often than others.
        switch (engine_() % 4) {
            case 0: return engine_() % 3;
            case 1: return ~std::uint64_t{0} - engine_() % 3;
            default: return engine_();
        }
    }
    std::uint64_t version() { return number() | 1; }
    std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(engine_() % end); }
    bool coin() { return below(2) == 0; }
    std::uint16_t some_of(unsigned bits) { return static_cast<std::uint16_t>(engine_() & bits); }
    std::string text(std::uint32_t size_max) {
        const std::uint32_t size = below(20) == 0 ? size_max : below(std::min(size_max, 24U) + 1);
        std::string bytes;
        for (std::uint32_t i = 0; i < size; ++i) {
            bytes += static_cast<char>(engine_());
        }
        return bytes;
    }
    std::vector<std::string> texts(std::uint32_t size_max) {
        std::vector<std::string> all(below(6));
        for (std::string& one : all) {
            one = text(size_max);
        }
        return all;
    }

 private:
    std::mt19937_64 engine_{seed};
};

// A list as a client has it: an array of views.
class ListOf {
 public:
    explicit ListOf(const std::vector<std::string>& texts) {
        for (const std::string& text : texts) {
            views_.push_back(bytes_of(text));
        }
    }
    [[nodiscard]] wire_list list() const {
        static const wire_bytes nothing{};
        return {static_cast<std::uint32_t>(views_.size()),
                views_.empty() ? &nothing : views_.data(),
                {}};
    }

 private:
    std::vector<wire_bytes> views_;
};

inline void check_read(const ReadBack& read, const Fields& expected) {
    CAPTURE(seed);
    REQUIRE(read.is_wellformed);
    CHECK(read.fields == expected.list());
    CHECK(read.encoded == expected.bytes());
}

inline void check_request(std::uint8_t opcode, const Encoded& encoded, const Fields& expected) {
    CHECK_FALSE(encoded.out.failed);
    CHECK(encoded.bytes() == expected.bytes());
    check_read(read_request_body(opcode, encoded.bytes()), expected);
}

inline void check_reply(std::uint8_t opcode, const Encoded& encoded, const Fields& expected) {
    CHECK_FALSE(encoded.out.failed);
    CHECK(encoded.bytes() == expected.bytes());
    check_read(read_reply_body(opcode, WIRE_OK, encoded.bytes()), expected);
}
