// SPDX-License-Identifier: MIT
#include "cli/quantity.hpp"

#include <catch2/catch.hpp>

using namespace tc;

TEST_CASE("a duration is a whole number with a unit, or 0", "[cli][quantity]") {
    CHECK(parse_duration_ms("0") == 0U);
    CHECK(parse_duration_ms("500ms") == 500U);
    CHECK(parse_duration_ms("30s") == 30'000U);
    CHECK(parse_duration_ms("5m") == 300'000U);
    CHECK(parse_duration_ms("2h") == 7'200'000U);
    CHECK(parse_duration_ms("1d") == 86'400'000U);
    CHECK(parse_duration_ms("0s") == 0U);
    CHECK(parse_duration_ms("18446744073709551615ms") == UINT64_MAX);
    CHECK(parse_duration_ms("18446744073709551s") == 18446744073709551000U);
}

TEST_CASE("anything else is no duration", "[cli][quantity]") {
    for (const char* text : {"", "60", "s", "-1s", "+1s", "1 s", " 1s", "1.5s", "1h30m", "1S",
                             "1sec", "00x", "18446744073709552s", "18446744073709551616ms"}) {
        INFO(text);
        CHECK_FALSE(parse_duration_ms(text).has_value());
    }
}

TEST_CASE("durations, sizes and counts are written for people", "[cli][quantity]") {
    CHECK(duration_text(0) == "0 ms");
    CHECK(duration_text(999) == "999 ms");
    CHECK(duration_text(1000) == "1.0 s");
    CHECK(duration_text(60'000) == "1 min");
    CHECK(duration_text(245'999) == "4 min 5 s");
    CHECK(duration_text(9'000'000) == "2 h 30 min");
    CHECK(duration_text(86'400'000ULL * 3 + 4 * 3'600'000) == "3 d 4 h");
    CHECK(size_text(0) == "0 B");
    CHECK(size_text(1023) == "1023 B");
    CHECK(size_text(1024) == "1.0 KiB");
    CHECK(size_text(1024 * 1024 - 1) == "1.0 MiB");
    CHECK(size_text(12'373'196) == "11.8 MiB");
    CHECK(size_text(UINT64_MAX) == "16777216.0 TiB");
    CHECK(count_text(1, "entry", "entries") == "1 entry");
    CHECK(count_text(0, "entry", "entries") == "0 entries");
}
