// SPDX-License-Identifier: MIT
#include "server/latencies.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "protocol/opcodes.h"

using tc::Latencies;

TEST_CASE("every time is in the first bucket that ends above it") {
    std::mt19937_64 random(1984);
    for (int i = 0; i < 100'000; ++i) {
        const std::uint64_t us = random() >> (40 + random() % 24);
        const std::size_t bucket = Latencies::bucket_of(us);
        REQUIRE(us < Latencies::end_us(bucket));
        REQUIRE((bucket == 0 || us >= Latencies::end_us(bucket - 1)));
        REQUIRE((us < 8 || Latencies::end_us(bucket) <= us + us / 8 + 1));
    }
    CHECK(Latencies::bucket_of(UINT64_MAX) == Latencies::bucket_count - 1);
    CHECK(Latencies::end_us(Latencies::bucket_count - 1) == 1U << 24);
}

TEST_CASE("changes of entries are writes or invalidations, and nothing else is") {
    std::size_t count = 0;
    const wire_opcode_info* const opcodes = wire_opcodes(&count);
    for (std::size_t i = 0; i < count; ++i) {
        if (opcodes[i].is_working) {
            CAPTURE(opcodes[i].name);
            const tc::RequestClass found = tc::class_of(opcodes[i].opcode);
            const bool changes_entries =
                found == tc::RequestClass::write || found == tc::RequestClass::invalidate;
            const bool changes_server = opcodes[i].is_change && found == tc::RequestClass::admin;
            CHECK(opcodes[i].is_change == (changes_entries || changes_server));
            CHECK((!changes_server || opcodes[i].opcode >= WIRE_OP_CONFIG));
        }
    }
}
