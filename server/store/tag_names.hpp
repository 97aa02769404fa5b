// SPDX-License-Identifier: MIT
//
// The names of all tags in use, each once per process, and for each the set of stripes that hold
// it. It is touched only when a tag enters or leaves a stripe; that set of stripes, one bit each,
// is exact, so that work on a tag visits only the stripes where it is.
//
// 64 shards by the hash of the name, each with a leaf lock: it is taken below a stripe's lock, and
// nothing is taken below it. An id is the name's place in its shard, so it can be listed in a
// stable order, and resolved without a lock: a name that no stripe holds any more is retired,
// because a view of a retired entry may still ask for it, and its place is used again when no turn
// is left that could see it.
//
// The set of stripes is what keeps an INVALIDATE from missing an entry that is being stored: the
// bit is set before the entry's tag clocks are looked at and before it can be seen (clocks.hpp).
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "store/entry.hpp"
#include "store/mutex.hpp"
#include "store/reservation.hpp"
#include "store/split_table.hpp"

namespace tc {

class Seat;
struct PageBudget;
struct TagCount;

// One name, in one allocation with its bytes right behind the last field.
struct TagName {
    union {
        std::uint64_t stripes = 0;  // guarded by the shard's lock
        // Once no stripe is left: the next one in the list of those that wait to be freed.
        TagName* next_retired;
    };
    TagId id = no_tag;
    std::uint8_t size = 0;

    [[nodiscard]] static std::size_t block_bytes(std::size_t size) noexcept;
    [[nodiscard]] char* data() noexcept;
    [[nodiscard]] std::string_view view() const noexcept;
};

class TagNames {
 public:
    static constexpr std::uint32_t shard_count = 64;

    TagNames() = default;
    ~TagNames();
    TagNames(const TagNames&) = delete;
    TagNames& operator=(const TagNames&) = delete;

    // Notes that a stripe holds the tag, and gives its id; no_tag when there is no memory. The
    // stripe calls it under its lock, before it publishes the first entry with the tag.
    [[nodiscard]] TagId enter(Seat& seat, std::string_view name, std::uint64_t hash,
                              std::uint32_t stripe) noexcept;
    // Notes that it does not hold it any more. Under the stripe's lock, after the last entry left.
    void leave(Seat& seat, TagId id, std::uint32_t stripe) noexcept;

    // Without a lock. REQUIRES: an entry that the caller sees in its turn, or holds, carries the
    // id, and is not dead.
    [[nodiscard]] std::string_view name(TagId id) const noexcept { return at(id)->view(); }
    // table_bits() of the name's hash. Without a lock, for any id that was ever given; what it says
    // is true while a stripe holds the tag.
    [[nodiscard]] std::uint32_t hash(TagId id) const noexcept;

    // One bit for each stripe that holds the tag.
    [[nodiscard]] std::uint64_t stripes(std::string_view name, std::uint64_t hash) const noexcept;

    // Appends the names with the prefix, from a position of a shard on, within the budget; what it
    // returns is where to go on, or end_of_shard. REQUIRES: `tags` has room for them.
    static constexpr std::uint32_t end_of_shard = UINT32_MAX;
    [[nodiscard]] std::uint32_t list(std::uint32_t shard_number, std::uint32_t position,
                                     std::string_view prefix, PageBudget& budget,
                                     std::vector<TagCount>& tags) const noexcept;

    // Frees a retired name that nobody can see any more.
    void free_retired(Seat& seat, TagName* name) noexcept;

    [[nodiscard]] std::uint64_t count() const noexcept;
    [[nodiscard]] std::uint64_t bytes() const noexcept;

    // For check_invariants(): whether the id is in use and the stripe's bit is set; and the number
    // of bits over all names, after looking at each name.
    [[nodiscard]] bool is_held(TagId id, std::uint32_t stripe) const noexcept;
    [[nodiscard]] std::uint64_t check_and_count_bits() const noexcept;

 private:
    struct Bucket {
        std::uint32_t hash = 0;
        std::uint32_t position = 0;  // places are counted from 1
    };

    // Places are in chunks behind a reservation: they never move and are found without a lock, a
    // new one costs the same however many there are, and one that nobody has written reads as
    // zeros. A word is a TagName*, with retired_bit set once it is retired, or, with free_bit set,
    // the next free place.
    struct Chunk {
        static constexpr std::uint32_t size = 64;

        std::array<std::atomic<std::uintptr_t>, size> words;
        std::array<std::atomic<std::uint32_t>, size> hashes;
    };
    static constexpr std::uintptr_t free_bit = 1;
    static constexpr std::uintptr_t retired_bit = 2;
    static constexpr std::uint32_t position_end = 1U << 26;  // what an id has bits for

    struct alignas(64) Shard {
        mutable Mutex mutex;
        SplitTable<Bucket> table TC_GUARDED_BY(mutex);
        std::uint32_t end TC_GUARDED_BY(mutex) = 1;  // every place in use is below
        std::uint32_t first_free TC_GUARDED_BY(mutex) = 0;
        std::uint32_t place_count TC_GUARDED_BY(mutex) = 0;  // in use, the retired ones included
        std::uint64_t name_bytes TC_GUARDED_BY(mutex) = 0;
        // Grows under the mutex, is read without.
        Reservation places{std::size_t{position_end} / Chunk::size * sizeof(Chunk)};
    };

    [[nodiscard]] static Chunk& chunk(const Shard& shard, std::uint32_t position) noexcept;
    [[nodiscard]] static std::atomic<std::uintptr_t>& word(const Shard& shard,
                                                           std::uint32_t position) noexcept;
    // The name at the place, or null if it is free or retired.
    [[nodiscard]] static TagName* held_at(const Shard& shard, std::uint32_t position) noexcept
        TC_REQUIRES(shard.mutex);
    [[nodiscard]] TagName* at(TagId id) const noexcept;
    [[nodiscard]] static TagName* find(const Shard& shard, std::string_view name,
                                       std::uint32_t hash) noexcept TC_REQUIRES(shard.mutex);
    [[nodiscard]] static TagName* add(Shard& shard, std::uint32_t shard_number,
                                      std::string_view name, std::uint32_t hash) noexcept
        TC_REQUIRES(shard.mutex);
    [[nodiscard]] static std::uint32_t take_place(Shard& shard) noexcept TC_REQUIRES(shard.mutex);
    static void give_back_place(Shard& shard, std::uint32_t position) noexcept
        TC_REQUIRES(shard.mutex);
    [[nodiscard]] static std::uint64_t place_bytes(const Shard& shard) noexcept
        TC_REQUIRES(shard.mutex);
    // Without the retired names, which their seats account for.
    [[nodiscard]] static std::uint64_t bytes(const Shard& shard) noexcept TC_REQUIRES(shard.mutex) {
        return shard.table.bytes() + shard.name_bytes + place_bytes(shard);
    }

    std::array<Shard, shard_count> shards_;
};

}  // namespace tc
