// SPDX-License-Identifier: MIT
#include "store/tag_index.hpp"

#include <array>
#include <map>
#include <random>
#include <set>
#include <string>

#include "failing.hpp"
#include "tag_stripes.hpp"

namespace tc::test {
namespace {

using TagModel = std::map<std::string, std::set<std::uint32_t>>;

void check_same(const TagIndex& index, const TagModel& model) {
    std::uint64_t edge_count = 0;
    for (const auto& [tag, slots] : model) {
        const Members* const members = index.members(tag);
        REQUIRE(members != nullptr);
        REQUIRE(members->count() == slots.size());
        for (const std::uint32_t slot : slots) {
            REQUIRE(members->contains(slot));
        }
        edge_count += slots.size();
    }
    CHECK(index.tag_count() == model.size());
    CHECK(index.edge_count() == edge_count);
}

}  // namespace

TEST_CASE("tags have the members that were linked, and stripes that hold them", "[store][tags]") {
    constexpr std::uint32_t seed = 21;
    CAPTURE(seed);
    std::mt19937 random(seed);
    constexpr std::uint32_t stripe_count = 3;
    TagStripes tags(stripe_count);
    std::array<TagModel, stripe_count> models;
    for (std::uint32_t step = 0; step < 60'000; ++step) {
        const std::uint32_t stripe = static_cast<std::uint32_t>(random()) % stripe_count;
        TagModel& model = models.at(stripe);
        // Some tags have many members, most have few.
        const std::uint32_t number = static_cast<std::uint32_t>(random()) % 2'000;
        const std::string tag = "tag:" + std::to_string(number % 4 == 0 ? number % 8 : number);
        const std::uint32_t slot = static_cast<std::uint32_t>(random()) % 300;
        const std::uint32_t dice = static_cast<std::uint32_t>(random()) % 16;
        if (dice < 9) {
            const bool is_new = model[tag].insert(slot).second;
            const TagIndex::Link link = tags.link(stripe, tag, slot);
            REQUIRE(link.result == (is_new ? AddResult::added : AddResult::present));
            REQUIRE(link.id == tags.id(stripe, tag));
            REQUIRE(tags.names->name(link.id) == tag);
        } else if (const auto found = model.find(tag); found != model.end() && dice < 15) {
            found->second.erase(slot);
            tags.unlink(stripe, tags.id(stripe, tag), slot);
        } else if (found != model.end()) {
            REQUIRE(tags.drop(stripe, tag) == found->second.size());
            found->second.clear();
        }
        if (const auto found = model.find(tag); found != model.end() && found->second.empty()) {
            model.erase(found);
        }
        REQUIRE(((tags.mask(tag) >> stripe) & 1) == model.count(tag));
        if (step % 1'000 == 0) {
            tags.free_retired();
        }
    }
    std::uint64_t tag_count = 0;
    for (std::uint32_t stripe = 0; stripe < stripe_count; ++stripe) {
        check_same(*tags.stripes.at(stripe), models.at(stripe));
        tag_count += models.at(stripe).size();
    }
    CHECK(tags.names->check_and_count_bits() == tag_count);
    tags.free_retired();
    CHECK(tags.charged_bytes() == tags.names->bytes());
}

TEST_CASE("a dead entry's edge to a tag that has gone is no edge of the tag that has its id now",
          "[store][tags]") {
    TagStripes tags(1);
    const TagId old_id = tags.link(0, "old", 3).id;
    CHECK(tags.link(0, "kept", 3).result == AddResult::added);
    CHECK(tags.drop(0, "old") == 1);
    tags.free_retired();
    // Names are looked for until one gets the free place of the old one.
    TagId new_id = no_tag;
    std::string tag;
    for (std::uint32_t number = 0; new_id != old_id; ++number) {
        REQUIRE(number < 10'000);
        tag = "new:" + std::to_string(number);
        new_id = tags.link(0, tag, 4).id;
    }
    const std::uint64_t edge_count = tags.stripes[0]->edge_count();
    tags.unlink(0, old_id, 3);
    CHECK(tags.stripes[0]->edge_count() == edge_count);
    CHECK(tags.stripes[0]->members(tag)->contains(4));
    tags.unlink(0, tags.id(0, "kept"), 3);
    CHECK(tags.stripes[0]->members("kept") == nullptr);
    CHECK(tags.mask("kept") == 0);
}

TEST_CASE("an edge to a tag that nobody has any more is no edge", "[store][tags]") {
    TagStripes tags(2);
    const TagId id = tags.link(0, "tag", 3).id;
    CHECK(tags.drop(0, "tag") == 1);
    // Retired, freed, and in use in another stripe only.
    tags.unlink(0, id, 3);
    tags.free_retired();
    tags.unlink(0, id, 3);
    CHECK(tags.link(1, "tag", 3).id == id);
    tags.unlink(0, id, 3);
    CHECK(tags.stripes[0]->edge_count() == 0);
    CHECK(tags.stripes[1]->edge_count() == 1);
    CHECK(tags.mask("tag") == 2);
}

TEST_CASE("a tag that finds no memory changes nothing", "[store][tags]") {
    constexpr std::uint32_t seed = 22;
    CAPTURE(seed);
    std::mt19937 random(seed);
    TagStripes tags(2);
    std::array<TagModel, 2> models;
    std::uint32_t refused_count = 0;
    for (std::uint32_t step = 0; step < 40'000; ++step) {
        const std::uint32_t stripe = step % 2;
        // Short ones need no memory of their own.
        const std::string tag =
            (step % 3 == 0 ? "a tag with a long name:" : "tag:") + std::to_string(random() % 3'000);
        const std::uint32_t slot = static_cast<std::uint32_t>(random()) % 4;
        const Failing failing(random() % 8);
        const TagIndex::Link link = tags.link(stripe, tag, slot);
        if (link.result == AddResult::out_of_memory) {
            ++refused_count;
        } else {
            REQUIRE(models.at(stripe)[tag].insert(slot).second ==
                    (link.result == AddResult::added));
        }
    }
    CHECK(refused_count > 0);
    for (std::uint32_t stripe = 0; stripe < 2; ++stripe) {
        check_same(*tags.stripes.at(stripe), models.at(stripe));
    }
    CHECK(tags.names->check_and_count_bits() == models[0].size() + models[1].size());
    CHECK(tags.charged_bytes() == tags.names->bytes());
}

TEST_CASE("no memory stays where tags have been", "[store][tags]") {
    TagStripes tags(1);
    const auto name_of = [](std::uint32_t number) {
        return (number % 3 == 0 ? "a tag with a long name:" : "tag:") + std::to_string(number);
    };
    for (std::uint32_t round = 0; round < 2; ++round) {
        for (std::uint32_t number = 0; number < 50'000; ++number) {
            REQUIRE(tags.link(0, name_of(number), number).result == AddResult::added);
            REQUIRE(tags.link(0, "all", number).result == AddResult::added);
        }
        CHECK(tags.names->bytes() > 50'000 * 20);
        CHECK(tags.charged_bytes() == tags.names->bytes());
        for (std::uint32_t number = 0; number < 50'000; ++number) {
            tags.unlink(0, tags.id(0, name_of(number)), number);
        }
        CHECK(tags.drop(0, "all") == 50'000);
        CHECK(tags.stripes[0]->bytes() == 0);
        tags.free_retired();
        CHECK(tags.names->count() == 0);
        CHECK(tags.names->bytes() == 0);
        CHECK(tags.charged_bytes() == 0);
    }
}

}  // namespace tc::test
