// SPDX-License-Identifier: MIT
#include "store/tag_names.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstddef>
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

std::uint64_t bit_of(std::uint32_t stripe) {
    return std::uint64_t{1} << stripe;
}

// The name follows the last field without a gap: most are short, and a block is 24 bytes then.
constexpr std::size_t name_offset = offsetof(TagName, size) + sizeof(TagName::size);

}  // namespace

std::size_t TagName::block_bytes(std::size_t size) noexcept {
    return std::max(name_offset + size, sizeof(TagName));
}

char* TagName::data() noexcept {
    return std::bit_cast<char*>(this) + name_offset;
}

std::string_view TagName::view() const noexcept {
    return {std::bit_cast<const char*>(this) + name_offset, size};
}

TagNames::~TagNames() {
    for (Shard& shard : shards_) {
        const MutexLock lock(shard.mutex);
        for (std::uint32_t position = 1; position < shard.end; ++position) {
            release(held_at(shard, position));
        }
    }
}

TagId TagNames::enter(Seat& seat, std::string_view name, std::uint64_t hash,
                      std::uint32_t stripe) noexcept {
    const std::uint32_t shard_number = stripe_bits(hash);
    Shard& shard = shards_[shard_number];
    const MutexLock lock(shard.mutex);
    TagName* found = find(shard, name, table_bits(hash));
    if (found == nullptr) {
        const std::uint64_t bytes_before = bytes(shard);
        found = add(shard, shard_number, name, table_bits(hash));
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
    const std::uint64_t bytes_before = bytes(shard);
    shard.table.erase(shard.table.find(
        hash(id), [&](const Bucket& bucket) { return bucket.position == position_of(id); }));
    const std::uint64_t name_bytes = usable_bytes(left);
    shard.name_bytes -= name_bytes;
    word(shard, position_of(id)).fetch_or(retired_bit, std::memory_order_relaxed);
    seat.charge(static_cast<std::int64_t>(bytes(shard) - bytes_before));
    seat.retire(left, name_bytes);
}

std::uint64_t TagNames::stripes(std::string_view name, std::uint64_t hash) const noexcept {
    const Shard& shard = shards_[stripe_bits(hash)];
    const MutexLock lock(shard.mutex);
    const TagName* const found = find(shard, name, table_bits(hash));
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
        const TagName* const tag = held_at(shard, position);
        if (tag != nullptr && tag->view().starts_with(prefix)) {
            tags.push_back({.name = tag->view(), .entry_count = 0});
            --budget.names_left;
        }
    }
    return end_of_shard;
}

