// SPDX-License-Identifier: MIT
#include "server/hot_sketch.hpp"

#include <algorithm>
#include <cstring>
#include <thread>

#include "protocol/wire.h"

namespace tc {

namespace {

constexpr std::size_t set_count = limits::hot_names_max / limits::hot_names_per_set;
static_assert((set_count & (set_count - 1)) == 0, "a set is chosen by bits of the hash");

// Beyond this a count is 0, and a shift by more would not be defined.
constexpr std::uint64_t halvings_max = 31;

// A step of xorshift64 (Marsaglia, "Xorshift RNGs", 2003): the gaps need to be irregular, not
// unpredictable.
std::uint64_t next_random(std::uint64_t state) noexcept {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

// 1 to 2 * interval - 1, so that on average it is the interval, and no rhythm of the load is in
// step with it.
std::uint32_t gap_of(std::uint64_t random) noexcept {
    constexpr std::uint64_t gap_count = 2 * limits::hot_sample_interval - 1;
    return static_cast<std::uint32_t>(1 + ((random >> 32) * gap_count >> 32));
}

}  // namespace

void SampleLock::lock() noexcept {
    while (!try_lock()) {
        std::this_thread::yield();
    }
}

HotSketch::HotSketch(std::size_t name_bytes_max, std::uint64_t now_ms, std::uint64_t seed)
    : hash_(seed),
      name_bytes_max_(name_bytes_max),
      counts_(limits::hot_names_max),
      names_(std::make_unique_for_overwrite<char[]>(limits::hot_names_max * name_bytes_max)),
      aged_at_ms_(now_ms) {
    random_ = hash_("gap") | 1;  // a state of 0 would stay 0
    uses_until_sample_ = gap_of(random_);
}

void HotSketch::sample(std::string_view name, std::uint64_t now_ms) noexcept {
    random_ = next_random(random_);
    uses_until_sample_ = gap_of(random_);
    // A name that is cut off would be another one.
    if (name.size() <= name_bytes_max_ && lock_.try_lock()) {
        age(now_ms);
        add(name);
        lock_.unlock();
    }
}

// Somebody who has listed may have had a clock that is ahead.
void HotSketch::age(std::uint64_t now_ms) noexcept {
    if (now_ms < aged_at_ms_ + limits::hot_half_life_ms) {
        return;
    }
    const std::uint64_t period_count = (now_ms - aged_at_ms_) / limits::hot_half_life_ms;
    const std::uint64_t halving_count = std::min(period_count, halvings_max);
    for (Count& count : counts_) {
        count.uses >>= halving_count;
        count.uses_taken_over >>= halving_count;
    }
    for (std::uint64_t i = 0; i < halving_count; ++i) {
        aged_span_ms_ = (aged_span_ms_ + limits::hot_half_life_ms) / 2;
    }
    aged_at_ms_ += period_count * limits::hot_half_life_ms;
}

void HotSketch::add(std::string_view name) noexcept {
    const std::uint64_t hash = hash_(name);
    const std::size_t begin = (hash % set_count) * limits::hot_names_per_set;
    std::size_t least = begin;
    for (std::size_t i = begin; i < begin + limits::hot_names_per_set; ++i) {
        if (counts_[i].hash == hash) {
            counts_[i].uses += limits::hot_sample_interval;
            return;
        }
        if (counts_[i].uses < counts_[least].uses) {
            least = i;
        }
    }
    Count& count = counts_[least];
    count.hash = hash;
    count.uses_taken_over = count.uses;
    count.uses += limits::hot_sample_interval;
    count.name_bytes = static_cast<std::uint16_t>(name.size());
    std::memcpy(name_of(least), name.data(), count.name_bytes);
}

char* HotSketch::name_of(std::size_t index) noexcept {
    return names_.get() + index * name_bytes_max_;
}

std::uint64_t HotSketch::span_ms(std::uint64_t now_ms) const noexcept {
    const std::uint64_t since_ms = now_ms - std::min(now_ms, aged_at_ms_);
    return std::max(aged_span_ms_ + since_ms, limits::hot_span_ms_min);
}

void HotSketch::list(std::uint64_t now_ms, std::vector<HotName>& names) {
    names.reserve(names.size() + limits::hot_names_max);
    const SampleLockHolder holder(lock_);
    age(now_ms);
    const std::uint64_t span = span_ms(now_ms);
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        const Count& count = counts_[i];
        const std::uint64_t own_uses = count.uses - count.uses_taken_over;
        if (own_uses != 0) {
            names.push_back(
                {std::string(name_of(i), count.name_bytes), (own_uses * 1'000 + span - 1) / span});
        }
    }
}

HotSketches::HotSketches(std::uint64_t now_ms)
    : keys(WIRE_KEY_BYTES_MAX, now_ms), tags(WIRE_TAG_BYTES_MAX, now_ms) {}

}  // namespace tc
