// SPDX-License-Identifier: MIT
//
// Tags of few entries: how many a second are invalidated, and how many entries a second that
// removes, beside the rates at which entries with such tags are stored and deleted. Part of
// store_bench; all rates are of CPU time.
//
// With reclaim:1 the freeing of what was invalidated is part of the time, as it is of a DELETE;
// with reclaim:0 it is left out, which is what the caller of INVALIDATE waits for.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "entry_count_max.hpp"
#include "numbered_name.hpp"
#include "store/store.hpp"
#include "store_tags_bench.hpp"
#include "store_upkeep.hpp"
#include "verdict.hpp"

namespace tc::bench {

namespace {

constexpr std::uint32_t turn_operations = 64;
constexpr std::uint64_t now_ms = 1;

// Entries of 100 bytes, each with one tag that it shares with `tag_entries` - 1 others, which were
// stored at other times. What is removed is removed in yet another order.
class TaggedStore {
 public:
    TaggedStore(std::uint64_t entry_count, std::uint64_t tag_entries)
        : entry_count_(entry_count), tag_entries_(tag_entries) {
        session_.enter(now_ms);
    }
    TaggedStore(const TaggedStore&) = delete;
    TaggedStore& operator=(const TaggedStore&) = delete;
    ~TaggedStore() { session_.leave(); }

    [[nodiscard]] std::uint64_t entry_count() const noexcept { return entry_count_; }
    [[nodiscard]] std::uint64_t tag_count() const noexcept {
        return (entry_count_ + tag_entries_ - 1) / tag_entries_;
    }

    [[nodiscard]] bool put(std::uint64_t index) noexcept {
        const NumberedName key('k', index);
        const NumberedName tag('t', tag_order_(index) / tag_entries_);
        const std::string_view name = tag.view();
        return store_.write(session_, {.key = key.view(), .value = value_, .tags = {&name, 1}})
                   .outcome == Outcome::ok;
    }
    [[nodiscard]] bool remove(std::uint64_t index) noexcept {
        const NumberedName key('k', remove_order_(index));
        return store_.remove(session_, key.view(), std::nullopt) == Outcome::ok;
    }
    [[nodiscard]] std::uint64_t invalidate(std::uint64_t tag_number) noexcept {
        const NumberedName tag('t', tag_number);
        const std::string_view name = tag.view();
        return store_.invalidate(session_, {&name, 1}, TagMatch::any);
    }

    void end_turn() noexcept {
        session_.leave();
        session_.enter(now_ms);
    }
    void fill() noexcept {
        for (std::uint64_t i = 0; i < entry_count_; ++i) {
            is_wrong = is_wrong || !put(i);
            end_turn_after(i);
        }
    }
    void clear() noexcept {
        store_.flush(session_);
        reclaim();
    }
    // Until the memory of all that was removed is free.
    void reclaim() noexcept {
        for (end_turn(); upkeep_.has_backlog(); end_turn()) {
            upkeep_.run_slice();
        }
    }
    void end_turn_after(std::uint64_t index) noexcept {
        if (index % turn_operations == turn_operations - 1) {
            end_turn();
        }
    }

 private:
    std::uint64_t entry_count_;
    std::uint64_t tag_entries_;
    Shuffle tag_order_{entry_count_, 1};
    Shuffle remove_order_{entry_count_, 2};
    std::string value_ = std::string(100, 'v');
    Store store_{StoreOptions{}};
    Session session_{store_};
    StoreUpkeep upkeep_{store_, session_};
};

TaggedStore store_of(const benchmark::State& state) {
    return {static_cast<std::uint64_t>(state.range(0)), static_cast<std::uint64_t>(state.range(1))};
}

// An iteration is a round: all entries, or all tags.
void count_rounds(benchmark::State& state, std::uint64_t operations_per_round) {
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(operations_per_round));
}

void BM_tagged_put(benchmark::State& state) {
    TaggedStore store = store_of(state);
    for (auto _ : state) {
        store.fill();
        state.PauseTiming();
        store.clear();
        state.ResumeTiming();
    }
    count_rounds(state, store.entry_count());
}

void BM_tagged_delete(benchmark::State& state) {
    TaggedStore store = store_of(state);
    for (auto _ : state) {
        state.PauseTiming();
        store.fill();
        state.ResumeTiming();
        for (std::uint64_t i = 0; i < store.entry_count(); ++i) {
            is_wrong = is_wrong || !store.remove(i);
            store.end_turn_after(i);
        }
        store.reclaim();
    }
    count_rounds(state, store.entry_count());
}

void BM_tagged_invalidate(benchmark::State& state) {
    TaggedStore store = store_of(state);
    const bool is_reclaim_timed = state.range(2) != 0;
    std::uint64_t removed_count = 0;
    for (auto _ : state) {
        state.PauseTiming();
        store.fill();
        state.ResumeTiming();
        for (std::uint64_t i = 0; i < store.tag_count(); ++i) {
            removed_count += store.invalidate(i);
            store.end_turn_after(i);
        }
        if (!is_reclaim_timed) {
            state.PauseTiming();
        }
        store.reclaim();
        if (!is_reclaim_timed) {
            state.ResumeTiming();
        }
    }
    if (removed_count != static_cast<std::uint64_t>(state.iterations()) * store.entry_count()) {
        fail(state, "a count was not exact");
    }
    count_rounds(state, store.tag_count());
    state.counters["removed_per_second"] =
        benchmark::Counter(static_cast<double>(removed_count), benchmark::Counter::kIsRate);
}

[[nodiscard]] std::int64_t tagged_count() {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(100'000, entry_count_max()));
}

void with_tag_sizes(benchmark::internal::Benchmark* benchmark) {
    benchmark->ArgNames({"entries", "tag_entries"})
        ->ArgsProduct({{tagged_count()}, {1, 10}})
        ->Unit(benchmark::kMillisecond);
}

void with_tag_sizes_and_reclaim(benchmark::internal::Benchmark* benchmark) {
    benchmark->ArgNames({"entries", "tag_entries", "reclaim"})
        ->ArgsProduct({{tagged_count()}, {1, 10, 100, 1'000}, {0, 1}})
        ->Unit(benchmark::kMillisecond);
}

}  // namespace

void add_tag_benchmarks() {
    benchmark::RegisterBenchmark("BM_tagged_put", BM_tagged_put)->Apply(with_tag_sizes);
    benchmark::RegisterBenchmark("BM_tagged_delete", BM_tagged_delete)->Apply(with_tag_sizes);
    benchmark::RegisterBenchmark("BM_tagged_invalidate", BM_tagged_invalidate)
        ->Apply(with_tag_sizes_and_reclaim);
}

}  // namespace tc::bench
