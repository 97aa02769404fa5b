// SPDX-License-Identifier: MIT
#include "store/members.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "failing.hpp"
#include "members_owner.hpp"

namespace tc::test {
namespace {

constexpr std::uint32_t slot_limit = (1U << 31) - 1;

std::uint32_t alive_count(const SlotModel& model, const SlotModel& dead) {
    std::uint32_t count = 0;
    for (const std::uint32_t slot : model) {
        count += 1 - static_cast<std::uint32_t>(dead.count(slot));
    }
    return count;
}

SlotModel slots_of(const std::array<std::uint64_t, block_words>& words, std::uint32_t block) {
    SlotModel slots;
    for (std::uint32_t low = 0; low < block_slots; ++low) {
        if ((words[low / 64] & word_bit(low)) != 0) {
            slots.insert(block * block_slots + low);
        }
    }
    return slots;
}

SlotModel of_block(const SlotModel& model, std::uint32_t block) {
    return {model.lower_bound(block * block_slots), model.lower_bound((block + 1) * block_slots)};
}

// Everything that only looks, against the model.
void check_questions(const MembersOwner& owner, const SlotModel& model, std::mt19937& random,
                     std::uint32_t slot_end) {
    CHECK(owner.all() == model);
    DeadSlots dead(slot_end);
    CHECK(owner.members.count_alive(nullptr) == model.size());
    CHECK(owner.members.count_alive(dead.words()) == model.size());
    CHECK(owner.members.has_alive(nullptr) == !model.empty());
    for (std::uint32_t times = 0; times < std::min(slot_end / 2 + 1, 2'000U); ++times) {
        dead.kill(static_cast<std::uint32_t>(random()) % slot_end);
    }
    const std::uint32_t alive = alive_count(model, dead.all());
    CHECK(owner.members.count_alive(dead.words()) == alive);
    CHECK(owner.members.has_alive(dead.words()) == (alive != 0));

    const std::uint32_t block = static_cast<std::uint32_t>(random()) % (slot_end / block_slots + 1);
    const auto next = model.lower_bound(block * block_slots);
    CHECK(owner.members.next_block(block) ==
          (next == model.end() ? Members::none : *next / block_slots));
    std::array<std::uint64_t, block_words> words{};
    const SlotModel before = of_block(dead.all(), block);
    SlotModel both = of_block(model, block);
    for (const std::uint32_t slot : before) {
        words[slot % block_slots / 64] |= word_bit(slot);
    }
    SlotModel common;
    for (const std::uint32_t slot : both) {
        if (before.count(slot) == 1) {
            common.insert(slot);
        }
    }
    both.insert(before.begin(), before.end());
    std::array<std::uint64_t, block_words> intersected = words;
    owner.members.intersect(block, intersected);
    CHECK(slots_of(intersected, block) == common);
    owner.members.unite(block, words);
    CHECK(slots_of(words, block) == both);

    CHECK(owner.members.mark(dead.words()) == alive);
    CHECK(owner.members.mark(dead.words()) == 0);
    CHECK_FALSE(owner.members.has_alive(dead.words()));
    const SlotModel all_dead = dead.all();
    CHECK(std::includes(all_dead.begin(), all_dead.end(), model.begin(), model.end()));
}

}  // namespace

TEST_CASE("one or two members cost no memory of their own", "[store][members]") {
    MembersOwner owner;
    CHECK(owner.members.is_empty());
    CHECK(owner.members.seek(0) == Members::none);
    CHECK(owner.members.next_block(0) == Members::none);
    CHECK(owner.add(7) == AddResult::added);
    CHECK(owner.add(7) == AddResult::present);
    CHECK(owner.add(0) == AddResult::added);
    CHECK(owner.bytes == 0);
    CHECK(owner.members.count() == 2);
    CHECK(owner.members.seek(0) == 0);
    CHECK(owner.members.seek(1) == 7);
    CHECK(owner.members.seek(8) == Members::none);
    CHECK(owner.add(slot_limit - 1) == AddResult::added);
    CHECK(owner.bytes > 0);
    CHECK(owner.all() == SlotModel{0, 7, slot_limit - 1});
    CHECK(owner.members.next_block(1) == (slot_limit - 1) / block_slots);
    CHECK(owner.remove(7));
    CHECK_FALSE(owner.remove(7));
    CHECK(owner.bytes > 0);
    CHECK(owner.remove(0));
    CHECK(owner.bytes == 0);
    CHECK(owner.all() == SlotModel{slot_limit - 1});
    CHECK(owner.remove(slot_limit - 1));
    CHECK(owner.members.is_empty());
    CHECK_FALSE(owner.remove(0));
}

TEST_CASE("a few members are one block that is hardly larger than they are", "[store][members]") {
    MembersOwner owner;
    for (std::uint32_t slot = 0; slot < 15; ++slot) {
        REQUIRE(owner.add(slot * 100'000) == AddResult::added);
        // Four bytes each and four for the block, in steps of eight; a sanitizer's blocks are
        // larger, but not by much.
        CHECK(owner.bytes <= 4 * slot + 32);
    }
    const std::uint64_t array_bytes = owner.bytes;
    CHECK(array_bytes >= 15 * 4);
    while (owner.members.count() > 4) {
        REQUIRE(owner.remove((owner.members.count() - 1) * 100'000));
    }
    CHECK(owner.bytes < array_bytes);
}

TEST_CASE("members are found at the edges of containers", "[store][members]") {
    MembersOwner owner;
    // Enough of them to be a set.
    SlotModel edges{0, 1, 65'535, 65'536, 131'071, 131'072, 983'040, slot_limit - 1};
    for (std::uint32_t slot = 200'000; slot < 200'020; ++slot) {
        edges.insert(slot);
    }
    for (const std::uint32_t slot : edges) {
        CHECK(owner.add(slot) == AddResult::added);
    }
    CHECK(owner.all() == edges);
    CHECK(owner.members.contains(65'536));
    CHECK_FALSE(owner.members.contains(65'537));
    CHECK(owner.members.seek(65'537) == 131'071);
    CHECK(owner.members.seek(131'073) == 200'000);
    CHECK(owner.members.next_block(4) == 15);
    for (const std::uint32_t slot : edges) {
        CHECK(owner.remove(slot));
    }
    CHECK(owner.bytes == 0);
}

TEST_CASE("an array of members becomes a bitmap and an array again", "[store][members]") {
    MembersOwner owner;
    for (std::uint32_t slot = 0; slot < 4096; ++slot) {
        REQUIRE(owner.add(slot * 16) == AddResult::added);
    }
    const std::uint64_t array_bytes = owner.bytes;
    CHECK(array_bytes >= 8192);
    REQUIRE(owner.add(1) == AddResult::added);
    CHECK(owner.add(1) == AddResult::present);
    for (std::uint32_t slot = 2; slot < 60'000; ++slot) {
        REQUIRE(owner.add(slot) != AddResult::out_of_memory);
    }
    // A bitmap does not grow with its members.
    CHECK(owner.bytes < 16 * 1024);
    CHECK(owner.members.seek(59'999) == 59'999);
    CHECK(owner.members.seek(60'000) == 60'000 / 16 * 16);
    std::uint32_t slot = 65'535;
    for (; owner.members.count() > 3000; --slot) {
        static_cast<void>(owner.remove(slot));
    }
    CHECK(owner.bytes < array_bytes);
    CHECK(owner.members.seek(0) == 0);
    CHECK(owner.all().size() == 3000);
    while (owner.members.count() > 10) {
        static_cast<void>(owner.remove(slot--));
    }
    CHECK(owner.bytes < 100);
}

TEST_CASE("members do what a set does, one by one and all at once", "[store][members]") {
    constexpr std::uint32_t seed = 42;
    CAPTURE(seed);
    std::mt19937 random(seed);
    for (const std::uint32_t slot_end : {4U, 30U, 100U, 6'000U, 200'000U}) {
        MembersOwner owner;
        SlotModel model;
        // Grows, shrinks and grows again, through all forms and back.
        for (std::uint32_t step = 0; step < 60'000; ++step) {
            const std::uint32_t slot = static_cast<std::uint32_t>(random()) % slot_end;
            const bool grows = random() % 8 < (step / 20'000 == 1 ? 2U : 6U);
            if (grows) {
                const bool is_new = model.insert(slot).second;
                REQUIRE(owner.add(slot) == (is_new ? AddResult::added : AddResult::present));
            } else {
                REQUIRE(owner.remove(slot) == (model.erase(slot) == 1));
            }
            const auto next = model.lower_bound(slot / 2);
            REQUIRE(owner.members.seek(slot / 2) == (next == model.end() ? Members::none : *next));
            REQUIRE(owner.members.count() == model.size());
            if (step % 20'000 == 0 || (step < 100 && step % 10 == 0)) {
                check_questions(owner, model, random, slot_end);
            }
        }
        check_questions(owner, model, random, slot_end);
    }
}

TEST_CASE("a member that finds no memory changes nothing", "[store][members]") {
    constexpr std::uint32_t seed = 5;
    std::mt19937 random(seed);
    for (const std::uint32_t slot_end : {40U, 20'000U, 300'000U}) {
        CAPTURE(seed, slot_end);
        MembersOwner owner;
        SlotModel model;
        std::uint32_t refused_count = 0;
        for (std::uint32_t step = 0; step < 30'000; ++step) {
            const std::uint32_t slot = static_cast<std::uint32_t>(random()) % slot_end;
            const Failing failing(random() % 4);
            if (random() % 8 < (step / 10'000 == 1 ? 2U : 6U)) {
                const AddResult result = owner.add(slot);
                refused_count += result == AddResult::out_of_memory ? 1 : 0;
                REQUIRE(owner.members.contains(slot) == (result != AddResult::out_of_memory));
                if (result != AddResult::out_of_memory) {
                    REQUIRE(model.insert(slot).second == (result == AddResult::added));
                }
            } else {
                // Removing cannot fail.
                REQUIRE(owner.remove(slot) == (model.erase(slot) == 1));
            }
            REQUIRE(owner.members.count() == model.size());
        }
        CHECK(refused_count > 0);
        CHECK(owner.all() == model);
    }
}

}  // namespace tc::test
