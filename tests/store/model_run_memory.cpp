// SPDX-License-Identifier: MIT
//
// The run with a memory limit. Which entries are evicted is the store's choice, but that some are
// is not: only when memory is short, no more than is needed, and nobody else disappears.
#include <algorithm>
#include <catch2/catch.hpp>

#include "model_run.hpp"

namespace tc::test {
namespace {

// Of a write: the entry's header, its tags, their names and members, a page of the index or a bit
// of a queue.
constexpr std::uint64_t write_overhead_max = 8192;

// As the store has it: what a write asks room for beside what it brings.
constexpr std::uint64_t entry_overhead_bytes = 64;

// As the store has it: what its writes leave free.
std::uint64_t reserve_bytes(const StoreOptions& options) {
    const std::uint64_t memory = options.memory_bytes_max;
    return std::min(std::max(memory / 100, std::uint64_t{options.value_bytes_max} * 2),
                    memory / 32);
}

}  // namespace

// Every entry that can be read is held, and of those that have expired the model forgets the ones
// that are not.
void ModelRun::look() {
    may_be_refused_ = false;
    is_settled_ = false;
    if (!is_limited()) {
        return;
    }
    model_.remove([&](const std::string& key, const ModelEntry& entry) {
        const bool is_held = probe_.holds(key);
        REQUIRE((is_held || model_.is_expired(entry)));
        return !is_held;
    });
    before_.held.clear();
    for (const auto& [key, entry] : model_.entries) {
        before_.held.push_back(key);
    }
    before_.stats = driven_.store.stats();
    REQUIRE(before_.stats.entry_count == before_.held.size());
}

std::uint64_t ModelRun::shortage(std::uint64_t asked_bytes) const {
    const StoreOptions& options = driven_.store.options();
    const std::uint64_t kept_bytes = before_.stats.used_bytes - before_.stats.retired_bytes;
    const std::uint64_t wanted =
        kept_bytes + asked_bytes + entry_overhead_bytes + reserve_bytes(options);
    return wanted - std::min(wanted, options.memory_bytes_max);
}

void ModelRun::settle_evictions(const std::string& key, std::uint64_t asked_bytes,
                                std::uint64_t added_bytes) {
    is_settled_ = true;
    asked_bytes_ = asked_bytes;
    added_bytes_ = added_bytes;
    if (!is_limited()) {
        return;
    }
    const StoreStats stats = driven_.store.stats();
    const std::uint64_t evicted_count = stats.evicted - before_.stats.evicted;
    std::uint64_t left_count = evicted_count + stats.expired - before_.stats.expired;
    std::uint64_t alive_count = 0;
    std::uint64_t bytes = 0;
    std::uint64_t largest_bytes = 0;
    const auto lose = [&](const std::string& lost) {
        const ModelEntry& entry = model_.entries.at(lost);
        if (!model_.is_expired(entry)) {
            const std::uint64_t own_bytes = lost.size() + entry.value.size();
            ++alive_count;
            bytes += own_bytes;
            largest_bytes = std::max(largest_bytes, own_bytes);
        }
        model_.entries.erase(lost);
        REQUIRE(left_count > 0);
        --left_count;
    };
    for (const std::string& held : before_.held) {
        if (held != key && !probe_.holds(held)) {
            lose(held);
        }
    }
    // The key itself may be there again. What the counters say of it is that it had to go first.
    if (left_count != 0) {
        lose(key);
    }
    REQUIRE(left_count == 0);
    REQUIRE(alive_count <= evicted_count);
    const StoreOptions& options = driven_.store.options();
    may_be_refused_ = before_.stats.used_bytes + asked_bytes + added_bytes + write_overhead_max >
                          options.memory_bytes_max ||
                      (options.eviction_policy == EvictionPolicy::none &&
                       shortage(asked_bytes + added_bytes + write_overhead_max) != 0);
    if (evicted_count == 0) {
        return;
    }
    CHECK(options.eviction_policy != EvictionPolicy::none);
    const std::uint64_t wanted = shortage(asked_bytes);
    REQUIRE(wanted != 0);
    CHECK(bytes - largest_bytes < wanted);
    if (shape_.stripe_count == 1) {
        CHECK(stats.dead_count == 0);
        CHECK(std::none_of(before_.held.begin(), before_.held.end(), [&](const std::string& held) {
            const auto at = model_.entries.find(held);
            return at != model_.entries.end() && held != key &&
                   at->second.deadline_ms < model_.now_ms - sweep_delay_ms;
        }));
    }
}

void ModelRun::check_bounds() {
    if (!is_limited()) {
        return;
    }
    const StoreStats stats = driven_.store.stats();
    const StoreOptions& options = driven_.store.options();
    REQUIRE((is_settled_ || stats.evicted == before_.stats.evicted));
    REQUIRE(stats.used_bytes <= options.memory_bytes_max + options.value_bytes_max);
}

}  // namespace tc::test