void TagNames::free_retired(Seat& seat, TagName* name) noexcept {
    Shard& shard = shards_[shard_of(name->id)];
    {
        const MutexLock lock(shard.mutex);
        const std::uint64_t bytes_before = place_bytes(shard);
        give_back_place(shard, position_of(name->id));
        seat.charge(static_cast<std::int64_t>(place_bytes(shard) - bytes_before));
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
    const TagName* const tag = held_at(shard, position_of(id));
    return tag != nullptr && tag->id == id && (tag->stripes & bit_of(stripe)) != 0;
}

std::uint64_t TagNames::check_and_count_bits() const noexcept {
    std::uint64_t bit_count = 0;
    for (const Shard& shard : shards_) {
        const MutexLock lock(shard.mutex);
        std::uint32_t held_count = 0;
        for (std::uint32_t position = 1; position < shard.end; ++position) {
            const TagName* const tag = held_at(shard, position);
            if (tag == nullptr) {
                continue;
            }
            require_invariant(tag->stripes != 0, "a tag in use is in some stripe");
            require_invariant(find(shard, tag->view(), hash(tag->id)) == tag,
                              "a tag's name leads to it");
            ++held_count;
            bit_count += static_cast<std::uint64_t>(std::popcount(tag->stripes));
        }
        require_invariant(held_count == shard.table.count(),
                          "the name table has the tags in use only");
        require_invariant(held_count <= shard.place_count, "each name in use has a place");
    }
    return bit_count;
}

TagNames::Chunk& TagNames::chunk(const Shard& shard, std::uint32_t position) noexcept {
    return std::bit_cast<Chunk*>(shard.places.begin())[position / Chunk::size];
}

std::atomic<std::uintptr_t>& TagNames::word(const Shard& shard, std::uint32_t position) noexcept {
    return chunk(shard, position).words[position % Chunk::size];
}

std::uint32_t TagNames::hash(TagId id) const noexcept {
    const std::uint32_t position = position_of(id);
    return chunk(shards_[shard_of(id)], position)
        .hashes[position % Chunk::size]
        .load(std::memory_order_relaxed);
}

TagName* TagNames::held_at(const Shard& shard, std::uint32_t position) noexcept {
    const std::uintptr_t value = word(shard, position).load(std::memory_order_relaxed);
    return (value & (free_bit | retired_bit)) != 0 ? nullptr : std::bit_cast<TagName*>(value);
}

TagName* TagNames::at(TagId id) const noexcept {
    const std::uintptr_t value =
        word(shards_[shard_of(id)], position_of(id)).load(std::memory_order_acquire);
    assert(value != 0 && (value & free_bit) == 0);
    return std::bit_cast<TagName*>(value & ~retired_bit);
}

TagName* TagNames::find(const Shard& shard, std::string_view name, std::uint32_t hash) noexcept {
    const auto name_at = [&](std::uint32_t position) {
        return std::bit_cast<TagName*>(word(shard, position).load(std::memory_order_relaxed));
    };
    const Bucket* const bucket = shard.table.find(
        hash, [&](const Bucket& each) { return name_at(each.position)->view() == name; });
    return bucket == nullptr ? nullptr : name_at(bucket->position);
}

TagName* TagNames::add(Shard& shard, std::uint32_t shard_number, std::string_view name,
                       std::uint32_t hash) noexcept {
    assert(!name.empty() && name.size() <= UINT8_MAX);
    if (!shard.table.reserve_one(hash)) {
        return nullptr;
    }
    void* const block = allocate(TagName::block_bytes(name.size()));
    if (block == nullptr) {
        return nullptr;
    }
    const std::uint32_t position = take_place(shard);
    if (position == 0) {
        release(block);
        return nullptr;
    }
    auto* const fresh = new (block) TagName;
    fresh->id = position << shard_bits | shard_number;
    fresh->size = static_cast<std::uint8_t>(name.size());
    std::copy(name.begin(), name.end(), fresh->data());
    chunk(shard, position).hashes[position % Chunk::size].store(hash, std::memory_order_relaxed);
    word(shard, position).store(std::bit_cast<std::uintptr_t>(fresh), std::memory_order_release);
    shard.table.insert({.hash = hash, .position = position});
    shard.name_bytes += usable_bytes(block);
    return fresh;
}

// 0 when there is no memory.
std::uint32_t TagNames::take_place(Shard& shard) noexcept {
    std::uint32_t position = shard.first_free;
    if (position != 0) {
        shard.first_free =
            static_cast<std::uint32_t>(word(shard, position).load(std::memory_order_relaxed) >> 1);
    } else {
        const std::size_t chunk_count = shard.end / Chunk::size + 1;
        if (shard.end == position_end || !shard.places.commit(chunk_count * sizeof(Chunk))) {
            return 0;
        }
        position = shard.end++;
    }
    ++shard.place_count;
    return position;
}

// With the last one all pages but the first are given back, so that memory does not stay where many
// tags were, and a shard with one tag now and then does not call the system.
void TagNames::give_back_place(Shard& shard, std::uint32_t position) noexcept {
    if (--shard.place_count == 0) {
        shard.places.give_back(Reservation::page_bytes, place_bytes(shard));
        shard.end = 1;
        shard.first_free = 0;
        return;
    }
    word(shard, position)
        .store(std::uintptr_t{shard.first_free} << 1 | free_bit, std::memory_order_relaxed);
    shard.first_free = position;
}

// By whole chunks that have been begun. A page that is only begun is not counted beyond.
std::uint64_t TagNames::place_bytes(const Shard& shard) noexcept {
    return shard.end == 1 ? 0 : ((shard.end - 1) / Chunk::size + 1) * sizeof(Chunk);
}

}  // namespace tc
