// SPDX-License-Identifier: MIT
#include "store/members_query.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "members_owner.hpp"

namespace tc::test {
namespace {

constexpr std::uint32_t slot_end = 200'000;

// Tags of very different sizes that overlap.
struct Tags {
    explicit Tags(std::mt19937& random) {
        constexpr std::array<std::uint32_t, 7> sizes{0, 1, 2, 12, 40, 2'000, 20'000};
        for (std::size_t index = 0; index < owners.size(); ++index) {
            const std::uint32_t size = sizes.at(random() % sizes.size());
            // Half of them in one place, where they meet.
            const std::uint32_t range = random() % 2 == 0 ? slot_end : std::max(size, 50U);
            for (std::uint32_t times = 0; times < size; ++times) {
                const std::uint32_t slot = static_cast<std::uint32_t>(random()) % range;
                REQUIRE(owners.at(index).add(slot) != AddResult::out_of_memory);
                models.at(index).insert(slot);
            }
        }
    }

    [[nodiscard]] std::vector<const Members*> first(std::size_t count, TagMatch match) const {
        std::vector<const Members*> tags;
        for (std::size_t index = 0; index < count; ++index) {
            if (!owners.at(index).members.is_empty()) {
                tags.push_back(&owners.at(index).members);
            } else if (match == TagMatch::all) {
                return {};
            }
        }
        return tags;
    }

    [[nodiscard]] SlotModel meant(std::size_t count, TagMatch match) const {
        SlotModel slots = models.front();
        for (std::size_t index = 1; index < count; ++index) {
            const SlotModel& other = models.at(index);
            if (match == TagMatch::any) {
                slots.insert(other.begin(), other.end());
                continue;
            }
            for (auto at = slots.begin(); at != slots.end();) {
                at = other.count(*at) == 1 ? std::next(at) : slots.erase(at);
            }
        }
        return slots;
    }

    std::array<MembersOwner, 4> owners;
    std::array<SlotModel, 4> models;
};

SlotModel scanned(const MembersQuery& query) {
    SlotModel slots;
    for (std::uint32_t slot = query.candidate(0); slot != Members::none;
         slot = query.candidate(slot + 1)) {
        if (query.contains(slot)) {
            slots.insert(slot);
        }
    }
    return slots;
}

}  // namespace

TEST_CASE("any and all of several tags are their union and their intersection",
          "[store][members]") {
    constexpr std::uint32_t seed = 9;
    std::mt19937 random(seed);
    for (std::uint32_t run = 0; run < 30; ++run) {
        const Tags tags(random);
        const std::size_t count = 1 + random() % tags.owners.size();
        const TagMatch match = random() % 2 == 0 ? TagMatch::any : TagMatch::all;
        CAPTURE(seed, run, count, match == TagMatch::any);
        const SlotModel meant = tags.meant(count, match);
        const std::vector<const Members*> members = tags.first(count, match);
        const MembersQuery query(members, match);
        CHECK(scanned(query) == meant);
        CHECK(query.count_alive(nullptr) == meant.size());

        DeadSlots dead(slot_end);
        SlotModel dead_model;
        for (std::uint32_t times = 0; times < 5'000; ++times) {
            const std::uint32_t slot = static_cast<std::uint32_t>(random()) % slot_end;
            dead.kill(slot);
            dead_model.insert(slot);
        }
        const auto alive = static_cast<std::uint32_t>(std::count_if(
            meant.begin(), meant.end(), [&](auto slot) { return dead_model.count(slot) == 0; }));
        CHECK(query.count_alive(dead.words()) == alive);
        CHECK(query.mark(dead.words()) == alive);
        dead_model.insert(meant.begin(), meant.end());
        CHECK(dead.all() == dead_model);
        CHECK(query.count_alive(dead.words()) == 0);
        CHECK(query.mark(dead.words()) == 0);
    }
}

TEST_CASE("a query without tags means nobody", "[store][members]") {
    for (const TagMatch match : {TagMatch::any, TagMatch::all}) {
        const MembersQuery query({}, match);
        DeadSlots dead(64);
        CHECK(query.count_alive(nullptr) == 0);
        CHECK(query.mark(dead.words()) == 0);
        CHECK(query.candidate(0) == Members::none);
        CHECK_FALSE(query.contains(0));
    }
}

}  // namespace tc::test
