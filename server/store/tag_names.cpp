// SPDX-License-Identifier: MIT
#include "store/tag_names.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstddef>

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

TagId id_of(std::uint32_t position, std::uint32_t shard_number) {
    return position << shard_bits | shard_number;
}

std::uint64_t bit_of(std::uint32_t stripe) {
    return std::uint64_t{1} << stripe;
}

// Names spread evenly, so that no shard comes near four times its share.
constexpr std::uint64_t places_spare = 64 * 1024;

std::uint32_t places_max_for(std::uint64_t memory_bytes, std::uint32_t position_end) {
    const std::uint64_t share = memory_bytes / sizeof(TagName) / TagNames::shard_count;
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(share * 4 + places_spare, position_end));
}

}  // namespace

TagNames::TagNames(std::uint64_t memory_bytes)
    : shards_(make_shards(places_max_for(memory_bytes, position_end),
                          std::make_index_sequence<shard_count>{})) {}

TagNames::~TagNames() {
    for (Shard& shard : shards_) {
        const MutexLock lock(shard.mutex);
        for (std::uint32_t position = 1; position < shard.end; ++position) {
            if (TagName& name = place(shard, position); name.is_long()) {
                release(name.long_bytes);
            }
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
    return id_of(position_in(shard, *found), shard_number);
}

void TagNames::leave(Seat& seat, TagId id, std::uint32_t stripe) noexcept {
    Shard& shard = shards_[shard_of(id)];
    const MutexLock lock(shard.mutex);
    TagName& left = place(shard, position_of(id));
    assert((left.stripes & bit_of(stripe)) != 0);
    left.stripes &= ~bit_of(stripe);
    if (left.stripes != 0) {
        return;
    }
    const std::uint64_t bytes_before = bytes(shard);
    shard.table.erase(shard.table.find(
        hash(id), [&](const Bucket& bucket) { return bucket.position == position_of(id); }));
    const std::uint64_t name_bytes = left.is_long() ? usable_bytes(left.long_bytes) : 0;
    shard.long_bytes -= name_bytes;
    left.is_retired = true;
    seat.charge(static_cast<std::int64_t>(bytes(shard) - bytes_before));
    seat.retire(&left, name_bytes);
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
        const TagName& tag = place(shard, position);
        if (tag.is_in_use() && tag.view().starts_with(prefix)) {
            tags.push_back({.name = tag.view(), .entry_count = 0});
            --budget.names_left;
        }
    }
    return end_of_shard;
}

void TagNames::free_retired(Seat& seat, TagName* name) noexcept {
    Shard& shard = shards_[name->shard];
    const MutexLock lock(shard.mutex);
    if (name->is_long()) {
        release(name->long_bytes);
    }
    const std::uint64_t bytes_before = place_bytes(shard);
    give_back_place(shard, *name);
    seat.charge(static_cast<std::int64_t>(place_bytes(shard) - bytes_before));
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
    const TagName& tag = place(shard, position_of(id));
    return tag.is_in_use() && (tag.stripes & bit_of(stripe)) != 0;
}

std::uint64_t TagNames::check_and_count_bits() const noexcept {
    std::uint64_t bit_count = 0;
    for (const Shard& shard : shards_) {
        const MutexLock lock(shard.mutex);
        std::uint32_t held_count = 0;
        for (std::uint32_t position = 1; position < shard.end; ++position) {
            const TagName& tag = place(shard, position);
            if (!tag.is_in_use()) {
                continue;
            }
            require_invariant(tag.stripes != 0, "a tag in use is in some stripe");
            require_invariant(find(shard, tag.view(), tag.hash.load()) == &tag,
                              "a tag's name leads to it");
            ++held_count;
            bit_count += static_cast<std::uint64_t>(std::popcount(tag.stripes));
        }
        require_invariant(held_count == shard.table.count(),
                          "the name table has the tags in use only");
        require_invariant(held_count <= shard.place_count, "each name in use has a place");
    }
    return bit_count;
}

std::uint32_t TagNames::hash(TagId id) const noexcept {
    return at(id).hash.load(std::memory_order_relaxed);
}

TagName& TagNames::place(const Shard& shard, std::uint32_t position) noexcept {
    return std::bit_cast<TagName*>(shard.places.begin())[position];
}

std::uint32_t TagNames::position_in(const Shard& shard, const TagName& name) noexcept {
    return static_cast<std::uint32_t>(&name - &place(shard, 0));
}

const TagName& TagNames::at(TagId id) const noexcept {
    return place(shards_[shard_of(id)], position_of(id));
}

TagName* TagNames::find(const Shard& shard, std::string_view name, std::uint32_t hash) noexcept {
    const Bucket* const bucket = shard.table.find(
        hash, [&](const Bucket& each) { return place(shard, each.position).view() == name; });
    return bucket == nullptr ? nullptr : &place(shard, bucket->position);
}

TagName* TagNames::add(Shard& shard, std::uint32_t shard_number, std::string_view name,
                       std::uint32_t hash) noexcept {
    assert(!name.empty() && name.size() <= UINT8_MAX);
    if (!shard.table.reserve_one(hash)) {
        return nullptr;
    }
    const bool is_long = name.size() > TagName::short_bytes_max;
    auto* const block = is_long ? static_cast<char*>(allocate(name.size())) : nullptr;
    if (is_long && block == nullptr) {
        return nullptr;
    }
    const std::uint32_t position = take_place(shard);
    if (position == 0) {
        release(block);
        return nullptr;
    }
    TagName& fresh = place(shard, position);
    fresh.stripes = 0;
    fresh.hash.store(hash, std::memory_order_relaxed);
    fresh.size = static_cast<std::uint8_t>(name.size());
    fresh.shard = static_cast<std::uint8_t>(shard_number);
    fresh.is_retired = false;
    if (is_long) {
        fresh.long_bytes = block;
        shard.long_bytes += usable_bytes(block);
    }
    std::copy(name.begin(), name.end(), is_long ? block : fresh.short_bytes.data());
    shard.table.insert({.hash = hash, .position = position});
    return &fresh;
}

// 0 when there is no memory.
std::uint32_t TagNames::take_place(Shard& shard) noexcept {
    std::uint32_t position = shard.first_free;
    if (position != 0) {
        shard.first_free = place(shard, position).next_free;
    } else {
        const std::size_t wanted_bytes = (std::size_t{shard.end} + 1) * sizeof(TagName);
        if (shard.end == position_end - 1 || !shard.places.commit(wanted_bytes)) {
            return 0;
        }
        position = shard.end++;
    }
    ++shard.place_count;
    return position;
}

// With the last one all pages but the first are given back, so that memory does not stay where many
// tags were, and a shard with one tag now and then does not call the system.
void TagNames::give_back_place(Shard& shard, TagName& name) noexcept {
    name.size = 0;
    if (--shard.place_count == 0) {
        shard.places.give_back(Reservation::page_bytes, place_bytes(shard));
        shard.end = 1;
        shard.first_free = 0;
        return;
    }
    name.next_free = shard.first_free;
    shard.first_free = position_in(shard, name);
}

// A page that is only begun is not counted beyond the last place.
std::uint64_t TagNames::place_bytes(const Shard& shard) noexcept {
    return shard.end == 1 ? 0 : shard.end * sizeof(TagName);
}

}  // namespace tc
