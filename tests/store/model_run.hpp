// SPDX-License-Identifier: MIT
//
// Random operations on the store and on the model, which have to agree after each.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>

#include "driven_store.hpp"
#include "store_probe.hpp"
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
        // Of so many values one is large.
        std::uint32_t large_value_one_in = 40;
        std::uint64_t memory_bytes_max = 0;
        EvictionPolicy eviction_policy = EvictionPolicy::s3_fifo;
        // Random TTLs are 1 to this.
        std::uint64_t ttl_ms_max = 5;
        // No longer one, nor none, is allowed; 0 = any.
        std::uint64_t ttl_limit_ms = 0;
        std::uint32_t ttl_jitter_percent = 0;
        // There are two sessions if not 0, and each brings clocks that may be so much late.
        std::uint64_t clock_skew_ms_max = 0;
    };

    ModelRun(std::uint64_t seed, const Shape& shape);

    // One operation. `may_run_out_of_memory` says whether the store may answer so.
    void step(bool may_run_out_of_memory = false);
    // Reads every key of both.
    void compare_all();
    [[nodiscard]] Store& store() { return driven_.store; }
    [[nodiscard]] std::uint64_t out_of_memory_count() const { return out_of_memory_count_; }
    [[nodiscard]] std::uint64_t evicted_count() { return driven_.store.stats().evicted; }

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

    // model_run_memory.cpp, for a run with a memory limit: what the store holds, to be compared
    // with what it held before the step. The model is told what was evicted, after it was checked
    // that it might be: `key` is the one that is written, for which the store was asked to make
    // room of `asked_bytes`, and which may take up to `added_bytes` more.
    [[nodiscard]] bool is_limited() const { return shape_.memory_bytes_max != 0; }
    void look();
    void settle_evictions(const std::string& key, std::uint64_t asked_bytes,
                          std::uint64_t added_bytes);
    [[nodiscard]] std::uint64_t shortage(std::uint64_t asked_bytes) const;
    void check_bounds();

    [[nodiscard]] Session& session() { return is_other_ ? other_ : driven_.session; }
    // A reading of the session's clock, told to the model too.
    [[nodiscard]] std::uint64_t clock();
    [[nodiscard]] std::uint64_t ttl_default() const;
    // Of a key that has just been given the TTL: with jitter the store says what it has become.
    [[nodiscard]] std::uint64_t deadline_of(const std::string& key, std::uint64_t ttl_ms);
    void note_version(const std::string& key, std::uint64_t version);

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
    Session other_{driven_.store};
    bool is_other_ = false;
    StoreProbe probe_{driven_.store};
    ModelCache model_;
    std::map<std::uint32_t, std::uint64_t> last_versions_;  // by stripe
    struct Before {
        Strings held;
        StoreStats stats;
    };
    Before before_;
    bool may_run_out_of_memory_ = false;
    bool may_be_refused_ = false;  // this step, because of the memory limit
    bool is_settled_ = false;
    std::uint64_t asked_bytes_ = 0;
    std::uint64_t added_bytes_ = 0;
    std::uint64_t out_of_memory_count_ = 0;
    std::uint64_t sequence_ = 0;
};

}  // namespace tc::test
