// SPDX-License-Identifier: MIT
//
// A store whose operations on one key are noted down while a schedule runs, each a turn of its own.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "driven_store.hpp"
#include "history.hpp"
#include "schedule.hpp"

namespace tc::test {

// What the store says of the key, without threads.
struct KeyState {
    std::optional<std::string> value;
    std::uint64_t deadline_ms = 0;  // 0 = never
    std::uint64_t now_ms = 0;

    [[nodiscard]] bool is_there() const {
        return value && (deadline_ms == 0 || deadline_ms > now_ms);
    }
};

// For one thread of the schedule. "k" is the key; its entries carry the tag "t".
class KeyClient {
 public:
    KeyClient(Store& store, Schedule& schedule, History<KeyState>& history)
        : store_(store), session_(store), schedule_(schedule), history_(history) {}

    // Also that the view stays what it is while others go on.
    void get() {
        const std::uint64_t begin = schedule_.tick();
        session_.enter(now_ms);
        const EntryView view = store_.get(session_, "k");
        const auto value = view ? std::optional{std::string{view.value()}} : std::nullopt;
        const std::uint64_t end = schedule_.tick();
        schedule_.pause();
        is_broken = is_broken || (view && (view.value() != *value || view.key() != "k"));
        session_.leave();
        note(begin, end, [value](const KeyState& state) {
            return state.is_there() ? state.value == value : !value;
        });
    }
    void put(std::string_view value, std::optional<std::uint64_t> ttl_ms = std::nullopt) {
        const Names tags{"t"};
        run(
            [&] {
                return store_.write(session_,
                                    {.key = "k", .value = value, .tags = tags, .ttl_ms = ttl_ms});
            },
            [value = std::string{value}, ttl_ms](KeyState& state, const WriteResult& result) {
                state.value = value;
                state.deadline_ms = ttl_ms ? state.now_ms + *ttl_ms : 0;
                return result.outcome == Outcome::ok;
            });
    }
    void remove() {
        run([&] { return store_.remove(session_, "k", std::nullopt); },
            [](KeyState& state, Outcome outcome) {
                const bool was_there = state.is_there();
                state.value.reset();
                return was_there == (outcome == Outcome::ok);
            });
    }
    void touch(std::uint64_t ttl_ms) {
        run([&] { return store_.touch(session_, "k", ttl_ms, std::nullopt); },
            [ttl_ms](KeyState& state, Outcome outcome) {
                const bool was_there = state.is_there();
                state.deadline_ms = was_there ? state.now_ms + ttl_ms : state.deadline_ms;
                return was_there == (outcome == Outcome::ok);
            });
    }
    void advance_clock(std::uint64_t to_ms) {
        run(
            [&] {
                session_.enter(to_ms);
                return 0;
            },
            [to_ms](KeyState& state, int) {
                state.now_ms = std::max(state.now_ms, to_ms);
                return true;
            });
    }
    // `other_count` are the entries of other keys that carry the tag, so that they die with it. A
    // read of another key may see them die before or after this one.
    void invalidate(std::uint64_t other_count = 0) {
        const Names tags{"t"};
        run([&] { return store_.invalidate(session_, tags, TagMatch::any); },
            [other_count](KeyState& state, std::uint64_t count) {
                const bool was_there = state.value.has_value();
                state.value.reset();
                return count == other_count + (was_there ? 1 : 0);
            });
    }
    void flush(std::uint64_t other_count = 0) {
        run([&] { return store_.flush(session_); },
            [other_count](KeyState& state, std::uint64_t count) {
                const bool was_there = state.value.has_value();
                state.value.reset();
                return count == other_count + (was_there ? 1 : 0);
            });
    }

    // Not noted down: these do not change what the key says.
    void upkeep(int turn_count = 1) {
        for (int turn = 0; turn < turn_count; ++turn) {
            const Turn inside(session_, now_ms);
            static_cast<void>(store_.upkeep(session_, 0, 1, 1000));
        }
    }
    Outcome put_other(std::string_view key, std::string_view value, const Names& tags = {}) {
        const Turn inside(session_, now_ms);
        return store_.write(session_, {.key = key, .value = value, .tags = tags}).outcome;
    }
    std::optional<std::string> reads() {
        const Turn inside(session_, now_ms);
        const EntryView view = store_.get(session_, "k");
        return view ? std::optional{std::string{view.value()}} : std::nullopt;
    }
    std::optional<std::size_t> tag_count() {
        const Turn inside(session_, now_ms);
        const EntryView view = store_.get(session_, "k");
        return view ? std::optional{view.tag_count()} : std::nullopt;
    }
    Outcome remove_tags(const Names& tags) {
        const Turn inside(session_, now_ms);
        return store_.remove_tags(session_, "k", tags).outcome;
    }
    // The TTL that the removed entry is said to have had.
    std::optional<std::uint64_t> get_and_remove() {
        const Turn inside(session_, now_ms);
        const EntryView view = store_.get_and_remove(session_, "k");
        return view ? std::optional{view.ttl_ms()} : std::nullopt;
    }
    std::uint64_t invalidate_tags(const Names& tags, TagMatch match = TagMatch::any) {
        const Turn inside(session_, now_ms);
        return store_.invalidate(session_, tags, match);
    }

    std::uint64_t now_ms = 1000;
    bool is_broken = false;  // a view changed in its turn

 private:
    template <typename Operate, typename Model>
    void run(const Operate& operate, const Model& model) {
        const std::uint64_t begin = schedule_.tick();
        session_.enter(now_ms);
        const auto result = operate();
        session_.leave();
        note(begin, schedule_.tick(),
             [model, result](KeyState& state) { return model(state, result); });
    }
    template <typename Step>
    void note(std::uint64_t begin, std::uint64_t end, const Step& step) {
        history_.add(begin, end, step);
    }

    Store& store_;
    Session session_;
    Schedule& schedule_;
    History<KeyState>& history_;
};

// A store with "k", which says "old", and three clients.
class ScheduledStore {
 public:
    explicit ScheduledStore(Schedule& schedule) : schedule_(schedule) {}

    void run(const std::vector<std::function<void()>>& bodies) { schedule_.run(bodies); }

    // What has to be so after every run, whatever the schedule was.
    void require_all(const KeyState& first) {
        REQUIRE(history.is_linearizable(first));
        REQUIRE_FALSE(a.is_broken);
        REQUIRE_FALSE(b.is_broken);
        REQUIRE_FALSE(c.is_broken);
        store.check_invariants();
    }

 private:
    Schedule& schedule_;

 public:
    DrivenStore driven{{.stripe_count = 1, .hash_seed = 1}};
    Store& store = driven.store;
    History<KeyState> history;
    KeyClient a{store, schedule_, history};
    KeyClient b{store, schedule_, history};
    KeyClient c{store, schedule_, history};
};

}  // namespace tc::test
