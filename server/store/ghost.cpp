// SPDX-License-Identifier: MIT
#include "store/ghost.hpp"

#include <algorithm>

#include "store/memory.hpp"

namespace tc {

struct Ghost::Record {
    std::uint16_t fingerprint;  // 0 = free
    std::uint16_t time;
};

struct Ghost::Set {
    static constexpr std::size_t size = 16;

    Record records[size];
};

namespace {

// 11.5 of 16 are in use when the capacity is reached, so that few sets have more than 16.
constexpr std::size_t sets_for(std::size_t capacity) {
    return (capacity * 2 + 22) / 23;
}

// Age is compared in steps of this part of the capacity; 16 bits of time last for 256 capacities,
// by when a record has long been overwritten.
constexpr std::size_t units_of_capacity = 256;

constexpr std::size_t sets_of_page = 256;
static_assert(sets_of_page * 16 * 4 == Ghost::page_bytes);

constexpr std::size_t pages_for(std::size_t set_count) {
    return (set_count + sets_of_page - 1) / sets_of_page;
}

// The owner's hash has bits that are the same throughout a stripe: all bits of it reach the upper
// half of the product.
constexpr std::uint64_t mix(std::uint64_t hash) {
    return (hash ^ hash >> 32) * 0x9E3779B97F4A7C15U;
}

constexpr std::uint16_t fingerprint_of(std::uint64_t mixed) {
    return std::max<std::uint16_t>(static_cast<std::uint16_t>(mixed >> 16), 1);
}

}  // namespace

bool Ghost::resize(std::size_t capacity) noexcept {
    const std::size_t needed = sets_for(capacity);
    if (needed <= set_count_ && needed >= set_count_ / 4) {
        capacity_ = capacity;
        return true;
    }
    // A quarter more, so that a queue that grows slowly does not bring a new table each time.
    const std::size_t set_count = needed + needed / 4;
    const std::size_t page_count = pages_for(set_count);
    void* const block = page_count == 0 ? nullptr : allocate(page_count * sizeof(std::uintptr_t));
    if (page_count != 0 && block == nullptr) {
        return false;
    }
    clear();
    if (block != nullptr) {
        pages_ = static_cast<Set**>(block);
        std::fill_n(pages_, page_count, nullptr);
        bytes_ = usable_bytes(block);
    }
    set_count_ = static_cast<std::uint32_t>(set_count);
    inserts_per_unit_ = std::max<std::size_t>(capacity / units_of_capacity, 1);
    capacity_ = capacity;
    return true;
}

void Ghost::insert(std::uint64_t hash, bool may_grow) noexcept {
    const std::uint64_t mixed = mix(hash);
    const std::uint16_t fingerprint = fingerprint_of(mixed);
    Set* const set = may_grow ? make_set(mixed) : find_set(mixed);
    if (set == nullptr) {
        return;
    }
    const std::uint16_t time = now();
    Record* victim = nullptr;
    std::uint32_t victim_age = 0;
    for (Record& record : set->records) {
        if (record.fingerprint == fingerprint) {
            victim = &record;
            break;
        }
        const std::uint32_t age =
            record.fingerprint == 0 ? UINT32_MAX : static_cast<std::uint16_t>(time - record.time);
        if (victim == nullptr || age > victim_age) {
            victim = &record;
            victim_age = age;
        }
    }
    *victim = {fingerprint, time};
    ++insert_count_;
}

bool Ghost::take(std::uint64_t hash) noexcept {
    const std::uint64_t mixed = mix(hash);
    const std::uint16_t fingerprint = fingerprint_of(mixed);
    Set* const set = find_set(mixed);
    if (set == nullptr) {
        return false;
    }
    for (Record& record : set->records) {
        if (record.fingerprint == fingerprint) {
            record.fingerprint = 0;
            const auto age = static_cast<std::uint16_t>(now() - record.time);
            return age * inserts_per_unit_ <= capacity_;
        }
    }
    return false;
}

void Ghost::clear() noexcept {
    for (std::size_t page = 0; page < pages_for(set_count_); ++page) {
        if (pages_[page] != nullptr) {
            release(pages_[page]);
        }
    }
    if (pages_ != nullptr) {
        release(pages_);
    }
    pages_ = nullptr;
    set_count_ = 0;
    capacity_ = 0;
    insert_count_ = 0;
    bytes_ = 0;
}

std::uint16_t Ghost::now() const noexcept {
    return static_cast<std::uint16_t>(insert_count_ / inserts_per_unit_);
}

std::size_t Ghost::set_index(std::uint64_t mixed) const noexcept {
    return (mixed >> 32) * set_count_ >> 32;
}

Ghost::Set* Ghost::find_set(std::uint64_t mixed) const noexcept {
    if (set_count_ == 0) {
        return nullptr;
    }
    const std::size_t index = set_index(mixed);
    Set* const page = pages_[index / sets_of_page];
    return page == nullptr ? nullptr : page + index % sets_of_page;
}

Ghost::Set* Ghost::make_set(std::uint64_t mixed) noexcept {
    if (set_count_ == 0) {
        return nullptr;
    }
    const std::size_t page = set_index(mixed) / sets_of_page;
    if (pages_[page] == nullptr) {
        const std::size_t size = std::min(set_count_ - page * sets_of_page, sets_of_page);
        void* const block = allocate(size * sizeof(Set));
        if (block == nullptr) {
            return nullptr;
        }
        pages_[page] = static_cast<Set*>(block);
        std::fill_n(pages_[page], size, Set{});
        bytes_ += usable_bytes(block);
    }
    return find_set(mixed);
}

}  // namespace tc
