// SPDX-License-Identifier: MIT
//
// A small open-addressing hash table, a part of a SplitTable. Robin Hood hashing (Celis, Larson,
// Munro, 1985): along a run of buckets nobody is nearer to home than the one before him allows, so
// that a search for what is not there ends early, and with backward-shift deletion there are no
// tombstones. That makes a table seven eighths full as quick as a half-empty one.
//
// A bucket's home is the upper bits of its hash, scaled to the capacity; so the capacity can be
// whatever fits a block of the allocator, and grows by a fifth, not by doubling: a table is 80 %
// full on average. The lower bits of the hash choose among the tables. Buckets of one home are kept
// in the order of their hashes, so all of them are, and those of one table can be laid into another
// one after the other.
//
// A Bucket is a small trivially copyable struct with a field `hash` (32 bits) and is_empty(); a
// value-initialised one is empty. `bytes` is the owner's account. Not thread-safe.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

#include "store/memory.hpp"

namespace tc {

template <typename Bucket>
class ProbeTable {
    static_assert(std::is_trivially_copyable_v<Bucket>);

 public:
    ProbeTable() = default;
    ProbeTable(const ProbeTable&) = delete;
    ProbeTable& operator=(const ProbeTable&) = delete;
    ~ProbeTable() { release(buckets_); }

    [[nodiscard]] std::uint32_t count() const noexcept { return count_; }

    // The bucket of this hash that `matches`, or nullptr. Insertions and erasures move buckets.
    template <typename Matches>
    [[nodiscard]] Bucket* find(std::uint32_t hash, const Matches& matches) const noexcept {
        if (count_ == 0) {
            return nullptr;
        }
        std::uint32_t at = home(hash);
        for (std::uint32_t distance = 0;; ++distance) {
            Bucket& bucket = buckets_[at];
            if (bucket.is_empty()) {
                return nullptr;
            }
            if (bucket.hash == hash && matches(bucket)) {
                return &bucket;
            }
            if (!precedes(at, hash, distance)) {
                return nullptr;
            }
            at = next(at);
        }
    }

    // Makes room for so many in all. False when there is no memory; then nothing has changed.
    [[nodiscard]] bool reserve(std::uint32_t count, std::uint64_t& bytes) noexcept {
        if (count <= count_max()) {
            return true;
        }
        return rehash(std::max(capacity_for(count), capacity_ + capacity_ / 8), bytes);
    }

    // REQUIRES: there is room for one more; no equal bucket is there.
    void insert(const Bucket& fresh) noexcept {
        assert(count_ < count_max() && !fresh.is_empty());
        std::uint32_t at = home(fresh.hash);
        for (std::uint32_t distance = 0;
             !buckets_[at].is_empty() && precedes(at, fresh.hash, distance); ++distance) {
            at = next(at);
        }
        open_gap(at);
        buckets_[at] = fresh;
        ++count_;
    }

    // Inserts the buckets of another table, or those of them that come one after the other in
    // for_each(): they are in order already. REQUIRES: the table was empty before the first.
    class Filler {
     public:
        explicit Filler(ProbeTable& table) noexcept : table_(table) {}

        void add(const Bucket& bucket) noexcept {
            const std::uint32_t at = std::max(table_.home(bucket.hash), next_);
            if (at < table_.capacity_) {
                table_.buckets_[at] = bucket;
                ++table_.count_;
                next_ = at + 1;
            } else {
                table_.insert(bucket);
            }
        }

     private:
        ProbeTable& table_;
        std::uint32_t next_ = 0;
    };

    void erase(Bucket* erased) noexcept {
        auto hole = static_cast<std::uint32_t>(erased - buckets_);
        for (std::uint32_t at = next(hole); !buckets_[at].is_empty() && distance_from_home(at) != 0;
             at = next(at)) {
            buckets_[hole] = buckets_[at];
            hole = at;
        }
        buckets_[hole] = Bucket{};
        --count_;
    }

    // Gives memory back that is not needed, all of it when the table is empty. A failure leaves it
    // as roomy as it is.
    void shrink(std::uint64_t& bytes) noexcept {
        if (count_ == 0) {
            clear(bytes);
        } else if (count_ < capacity_ / 2) {
            static_cast<void>(rehash(capacity_for(count_ + count_ / 8 + 1), bytes));
        }
    }

