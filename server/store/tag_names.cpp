// SPDX-License-Identifier: MIT
#include "store/tag_names.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <memory>
#include <new>

#include "store/cursor.hpp"
#include "store/hash.hpp"
#include "store/invariant.hpp"
#include "store/memory.hpp"
#include "store/seat.hpp"
#include "store/store.hpp"

namespace tc {
namespace {

constexpr std::uint32_t shard_bits = 6;
static_assert(1U << shard_bits == TagNames::shard_count);

std::uint32_t shard_of(TagId id) {
    return id % TagNames::shard_count;
}
std::uint32_t position_of(TagId id) {
    return id >> shard_bits;
}

constexpr std::uint32_t segment_size_min = 64;

// Segment n holds the 64 x 2^n places from 64 x (2^n - 1) on.
std::uint32_t segment_of(std::uint32_t position) {
    return static_cast<std::uint32_t>(std::bit_width(position / segment_size_min + 1)) - 1;
}
std::uint32_t segment_size(std::uint32_t segment) {
    return segment_size_min << segment;
}
std::uint32_t segment_begin(std::uint32_t segment) {
    return segment_size(segment) - segment_size_min;
}

std::uint64_t bit_of(std::uint32_t stripe) {
    return std::uint64_t{1} << stripe;
}

bool is_free(std::uintptr_t word) {
    return (word & 1) != 0;
}

}  // namespace

TagNames::~TagNames() {
    for (Shard& shard : shards_) {
        const MutexLock lock(shard.mutex);
        for (std::uint32_t position = 1; position < shard.end; ++position) {
            const std::uintptr_t value = word(shard, position).load(std::memory_order_relaxed);
            if (!is_free(value)) {
                release(std::bit_cast<TagName*>(value));
            }
        }
        for (std::atomic<Word*>& segment : shard.segments) {
            release(segment.load(std::memory_order_relaxed));
        }
    }
}

TagId TagNames::enter(Seat& seat, std::string_view name, std::uint64_t hash,
                      std::uint32_t stripe) noexcept {
    const std::uint32_t shard_number = stripe_bits(hash);
    Shard& shard = shards_[shard_number];
    const MutexLock lock(shard.mutex);
    TagName* found = find(shard, name, hash);
    if (found == nullptr) {
        const std::uint64_t bytes_before = bytes(shard);
        found = add(shard, shard_number, name, hash);
        seat.charge(static_cast<std::int64_t>(bytes(shard) - bytes_before));
        if (found == nullptr) {
            return no_tag;
        }
    }
    found->stripes |= bit_of(stripe);
    return found->id;
}

void TagNames::leave(Seat& seat, TagId id, std::uint32_t stripe) noexcept {
    Shard& shard = shards_[shard_of(id)];
    const MutexLock lock(shard.mutex);
    TagName* const left = at(id);
    assert((left->stripes & bit_of(stripe)) != 0);
    left->stripes &= ~bit_of(stripe);
    if (left->stripes != 0) {
        return;
    }
    shard.table.erase(shard.table.find(table_bits(left->hash), [&](const Bucket& bucket) {
        return bucket.position == position_of(id);
    }));
    const std::uint64_t name_bytes = usable_bytes(left);
    shard.block_bytes -= name_bytes;
    seat.charge(-static_cast<std::int64_t>(name_bytes));
    seat.retire(left, name_bytes);
}

std::uint64_t TagNames::stripes(std::string_view name, std::uint64_t hash) const noexcept {
    const Shard& shard = shards_[stripe_bits(hash)];
    const MutexLock lock(shard.mutex);
    const TagName* const found = find(shard, name, hash);
    return found == nullptr ? 0 : found->stripes;
}

std::uint32_t TagNames::list(std::uint32_t shard_number, std::uint32_t position,
                             std::string_view prefix, PageBudget& budget,
                             std::vector<TagCount>& tags) const noexcept {
    const Shard& shard = shards_[shard_number];
    const MutexLock lock(shard.mutex);
    for (position = std::max(position, 1U); position < shard.end; ++position) {
        if (budget.is_spent()) {
            return position;
        }
        --budget.places_left;
        const std::uintptr_t value = word(shard, position).load(std::memory_order_relaxed);
        if (is_free(value)) {
            continue;
        }
        const TagName* const tag = std::bit_cast<TagName*>(value);
        // Without a stripe it is retired, and only waits to be freed.
        if (tag->stripes != 0 && tag->view().starts_with(prefix)) {
            tags.push_back({.name = tag->view(), .entry_count = 0});
            --budget.names_left;
        }
    }
    return end_of_shard;
}

void TagNames::free_retired(TagName* name) noexcept {
    Shard& shard = shards_[shard_of(name->id)];
    {
        const MutexLock lock(shard.mutex);
        give_back_position(shard, position_of(name->id));
    }
    release(name);
}

std::uint64_t TagNames::count() const noexcept {
    std::uint64_t sum = 0;
    for (const Shard& shard : shards_) {
        const MutexLock lock(shard.mutex);
        sum += shard.table.count();
    }
    return sum;
}

std::uint64_t TagNames::bytes() const noexcept {
    std::uint64_t sum = 0;
    for (const Shard& shard : shards_) {
        const MutexLock lock(shard.mutex);
        sum += bytes(shard);
    }
    return sum;
}

bool TagNames::is_held(TagId id, std::uint32_t stripe) const noexcept {
    const Shard& shard = shards_[shard_of(id)];
    const MutexLock lock(shard.mutex);
    const TagName* const tag = at(id);
    return tag->id == id && (tag->stripes & bit_of(stripe)) != 0;
}

std::uint64_t TagNames::check_and_count_bits() const noexcept {
    std::uint64_t bit_count = 0;
    for (const Shard& shard : shards_) {
        const MutexLock lock(shard.mutex);
        std::uint32_t held_count = 0;
        for (std::uint32_t position = 1; position < shard.end; ++position) {
            const std::uintptr_t value = word(shard, position).load(std::memory_order_relaxed);
            const TagName* const tag = is_free(value) ? nullptr : std::bit_cast<TagName*>(value);
            if (tag == nullptr || tag->stripes == 0) {
                continue;
            }
            require_invariant(find(shard, tag->view(), tag->hash) == tag,
                              "a tag's name leads to it");
            ++held_count;
            bit_count += static_cast<std::uint64_t>(std::popcount(tag->stripes));
        }
        require_invariant(held_count == shard.table.count(),
                          "the name table has the tags in use only");
    }
    return bit_count;
}

TagNames::Word& TagNames::word(const Shard& shard, std::uint32_t position) noexcept {
    const std::uint32_t segment = segment_of(position);
    return shard.segments[segment].load(
        std::memory_order_acquire)[position - segment_begin(segment)];
}

TagName* TagNames::at(TagId id) const noexcept {
    const std::uintptr_t value =
        word(shards_[shard_of(id)], position_of(id)).load(std::memory_order_acquire);
    assert(!is_free(value));
    return std::bit_cast<TagName*>(value);
}

TagName* TagNames::find(const Shard& shard, std::string_view name, std::uint64_t hash) noexcept {
    const auto name_at = [&](std::uint32_t position) {
        return std::bit_cast<TagName*>(word(shard, position).load(std::memory_order_relaxed));
    };
    const Bucket* const bucket = shard.table.find(table_bits(hash), [&](const Bucket& each) {
        return name_at(each.position)->view() == name;
    });
    return bucket == nullptr ? nullptr : name_at(bucket->position);
}

TagName* TagNames::add(Shard& shard, std::uint32_t shard_number, std::string_view name,
                       std::uint64_t hash) noexcept {
    assert(!name.empty() && name.size() <= UINT8_MAX);
    if (!shard.table.reserve_one()) {
        return nullptr;
    }
    const std::uint32_t position = take_position(shard);
    if (position == 0) {
        return nullptr;
    }
    void* const block = allocate(sizeof(TagName) + name.size());
    if (block == nullptr) {
        give_back_position(shard, position);
        return nullptr;
    }
    TagName* const fresh = new (block) TagName;
    fresh->hash = hash;
    fresh->id = position << shard_bits | shard_number;
    fresh->size = static_cast<std::uint8_t>(name.size());
    std::copy(name.begin(), name.end(), fresh->data());
    word(shard, position).store(std::bit_cast<std::uintptr_t>(fresh), std::memory_order_release);
    shard.table.insert({.hash = table_bits(hash), .position = position});
    shard.block_bytes += usable_bytes(block);
    return fresh;
}

// 0 when there is no memory.
std::uint32_t TagNames::take_position(Shard& shard) noexcept {
    if (shard.first_free != 0) {
        const std::uint32_t position = shard.first_free;
        shard.first_free =
            static_cast<std::uint32_t>(word(shard, position).load(std::memory_order_relaxed) >> 1);
        return position;
    }
    if (shard.end == position_end) {
        return 0;
    }
    const std::uint32_t segment = segment_of(shard.end);
    if (shard.segments[segment].load(std::memory_order_relaxed) == nullptr) {
        auto* const words = static_cast<Word*>(allocate(sizeof(Word) * segment_size(segment)));
        if (words == nullptr) {
            return 0;
        }
        std::uninitialized_fill_n(words, segment_size(segment), std::uintptr_t{1});
        shard.segments[segment].store(words, std::memory_order_release);
        shard.block_bytes += usable_bytes(words);
    }
    return shard.end++;
}

void TagNames::give_back_position(Shard& shard, std::uint32_t position) noexcept {
    word(shard, position)
        .store(std::uintptr_t{shard.first_free} << 1 | 1, std::memory_order_relaxed);
    shard.first_free = position;
}

}  // namespace tc
