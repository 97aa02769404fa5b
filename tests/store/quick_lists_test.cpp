// SPDX-License-Identifier: MIT
#include "store/quick_lists.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "heap_owner.hpp"

namespace tc::test {
namespace {

// What a heap needs so that a few blocks may wait in its quick lists.
constexpr std::uint32_t many = 20'000;

void fill(HeapOwner& owner, std::size_t block_bytes) {
    for (std::uint32_t slot = 0; slot < many; ++slot) {
        REQUIRE(owner.put(slot, block_bytes));
    }
}

bool settle(HeapOwner& owner) {
    std::uint32_t budget = UINT32_MAX;
    return owner.heap().settle(budget);
}

}  // namespace

TEST_CASE("a block that was freed is the next one of its size") {
    HeapOwner owner(std::size_t{64} << 20, 0);
    fill(owner, 120);
    const EntryRef freed = owner.ref(100);
    REQUIRE(owner.remove(100));
    const EntryRef freed_later = owner.ref(200);
    REQUIRE(owner.remove(200));
    REQUIRE(owner.put(many, 128));
    CHECK(owner.ref(many) != freed);
    REQUIRE(owner.put(many + 1, 120));
    CHECK(owner.ref(many + 1) == freed_later);
    REQUIRE(owner.put(many + 2, 120));
    CHECK(owner.ref(many + 2) == freed);
    CHECK(owner.heap().used_bytes() == owner.used_bytes());
    owner.heap().check();
}

TEST_CASE("blocks that nobody asks for join their neighbours") {
    HeapOwner owner(std::size_t{64} << 20, 0);
    fill(owner, 120);
    const EntryRef first = owner.ref(100);
    REQUIRE(owner.remove(100));
    REQUIRE(owner.remove(101));
    // They were put one behind the other; as long as they wait, no larger block is there.
    REQUIRE(owner.put(many, 240));
    REQUIRE(owner.ref(many) != first);
    SECTION("once they were left alone for a while") {
        CHECK_FALSE(settle(owner));  // a block was wanted since
        REQUIRE(owner.remove(many));
        std::uint32_t budget = 1;
        CHECK(owner.heap().settle(budget));
        CHECK(budget == 0);
        CHECK_FALSE(settle(owner));
        owner.heap().check();
        REQUIRE(owner.put(many, 240));
        CHECK(owner.ref(many) == first);
    }
    CHECK(owner.is_intact());
    owner.heap().check();
}

TEST_CASE("a segment goes back to the system although blocks of it have waited") {
    HeapOwner owner(std::size_t{64} << 20, 0);
    fill(owner, 120);
    for (std::uint32_t slot = 0; slot < many; ++slot) {
        REQUIRE(owner.remove(slot));
    }
    CHECK(owner.heap().used_bytes() == 0);
    CHECK(owner.settled_idle_bytes() <= EntryHeap::segment_bytes);
    owner.heap().check();
}

TEST_CASE("quick lists, evacuation and limbo keep every entry whole") {
    const auto seed = GENERATE(range(0U, 20U));
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    HeapOwner owner(std::size_t{64} << 20, 50);
    for (int step = 0; step < 20'000; ++step) {
        const auto slot = static_cast<std::uint32_t>(random() % 3'000);
        switch (random() % 8) {
            case 0: static_cast<void>(owner.remove(slot)); break;
            case 1: static_cast<void>(owner.evacuate(64)); break;
            case 2: {
                std::uint32_t budget = 16;
                static_cast<void>(owner.heap().settle(budget));
                break;
            }
            default: REQUIRE(owner.put(slot, 32 + random() % 40 * 8 + random() % 50 / 49 * 3000));
        }
        if (step % 2'000 == 0) {
            REQUIRE(owner.is_intact());
            owner.heap().check();
        }
        REQUIRE(owner.heap().used_bytes() == owner.used_bytes());
    }
    CHECK(owner.is_intact());
    owner.heap().check();
}

}  // namespace tc::test
