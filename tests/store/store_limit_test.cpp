// SPDX-License-Identifier: MIT
//
// Ten times what fits, in shapes that are hard on a store: the limit holds at every step, nobody's
// write is refused, and what a single write does for it is bounded.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <random>
#include <string>

#include "driven_store.hpp"
#include "store_probe.hpp"

namespace tc::test {
namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr std::uint32_t tags_max = 512;
// What make_room() looks at for one write, at most.
constexpr std::uint64_t evicted_per_write_max(std::size_t value_bytes) {
    return 512 + (value_bytes + 1024) / 256;
}
// What an edge takes at least, for one of 512: its id in the entry, and a place in its tag.
constexpr std::uint64_t edge_bytes = 16;
constexpr std::uint64_t check_interval = 8192;
#if defined(TC_SANITIZED)
constexpr std::uint64_t overfill = 3;
#else
constexpr std::uint64_t overfill = 10;
#endif

// As many between 1 and 2 as between limit / 2 and limit. Ranks drawn like this are those of a Zipf
// distribution with exponent 1.
std::uint32_t draw_from_one(std::uint32_t limit, std::mt19937_64& random) {
    std::uniform_real_distribution<double> exponent(0, std::log2(limit));
    return static_cast<std::uint32_t>(std::exp2(exponent(random)));
}

class Overfill {
 public:
    using NextKey = std::function<std::string()>;

    Overfill(std::uint64_t seed, std::uint64_t memory_bytes_max, std::uint32_t value_bytes_max)
        : random_(seed),
          cache_({.memory_bytes_max = memory_bytes_max,
                  .stripe_count = 0,
                  .value_bytes_max = value_bytes_max,
                  .tags_max = tags_max}) {}

    [[nodiscard]] std::mt19937_64& random() { return random_; }
    [[nodiscard]] DrivenStore& cache() { return cache_; }

    void run(const NextKey& next_key, const std::function<Names()>& next_tags) {
        const std::uint64_t memory_bytes_max = cache_.store.options().memory_bytes_max;
        const std::uint32_t value_bytes_max = cache_.store.options().value_bytes_max;
        const std::string value(value_bytes_max, 'v');
        for (std::uint64_t bytes = 0; bytes < overfill * memory_bytes_max; ++write_count_) {
            const std::string key = next_key();
            const Names tags = next_tags();
            const std::uint32_t size = draw_from_one(value_bytes_max, random_);
            put(key, std::string_view(value).substr(0, size), tags);
            bytes += key.size() + size + edge_bytes * tags.size();
            if (write_count_ % check_interval == 0) {
                cache_.store.check_invariants();
            }
        }
        const StoreStats stats = cache_.store.stats();
        CHECK(stats.refused_out_of_memory == 0);
        CHECK(stats.evicted > 0);
        // Full means full: the limit is not kept by throwing everything away.
        CHECK(stats.used_bytes > memory_bytes_max * 8 / 10);
    }

 private:
    void put(const std::string& key, std::string_view value, const Names& tags) {
        const StoreOptions& options = cache_.store.options();
        const std::uint64_t evicted_before = cache_.session.counters().evicted.value();
        const Outcome outcome = cache_.put(key, value, tags);
        const std::uint64_t evicted = cache_.session.counters().evicted.value() - evicted_before;
        const std::uint64_t used_bytes = cache_.store.stats().used_bytes;
        const bool is_read = cache_.get(key) == value;
        // One check for all, because there are a million of them.
        if (outcome != Outcome::ok || !is_read || evicted > evicted_per_write_max(value.size()) ||
            used_bytes > options.memory_bytes_max + options.value_bytes_max) {
            INFO("write " << write_count_ << " of " << value.size() << " bytes");
            CHECK(outcome == Outcome::ok);
            CHECK(is_read);
            CHECK(evicted <= evicted_per_write_max(value.size()));
            REQUIRE(used_bytes <= options.memory_bytes_max + options.value_bytes_max);
        }
    }

    std::mt19937_64 random_;
    DrivenStore cache_;
    std::uint64_t write_count_ = 0;
};

Names no_tags() {
    return {};
}

}  // namespace

TEST_CASE("ten times what fits, in keys as people ask for them", "[store][limit]") {
    Overfill overfilled(1, 64 * mebibyte, 512 * 1024);
    const auto next_key = [&] {
        return "k" + std::to_string(draw_from_one(100'000, overfilled.random()));
    };
    overfilled.run(next_key, no_tags);
}

TEST_CASE("ten times what fits, in one stripe", "[store][limit]") {
    Overfill overfilled(2, 64 * mebibyte, 512 * 1024);
    const StoreProbe probe(overfilled.cache().store);
    std::uint64_t number = 0;
    const auto next_key = [&] {
        for (;;) {
            std::string key = "k" + std::to_string(++number);
            if (probe.stripe_number(key) == 0) {
                return key;
            }
        }
    };
    overfilled.run(next_key, no_tags);
}

TEST_CASE("ten times what fits, with one tag on everything", "[store][limit]") {
    Overfill overfilled(3, 16 * mebibyte, 4096);
    std::uint64_t number = 0;
    const auto next_key = [&] { return "k" + std::to_string(++number); };
    overfilled.run(next_key, [] { return Names{"everything"}; });
    DrivenStore& cache = overfilled.cache();
    const std::uint64_t entry_count = cache.store.stats().entry_count;
    CHECK(entry_count > 0);
    CHECK(cache.invalidate({"everything"}) == entry_count);
    CHECK(cache.store.stats().entry_count == 0);
}

TEST_CASE("ten times what fits, with as many tags as an entry may have", "[store][limit]") {
    Overfill overfilled(4, 16 * mebibyte, 4096);
    std::vector<std::string> names;
    for (int number = 0; number < 20'000; ++number) {
        names.push_back("a tag of some length " + std::to_string(number));
    }
    std::uint64_t number = 0;
    const auto next_tags = [&] {
        Names tags;
        const std::size_t first = overfilled.random()() % names.size();
        for (std::size_t index = 0; index < tags_max; ++index) {
            tags.emplace_back(names[(first + index * 37) % names.size()]);
        }
        return tags;
    };
    overfilled.run([&] { return "k" + std::to_string(++number); }, next_tags);
    DrivenStore& cache = overfilled.cache();
    std::uint64_t removed_count = 0;
    const std::uint64_t entry_count = cache.store.stats().entry_count;
    for (const std::string& name : names) {
        removed_count += cache.invalidate({name});
    }
    CHECK(removed_count == entry_count);
}

}  // namespace tc::test
