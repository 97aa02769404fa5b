// SPDX-License-Identifier: MIT
//
// The memory of one stripe's entries: blocks of 8-byte steps in segments of 256 KiB, in one range
// of addresses. A fresh segment is filled from its beginning to its end; blocks that are free again
// join their free neighbours and are given out once more, best fit; but the latest of them wait a
// little, as they are, for an entry of the same size (quick_lists.hpp). Nothing is spent on a block
// but three bits of the entry's own header.
//
// Segments are what goes back to the system: at once when their last block is freed, and by
// evacuation when too much lies idle in holes. An evacuating segment is walked twice: then it gives
// out no blocks any more, and its entries are moved by the owner, who knows where they are named.
// What is freed in it is only counted.
//
//   unused --> open --> full --> evacuating
//      ^        (ends where        |   |
//      |         it is filled)     v   v
//      +---------------------- all is free
//
// Guarded by the stripe's lock; readers only follow references, which no call makes invalid before
// free(). REQUIRES, for every call: each block that was allocated and not freed holds an entry that
// Entry::make() or make_copy() has made, because its size is known from nothing else.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "store/entry.hpp"
#include "store/free_blocks.hpp"
#include "store/heap_block.hpp"
#include "store/quick_lists.hpp"
#include "store/reservation.hpp"

namespace tc {

class EntryHeap {
 public:
    static constexpr std::size_t bytes_limit = std::size_t{32} << 30;  // what a reference can name
    static constexpr std::size_t segment_bytes = std::size_t{256} * 1024;
    // The longest key, the most tags and the largest value inline take 84 KiB.
    static constexpr std::size_t block_bytes_max = std::size_t{96} * 1024;

    // How much may lie idle in free blocks, in percent of what is used, before evacuating pays: as
    // a rule, and when memory is short. It never pays for less than idle_bytes_min.
    static constexpr std::uint32_t idle_percent_max = 6;
    static constexpr std::uint32_t idle_percent_max_tight = 3;
    static constexpr std::size_t idle_bytes_min = segment_bytes / 2;

    // Reserves addresses for at least one segment. REQUIRES: bytes_max <= bytes_limit. Throws
    // std::bad_alloc.
    explicit EntryHeap(std::size_t bytes_max);
    ~EntryHeap();
    EntryHeap(const EntryHeap&) = delete;
    EntryHeap& operator=(const EntryHeap&) = delete;

    // What references count from.
    [[nodiscard]] char* begin() const noexcept { return memory_.begin(); }

    // A block to make an entry in, or none when there is no memory; nothing has changed then.
    // REQUIRES: bytes is what Entry::block_bytes() says, at most block_bytes_max.
    [[nodiscard]] EntryRef allocate(std::size_t bytes) noexcept;
    // When it was the last block of its segment, that is given back to the system (64 pages, 30
    // us); in the segment that is evacuated just then, up to 5461 free blocks leave their lists
    // before.
    void free(EntryRef ref, std::size_t bytes) noexcept;

    // Has blocks that wait for an entry of their size join their neighbours, but only if none was
    // wanted since the last call. Takes one off the budget for each; whether there are more.
    bool settle(std::uint32_t& budget) noexcept;

    // In blocks that were allocated and not freed.
    [[nodiscard]] std::uint64_t used_bytes() const noexcept { return used_steps_ * ref_step_bytes; }
    // Used before, and neither in such a block nor given back.
    [[nodiscard]] std::uint64_t idle_bytes() const noexcept {
        return (touched_steps_ - used_steps_) * ref_step_bytes;
    }

    // What the account is charged with: both, and the table of segments.
    [[nodiscard]] std::uint64_t bytes() const noexcept;

    // Whether the owner should evacuate(): so much is idle that something may come of it, or a
    // segment is half done.
    [[nodiscard]] bool is_fragmented(std::uint32_t percent_max = idle_percent_max) const noexcept;
    // What to spend after a write of so many bytes. With a block for each 64 bytes, values that
    // grow tenfold in full memory leave 8 % idle at most, of 12 MB and above; with a block for each
    // 256 bytes it was 32 %.
    [[nodiscard]] static constexpr std::uint32_t evacuation_budget(std::size_t bytes) noexcept {
        return static_cast<std::uint32_t>(std::clamp<std::size_t>(bytes / 64, 2, 64));
    }

    // Walks the emptiest segment, first to take its free blocks from the lists, then to call
    // move(EntryRef) for each entry in it that is not retired: the owner puts a copy in its place
    // and retires it, or says false when it cannot; then this one is asked for again the next time.
    // Goes on where it stopped, and with the next segment while is_fragmented(percent_max). Returns
    // what it took of the budget: one for each block, and more for moving a large one.
    // REQUIRES: every entry is published or retired.
    template <typename Move>
    std::uint32_t evacuate(std::uint32_t budget, std::uint32_t percent_max,
                           const Move& move) noexcept;

    // Aborts unless every segment is a sequence of blocks and all sums match.
    void check() const;

