// SPDX-License-Identifier: MIT
//
// The store alone, one thread: what a GET, a PUT and an INVALIDATE cost without the wire. A turn
// ends every 64 operations, as a pipelined batch does.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "store/store.hpp"

namespace {

constexpr std::uint32_t turn_operations = 64;

std::string key_of(std::uint64_t number) {
    std::array<char, 32> text{};
    const int size = std::snprintf(text.data(), text.size(), "key:%012llu",
                                   static_cast<unsigned long long>(number));
    return {text.data(), static_cast<std::size_t>(size)};
}

// xorshift64: the keys' order must not be what the benchmark measures.
std::uint64_t next_random(std::uint64_t& state) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

// A store with `count` entries of 100 bytes, each with three tags out of `count` / 100.
class FilledStore {
 public:
    explicit FilledStore(std::uint64_t count) : store_({}), session_(store_) {
        for (std::uint64_t i = 0; i < count; ++i) {
            keys_.push_back(key_of(i));
        }
        session_.enter(1);
        for (std::uint64_t i = 0; i < count; ++i) {
            put(i);
            end_turn_sometimes();
        }
    }
    FilledStore(const FilledStore&) = delete;
    FilledStore& operator=(const FilledStore&) = delete;
    ~FilledStore() { session_.leave(); }

    [[nodiscard]] tc::EntryView get(std::uint64_t number) {
        return store_.get(session_, keys_[number]);
    }

    void put(std::uint64_t number) {
        const std::uint64_t tag_count = keys_.size() / 100 + 1;
        const std::string first = "a:" + std::to_string(number % tag_count);
        const std::string second = "b:" + std::to_string(number / 7 % tag_count);
        const std::string third = "all";
        const std::array<std::string_view, 3> tags = {first, second, third};
        benchmark::DoNotOptimize(
            store_.write(session_, {.key = keys_[number], .value = value_, .tags = tags}));
    }

    std::uint64_t invalidate(std::uint64_t number) {
        const std::string tag = "a:" + std::to_string(number);
        const std::string_view name = tag;
        return store_.invalidate(session_, std::span(&name, 1), tc::TagMatch::any);
    }

    void end_turn_sometimes() {
        if (++operation_count_ % turn_operations == 0) {
            session_.leave();
        }
        session_.enter(1);
    }

    [[nodiscard]] std::uint64_t size() const { return keys_.size(); }

 private:
    tc::Store store_;
    tc::Session session_;
    std::vector<std::string> keys_;
    std::string value_ = std::string(100, 'v');
    std::uint64_t operation_count_ = 0;
};

void BM_store_get_hit(benchmark::State& state) {
    FilledStore filled(static_cast<std::uint64_t>(state.range(0)));
    std::uint64_t random = 42;
    for (auto _ : state) {
        benchmark::DoNotOptimize(filled.get(next_random(random) % filled.size()));
        filled.end_turn_sometimes();
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_store_get_hit)->ArgName("entries")->Arg(1'000)->Arg(100'000);

void BM_store_put_over(benchmark::State& state) {
    FilledStore filled(static_cast<std::uint64_t>(state.range(0)));
    std::uint64_t random = 42;
    for (auto _ : state) {
        filled.put(next_random(random) % filled.size());
        filled.end_turn_sometimes();
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_store_put_over)->ArgName("entries")->Arg(1'000)->Arg(100'000);

// A tag of about 100 entries is filled again, untimed, before each call.
void BM_store_invalidate_100(benchmark::State& state) {
    FilledStore filled(100'000);
    const std::uint64_t tag_count = filled.size() / 100 + 1;
    std::uint64_t removed_count = 0;
    std::uint64_t tag = 0;
    for (auto _ : state) {
        state.PauseTiming();
        tag = (tag + 1) % tag_count;
        for (std::uint64_t i = tag; i < filled.size(); i += tag_count) {
            filled.put(i);
        }
        state.ResumeTiming();
        removed_count += filled.invalidate(tag);
        filled.end_turn_sometimes();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(removed_count));
}
BENCHMARK(BM_store_invalidate_100);

}  // namespace
