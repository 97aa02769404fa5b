// SPDX-License-Identifier: MIT
//
// The memory of large values: whole pages, given to the system again by whoever has the time, and
// not by an allocator that purges two gigabytes in one call when it comes to it.
//
// A slab allocator (Bonwick, The slab allocator, 1994) over addresses: a block lies at the start of
// a slot, whose size is the next power of two. Slots are addresses and cost nothing; of memory a
// block has the pages that it needs. A free slot remembers how many of its pages are still there,
// and is taken again before those that have none. What free slots have beyond the bytes that are
// kept warm is the surplus: give_back_surplus() returns it in slices, and so does a block that
// needs fresh pages, as many as it takes, so that the surplus never adds to what grows.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "store/mutex.hpp"
#include "store/reservation.hpp"

namespace tc {

// Thread-safe.
class BlobMemory {
 public:
    // Addresses for blocks of so many bytes, of any sizes. Throws std::bad_alloc.
    explicit BlobMemory(std::uint64_t bytes_max);
    ~BlobMemory();
    BlobMemory(const BlobMemory&) = delete;
    BlobMemory& operator=(const BlobMemory&) = delete;

    static constexpr std::size_t block_bytes_max = std::size_t{16} << 20;

    // What a block for so many bytes takes of memory.
    [[nodiscard]] static constexpr std::size_t block_bytes(std::size_t bytes) noexcept {
        return (bytes + Reservation::page_bytes - 1) / Reservation::page_bytes *
               Reservation::page_bytes;
    }

    // Begins with a page. Null when there is no memory, and for more than block_bytes_max.
    [[nodiscard]] void* allocate(std::size_t bytes) noexcept;
    // `bytes` is what was asked for.
    void free(void* block, std::size_t bytes) noexcept;

    // Gives back up to so many bytes of the surplus; whether there is more.
    bool give_back_surplus(std::size_t bytes_max) noexcept;

    // What free slots have, and how much of that is no surplus.
    [[nodiscard]] std::uint64_t warm_bytes() const noexcept {
        return warm_bytes_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t warm_bytes_max() const noexcept { return warm_bytes_max_; }

 private:
    // A slot that is the caller's alone, and what it has of memory from its start on.
    struct Slot {
        char* begin = nullptr;
        std::size_t warm_bytes = 0;
    };

    // The slots of one size.
    class Slab {
     public:
        // Throws std::bad_alloc.
        Slab(std::size_t slot_bytes, std::uint64_t bytes_max);
        ~Slab();
        Slab(const Slab&) = delete;
        Slab& operator=(const Slab&) = delete;

        // The one that was used last, of those with memory if there are any. Empty when there is no
        // memory.
        [[nodiscard]] Slot take() noexcept;
        // The same, but empty when no free slot has memory.
        [[nodiscard]] Slot take_warm() noexcept;
        void put(const Slot& slot) noexcept;

     private:
        // Lists end with 0: slots are counted from 1.
        using SlotNumber = std::uint32_t;
        struct FreeSlot {
            SlotNumber next = 0;
            std::uint32_t warm_pages = 0;
        };

        [[nodiscard]] FreeSlot& record_of(SlotNumber number) noexcept TC_REQUIRES(mutex_);
        [[nodiscard]] Slot take_first(SlotNumber& first) noexcept TC_REQUIRES(mutex_);
        [[nodiscard]] Slot take_new() noexcept TC_REQUIRES(mutex_);

        const std::size_t slot_bytes_;
        const std::uint32_t slots_max_;
        Mutex mutex_;
        Reservation slots_;
        // Outside of the slots, so that a free one needs no page for its links.
        Reservation records_ TC_GUARDED_BY(mutex_);
        std::uint32_t slot_count_ TC_GUARDED_BY(mutex_) = 0;
        SlotNumber first_warm_ TC_GUARDED_BY(mutex_) = 0;
        SlotNumber first_cold_ TC_GUARDED_BY(mutex_) = 0;
    };

    static constexpr std::size_t slot_bytes_min = std::size_t{32} * 1024;
    static constexpr std::size_t slab_count =
        std::bit_width(block_bytes_max) - std::bit_width(slot_bytes_min) + 1;

    [[nodiscard]] Slab& slab_for(std::size_t bytes) noexcept;
    [[nodiscard]] std::uint64_t surplus_bytes() const noexcept;

    const std::uint64_t warm_bytes_max_;
    std::array<std::unique_ptr<Slab>, slab_count> slabs_;
    // Never less than it is: raised before a slot is put, lowered after one was taken.
    alignas(64) std::atomic<std::uint64_t> warm_bytes_{0};
};

}  // namespace tc
