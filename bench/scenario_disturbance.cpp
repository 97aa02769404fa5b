// SPDX-License-Identifier: MIT
#include "bench/scenario_disturbance.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <tagcache/tagcache.hpp>

#include "bench/scenario_crowd.hpp"
#include "bench/scenario_target.hpp"
#include "driver/clocks.hpp"

namespace tc::bench {
namespace {

constexpr std::uint64_t ns_per_ms = 1'000'000;
// Deep, so that the disturber's part of the core that both loads share is small.
constexpr std::uint32_t beside_depth = 64;
// More than a slice can put: no key comes twice.
constexpr std::uint64_t endless_count = 1'000'000'000;

constexpr driver::OperationMix only_gets{.get_weight = 1, .put_weight = 0, .invalidate_weight = 0};

// When something happens once: with some time before it, and most of the slice behind it.
constexpr double early_share = 0.1;

double as_double(std::uint64_t count) {
    return static_cast<double>(count);
}

std::uint64_t put_count(const driver::RunReport& report) {
    return report.counters.latency(driver::Answer::put).count();
}

// A tag of all the entries is invalidated at once.
class Invalidation final : public Disturbance {
 public:
    explicit Invalidation(const ScenarioTarget& target) : target_(target) {}

    void before_pair(std::uint32_t /*pair*/) override {
        driver::Load load = scenario_load(target_.plan, "tagged:", target_.plan.entry_count);
        load.tags_per_entry = 1;
        load.tag_count = 1;
        load.tag_prefix = "all:";
        put_all(target_, load);
    }
    void disturb(const SliceTime& time) override {
        tagcache::Client client("tagcache://127.0.0.1:" + std::to_string(target_.port));
        const double early_ns = as_double(time.duration_ns) * early_share;
        sleep_until_ns(target_, time.begin_ns + static_cast<std::uint64_t>(early_ns));
        const std::uint64_t begin_ns = driver::now_ns();
        count_ = client.invalidate("all:0");
        answer_us_ = as_double(driver::now_ns() - begin_ns) / 1e3;
    }
    [[nodiscard]] std::vector<Evidence> evidence() override {
        return {{"entries invalidated", as_double(count_), as_double(target_.plan.entry_count)},
                {"us until that was answered", answer_us_}};
    }

 private:
    const ScenarioTarget target_;
    std::uint64_t count_ = 0;
    double answer_us_ = 0;
};

// All the entries have one deadline, which comes early in the slice.
class Expiry final : public Disturbance {
 public:
    explicit Expiry(const ScenarioTarget& target) : target_(target) {}

    // So that the quiet slice has as many entries; and to see how long it takes.
    void before_pair(std::uint32_t /*pair*/) override {
        constexpr std::uint64_t never_ns = 3'600'000 * ns_per_ms;
        const std::uint64_t begin_ns = driver::now_ns();
        put_until(begin_ns + never_ns);
        put_ns_ = driver::now_ns() - begin_ns;
    }
    void before_disturbed(std::uint64_t lead_ns) override {
        lead_ns += static_cast<std::uint64_t>(target_.plan.slice_s_of(ScenarioKind::expiry) * 1e9 *
                                              early_share);
        for (std::uint64_t room_ns = put_ns_ + put_ns_ / 2; !target_.stop; room_ns *= 2) {
            const std::uint64_t deadline_ns = driver::now_ns() + room_ns + lead_ns;
            put_until(deadline_ns);
            if (driver::now_ns() + lead_ns <= deadline_ns) {
                expired_before_ = server_counters(target_).at("expired");
                sleep_until_ns(target_, deadline_ns - lead_ns);
                return;
            }
        }
    }
    void disturb(const SliceTime& /*time*/) override {}
    [[nodiscard]] std::vector<Evidence> evidence() override {
        // The deadline is in the slice; the server looks at the entries when it has the time.
        constexpr std::uint64_t patience_ns = 10'000 * ns_per_ms;
        const std::uint64_t patience_end_ns = driver::now_ns() + patience_ns;
        const std::uint64_t in_slice = expired_count();
        std::uint64_t expired = in_slice;
        while (expired < target_.plan.entry_count && driver::now_ns() < patience_end_ns &&
               !target_.stop) {
            sleep_until_ns(target_, driver::now_ns() + 50 * ns_per_ms);
            expired = expired_count();
        }
        return {{"entries expired", as_double(expired), as_double(target_.plan.entry_count)},
                {"of them swept in the slice", as_double(in_slice), 1}};
    }