 private:
    enum class State : std::uint8_t { unused, open, full, evacuating };

    struct Segment {
        std::uint16_t used_steps;
        // Where its blocks end.
        std::uint16_t end_steps;
        // Where they once ended, since it was given back.
        std::uint16_t touched_steps;
        State state;
    };

    // How much may wait for an entry of its size: a part of what is used, and no more than this.
    static constexpr std::uint64_t used_steps_per_quick_step = 128;
    static constexpr std::uint64_t quick_steps_max = 64 * 1024 / ref_step_bytes;

    // A segment with less than an eighth to gain is left alone: blocks seldom fill one to its end.
    static constexpr std::uint32_t victim_steps_max = segment_bytes / ref_step_bytes / 8 * 7;
    // For each segment that is to be looked for, so much has to be freed first. Without that,
    // blocks of a size that leaves much of a segment idle would be moved for ever.
    static constexpr std::uint32_t freed_steps_per_victim = segment_bytes / ref_step_bytes / 8;
    // Moving so much costs as much as looking at another block.
    static constexpr std::uint32_t moved_steps_per_cost = 64;

    static constexpr std::uint32_t none = UINT32_MAX;
    static constexpr std::uint32_t segment_steps = segment_bytes / ref_step_bytes;
    static_assert(segment_steps <= FreeBlocks::block_steps_max);
    // The first page is left out, so that segments begin with a page and no block is no_entry.
    static constexpr EntryRef first_ref = Reservation::page_bytes / ref_step_bytes;

    [[nodiscard]] HeapBlock at(EntryRef ref) const noexcept { return {begin(), ref}; }
    [[nodiscard]] static std::uint32_t index_of(EntryRef ref) noexcept {
        return (ref - first_ref) / segment_steps;
    }
    [[nodiscard]] static EntryRef begin_of(std::uint32_t index) noexcept {
        return first_ref + index * segment_steps;
    }
    [[nodiscard]] EntryRef end_of(std::uint32_t index) const noexcept {
        return begin_of(index) + segment(index).end_steps;
    }
    [[nodiscard]] Segment& segment(std::uint32_t index) const noexcept {
        return std::bit_cast<Segment*>(segments_.begin())[index];
    }

    [[nodiscard]] EntryRef take_quick(std::uint32_t steps) noexcept;
    [[nodiscard]] bool put_quick(EntryRef ref, std::uint32_t steps) noexcept;
    void release(EntryRef ref, std::uint32_t steps) noexcept;
    void take_free(EntryRef ref, std::uint32_t steps) noexcept;
    [[nodiscard]] EntryRef take_fresh(std::uint32_t steps) noexcept;
    void put_free(EntryRef ref, std::uint32_t steps) noexcept;
    void set_end(Segment& segment, std::uint32_t end_steps) noexcept;
    [[nodiscard]] bool open_next_segment() noexcept;
    void close_open_segment() noexcept;
    [[nodiscard]] std::uint32_t unused_segment() noexcept;
    void shorten_open_segment(std::uint32_t end_steps) noexcept;
    void drop(std::uint32_t index) noexcept;

    [[nodiscard]] bool has_victim(std::uint32_t percent_max) noexcept;
    [[nodiscard]] EntryRef examine() noexcept;
    void go_back_to(std::uint32_t victim, EntryRef ref) noexcept;

    [[nodiscard]] std::uint32_t check_segment(std::uint32_t index) const;

    // What every write touches comes first.
    Reservation memory_;
    std::uint64_t used_steps_ = 0;
    std::uint64_t touched_steps_ = 0;
    // Freed by the owner, and not yet set against a victim.
    std::uint64_t freed_steps_ = 0;
    // The segment that is walked, the next block to look at, and whether this is the second walk.
    std::uint32_t victim_ = none;
    EntryRef cursor_ = no_entry;
    bool is_detached_ = false;
    bool is_quick_wanted_ = false;
    std::uint32_t open_ = none;
    std::uint32_t segment_count_ = 0;
    const std::uint32_t segment_count_max_;
    std::uint32_t unused_count_ = 0;
    // No segment before it is unused.
    std::uint32_t unused_from_ = 0;
    Reservation segments_;
    // Of their segments' used steps, but not of used_steps_.
    QuickLists quick_lists_;
    FreeBlocks free_blocks_;
};

template <typename Move>
std::uint32_t EntryHeap::evacuate(std::uint32_t budget, std::uint32_t percent_max,
                                  const Move& move) noexcept {
    std::uint32_t cost = 0;
    while (cost < budget && has_victim(percent_max)) {
        const std::uint32_t victim = victim_;
        const EntryRef ref = examine();
        ++cost;
        if (ref == no_entry) {
            continue;
        }
        const std::uint32_t move_cost = at(ref).steps() / moved_steps_per_cost;
        if (!move(ref)) {
            go_back_to(victim, ref);
            break;
        }
        cost += move_cost;
    }
    return cost;
}

}  // namespace tc
