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
#include <utility>
#include <vector>

#include "store/entry.hpp"
#include "store/mutex.hpp"
#include "store/reservation.hpp"
#include "store/split_table.hpp"

namespace tc {

class Seat;
struct PageBudget;
struct TagCount;

// One name, in the place that its id says. Most are short and need no memory but their place.
struct TagName {
    static constexpr std::size_t short_bytes_max = 16;

    union {
        std::uint64_t stripes;    // one bit each; of a name in use
        TagName* next_retired;    // once no stripe is left: the list of those that wait to be freed
        std::uint32_t next_free;  // of a free place: the position of the next one
    };
    // Atomic because it is asked for by ids of dead entries too, whose names may have been freed.
    std::atomic<std::uint32_t> hash;
    std::uint8_t size;  // 0 = the place is free
    std::uint8_t shard;
    bool is_retired;
    union {
        std::array<char, short_bytes_max> short_bytes;
        char* long_bytes;
    };

    [[nodiscard]] bool is_long() const noexcept { return size > short_bytes_max; }
    [[nodiscard]] bool is_in_use() const noexcept { return size != 0 && !is_retired; }
    [[nodiscard]] std::string_view view() const noexcept {
        return {is_long() ? long_bytes : short_bytes.data(), size};
    }
};
static_assert(sizeof(TagName) == 32);

class TagNames {
 public:
    static constexpr std::uint32_t shard_count = 64;

    // Reserves addresses for as many names as fit into that memory. Throws std::bad_alloc.
    explicit TagNames(std::uint64_t memory_bytes);
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
    [[nodiscard]] std::string_view name(TagId id) const noexcept { return at(id).view(); }
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

    static constexpr std::uint32_t position_end =
        1U << 26;  // what an id has bits for; the last would be no_tag

    struct alignas(64) Shard {
        explicit Shard(std::uint32_t position_max)
            : places(std::size_t{position_max} * sizeof(TagName)) {}

        mutable Mutex mutex;
        SplitTable<Bucket> table TC_GUARDED_BY(mutex);
        std::uint32_t end TC_GUARDED_BY(mutex) = 1;  // every place in use is below
        std::uint32_t first_free TC_GUARDED_BY(mutex) = 0;
        std::uint32_t place_count TC_GUARDED_BY(mutex) = 0;  // in use, the retired ones included
        std::uint64_t long_bytes TC_GUARDED_BY(mutex) = 0;   // of names in use
        // The places: they never move, and one more costs the same however many there are. Grows
        // under the mutex, is read without.
        Reservation places;
    };

    [[nodiscard]] static TagName& place(const Shard& shard, std::uint32_t position) noexcept;
    [[nodiscard]] static std::uint32_t position_in(const Shard& shard,
                                                   const TagName& name) noexcept;
    [[nodiscard]] const TagName& at(TagId id) const noexcept;
    [[nodiscard]] static TagName* find(const Shard& shard, std::string_view name,
                                       std::uint32_t hash) noexcept TC_REQUIRES(shard.mutex);
    [[nodiscard]] static TagName* add(Shard& shard, std::uint32_t shard_number,
                                      std::string_view name, std::uint32_t hash) noexcept
        TC_REQUIRES(shard.mutex);
    [[nodiscard]] static std::uint32_t take_place(Shard& shard) noexcept TC_REQUIRES(shard.mutex);
    static void give_back_place(Shard& shard, TagName& name) noexcept TC_REQUIRES(shard.mutex);
    [[nodiscard]] static std::uint64_t place_bytes(const Shard& shard) noexcept
        TC_REQUIRES(shard.mutex);
    // Without what retired names have of their own: their seats account for that.
    [[nodiscard]] static std::uint64_t bytes(const Shard& shard) noexcept TC_REQUIRES(shard.mutex) {
        return shard.table.bytes() + shard.long_bytes + place_bytes(shard);
    }

    template <std::size_t... index>
    [[nodiscard]] static std::array<Shard, shard_count> make_shards(
        std::uint32_t places_max, std::index_sequence<index...> /*unused*/) {
        return {((void)index, Shard(places_max))...};
    }

    std::array<Shard, shard_count> shards_;
};

}  // namespace tc