 private:
    [[nodiscard]] std::uint64_t expired_count() const {
        return server_counters(target_).at("expired") - expired_before_;
    }
    // A run has one TTL: many short ones have nearly one deadline.
    void put_until(std::uint64_t deadline_ns) {
        constexpr std::uint64_t part_count = 50;
        const std::uint64_t count = target_.plan.entry_count;
        for (std::uint64_t part = 0; part < part_count && !target_.stop; ++part) {
            const std::uint64_t key_count =
                count * (part + 1) / part_count - count * part / part_count;
            if (key_count == 0) {
                continue;
            }
            driver::Load load =
                scenario_load(target_.plan, "ttl" + std::to_string(part) + ":", key_count);
            const std::uint64_t now_ns = driver::now_ns();
            load.ttl_ms = deadline_ns > now_ns + ns_per_ms ? (deadline_ns - now_ns) / ns_per_ms : 1;
            put_all(target_, load);
        }
    }

    const ScenarioTarget target_;
    std::uint64_t put_ns_ = 0;
    std::uint64_t expired_before_ = 0;
};

// New keys as fast as the server takes them: into an index that was small, or into a full memory.
class NewKeys final : public Disturbance {
 public:
    NewKeys(const ScenarioTarget& target, ScenarioKind kind) : target_(target), kind_(kind) {
        if (kind_ == ScenarioKind::growth) {
            fill_index();
        } else {
            fill_memory();
        }
    }

    void before_pair(std::uint32_t pair) override { pair_ = pair; }
    void before_disturbed(std::uint64_t /*lead_ns*/) override {
        before_ = server_counters(target_);
    }
    void disturb(const SliceTime& time) override {
        const driver::Load load =
            scenario_load(target_.plan, "n" + std::to_string(pair_) + ":", endless_count);
        report_ = run_beside(target_, load.preload(), beside_depth, time);
    }
    [[nodiscard]] std::vector<Evidence> evidence() override {
        const ServerCounters after = server_counters(target_);
        std::vector<Evidence> all = {{"new keys put", as_double(put_count(report_)), 1}};
        const auto more = [&](const char* name) {
            return as_double(after.at(name)) - as_double(before_.at(name));
        };
        if (kind_ == ScenarioKind::growth) {
            // Sixteen pages of the index, each of them a split.
            constexpr double grown_kib_min = 64;
            all.push_back({"KiB more in the index", more("index_bytes") / 1024, grown_kib_min});
            all.push_back({"times its size", as_double(after.at("index_bytes")) /
                                                 as_double(before_.at("index_bytes"))});
        } else {
            all.push_back({"entries evicted", more("evicted"), 1});
            all.push_back({"PUTs refused", as_double(report_.counters.refused_count)});
        }
        return all;
    }

 private:
    // The pages that the index begins with hold so many keys that it would split late in a slice:
    // this is where the first of them are full.
    void fill_index() {
        constexpr std::uint64_t unsplit_count = 130'000;
        const std::uint64_t entries = server_counters(target_).at("entries");
        put_all(target_, scenario_load(target_.plan, "f:", unsplit_count - entries));
    }
    void fill_memory() {
        constexpr std::uint64_t step_count = 20'000;
        for (int step = 0; !target_.stop && server_counters(target_).at("evicted") == 0; ++step) {
            put_all(target_,
                    scenario_load(target_.plan, "f" + std::to_string(step) + ":", step_count));
        }
    }

    const ScenarioTarget target_;
    const ScenarioKind kind_;
    std::uint32_t pair_ = 0;
    ServerCounters before_;
    driver::RunReport report_;
};

// One client reads large values, the next when one is there.
class LargeValues final : public Disturbance {
 public:
    explicit LargeValues(const ScenarioTarget& target)
        : target_(target), load_(scenario_load(target.plan, "large:", 16)) {
        load_.value_sizes = driver::Sizes(value_bytes);
        put_all(target_, load_);
    }

    void disturb(const SliceTime& time) override {
        driver::Load load = load_;
        load.mix = only_gets;
        report_ = run_beside(target_, load, 1, time);
    }
    [[nodiscard]] std::vector<Evidence> evidence() override {
        return {
            {"values of 1 MiB pulled", as_double(report_.counters.value_bytes / value_bytes), 1}};
    }

 private:
    static constexpr std::uint64_t value_bytes = 1024 * 1024;

    const ScenarioTarget target_;
    driver::Load load_;
    driver::RunReport report_;
};

}  // namespace

std::unique_ptr<Disturbance> make_disturbance(ScenarioKind kind, const ScenarioTarget& target) {
    switch (kind) {
        case ScenarioKind::load: return nullptr;
        case ScenarioKind::invalidation: return std::make_unique<Invalidation>(target);
        case ScenarioKind::expiry: return std::make_unique<Expiry>(target);
        case ScenarioKind::growth:
        case ScenarioKind::eviction: return std::make_unique<NewKeys>(target, kind);
        case ScenarioKind::large_values: return std::make_unique<LargeValues>(target);
        case ScenarioKind::idle_connections:
        case ScenarioKind::rush:
        case ScenarioKind::never_reading:
        case ScenarioKind::slowloris: return make_crowd(kind, target);
    }
    return nullptr;
}

}  // namespace tc::bench
