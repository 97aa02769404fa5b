// SPDX-License-Identifier: MIT
//
// Its steps on many entries.
#include <catch2/catch.hpp>
#include <map>

#include "model_run.hpp"

namespace tc::test {
namespace {

auto tagged(const Strings& tags, TagMatch match) {
    return [&tags, match](const std::string&, const ModelEntry& entry) {
        return match == TagMatch::any ? entry.has_any(tags) : entry.has_all(tags);
    };
}

}  // namespace

// The keys of all pages, sorted as the model's are; a key that comes twice stays twice.
template <typename NextPage>
Strings ModelRun::all_pages(const NextPage& next_page) {
    Strings all;
    Cursor cursor;
    do {
        Names keys;
        const PageResult page = next_page(cursor, keys);
        REQUIRE(page.outcome == Outcome::ok);
        all.insert(all.end(), keys.begin(), keys.end());
        cursor = page.next;
    } while (cursor.size != 0);
    std::sort(all.begin(), all.end());
    return all;
}

void ModelRun::invalidate() {
    const Strings tags = random_tags(3);
    const TagMatch match = random_match();
    const auto matches = tagged(tags, match);
    const auto range = model_.count(matches);
    const std::uint64_t removed_count = driven_.store.invalidate(session(), views_of(tags), match);
    CHECK(range.contains(removed_count));
    sequence_ += 2;
    CHECK(driven_.store.sequence() == sequence_);
    model_.remove(matches);
}

void ModelRun::count() {
    const Strings tags = random_tags(3);
    const TagMatch match = random_match();
    const std::uint64_t counted = driven_.store.count_tagged(session(), views_of(tags), match);
    CHECK(model_.count(tagged(tags, match)).contains(counted));
}

void ModelRun::scan() {
    const auto limit = static_cast<std::uint32_t>(1 + below(5));
    const std::string prefix = one_in(2) ? "k1" : "";
    const std::string glob = "k[!2-3]*";
    const bool is_glob = one_in(2);
    const KeyPattern pattern{is_glob ? glob : prefix, is_glob};
    const Strings found = all_pages([&](const Cursor& from, Names& keys) {
        return driven_.store.scan(session(), pattern, from, limit, keys);
    });
    CHECK(found == model_.live_keys([&](const std::string& key, auto&) {
        return is_glob ? key[1] != '2' && key[1] != '3' : key.starts_with(prefix);
    }));
}

void ModelRun::scan_by_tag() {
    const Strings tags = random_tags(3);
    const TagMatch match = random_match();
    const auto limit = static_cast<std::uint32_t>(1 + below(5));
    const Strings found = all_pages([&](const Cursor& from, Names& keys) {
        return driven_.store.keys_by_tag(session(), views_of(tags), match, from, limit, keys);
    });
    CHECK(found == model_.live_keys(tagged(tags, match)));
}

void ModelRun::list_tags() {
    const auto limit = static_cast<std::uint32_t>(1 + below(5));
    std::map<std::string, std::uint64_t> listed;
    Cursor cursor;
    do {
        std::vector<TagCount> tags;
        const PageResult page = driven_.store.list_tags(session(), "t", cursor, limit, true, tags);
        REQUIRE(page.outcome == Outcome::ok);
        REQUIRE(tags.size() <= limit);
        for (const TagCount& tag : tags) {
            CHECK(listed.emplace(tag.name, tag.entry_count).second);
        }
        cursor = page.next;
    } while (cursor.size != 0);
    for (std::uint64_t number = 0; number < shape_.tag_count; ++number) {
        const Strings tag{"t" + std::to_string(number)};
        const auto range = model_.count(tagged(tag, TagMatch::any));
        const auto found = listed.find(tag.front());
        CHECK(range.contains(found == listed.end() ? 0 : found->second));
        CHECK((found == listed.end() || found->second > 0));
    }
}

void ModelRun::remove_prefix() {
    const std::string prefix = "k" + std::to_string(below(10));
    const auto limit = static_cast<std::uint32_t>(1 + below(5));
    const auto matches = [&](const std::string& key, const ModelEntry& entry) {
        return key.starts_with(prefix) && !model_.is_expired(entry);
    };
    const auto range = model_.count(matches);
    std::uint64_t removed_count = 0;
    Cursor cursor;
    do {
        const RemovedPageResult page =
            driven_.store.remove_prefix(session(), prefix, cursor, limit);
        REQUIRE(page.outcome == Outcome::ok);
        CHECK(page.removed_count <= limit);
        removed_count += page.removed_count;
        cursor = page.next;
    } while (cursor.size != 0);
    CHECK(removed_count == range.max);
    model_.remove(matches);
}

void ModelRun::upkeep() {
    if (one_in(2)) {
        // A part of it: what it leaves still counts, which the model allows for.
        static_cast<void>(
            driven_.store.upkeep(session(), 0, 1, static_cast<std::uint32_t>(below(40))));
        settle_evictions("", 0, 0);
        return;
    }
    if (one_in(2)) {
        move_clock(sweep_delay_ms);
    }
    while (driven_.store.upkeep(session(), 0, 1, 1'000'000)) {
    }
    settle_evictions("", 0, 0);
    // Without memory the wheel stops at the first entry that it cannot look at again later.
    model_.remove([&](auto&, const ModelEntry& entry) {
        return !may_run_out_of_memory_ && entry.deadline_ms != ModelEntry::never_expires &&
               entry.deadline_ms + sweep_delay_ms <= model_.now_ms;
    });
    const auto range = model_.count([](auto&, auto&) { return true; });
    CHECK(range.contains(driven_.store.stats().entry_count));
}

void ModelRun::flush() {
    const auto range = model_.count([](auto&, auto&) { return true; });
    CHECK(range.contains(driven_.store.flush(session())));
    sequence_ += 2;
    CHECK(driven_.store.sequence() == sequence_);
    model_.entries.clear();
}

void ModelRun::advance_clock() {
    move_clock(1 + below(2));
    SUCCEED("the clock has no outcome");
}

void ModelRun::move_clock(std::uint64_t ms) {
    driven_.now_ms += ms;
    session().enter(clock());
}

}  // namespace tc::test
