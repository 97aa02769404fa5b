// SPDX-License-Identifier: MIT
#include "store/members.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "store/slots.hpp"

namespace tc::test {
namespace {

class Owner {
 public:
    ~Owner() { members.clear(bytes); }

    AddResult add(std::uint32_t slot) { return members.add(slot, bytes); }
    bool remove(std::uint32_t slot) { return members.remove(slot, bytes); }
    std::set<std::uint32_t> all() const {
        std::set<std::uint32_t> slots;
        for (std::uint32_t slot = members.seek(0); slot != Members::none;
             slot = members.seek(slot + 1)) {
            slots.insert(slot);
        }
        return slots;
    }

    Members members;
    std::uint64_t bytes = 0;
};

}  // namespace

TEST_CASE("one or two members cost no memory of their own", "[store][members]") {
    Owner owner;
    CHECK(owner.members.is_empty());
    CHECK(owner.members.seek(0) == Members::none);
    CHECK(owner.add(7) == AddResult::added);
    CHECK(owner.add(7) == AddResult::present);
    CHECK(owner.add(0) == AddResult::added);
    CHECK(owner.bytes == 0);
    CHECK(owner.members.count() == 2);
    CHECK(owner.members.seek(0) == 0);
    CHECK(owner.members.seek(1) == 7);
    CHECK(owner.members.seek(8) == Members::none);
    CHECK(owner.add(Slots::count_max - 1) == AddResult::added);
    CHECK(owner.bytes > 0);
    CHECK(owner.all() == std::set<std::uint32_t>{0, 7, Slots::count_max - 1});
    CHECK(owner.remove(7));
    CHECK_FALSE(owner.remove(7));
    CHECK(owner.bytes > 0);
    CHECK(owner.remove(0));
    CHECK(owner.bytes == 0);
    CHECK(owner.all() == std::set<std::uint32_t>{Slots::count_max - 1});
    CHECK(owner.remove(Slots::count_max - 1));
    CHECK(owner.members.is_empty());
    CHECK_FALSE(owner.remove(0));
}

TEST_CASE("members are found at the edges of containers", "[store][members]") {
    Owner owner;
    const std::set<std::uint32_t> edges{0,       1,       65'535,  65'536,
                                        131'071, 131'072, 983'040, Slots::count_max - 1};
    for (const std::uint32_t slot : edges) {
        CHECK(owner.add(slot) == AddResult::added);
    }
    CHECK(owner.all() == edges);
    CHECK(owner.members.contains(65'536));
    CHECK_FALSE(owner.members.contains(65'537));
    CHECK(owner.members.seek(65'537) == 131'071);
    CHECK(owner.members.seek(131'073) == 983'040);
    for (const std::uint32_t slot : edges) {
        CHECK(owner.remove(slot));
    }
    CHECK(owner.bytes == 0);
}

TEST_CASE("an array of members becomes a bitmap and an array again", "[store][members]") {
    Owner owner;
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
    CHECK(owner.bytes < 300);
}

TEST_CASE("members do what a set does", "[store][members]") {
    std::mt19937 random(42);
    for (const std::uint32_t slot_end : {4U, 100U, 6'000U, 200'000U}) {
        Owner owner;
        std::set<std::uint32_t> model;
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
        }
        CHECK(owner.all() == model);
    }
}

}  // namespace tc::test
