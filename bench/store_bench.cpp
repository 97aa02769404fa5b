// SPDX-License-Identifier: MIT
//
// The store without the wire, beside hash maps with a mutex a shard: filling, GET, PUT and nine
// GETs to a PUT, by entries, size of value, batch and threads. A turn ends every 64 operations, as
// a pipelined batch does. store_tags_bench.cpp has the benchmarks of tags.
//
// TC_BENCH_ENTRIES_MAX (1000000) leaves out the benchmarks with more entries. TIME and the rates
// are of wall time, which is what two threads share; CPU is the time that is trusted on a busy
// machine.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "child_process.hpp"
#include "driver/clocks.hpp"
#include "entry_count_max.hpp"
#include "numbered_name.hpp"
#include "resident_memory.hpp"
#include "sharded_map.hpp"
#include "store/store.hpp"
#include "store_tags_bench.hpp"
#include "store_upkeep.hpp"
#include "verdict.hpp"

#if defined(TC_HAS_ABSL)
#include <absl/container/flat_hash_map.h>
#endif

namespace tc::bench {

namespace {

constexpr std::uint32_t turn_operations = 64;
constexpr std::uint32_t batch_operations = 32;
// What a benchmark may hold in values, so that all fit into a small machine's memory.
constexpr std::uint64_t value_bytes_in_all_max = std::uint64_t{2} << 30;

// Ours, with the interface of ShardedMap.
class StoreCache {
 public:
    class Seat;

 private:
    Store store_{StoreOptions{}};
};

class StoreCache::Seat {
 public:
    explicit Seat(StoreCache& cache) : store_(cache.store_), session_(store_) { session_.enter(1); }
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;
    ~Seat() { session_.leave(); }

    std::size_t get(std::string_view key, char* reply) noexcept {
        return copy(store_.get(session_, key), reply);
    }

    std::size_t get_batch(const std::array<std::uint64_t, batch_operations>& numbers,
                          char* reply) noexcept {
        std::array<NumberedName, batch_operations> names;
        std::array<KeyUse, batch_operations> uses;
        for (std::size_t index = 0; index < uses.size(); ++index) {
            names[index] = NumberedName('k', numbers[index]);
            uses[index].key = store_.hash(names[index].view());
        }
        store_.prefetch(uses);
        std::size_t size_bytes = 0;
        for (const KeyUse& use : uses) {
            size_bytes += copy(store_.get(session_, use.key), reply);
        }
        return size_bytes;
    }

    void put(std::string_view key, std::string_view value) noexcept {
        is_wrong =
            is_wrong || store_.write(session_, {.key = key, .value = value}).outcome != Outcome::ok;
    }

    void end_turn() noexcept {
        session_.leave();
        session_.enter(1);
    }

 private:
    static std::size_t copy(const EntryView& view, char* reply) noexcept {
        const std::string_view value = view ? view.value() : std::string_view{};
        std::memcpy(reply, value.data(), value.size());
        return value.size();
    }

    Store& store_;
    Session session_;
};

using StdCache = ShardedMap<std::unordered_map<std::string, std::string, TextHash, TextEqual>>;
#if defined(TC_HAS_ABSL)
using AbslCache = ShardedMap<absl::flat_hash_map<std::string, std::string, TextHash, TextEqual>>;
#else
struct AbslCache {};
#endif

struct Size {
    std::uint64_t entry_count = 0;
    std::uint64_t value_bytes = 0;

