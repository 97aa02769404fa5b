// SPDX-License-Identifier: MIT
//
// The sketch of hot names, by counts and a clock of the test's: what it finds, what it says of it,
// and that it forgets.
#include "server/hot_sketch.hpp"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <thread>

using tc::HotName;
using tc::HotSketch;

namespace {

constexpr std::size_t key_bytes_max = 1024;
constexpr std::uint64_t begin_ms = 1'000'000;

std::vector<HotName> hottest(HotSketch& sketch, std::uint64_t now_ms, std::size_t count_max) {
    std::vector<HotName> names;
    sketch.list(now_ms, names);
    std::sort(names.begin(), names.end(),
              [](const HotName& left, const HotName& right) { return left.rate > right.rate; });
    names.resize(std::min(names.size(), count_max));
    return names;
}

std::map<std::string, std::uint64_t> rates_of(HotSketch& sketch, std::uint64_t now_ms) {
    std::map<std::string, std::uint64_t> rates;
    for (const HotName& hot : hottest(sketch, now_ms, SIZE_MAX)) {
        CHECK(rates.emplace(hot.name, hot.rate).second);
    }
    return rates;
}

// Ranks 1 to `name_count`, rank r with a probability in proportion to 1/r.
class Zipf {
 public:
    explicit Zipf(std::size_t name_count) {
        double sum = 0;
        for (std::size_t rank = 1; rank <= name_count; ++rank) {
            sums_.push_back(sum += 1.0 / static_cast<double>(rank));
        }
    }
    std::size_t draw(std::mt19937_64& random) const {
        const double at = static_cast<double>(random() >> 11) * 0x1p-53 * sums_.back();
        return static_cast<std::size_t>(std::upper_bound(sums_.begin(), sums_.end(), at) -
                                        sums_.begin()) +
               1;
    }

 private:
    std::vector<double> sums_;
};

// `use_count` uses of "r<rank>", spread evenly over the milliseconds.
void use_by_rank(HotSketch& sketch, const Zipf& zipf, std::mt19937_64& random,
                 std::uint64_t from_ms, std::uint64_t to_ms, std::size_t use_count) {
    for (std::size_t i = 0; i < use_count; ++i) {
        const std::uint64_t now_ms = from_ms + i * (to_ms - from_ms) / use_count;
        sketch.note("r" + std::to_string(zipf.draw(random)), now_ms);
    }
}

void use(HotSketch& sketch, std::string_view name, std::uint64_t use_count, std::uint64_t from_ms,
         std::uint64_t to_ms) {
    for (std::uint64_t i = 0; i < use_count; ++i) {
        sketch.note(name, from_ms + i * (to_ms - from_ms) / use_count);
    }
}

bool is_about(std::uint64_t rate, double expected, double tolerance) {
    return std::abs(static_cast<double>(rate) - expected) <= expected * tolerance;
}

}  // namespace

