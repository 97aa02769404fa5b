// SPDX-License-Identifier: MIT
//
// Random operations on the store and on the model, which have to agree after each.
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <string>

#include "driven_store.hpp"
#include "support/model_cache.hpp"

namespace tc::test {

inline Names views_of(const Strings& strings) {
    return {strings.begin(), strings.end()};
}

class ModelRun {
 public:
    struct Shape {
        std::uint32_t key_count = 16;
        std::uint32_t tag_count = 6;
        std::uint32_t stripe_count = 4;
    };

    ModelRun(std::uint64_t seed, const Shape& shape);

    // One operation. `may_run_out_of_memory` says whether the store may answer so.
    void step(bool may_run_out_of_memory = false);
    // Reads every key of both.
    void compare_all();
    [[nodiscard]] Store& store() { return driven_.store; }
    [[nodiscard]] std::uint64_t out_of_memory_count() const { return out_of_memory_count_; }

    // The seed of TC_TEST_SEED, or a random one; printed either way.
    [[nodiscard]] static std::uint64_t seed_of_run(const char* test_name);

 private:
    using Step = void (ModelRun::*)();
    struct WeightedStep {
        Step step;
        std::uint32_t weight;
    };

    void write();
    void read();
    void read_and_touch();
    void read_and_remove();
    void append();
    void increment();
    void touch();
    void remove();
    void add_tags();
    void remove_tags();
    void invalidate();
    void count();
    void scan();
    void scan_by_tag();
    void list_tags();
    void remove_prefix();
    void upkeep();
    void move_clock(std::uint64_t ms);
    void flush();
    void advance_clock();

    [[nodiscard]] std::uint64_t below(std::uint64_t end);
    [[nodiscard]] bool one_in(std::uint64_t n) { return below(n) == 0; }
    [[nodiscard]] std::string random_key();
    [[nodiscard]] std::string random_value();
    [[nodiscard]] Strings random_tags(std::uint64_t count_max);
    [[nodiscard]] std::optional<std::uint64_t> random_ttl();
    [[nodiscard]] std::optional<std::uint64_t> random_if_version(const ModelEntry* entry);
    [[nodiscard]] TagMatch random_match();

    // Checks the outcome; true when the operation was done, and has to be done to the model.
    bool agrees(Outcome actual, Outcome expected);
    void store_in_model(const std::string& key, const ModelEntry& entry);
    void compare(const EntryView& view, const ModelEntry* entry);
    template <typename NextPage>
    Strings all_pages(const NextPage& next_page);

    std::mt19937_64 random_;
    Shape shape_;
    DrivenStore driven_;
    ModelCache model_;
    bool may_run_out_of_memory_ = false;
    std::uint64_t out_of_memory_count_ = 0;
    std::uint64_t sequence_ = 0;
};

}  // namespace tc::test
