// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "model_run.hpp"

namespace tc::test {
namespace {

// A million operations over the four shapes; a fifth of that where a sanitizer makes them slow.
#if defined(TC_SANITIZED)
constexpr std::uint32_t steps_per_shape = 50'000;
#else
constexpr std::uint32_t steps_per_shape = 250'000;
#endif

void run(std::uint64_t seed, const ModelRun::Shape& shape) {
    ModelRun model_run(seed, shape);
    for (std::uint32_t step = 1; step <= steps_per_shape; ++step) {
        model_run.step();
        if (step % 1000 == 0) {
            model_run.compare_all();
            model_run.store().check_invariants();
        }
    }
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

}  // namespace tc::test
