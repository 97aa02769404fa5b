// SPDX-License-Identifier: MIT
#include "store/clocks.hpp"

#include <catch2/catch.hpp>
#include <memory>
#include <thread>
#include <vector>

namespace tc::test {

TEST_CASE("a tag's clock never goes back", "[store][clocks]") {
    const auto clocks = std::make_unique<TagClocks>();
    constexpr std::uint64_t hash = std::uint64_t{77} << 32;
    CHECK(clocks->value(hash) == 0);
    clocks->raise(hash, 5);
    CHECK(clocks->value(hash) == 5);
    clocks->raise(hash, 3);
    CHECK(clocks->value(hash) == 5);
    clocks->raise(hash, 9);
    CHECK(clocks->value(hash) == 9);
    CHECK(clocks->value(hash + (std::uint64_t{1} << 32)) == 0);
}

TEST_CASE("the greatest of many threads' sequences stays on a tag's clock", "[store][clocks]") {
    constexpr std::uint64_t thread_count = 4;
    constexpr std::uint64_t sequence_end = 20'000;
    const auto clocks = std::make_unique<TagClocks>();
    std::vector<std::thread> threads;
    for (std::uint64_t thread = 0; thread < thread_count; ++thread) {
        threads.emplace_back([&clocks, thread] {
            for (std::uint64_t sequence = thread; sequence < sequence_end;
                 sequence += thread_count) {
                clocks->raise(0, sequence);
                if (clocks->value(0) < sequence) {
                    std::abort();
                }
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(clocks->value(0) == sequence_end - 1);
}

TEST_CASE("a key's clock is raised by what goes, and set by a delete", "[store][clocks]") {
    KeyClocks clocks;
    constexpr std::uint64_t hash = std::uint64_t{5} << 16;
    CHECK(clocks.value(hash) == 0);
    clocks.raise_to(hash, 7);
    clocks.raise_to(hash, 4);
    CHECK(clocks.value(hash) == 7);
    clocks.set(hash, 8);
    CHECK(clocks.value(hash) == 8);
    CHECK(clocks.value(hash + (std::uint64_t{1} << 16)) == 0);
}

TEST_CASE("clocks are chosen by bits of the hash that choose neither stripe nor bucket",
          "[store][clocks]") {
    constexpr std::uint64_t other_bits_of_tag = ~(std::uint64_t{0xFFFF} << 32);
    CHECK(tag_clock_bits(other_bits_of_tag) == 0);
    CHECK(tag_clock_bits(~other_bits_of_tag) == TagClocks::count - 1);
    CHECK(stripe_bits(~other_bits_of_tag) == 0);
    CHECK(table_bits(~other_bits_of_tag) == 0);
    constexpr std::uint64_t other_bits_of_key = ~(std::uint64_t{0x3FF} << 16);
    CHECK(key_clock_bits(other_bits_of_key) == 0);
    CHECK(key_clock_bits(~other_bits_of_key) == KeyClocks::count - 1);
    CHECK(stripe_bits(~other_bits_of_key) == 0);
    CHECK(directory_bits(~other_bits_of_key) == 0);
    CHECK(bucket_bits(~other_bits_of_key) == 0);
}

}  // namespace tc::test
