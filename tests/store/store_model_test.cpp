// SPDX-License-Identifier: MIT
#include <algorithm>
#include <catch2/catch.hpp>

#include "model_run.hpp"

namespace tc::test {
namespace {

// A million operations over the first four shapes; a fifth of that where a sanitizer makes them
// slow, and less where the faults are sought that were sown.
#if defined(TC_SEEDED_FAULTS)
constexpr std::uint32_t steps_per_shape = 10'000;
#elif defined(TC_SANITIZED)
constexpr std::uint32_t steps_per_shape = 50'000;
#else
constexpr std::uint32_t steps_per_shape = 250'000;
#endif

// With a memory limit a step looks at every key.
constexpr std::uint32_t steps_with_limit = std::max(steps_per_shape / 5, 10'000U);

void run_steps(ModelRun& model_run, std::uint32_t step_count) {
    for (std::uint32_t step = 1; step <= step_count; ++step) {
        model_run.step();
        if (step % 1000 == 0) {
            model_run.compare_all();
            model_run.store().check_invariants();
        }
    }
}

void run(std::uint64_t seed, const ModelRun::Shape& shape) {
    ModelRun model_run(seed, shape);
    run_steps(model_run, steps_per_shape);
}

}  // namespace

TEST_CASE("the store does what the model does", "[store][model]") {
    const std::uint64_t seed = ModelRun::seed_of_run("store model");
    INFO("TC_TEST_SEED=" << seed);
    SECTION("few keys, one stripe") {
        run(seed, {.key_count = 8, .tag_count = 4, .stripe_count = 1});
    }
    SECTION("some keys, four stripes") {
        run(seed + 1, {.key_count = 16, .tag_count = 6, .stripe_count = 4});
    }
    SECTION("more keys, all stripes") {
        run(seed + 2, {.key_count = 64, .tag_count = 8, .stripe_count = 64});
    }
    SECTION("many entries a tag") {
        run(seed + 3, {.key_count = 64, .tag_count = 4, .stripe_count = 1});
    }
}

TEST_CASE("the store evicts what it may, when it must", "[store][model][eviction]") {
    const std::uint64_t seed = ModelRun::seed_of_run("store eviction model");
    INFO("TC_TEST_SEED=" << seed);
    const auto policy =
        GENERATE(EvictionPolicy::s3_fifo, EvictionPolicy::lru, EvictionPolicy::none);
    const auto stripe_count = GENERATE(1U, 2U);
    CAPTURE(static_cast<int>(policy), stripe_count);
    ModelRun model_run(seed, {.key_count = 160,
                              .tag_count = 8,
                              .stripe_count = stripe_count,
                              .large_value_one_in = 2,
                              .memory_bytes_max = 256 * 1024,
                              .eviction_policy = policy,
                              .ttl_ms_max = 1500});
    run_steps(model_run, steps_with_limit);
    if (policy == EvictionPolicy::none) {
        CHECK(model_run.evicted_count() == 0);
        CHECK(model_run.out_of_memory_count() > steps_with_limit / 5000);
    } else {
        CHECK(model_run.evicted_count() > steps_with_limit / 5000);
    }
}

TEST_CASE("TTLs with jitter and clocks that differ do what the model does",
          "[store][model][expiry]") {
    const std::uint64_t seed = ModelRun::seed_of_run("store expiry model");
    INFO("TC_TEST_SEED=" << seed);
    const auto run = [](std::uint64_t shape_seed, const ModelRun::Shape& shape) {
        ModelRun model_run(shape_seed, shape);
        run_steps(model_run, steps_with_limit);
    };
    SECTION("two clocks") {
        run(seed, {.key_count = 32, .stripe_count = 2, .ttl_ms_max = 100, .clock_skew_ms_max = 50});
    }
    SECTION("jitter") {
        run(seed, {.key_count = 32,
                   .stripe_count = 2,
                   .ttl_ms_max = 500,
                   .ttl_jitter_percent = 30,
                   .clock_skew_ms_max = 50});
    }
    SECTION("jitter, and a longest TTL") {
        run(seed, {.key_count = 32,
                   .stripe_count = 2,
                   .ttl_ms_max = 500,
                   .ttl_limit_ms = 500,
                   .ttl_jitter_percent = 100,
                   .clock_skew_ms_max = 50});
    }
}

}  // namespace tc::test