TEST_CASE("nine of the ten hottest of a million keys are found in 5 s of 100 thousand reads",
          "[hot]") {
    const Zipf zipf(1'000'000);
    for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
        CAPTURE(seed);
        std::mt19937_64 random(seed);
        // When counts are halved depends on when the server was started.
        HotSketch sketch(key_bytes_max, begin_ms - seed * 1'000, seed);
        use_by_rank(sketch, zipf, random, begin_ms, begin_ms + 5'000, 500'000);
        int found_count = 0;
        for (const HotName& hot : hottest(sketch, begin_ms + 5'000, 10)) {
            found_count += std::stoi(hot.name.substr(1)) <= 10 ? 1 : 0;
        }
        CHECK(found_count >= 9);
    }
}

TEST_CASE("a name's rate is how often it is used a second", "[hot]") {
    HotSketch sketch(key_bytes_max, begin_ms, 1);
    for (std::uint64_t second = 0; second < 21; ++second) {
        const std::uint64_t from_ms = begin_ms + second * 1'000;
        use(sketch, "often", 40'000, from_ms, from_ms + 1'000);
        use(sketch, "less", 10'000, from_ms, from_ms + 1'000);
        if (second == 0 || second > 3) {
            auto rates = rates_of(sketch, from_ms + 1'000);
            CAPTURE(second, rates["often"], rates["less"]);
            CHECK(is_about(rates["often"], 40'000, 0.15));
            CHECK(is_about(rates["less"], 10'000, 0.25));
        }
    }
}

TEST_CASE("a burst right after the start is not told as more than it was", "[hot]") {
    HotSketch sketch(key_bytes_max, begin_ms, 1);
    use(sketch, "k", 48'000, begin_ms, begin_ms + 10);
    CHECK(is_about(rates_of(sketch, begin_ms + 10)["k"], 48'000, 0.15));
}

TEST_CASE("a name that is used no more fades, and is gone in the end", "[hot]") {
    HotSketch sketch(key_bytes_max, begin_ms, 1);
    use(sketch, "k", 400'000, begin_ms, begin_ms + 8'000);
    std::uint64_t now_ms = begin_ms + 8'000;
    std::uint64_t rate = rates_of(sketch, now_ms)["k"];
    CHECK(is_about(rate, 50'000, 0.15));
    for (int i = 0; i < 5; ++i) {
        now_ms += tc::limits::hot_half_life_ms;
        const std::uint64_t later_rate = rates_of(sketch, now_ms)["k"];
        CHECK(later_rate < rate * 3 / 4);
        rate = later_rate;
    }
    CHECK(rates_of(sketch, now_ms + 40 * tc::limits::hot_half_life_ms).empty());
}

TEST_CASE("what has become hot outranks what was hot before", "[hot]") {
    HotSketch sketch(key_bytes_max, begin_ms, 1);
    use(sketch, "old", 3'000'000, begin_ms, begin_ms + 30'000);
    use(sketch, "new", 1'000'000, begin_ms + 30'000, begin_ms + 40'000);
    const auto names = hottest(sketch, begin_ms + 40'000, 2);
    REQUIRE(names.size() == 2);
    CHECK(names[0].name == "new");
    CHECK(names[1].name == "old");
}

TEST_CASE("a load with a rhythm is sampled as one without", "[hot]") {
    for (const std::uint64_t period : {2, 47, 48, 96, 95}) {
        HotSketch sketch(key_bytes_max, begin_ms, period);
        constexpr std::uint64_t uses_of_each = 20'000;
        for (std::uint64_t i = 0; i < uses_of_each * period; ++i) {
            sketch.note("k" + std::to_string(i % period), begin_ms);
        }
        const auto rates = rates_of(sketch, begin_ms + 1'000);
        CHECK(rates.size() == period);
        for (const auto& [name, rate] : rates) {
            CAPTURE(period, name, rate);
            CHECK(is_about(rate, uses_of_each, 0.35));
        }
    }
}

TEST_CASE("names that are used once do not push out a hot one, and are not told as hot", "[hot]") {
    HotSketch sketch(key_bytes_max, begin_ms, 1);
    for (int i = 0; i < 1'000'000; ++i) {
        const std::uint64_t now_ms = begin_ms + static_cast<std::uint64_t>(i) / 500;
        sketch.note(i % 50 == 0 ? "hot" : "once " + std::to_string(i), now_ms);
    }
    const auto names = hottest(sketch, begin_ms + 2'000, 2);
    REQUIRE(names.size() == 2);
    CHECK(names[0].name == "hot");
    CHECK(is_about(names[0].rate, 10'000, 0.3));
    CHECK(names[1].rate < 1'000);
}

TEST_CASE("a sketch holds so many names and no more", "[hot]") {
    HotSketch sketch(key_bytes_max, begin_ms, 1);
    CHECK(rates_of(sketch, begin_ms).empty());
    for (int i = 0; i < 1'000'000; ++i) {
        sketch.note("k" + std::to_string(i), begin_ms);
    }
    CHECK(rates_of(sketch, begin_ms).size() == tc::limits::hot_names_max);
}

TEST_CASE("names of the greatest length are told apart by their last byte", "[hot]") {
    HotSketch sketch(key_bytes_max, begin_ms, 1);
    const std::string first = std::string(key_bytes_max - 1, 'k') + '1';
    const std::string second = std::string(key_bytes_max - 1, 'k') + std::string(1, '\0');
    use(sketch, first, 10'000, begin_ms, begin_ms + 1'000);
    use(sketch, second, 40'000, begin_ms, begin_ms + 1'000);
    const auto names = hottest(sketch, begin_ms + 1'000, 3);
    REQUIRE(names.size() == 2);
    CHECK(names[0].name == second);
    CHECK(names[1].name == first);
}

TEST_CASE("a clock that is behind the one of an earlier list is no harm", "[hot]") {
    HotSketch sketch(key_bytes_max, begin_ms, 1);
    use(sketch, "k", 48'000, begin_ms, begin_ms + 1'000);
    const std::uint64_t rate = rates_of(sketch, begin_ms + 4'010)["k"];
    CHECK(rates_of(sketch, begin_ms + 3'990)["k"] >= rate);
    CHECK(rates_of(sketch, begin_ms + 4'010)["k"] == rate);
}

TEST_CASE("one thread notes while others list: what they see was noted, once each", "[hot]") {
    HotSketch sketch(key_bytes_max, begin_ms, 1);
    std::atomic<bool> is_over{false};
    std::atomic<int> bad_count{0};
    std::vector<std::thread> readers;
    for (int i = 0; i < 2; ++i) {
        readers.emplace_back([&] {
            while (!is_over.load()) {
                std::vector<HotName> names;
                sketch.list(begin_ms + 1'000, names);
                std::sort(names.begin(), names.end(),
                          [](const HotName& left, const HotName& right) {
                              return left.name < right.name;
                          });
                for (std::size_t at = 0; at < names.size(); ++at) {
                    const bool is_whole = names[at].name.size() == 40 &&
                                          names[at].name == std::string(40, names[at].name[0]);
                    const bool is_twice = at > 0 && names[at].name == names[at - 1].name;
                    bad_count += is_whole && !is_twice ? 0 : 1;
                }
            }
        });
    }
    std::vector<std::string> names;
    for (int i = 0; i < 26; ++i) {
        names.emplace_back(40, static_cast<char>('a' + i));
    }
    for (std::size_t i = 0; i < 300'000; ++i) {
        sketch.note(names[i * 7 % names.size()], begin_ms + i % 20'000);
    }
    is_over = true;
    for (std::thread& reader : readers) {
        reader.join();
    }
    CHECK(bad_count == 0);
}
