// SPDX-License-Identifier: MIT
#include "store/tag_names.hpp"

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "store/cursor.hpp"
#include "tag_stripes.hpp"

namespace tc::test {
namespace {

std::set<std::string> listed(const TagNames& names, std::string_view prefix) {
    std::set<std::string> found;
    for (std::uint32_t shard = 0; shard < TagNames::shard_count; ++shard) {
        std::uint32_t position = 0;
        while (position != TagNames::end_of_shard) {
            PageBudget budget(10);
            std::vector<TagCount> page;
            position = names.list(shard, position, prefix, budget, page);
            for (const TagCount& each : page) {
                CHECK(found.insert(std::string{each.name}).second);
            }
        }
    }
    return found;
}

}  // namespace

TEST_CASE("names of any length are kept, and listed while a stripe holds them", "[store][tags]") {
    TagStripes tags(2);
    std::set<std::string> expected;
    for (std::uint32_t size = 1; size <= 255; ++size) {
        const std::string tag(size, 'x');
        const TagId id = tags.link(size % 2, tag, size).id;
        CHECK(tags.names->name(id) == tag);
        expected.insert(tag);
    }
    CHECK(listed(*tags.names, "") == expected);
    CHECK(listed(*tags.names, "y").empty());
    CHECK(listed(*tags.names, std::string(255, 'x')).size() == 1);
    for (std::uint32_t size = 1; size <= 255; size += 2) {
        const std::string tag(size, 'x');
        CHECK(tags.drop(1, tag) == 1);
        expected.erase(tag);
    }
    // Retired ones too: nobody frees them here before the end.
    CHECK(listed(*tags.names, "") == expected);
    CHECK(tags.names->count() == expected.size());
}

TEST_CASE("names are read without a lock while others come and go", "[store][tags]") {
    constexpr std::uint32_t known_count = 64;
    TagStripes tags(1);
    std::vector<TagId> ids;
    for (std::uint32_t number = 0; number < known_count; ++number) {
        ids.push_back(tags.link(0, "known:" + std::to_string(number), number).id);
    }
    std::atomic<bool> is_over{false};
    std::atomic<std::uint32_t> wrong_count{0};
    std::thread reader([&] {
        for (std::uint32_t number = 0; !is_over.load(); number = (number + 1) % known_count) {
            const bool is_right =
                tags.names->name(ids[number]) == "known:" + std::to_string(number);
            wrong_count += is_right ? 0 : 1;
        }
    });
    for (std::uint32_t round = 0; round < 2; ++round) {
        for (std::uint32_t number = 0; number < 20'000; ++number) {
            const std::string tag = "other:" + std::to_string(number);
            CHECK(tags.link(0, tag, number).result == AddResult::added);
        }
        for (std::uint32_t number = 0; number < 20'000; ++number) {
            CHECK(tags.drop(0, "other:" + std::to_string(number)) == 1);
        }
        // The reader knows none of these.
        tags.free_retired();
    }
    is_over.store(true);
    reader.join();
    CHECK(wrong_count.load() == 0);
}

}  // namespace tc::test