    bool operator==(const Size&) const = default;
};

template <typename Cache>
void fill(Cache& cache, Size size) {
    const std::string value(size.value_bytes, 'v');
    typename Cache::Seat seat(cache);
    for (std::uint64_t i = 0; i < size.entry_count; ++i) {
        seat.put(NumberedName('k', i).view(), value);
        if (i % turn_operations == turn_operations - 1) {
            seat.end_turn();
        }
    }
}

// One filled cache at a time: neighbouring benchmarks share it, and Google Benchmark calls each
// several times until it knows how often to iterate.
struct Filled {
    Size size;
    std::variant<std::monostate, std::unique_ptr<StoreCache>, std::unique_ptr<StdCache>,
                 std::unique_ptr<AbslCache>>
        cache;
};

Filled filled;

Size size_of(const benchmark::State& state) {
    return {static_cast<std::uint64_t>(state.range(0)), static_cast<std::uint64_t>(state.range(1))};
}

// Google Benchmark calls this before the threads of a benchmark start.
template <typename Cache>
void prepare(const benchmark::State& state) {
    const Size size = size_of(state);
    if (std::holds_alternative<std::unique_ptr<Cache>>(filled.cache) && filled.size == size) {
        return;
    }
    filled.cache = std::monostate{};
    StoreUpkeep::give_back_memory();
    auto cache = std::make_unique<Cache>();
    fill(*cache, size);
    filled = {size, std::move(cache)};
}

template <typename Cache>
Cache& filled_cache() {
    return *std::get<std::unique_ptr<Cache>>(filled.cache);
}

Random random_of(const benchmark::State& state) {
    return Random(static_cast<std::uint64_t>(state.thread_index()) + 1);
}

template <typename Cache>
void BM_get(benchmark::State& state) {
    const Size size = size_of(state);
    typename Cache::Seat seat(filled_cache<Cache>());
    Random random = random_of(state);
    std::string reply(size.value_bytes, '\0');
    std::uint64_t hit_bytes = 0;
    std::uint64_t operation_count = 0;
    while (state.KeepRunningBatch(turn_operations)) {
        for (std::uint32_t i = 0; i < turn_operations; ++i) {
            const NumberedName key('k', random.below(size.entry_count));
            hit_bytes += seat.get(key.view(), reply.data());
        }
        seat.end_turn();
        operation_count += turn_operations;
    }
    if (hit_bytes != operation_count * size.value_bytes) {
        fail(state, "a GET missed");
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(operation_count));
}

// What a server does with a pipeline: it knows 32 keys before it answers the first.
void BM_get_batch(benchmark::State& state) {
    const Size size = size_of(state);
    StoreCache::Seat seat(filled_cache<StoreCache>());
    Random random = random_of(state);
    std::string reply(size.value_bytes, '\0');
    std::array<std::uint64_t, batch_operations> numbers{};
    std::uint64_t hit_bytes = 0;
    std::uint64_t operation_count = 0;
    while (state.KeepRunningBatch(turn_operations)) {
        for (std::uint32_t i = 0; i < turn_operations / batch_operations; ++i) {
            for (std::uint64_t& number : numbers) {
                number = random.below(size.entry_count);
            }
            hit_bytes += seat.get_batch(numbers, reply.data());
        }
        seat.end_turn();
        operation_count += turn_operations;
    }
    if (hit_bytes != operation_count * size.value_bytes) {
        fail(state, "a GET missed");
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(operation_count));
}

// Every entry is there: a PUT replaces a value by one of the same size, which the maps do in place.
template <typename Cache>
void BM_put(benchmark::State& state) {
    const Size size = size_of(state);
    typename Cache::Seat seat(filled_cache<Cache>());
    Random random = random_of(state);
    const std::string value(size.value_bytes, 'w');
    while (state.KeepRunningBatch(turn_operations)) {
        for (std::uint32_t i = 0; i < turn_operations; ++i) {
            seat.put(NumberedName('k', random.below(size.entry_count)).view(), value);
        }
        seat.end_turn();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

template <typename Cache>
void BM_mixed(benchmark::State& state) {
    const Size size = size_of(state);
    typename Cache::Seat seat(filled_cache<Cache>());
    Random random = random_of(state);
    const std::string value(size.value_bytes, 'w');
    std::string reply(size.value_bytes, '\0');
    while (state.KeepRunningBatch(turn_operations)) {
        for (std::uint32_t i = 0; i < turn_operations; ++i) {
            const NumberedName key('k', random.below(size.entry_count));
            if (i % 10 == 9) {
                seat.put(key.view(), value);
            } else {
                benchmark::DoNotOptimize(seat.get(key.view(), reply.data()));
            }
        }
        seat.end_turn();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

struct FillCost {
    std::uint64_t cpu_ns = 0;
    std::uint64_t grown_bytes = 0;
};

// PUTs of new keys into an empty cache, once, in a process of its own; the time is its thread's.
template <typename Cache>
void BM_fill(benchmark::State& state) {
    const Size size = size_of(state);
    FillCost cost;
    for (auto _ : state) {
        cost = in_child([size] {
            const std::uint64_t start_bytes = resident_bytes();
            const std::uint64_t start_ns = driver::thread_cpu_ns();
            Cache cache;
            fill(cache, size);
            return FillCost{driver::thread_cpu_ns() - start_ns, resident_bytes() - start_bytes};
        });
        state.SetIterationTime(static_cast<double>(cost.cpu_ns) / 1e9);
    }
    const auto entry_count = static_cast<double>(size.entry_count);
    state.counters["cpu_ns_per_put"] = static_cast<double>(cost.cpu_ns) / entry_count;
    state.counters["rss_per_entry"] = static_cast<double>(cost.grown_bytes) / entry_count;
    state.SetItemsProcessed(static_cast<std::int64_t>(size.entry_count));
}

std::vector<Size> sizes() {
    std::vector<Size> sizes;
    for (const std::uint64_t entry_count : {1'000, 100'000, 1'000'000, 10'000'000}) {
        for (const std::uint64_t value_bytes : {16, 100, 1'000, 16'384}) {
            if (entry_count <= entry_count_max() &&
                entry_count * value_bytes <= value_bytes_in_all_max) {
                sizes.push_back({entry_count, value_bytes});
            }
        }
    }
    return sizes;
}

auto* add(const std::string& name, void (*function)(benchmark::State&), Size size) {
    return benchmark::RegisterBenchmark(name.c_str(), function)
        ->ArgNames({"entries", "value_bytes"})
        ->Args({static_cast<std::int64_t>(size.entry_count),
                static_cast<std::int64_t>(size.value_bytes)});
}

template <typename Cache>
void add_fill(const std::string& cache, Size size) {
    add("BM_fill/" + cache, BM_fill<Cache>, size)
        ->UseManualTime()
        ->Iterations(1)
        ->Unit(benchmark::kMillisecond);
}

template <typename Cache>
void add_operation(const std::string& name, void (*function)(benchmark::State&), Size size) {
    add(name, function, size)->Setup(prepare<Cache>)->ThreadRange(1, 2)->UseRealTime();
}

template <typename Cache>
void add_operations(const std::string& cache, Size size) {
    add_operation<Cache>("BM_get/" + cache, BM_get<Cache>, size);
    if constexpr (std::is_same_v<Cache, StoreCache>) {
        add_operation<Cache>("BM_get_batch/" + cache, BM_get_batch, size);
    }
    add_operation<Cache>("BM_put/" + cache, BM_put<Cache>, size);
    add_operation<Cache>("BM_mixed/" + cache, BM_mixed<Cache>, size);
}

// One key that everybody reads: what threads cost each other when they only read.
void add_hot_keys() {
    constexpr Size hot_key{1, 100};
    add_operation<StoreCache>("BM_get_hot_key/tagcache", BM_get<StoreCache>, hot_key);
    add_operation<StdCache>("BM_get_hot_key/std_unordered_map", BM_get<StdCache>, hot_key);
#if defined(TC_HAS_ABSL)
    add_operation<AbslCache>("BM_get_hot_key/absl_flat_hash_map", BM_get<AbslCache>, hot_key);
#endif
}

// Fills come first: a child begins with what its parent's allocator has kept.
void add_benchmarks() {
    for (const Size size : sizes()) {
        add_fill<StoreCache>("tagcache", size);
        add_fill<StdCache>("std_unordered_map", size);
#if defined(TC_HAS_ABSL)
        add_fill<AbslCache>("absl_flat_hash_map", size);
#endif
    }
    for (const Size size : sizes()) {
        add_operations<StoreCache>("tagcache", size);
        add_operations<StdCache>("std_unordered_map", size);
#if defined(TC_HAS_ABSL)
        add_operations<AbslCache>("absl_flat_hash_map", size);
#endif
    }
    add_hot_keys();
    add_tag_benchmarks();
}

}  // namespace

}  // namespace tc::bench

int main(int argc, char** argv) {
    try {
        tc::bench::add_benchmarks();
        benchmark::Initialize(&argc, argv);
        if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
            return 2;
        }
        benchmark::RunSpecifiedBenchmarks();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "store_bench: %s\n", error.what());
        return 1;
    }
    return tc::bench::is_wrong ? 1 : 0;
}
