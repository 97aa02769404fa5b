// SPDX-License-Identifier: MIT
//
// Each operation of the store, with its first allocation failing, then its second, and so on until
// it needs no more of them.
#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "failing.hpp"
#include "model_run.hpp"

namespace tc::test {
namespace {

// What a client can know of an entry.
struct Known {
    std::string value;
    Strings tags;
    std::uint64_t ttl_ms = 0;
    std::uint64_t version = 0;
    std::uint32_t client_flags = 0;

    bool operator==(const Known&) const = default;
};

using Snapshot = std::map<std::string, Known>;

// Small and large values, some with a TTL; tags with one member, and with as many as fill each
// form that members have; something dead and something expired to be cleared away.
void fill(DrivenStore& cache) {
    const std::string large(20'000, 'l');
    for (int number = 0; number < 40; ++number) {
        const std::string key = "k" + std::to_string(number);
        const std::string own = "own" + std::to_string(number);
        Names tags{own};
        for (const int size : {1, 2, 3, 15, 16}) {
            static const std::map<int, std::string> names{
                {1, "of1"}, {2, "of2"}, {3, "of3"}, {15, "of15"}, {16, "of16"}};
            if (number < size) {
                tags.push_back(names.at(size));
            }
        }
        REQUIRE(cache.put(key, number % 10 == 9 ? large : std::to_string(number), tags,
                          number % 3 == 0 ? 60'000 : 0) == Outcome::ok);
    }
    REQUIRE(cache.put("dead", "1", {"dead", "of2"}) == Outcome::ok);
    REQUIRE(cache.put("expired", "1", {"of15"}, 1) == Outcome::ok);
    cache.now_ms += 1000;
    REQUIRE(cache.invalidate({"dead"}) == 1);
}

Snapshot snapshot_of(DrivenStore& cache) {
    Snapshot snapshot;
    for (const std::string& key : cache.scan({.text = ""})) {
        const Turn turn(cache.session, cache.now_ms);
        const EntryView view = cache.store.peek(cache.session, key);
        REQUIRE(view);
        Known known{.value = std::string{view.value()},
                    .tags = {},
                    .ttl_ms = view.ttl_ms(),
                    .version = view.version(),
                    .client_flags = view.client_flags()};
        for (std::size_t index = 0; index < view.tag_count(); ++index) {
            known.tags.emplace_back(view.tag(index));
        }
        snapshot.emplace(key, std::move(known));
    }
    return snapshot;
}

// Every edge of the snapshot, and no other one.
void require_edges(DrivenStore& cache, const Snapshot& snapshot) {
    std::map<std::string, std::uint64_t> counts;
    for (const auto& [key, known] : snapshot) {
        for (const std::string& tag : known.tags) {
            ++counts[tag];
        }
    }
    cache.upkeep();
    for (const auto& [tag, count] : counts) {
        REQUIRE(cache.count({tag}) == count);
    }
    std::vector<TagCount> listed;
    const Turn turn(cache.session, cache.now_ms);
    REQUIRE(cache.store.list_tags(cache.session, "", {}, 1000, true, listed).outcome ==
            Outcome::ok);
    REQUIRE(listed.size() == counts.size());
    REQUIRE(cache.store.stats().entry_count == snapshot.size());
}

using Operation = std::function<Outcome(DrivenStore&)>;

enum class Refusal : std::uint8_t { never, changes_nothing, removes_the_key };

// A store that was filled, without the operation and then with it and its n-th allocation failing.
// The versions of both differ: each counts from when it was made.
void require_outcome_at_each_failure(const std::string& key, Refusal refusal,
                                     const Operation& operation) {
    std::uint64_t allocations = 0;
    {
        DrivenStore cache({.stripe_count = 1, .hash_seed = 1});
        fill(cache);
        const std::uint64_t before = allocation_count();
        REQUIRE(operation(cache) == Outcome::ok);
        allocations = allocation_count() - before;
        cache.store.check_invariants();
        require_edges(cache, snapshot_of(cache));
    }
    std::uint64_t refused_count = 0;
    for (std::uint64_t nth = 1; nth <= allocations + 1; ++nth) {
        INFO("allocation " << nth << " of " << allocations);
        DrivenStore cache({.stripe_count = 1, .hash_seed = 1});
        fill(cache);
        Snapshot expected = snapshot_of(cache);
        Outcome outcome{};
        {
            const Failing failing(nth);
            outcome = operation(cache);
        }
        cache.store.check_invariants();
        if (outcome == Outcome::ok) {
            require_edges(cache, snapshot_of(cache));
            cache.store.check_invariants();
            continue;
        }
        REQUIRE(outcome == Outcome::out_of_memory);
        REQUIRE(refusal != Refusal::never);
        ++refused_count;
        if (refusal == Refusal::removes_the_key) {
            expected.erase(key);
        }
        REQUIRE(snapshot_of(cache) == expected);
        require_edges(cache, expected);
        cache.store.check_invariants();
        // With memory it goes on as if nothing had been.
        REQUIRE(cache.put(key, "again", {"of3", "fresh"}) == Outcome::ok);
        REQUIRE(cache.get(key) == "again");
        cache.store.check_invariants();
    }
    REQUIRE((refused_count != 0) == (refusal != Refusal::never));
}

Operation writes(const WriteRequest& request, const Strings& tags = {}) {
    return [request, tags](DrivenStore& cache) {
        WriteRequest tagged = request;
        const Names views = views_of(tags);
        tagged.tags = views;
        return cache.write(tagged).outcome;
    };
}

const std::string large(17'000, 'x');

}  // namespace

TEST_CASE("a write says so at each allocation that fails", "[store][faults]") {
    const Strings joined{"of1", "of2", "of3", "of15", "of16", "fresh", "fresher"};
    const std::string key = GENERATE("k0", "k9", "absent");
    CAPTURE(key);
    const bool is_there = key != "absent";
    for (const bool is_large : {false, true}) {
        for (const bool is_tagged : {false, true}) {
            for (const WriteMode mode : {WriteMode::put, WriteMode::add, WriteMode::replace}) {
                if ((mode == WriteMode::add && is_there) ||
                    (mode == WriteMode::replace && !is_there)) {
                    continue;
                }
                CAPTURE(is_large, is_tagged, static_cast<int>(mode));
                const WriteRequest request{.mode = mode,
                                           .key = key,
                                           .value = is_large ? std::string_view{large} : "value",
                                           .ttl_ms = is_tagged ? 5 : 0};
                require_outcome_at_each_failure(
                    key,
                    mode == WriteMode::put ? Refusal::removes_the_key : Refusal::changes_nothing,
                    writes(request, is_tagged ? joined : Strings{}));
            }
        }
    }
}

TEST_CASE("a change of an entry says so at each allocation that fails", "[store][faults]") {
    const auto changes = [](const std::string& key, const Operation& operation) {
        CAPTURE(key);
        require_outcome_at_each_failure(key, Refusal::changes_nothing, operation);
    };
    for (const std::string key : {"k0", "k9"}) {
        changes(key, [&](DrivenStore& cache) { return cache.append(key, "more").outcome; });
        changes(key, [&](DrivenStore& cache) { return cache.append(key, large).outcome; });
        changes(key, [&](DrivenStore& cache) {
            return cache.append(key, large, AppendSide::front).outcome;
        });
        changes(key, [&](DrivenStore& cache) {
            return cache.add_tags(key, {"fresh", "of15", "of16", "of1"}).outcome;
        });
        changes(key, [&](DrivenStore& cache) {
            return cache.remove_tags(key, {"of3", "of15", "of16", "own0", "own9"}).outcome;
        });
    }
    changes("k0", [](DrivenStore& cache) { return cache.increment("k0", 1).outcome; });
    changes("k16", [](DrivenStore& cache) {
        return cache.increment("k16", 1, Names{"of16", "fresh"}).outcome;
    });
    changes("absent", [](DrivenStore& cache) {
        return cache.increment("absent", 1, Names{"of16", "fresh"}).outcome;
    });
    // k1 has no TTL yet, so that the wheel has no record of it.
    changes("k1", [](DrivenStore& cache) { return cache.touch("k1", 1'000'000); });
}

TEST_CASE("what only looks or removes needs no memory", "[store][faults]") {
    const auto never_refuses = [](const auto& operate) {
        require_outcome_at_each_failure("k0", Refusal::never, [&](DrivenStore& cache) {
            operate(cache);
            return Outcome::ok;
        });
    };
    never_refuses([](DrivenStore& cache) { CHECK(cache.get("k0") == "0"); });
    never_refuses([](DrivenStore& cache) { CHECK(cache.get_and_remove("k9")); });
    never_refuses([](DrivenStore& cache) { CHECK(cache.remove("k0") == Outcome::ok); });
    never_refuses([](DrivenStore& cache) { CHECK(cache.invalidate({"of16"}) == 16); });
    never_refuses([](DrivenStore& cache) {
        CHECK(cache.invalidate({"of16", "of15"}, TagMatch::all) == 15);
    });
    never_refuses([](DrivenStore& cache) { CHECK(cache.count({"of16", "of3"}) == 16); });
    never_refuses([](DrivenStore& cache) { CHECK(cache.flush() == 40); });
    never_refuses([](DrivenStore& cache) { CHECK(cache.scan({.text = "k"}, 7).size() == 40); });
    never_refuses([](DrivenStore& cache) {
        CHECK(cache.keys_by_tag({"of16", "of3"}, TagMatch::all, 2).size() == 3);
    });
    never_refuses([](DrivenStore& cache) {
        const Turn turn(cache.session, cache.now_ms);
        CHECK(cache.store.remove_prefix(cache.session, "k1", {}, 100).removed_count == 11);
    });
    never_refuses([](DrivenStore& cache) {
        cache.now_ms += 30'000;
        cache.upkeep();
    });
    never_refuses([](DrivenStore& cache) {
        cache.now_ms += 100'000;
        cache.upkeep();
    });
    // The new deadline is left out when there is no memory to look after it.
    never_refuses([](DrivenStore& cache) {
        const Turn turn(cache.session, cache.now_ms);
        CHECK(cache.store.get_and_touch(cache.session, "k1", 1'000'000));
    });
}

TEST_CASE("keys that come while pages cannot be had are refused, and none is lost",
          "[store][faults]") {
    DrivenStore cache({.stripe_count = 1});
    constexpr int key_count = 12'000;
    int refused_count = 0;
    for (int number = 0; number < key_count; ++number) {
        const std::string key = "k" + std::to_string(number);
        const std::string value = std::to_string(number);
        const std::string tag = "t" + std::to_string(number % 50);
        const Names tags{tag};
        const WriteRequest request{
            .mode = WriteMode::add, .key = key, .value = value, .tags = tags, .ttl_ms = 100'000};
        bool is_stored = false;
        for (std::uint64_t nth = 1; !is_stored; ++nth) {
            REQUIRE(nth < 100);
            const Failing failing(nth);
            const Outcome outcome = cache.write(request).outcome;
            is_stored = outcome == Outcome::ok;
            REQUIRE((is_stored || outcome == Outcome::out_of_memory));
            refused_count += is_stored ? 0 : 1;
        }
        if (number % 500 == 0) {
            cache.store.check_invariants();
        }
    }
    CHECK(refused_count >= key_count);
    cache.store.check_invariants();
    for (int number = 0; number < key_count; ++number) {
        REQUIRE(cache.get("k" + std::to_string(number)) == std::to_string(number));
    }
    CHECK(cache.count({"t7"}) == key_count / 50);
    // And back again, without memory for anything.
    const Failing failing(1);
    for (int number = 0; number < key_count; ++number) {
        REQUIRE(cache.remove("k" + std::to_string(number)) == Outcome::ok);
    }
    cache.store.check_invariants();
    CHECK(cache.store.stats().entry_count == 0);
}

}  // namespace tc::test
