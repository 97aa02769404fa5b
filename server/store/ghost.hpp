// SPDX-License-Identifier: MIT
//
// Which keys were evicted lately, so that one that comes back is known for popular: the ghost queue
// of S3-FIFO (Yang, Zhang, Qiu, Yue, Vigfusson: FIFO queues are all you need for cache eviction,
// SOSP 2023), kept as the paper proposes as a table of fingerprints and times of insertion. Guarded
// by the stripe's lock.
//
// A set of 16 records of 4 bytes is one cache line; a record takes 5.6 bytes of the table at its
// capacity. Time is counted in insertions. A set that is full gives up its oldest record: 2 % of
// those within the capacity are lost so. One strange key in 6000 is taken for a known one. Both are
// harmless, and so is a page of the table that cannot be had: the key is then forgotten.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tc {

class Ghost {
 public:
    Ghost() = default;
    ~Ghost() { clear(); }
    Ghost(const Ghost&) = delete;
    Ghost& operator=(const Ghost&) = delete;

    // How many of the latest insertions count: as many as there are entries in the main queue.
    // May be called with every change: the table is replaced, and what it knew forgotten, only
    // when the capacity does not fit it any more or fills less than a quarter of it. That
    // allocates 8 bytes for each 4 thousand records; pages of 16 KiB follow as they are needed.
    // False when there is no memory: then nothing has changed. 0 = nothing is kept.
    static constexpr std::size_t page_bytes = 16 * 1024;
    [[nodiscard]] bool resize(std::size_t capacity) noexcept;
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

    // Without may_grow the key is forgotten if its place is in a page that is not there yet.
    void insert(std::uint64_t hash, bool may_grow = true) noexcept;
    // Whether the key was among the latest insertions; it is not any more.
    [[nodiscard]] bool take(std::uint64_t hash) noexcept;
    void clear() noexcept;

    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

 private:
    struct Record;
    struct Set;

    // When the next insertion would be, in units of inserts_per_unit_.
    [[nodiscard]] std::uint16_t now() const noexcept;
    [[nodiscard]] std::size_t set_index(std::uint64_t mixed) const noexcept;
    [[nodiscard]] Set* find_set(std::uint64_t mixed) const noexcept;
    [[nodiscard]] Set* make_set(std::uint64_t mixed) noexcept;

    Set** pages_ = nullptr;  // null where nothing was inserted yet
    std::uint32_t set_count_ = 0;
    std::size_t inserts_per_unit_ = 1;
    std::size_t capacity_ = 0;
    std::uint64_t insert_count_ = 0;
    std::uint64_t bytes_ = 0;
};

}  // namespace tc
