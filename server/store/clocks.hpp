// SPDX-License-Identifier: MIT
//
// What makes a FILL refuse a value that was read too early. The rule, with what goes wrong when a
// step of it is moved, was checked over all schedules of a small model; docs/decisions.md has it.
//
// A lease carries b, its stripe's sequence, and g, the global sequence, as they were when it was
// given, g not read later than b. A FILL compares, with > alone, so that a fresh lease passes:
//
//   KeyClocks of its stripe    > b    the key was deleted, or an entry of it went, since
//   TagClocks of each tag      > g    the tag was invalidated since, whether anybody had it or not
//
// INVALIDATE of a tag                    FILL, and TAG_ADD, under the stripe's lock
//   1 s = ++sequence                       1 TagIndex::link() of all tags: their stripe bits are
//   set 2 raise(hash, s)                       2 value(hash) > g of any tag: undo the links, refuse
//   3 TagNames::stripes()                  3 publish the entry
//   4 lock and visit these stripes
//
// Either the FILL's 2 sees the INVALIDATE's 2, or the INVALIDATE's 3 sees the FILL's 1, and then
// its visit waits for the stripe's lock and finds the entry. A bit that is new is set under the
// lock of the tag's shard, which 3 takes too: if 3 comes first, what precedes it is seen by what
// follows 1. A bit that was there is seen by 3, and if the visit comes before the FILL, the FILL
// sees 2 through the stripe's lock. So no fence is needed, and the clocks are relaxed. With masks
// that are read without a lock both sides would need a sequentially consistent fence between
// their two steps.
//
// Clocks are hashed: two keys that share one make a FILL refused that need not be, never a stale
// one accepted. They are raised only, never set back.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>

#include "store/hash.hpp"
#include "store/reservation.hpp"
#include "store/seeded_fault.hpp"

namespace tc {

// A table of clocks that takes a page of memory when one of them is first raised: most stores raise
// few of them.
template <typename Clock, std::size_t count>
class ClockTable {
 public:
    // Throws std::bad_alloc.
    ClockTable() : memory_(count * sizeof(Clock)) {
        if (!memory_.commit(count * sizeof(Clock))) {
            throw std::bad_alloc();
        }
    }
    [[nodiscard]] Clock& operator[](std::size_t index) const noexcept {
        return std::bit_cast<Clock*>(memory_.begin())[index];
    }

 private:
    Reservation memory_;
};

// Of the whole store, in values of the global sequence. Any thread.
class TagClocks {
 public:
    static constexpr std::size_t count = std::size_t{1} << tag_clock_bit_count;

    // Two INVALIDATEs may come here in the order opposite to their numbers: the greater one stays.
    void raise(std::uint64_t tag_hash, std::uint64_t sequence) noexcept {
        std::atomic<std::uint64_t>& clock = clocks_[tag_clock_bits(tag_hash)];
        std::uint64_t known = clock.load(std::memory_order_relaxed);
        while ((known < sequence || seeded(Fault::tag_clock_set_back)) &&
               !clock.compare_exchange_weak(known, sequence, std::memory_order_relaxed)) {
        }
    }
    [[nodiscard]] std::uint64_t value(std::uint64_t tag_hash) const noexcept {
        return clocks_[tag_clock_bits(tag_hash)].load(std::memory_order_relaxed);
    }

 private:
    ClockTable<std::atomic<std::uint64_t>, count> clocks_;
};

// Of one stripe, in its versions. Guarded by the stripe's lock.
class KeyClocks {
 public:
    static constexpr std::size_t count = std::size_t{1} << key_clock_bit_count;

    // An entry goes without its key being written: evicted, expired, or reclaimed after it died. A
    // lease that is older than the entry must not fill; one that is younger may.
    void raise_to(std::uint64_t key_hash, std::uint64_t version) noexcept {
        std::uint64_t& clock = clocks_[key_clock_bits(key_hash)];
        clock = seeded(Fault::removal_clock_set_back) ? version : std::max(clock, version);
    }
    // DELETE and GETDEL, whether the key was there or not, and a PUT that found no memory:
    // `version` is the stripe's sequence, just raised, so that it is greater than every clock.
    void set(std::uint64_t key_hash, std::uint64_t version) noexcept {
        clocks_[key_clock_bits(key_hash)] = version;
    }
    [[nodiscard]] std::uint64_t value(std::uint64_t key_hash) const noexcept {
        return clocks_[key_clock_bits(key_hash)];
    }

 private:
    ClockTable<std::uint64_t, count> clocks_;
};

}  // namespace tc
