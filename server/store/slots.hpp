// SPDX-License-Identifier: MIT
//
// The entries of one stripe by slot number. A slot number is dense, and an entry keeps its own as
// long as its key lives, also over rewrites: tag members and cursors are slot numbers, so a scan in
// slot order neither misses nor repeats an entry. Guarded by the stripe's lock.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tc {

struct Entry;

class Slots {
 public:
    static constexpr std::uint32_t none = UINT32_MAX;
    // Slot numbers are below this: two of them and two marks fit into a word of Members.
    static constexpr std::uint32_t count_max = (1U << 31) - 1;

    Slots() = default;
    Slots(const Slots&) = delete;
    Slots& operator=(const Slots&) = delete;
    ~Slots();

    // A slot that holds no entry yet, or none when there is no memory.
    [[nodiscard]] std::uint32_t allocate() noexcept;
    void release(std::uint32_t slot) noexcept;

    // nullptr when the slot is free. REQUIRES: slot < end().
    [[nodiscard]] Entry* operator[](std::uint32_t slot) const noexcept;
    void set(std::uint32_t slot, Entry* entry) noexcept;

    // Every slot in use is below.
    [[nodiscard]] std::uint32_t end() const noexcept { return end_; }
    [[nodiscard]] std::uint32_t free_count() const noexcept { return free_count_; }
    // The length of the free list, found by walking it.
    [[nodiscard]] std::uint32_t count_free_list() const noexcept;
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
    // Gives all memory back. REQUIRES: no slot is in use.
    void clear() noexcept;

 private:
    // A word is an Entry*, or, with its lowest bit set, the number of the next free slot.
    using Word = std::uintptr_t;
    static constexpr std::uint32_t chunk_slots = 512;

    [[nodiscard]] Word& word(std::uint32_t slot) const noexcept {
        return chunks_[slot / chunk_slots][slot % chunk_slots];
    }
    [[nodiscard]] bool add_chunk() noexcept;
    [[nodiscard]] bool grow_directory() noexcept;

    Word** chunks_ = nullptr;
    std::uint32_t chunk_count_ = 0;
    std::uint32_t chunk_capacity_ = 0;
    std::uint32_t end_ = 0;
    std::uint32_t first_free_ = none;
    std::uint32_t free_count_ = 0;
    std::uint64_t bytes_ = 0;
};

}  // namespace tc
