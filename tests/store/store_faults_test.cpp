// SPDX-License-Identifier: MIT
//
// The store when its allocations fail.
#include <catch2/catch.hpp>

#include "failing.hpp"
#include "model_run.hpp"

namespace tc::test {
namespace {

#if defined(TC_SANITIZED)
constexpr std::uint32_t step_count = 40'000;
#else
constexpr std::uint32_t step_count = 200'000;
#endif

}  // namespace

TEST_CASE("an operation without memory says so and changes nothing", "[store][model][faults]") {
    const std::uint64_t seed = ModelRun::seed_of_run("store faults");
    INFO("TC_TEST_SEED=" << seed);
    ModelRun run(seed, {.key_count = 64, .tag_count = 8, .stripe_count = 2});
    for (std::uint32_t step = 1; step <= step_count; ++step) {
        {
            // Every second step finds memory, so that there is something to lose.
            const Failing failing(step % 2 == 0 ? 0 : 1 + step / 2 % 6);
            run.step(step % 2 != 0);
        }
        if (step % 500 == 0) {
            run.compare_all();
            run.store().check_invariants();
        }
    }
    CHECK(run.out_of_memory_count() > step_count / 100);
}

TEST_CASE("a refused rewrite keeps the old value, but a refused put does not", "[store][faults]") {
    DrivenStore cache;
    REQUIRE(cache.put("key", "1", {"old"}) == Outcome::ok);
    const std::uint64_t version = cache.version_of("key");
    const std::array<std::string_view, 1> tags{"new"};
    for (std::uint64_t nth = 1;; ++nth) {
        const Failing failing(nth);
        const WriteRequest request{
            .mode = WriteMode::replace, .key = "key", .value = "2", .tags = tags};
        if (cache.write(request).outcome == Outcome::ok) {
            // At least the entry and the name had to be made.
            CHECK(nth > 2);
            break;
        }
        CHECK(cache.get("key") == "1");
        CHECK(cache.version_of("key") == version);
        CHECK(cache.tags_of("key") == std::vector<std::string>{"old"});
        CHECK(cache.count({"new"}) == 0);
        cache.store.check_invariants();
    }
    const Failing failing(1);
    CHECK(cache.put("key", "3") == Outcome::out_of_memory);
    CHECK_FALSE(cache.exists("key"));
    CHECK(cache.count({"new"}) == 0);
    CHECK(cache.store.stats().tag_count == 0);
    cache.store.check_invariants();
}

TEST_CASE("removing needs no memory", "[store][faults]") {
    DrivenStore cache;
    for (int number = 0; number < 20'000; ++number) {
        REQUIRE(cache.put("key" + std::to_string(number), "value",
                          {"all", number % 2 == 0 ? "even" : "odd"}) == Outcome::ok);
    }
    const Failing failing(1);
    CHECK(cache.remove("key0") == Outcome::ok);
    CHECK(cache.invalidate({"all", "odd"}, TagMatch::all) == 10'000);
    CHECK(cache.invalidate({"even"}) == 9'999);
    CHECK(cache.flush() == 0);
    CHECK(cache.store.stats().entry_count == 0);
    cache.store.check_invariants();
}

}  // namespace tc::test
