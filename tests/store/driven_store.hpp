// SPDX-License-Identifier: MIT
//
// A store with one session and a clock that a test moves: each call is a turn of its own.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.hpp"
#include "store/timing_wheel.hpp"

namespace tc::test {

class Turn {
 public:
    Turn(Session& session, std::uint64_t now_ms) : session_(session) { session_.enter(now_ms); }
    ~Turn() { session_.leave(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

 private:
    Session& session_;
};

using Names = std::vector<std::string_view>;

// The upkeep removes an entry no later than this after its deadline.
inline constexpr std::uint64_t sweep_delay_ms = TimingWheel::late_ms_max + 1;

class DrivenStore {
 public:
    explicit DrivenStore(const StoreOptions& options = {}) : store(options), session(store) {}

    Outcome put(std::string_view key, std::string_view value, const Names& tags = {},
                std::optional<std::uint64_t> ttl_ms = std::nullopt) {
        return write({.key = key, .value = value, .tags = tags, .ttl_ms = ttl_ms}).outcome;
    }
    WriteResult write(const WriteRequest& request) {
        const Turn turn(session, now_ms);
        return store.write(session, request);
    }
    std::optional<std::string> get(std::string_view key) {
        const Turn turn(session, now_ms);
        const EntryView view = store.get(session, key);
        return view ? std::optional<std::string>{view.value()} : std::nullopt;
    }
    bool exists(std::string_view key) {
        const Turn turn(session, now_ms);
        return static_cast<bool>(store.peek(session, key));
    }
    std::optional<std::uint64_t> ttl_of(std::string_view key) {
        const Turn turn(session, now_ms);
        const EntryView view = store.peek(session, key);
        return view ? std::optional{view.ttl_ms()} : std::nullopt;
    }
    std::uint64_t version_of(std::string_view key) {
        const Turn turn(session, now_ms);
        const EntryView view = store.peek(session, key);
        return view ? view.version() : 0;
    }
    std::vector<std::string> tags_of(std::string_view key) {
        const Turn turn(session, now_ms);
        const EntryView view = store.peek(session, key);
        std::vector<std::string> tags;
        for (std::size_t index = 0; view && index < view.tag_count(); ++index) {
            tags.emplace_back(view.tag(index));
        }
        return tags;
    }
    Outcome remove(std::string_view key) {
        const Turn turn(session, now_ms);
        return store.remove(session, key, std::nullopt);
    }
    std::optional<std::string> get_and_remove(std::string_view key) {
        const Turn turn(session, now_ms);
        const EntryView view = store.get_and_remove(session, key);
        return view ? std::optional<std::string>{view.value()} : std::nullopt;
    }
    Outcome touch(std::string_view key, std::uint64_t ttl_ms) {
        const Turn turn(session, now_ms);
        return store.touch(session, key, ttl_ms, std::nullopt);
    }
    AppendResult append(std::string_view key, std::string_view value,
                        AppendSide side = AppendSide::back) {
        const Turn turn(session, now_ms);
        return store.append(session, {.key = key, .value = value, .side = side});
    }
    IncrementResult increment(std::string_view key, std::int64_t amount,
                              std::optional<Names> tags = std::nullopt) {
        const Turn turn(session, now_ms);
        IncrementRequest request{.key = key, .amount = amount};
        if (tags) {
            request.tags = *tags;
        }
        return store.increment(session, request);
    }
    TagChangeResult add_tags(std::string_view key, const Names& tags) {
        const Turn turn(session, now_ms);
        return store.add_tags(session, key, tags);
    }
    TagChangeResult remove_tags(std::string_view key, const Names& tags) {
        const Turn turn(session, now_ms);
        return store.remove_tags(session, key, tags);
    }
    std::uint64_t invalidate(const Names& tags, TagMatch match = TagMatch::any) {
        const Turn turn(session, now_ms);
        return store.invalidate(session, tags, match);
    }
    std::uint64_t count(const Names& tags, TagMatch match = TagMatch::any) {
        const Turn turn(session, now_ms);
        return store.count_tagged(session, tags, match);
    }
    std::uint64_t flush() {
        const Turn turn(session, now_ms);
        return store.flush(session);
    }
    // Does all upkeep there is. In several turns, because memory is free only when those are over
    // that could see it.
    void upkeep() {
        for (int round = 0; round < 3; ++round) {
            const Turn turn(session, now_ms);
            while (store.upkeep(session, 0, 1, 1'000'000)) {
            }
        }
    }
    // All pages of a scan, sorted by nothing: as they came.
    std::vector<std::string> scan(const KeyPattern& pattern, std::uint32_t limit = 100) {
        return pages([&](const Cursor& from, Names& keys) {
            return store.scan(session, pattern, from, limit, keys);
        });
    }
    std::vector<std::string> keys_by_tag(const Names& tags, TagMatch match = TagMatch::any,
                                         std::uint32_t limit = 100) {
        return pages([&](const Cursor& from, Names& keys) {
            return store.keys_by_tag(session, tags, match, from, limit, keys);
        });
    }

    Store store;
    Session session;
    std::uint64_t now_ms = 1000;

 private:
    template <typename NextPage>
    std::vector<std::string> pages(const NextPage& next_page) {
        std::vector<std::string> all;
        Cursor cursor;
        do {
            const Turn turn(session, now_ms);
            Names keys;
            const PageResult page = next_page(cursor, keys);
            all.insert(all.end(), keys.begin(), keys.end());
            cursor = page.next;
        } while (cursor.size != 0);
        return all;
    }
};

}  // namespace tc::test
