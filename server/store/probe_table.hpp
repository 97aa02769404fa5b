// SPDX-License-Identifier: MIT
//
// An open-addressing hash table: linear probing, and backward-shift deletion (Knuth, The Art of
// Computer Programming 6.4, algorithm R), so that there are no tombstones and no clean-up of them.
// The key index, the tag index and the tag names are tables of this one kind.
//
// A Bucket is a small trivially copyable struct with a field `hash` (32 bits) and is_empty(); a
// value-initialised one is empty. Not thread-safe, except prefetch().
#pragma once

#include <atomic>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

#include "store/memory.hpp"

namespace tc {

template <typename Bucket>
class ProbeTable {
    static_assert(std::is_trivially_copyable_v<Bucket>);

 public:
    ProbeTable() = default;
    ProbeTable(const ProbeTable&) = delete;
    ProbeTable& operator=(const ProbeTable&) = delete;
    ~ProbeTable() { release(buckets()); }

    [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

    // The bucket of this hash that `matches`, or nullptr. Insertions and erasures move buckets.
    template <typename Matches>
    [[nodiscard]] Bucket* find(std::uint32_t hash, const Matches& matches) const noexcept {
        if (count_ == 0) {
            return nullptr;
        }
        Bucket* const table = buckets();
        for (std::uint32_t at = hash & mask();; at = (at + 1) & mask()) {
            Bucket& bucket = table[at];
            if (bucket.is_empty()) {
                return nullptr;
            }
            if (bucket.hash == hash && matches(bucket)) {
                return &bucket;
            }
        }
    }

    // Makes room for one more insert(). False when there is no memory; then nothing has changed.
    [[nodiscard]] bool reserve_one() noexcept {
        if (buckets() == nullptr) {
            return rehash(capacity_min);
        }
        // Three quarters full: a miss probes 8.5 buckets of one or two cache lines on average.
        const std::uint64_t capacity = std::uint64_t{mask()} + 1;
        if (std::uint64_t{count_} + 1 <= capacity / 4 * 3) {
            return true;
        }
        return capacity <= UINT32_MAX / 2 && rehash(static_cast<std::uint32_t>(capacity * 2));
    }

    // REQUIRES: reserve_one() was true since the last insertion; no equal bucket is there.
    void insert(const Bucket& fresh) noexcept {
        assert(buckets() != nullptr && !fresh.is_empty());
        place(buckets(), mask(), fresh);
        ++count_;
    }

    void erase(Bucket* erased) noexcept {
        Bucket* const table = buckets();
        auto hole = static_cast<std::uint32_t>(erased - table);
        for (std::uint32_t at = (hole + 1) & mask(); !table[at].is_empty();
             at = (at + 1) & mask()) {
            const std::uint32_t distance_from_home = (at - table[at].hash) & mask();
            if (distance_from_home >= ((at - hole) & mask())) {
                table[hole] = table[at];
                hole = at;
            }
        }
        table[hole] = Bucket{};
        --count_;
    }

    // Forgets all buckets and gives their memory back.
    void clear() noexcept {
        release(buckets());
        buckets_.store(nullptr, std::memory_order_relaxed);
        mask_.store(0, std::memory_order_relaxed);
        count_ = 0;
        bytes_ = 0;
    }

    template <typename Visit>
    void for_each(const Visit& visit) const {
        const std::uint64_t capacity = buckets() == nullptr ? 0 : std::uint64_t{mask()} + 1;
        for (std::uint64_t at = 0; at < capacity; ++at) {
            if (!buckets()[at].is_empty()) {
                visit(buckets()[at]);
            }
        }
    }

    // Any thread, without the lock: while the table moves this brings a line that nobody needs.
    void prefetch(std::uint32_t hash) const noexcept {
        const Bucket* const table = buckets();
        if (table != nullptr) {
            __builtin_prefetch(std::bit_cast<const char*>(table) +
                               sizeof(Bucket) * (hash & mask()));
        }
    }

 private:
    static constexpr std::uint32_t capacity_min = 16;

    [[nodiscard]] Bucket* buckets() const noexcept {
        return buckets_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint32_t mask() const noexcept {
        return mask_.load(std::memory_order_relaxed);
    }

    static void place(Bucket* table, std::uint32_t mask, const Bucket& bucket) noexcept {
        std::uint32_t at = bucket.hash & mask;
        while (!table[at].is_empty()) {
            at = (at + 1) & mask;
        }
        table[at] = bucket;
    }

    bool rehash(std::uint32_t capacity) noexcept {
        auto* const table = static_cast<Bucket*>(allocate(sizeof(Bucket) * capacity));
        if (table == nullptr) {
            return false;
        }
        std::uninitialized_value_construct_n(table, capacity);
        for_each([&](const Bucket& bucket) { place(table, capacity - 1, bucket); });
        release(buckets());
        buckets_.store(table, std::memory_order_relaxed);
        mask_.store(capacity - 1, std::memory_order_relaxed);
        bytes_ = usable_bytes(table);
        return true;
    }

    // Atomic for prefetch() alone.
    std::atomic<Bucket*> buckets_{nullptr};
    std::atomic<std::uint32_t> mask_{0};
    std::uint32_t count_ = 0;
    std::uint64_t bytes_ = 0;
};

}  // namespace tc