    // Forgets all buckets and gives their memory back.
    void clear(std::uint64_t& bytes) noexcept {
        if (buckets_ != nullptr) {
            bytes -= usable_bytes(buckets_);
            release(buckets_);
        }
        buckets_ = nullptr;
        capacity_ = 0;
        count_ = 0;
    }

    void swap(ProbeTable& other) noexcept {
        std::swap(buckets_, other.buckets_);
        std::swap(capacity_, other.capacity_);
        std::swap(count_, other.count_);
    }

    // In the order of their hashes: first those that are not at the start only because the table's
    // end was full.
    template <typename Visit>
    void for_each(const Visit& visit) const {
        std::uint32_t begin = 0;
        while (begin < capacity_ && !buckets_[begin].is_empty() &&
               home(buckets_[begin].hash) > begin) {
            ++begin;
        }
        const auto visit_range = [&](std::uint32_t from, std::uint32_t to) {
            std::for_each(buckets_ + from, buckets_ + to, [&](const Bucket& bucket) {
                if (!bucket.is_empty()) {
                    visit(bucket);
                }
            });
        };
        visit_range(begin, capacity_);
        visit_range(0, begin);
    }

 private:
    // A cache line of buckets, so that a table of one or two costs little.
    static constexpr std::uint32_t capacity_min =
        std::max<std::uint32_t>(4, 64 / std::uint32_t{sizeof(Bucket)});

    [[nodiscard]] static constexpr std::uint32_t capacity_for(std::uint32_t count) noexcept {
        return std::max(capacity_min, count + count / 7 + 1);
    }
    [[nodiscard]] std::uint32_t count_max() const noexcept { return capacity_ - capacity_ / 8; }

    [[nodiscard]] std::uint32_t home(std::uint32_t hash) const noexcept {
        return static_cast<std::uint32_t>(std::uint64_t{hash} * capacity_ >> 32);
    }
    [[nodiscard]] std::uint32_t next(std::uint32_t at) const noexcept {
        return at + 1 == capacity_ ? 0 : at + 1;
    }
    // Whether the bucket there comes before one of this hash, which would be so far from home
    // there.
    [[nodiscard]] bool precedes(std::uint32_t at, std::uint32_t hash,
                                std::uint32_t distance) const noexcept {
        const std::uint32_t own_distance = distance_from_home(at);
        return own_distance > distance || (own_distance == distance && buckets_[at].hash <= hash);
    }
    [[nodiscard]] std::uint32_t distance_from_home(std::uint32_t at) const noexcept {
        const std::uint32_t own = home(buckets_[at].hash);
        return at >= own ? at - own : at + capacity_ - own;
    }

    // Moves the run from there on by one.
    void open_gap(std::uint32_t at) noexcept {
        std::uint32_t end = at;
        while (!buckets_[end].is_empty()) {
            end = next(end);
        }
        if (end < at) {
            std::copy_backward(buckets_, buckets_ + end, buckets_ + end + 1);
            buckets_[0] = buckets_[capacity_ - 1];
            end = capacity_ - 1;
        }
        std::copy_backward(buckets_ + at, buckets_ + end, buckets_ + end + 1);
    }

    [[nodiscard]] bool rehash(std::uint32_t capacity, std::uint64_t& bytes) noexcept {
        ProbeTable fresh;
        if (!fresh.allocate_buckets(capacity, bytes)) {
            return false;
        }
        Filler filler(fresh);
        for_each([&](const Bucket& bucket) { filler.add(bucket); });
        swap(fresh);
        fresh.clear(bytes);
        return true;
    }

    [[nodiscard]] bool allocate_buckets(std::uint32_t capacity, std::uint64_t& bytes) noexcept {
        auto* const block = static_cast<Bucket*>(allocate(sizeof(Bucket) * capacity));
        if (block == nullptr) {
            return false;
        }
        const std::size_t usable = usable_bytes(block);
        bytes += usable;
        capacity_ = static_cast<std::uint32_t>(usable / sizeof(Bucket));
        std::uninitialized_value_construct_n(block, capacity_);
        buckets_ = block;
        return true;
    }

    Bucket* buckets_ = nullptr;
    std::uint32_t capacity_ = 0;
    std::uint32_t count_ = 0;
};

}  // namespace tc
