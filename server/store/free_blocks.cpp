// SPDX-License-Identifier: MIT
#include "store/free_blocks.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

#include "store/invariant.hpp"

namespace tc {
namespace {

constexpr std::uint32_t word_bits = 64;

bool fits(std::uint32_t block_steps, std::uint32_t steps) {
    return block_steps == steps || block_steps >= steps + HeapBlock::steps_min;
}

}  // namespace

std::uint32_t FreeBlocks::bin_of(std::uint32_t steps) noexcept {
    assert(steps >= HeapBlock::steps_min && steps <= block_steps_max);
    if (steps < exact_steps_end) {
        return steps;
    }
    static_assert(exact_steps_end == 1U << 8 && bins_per_doubling == 1U << 5);
    const auto doubling = static_cast<std::uint32_t>(std::bit_width(steps)) - 9;
    return exact_steps_end + doubling * bins_per_doubling +
           (steps >> (doubling + 3)) % bins_per_doubling;
}

void FreeBlocks::add(EntryRef ref, std::uint32_t steps) noexcept {
    HeapBlock block = at(ref);
    const std::uint32_t bin = bin_of(steps);
    const EntryRef next = first_[bin];
    block.set_previous(no_entry);
    block.set_next(next);
    block.set_listed(true);
    if (next != no_entry) {
        at(next).set_previous(ref);
    }
    first_[bin] = ref;
    is_filled_[bin / word_bits] |= std::uint64_t{1} << bin % word_bits;
    steps_ += steps;
}

void FreeBlocks::remove(EntryRef ref) noexcept {
    HeapBlock block = at(ref);
    assert(block.is_listed());
    const std::uint32_t steps = block.free_steps();
    const EntryRef previous = block.previous();
    const EntryRef next = block.next();
    if (next != no_entry) {
        at(next).set_previous(previous);
    }
    if (previous != no_entry) {
        at(previous).set_next(next);
    } else {
        const std::uint32_t bin = bin_of(steps);
        first_[bin] = next;
        if (next == no_entry) {
            is_filled_[bin / word_bits] &= ~(std::uint64_t{1} << bin % word_bits);
        }
    }
    block.set_listed(false);
    steps_ -= steps;
}

EntryRef FreeBlocks::find(std::uint32_t steps) const noexcept {
    const std::uint32_t own_bin = bin_of(steps);
    if (const EntryRef ref = find_in(own_bin, steps); ref != no_entry) {
        return ref;
    }
    // The list of the smallest block that can be split has smaller ones too; the next does not.
    const std::uint32_t larger = std::min(steps + HeapBlock::steps_min, block_steps_max);
    for (std::uint32_t bin = next_bin(std::max(bin_of(larger), own_bin + 1)); bin < bin_count;
         bin = next_bin(bin + 1)) {
        if (const EntryRef ref = find_in(bin, steps); ref != no_entry) {
            return ref;
        }
    }
    return no_entry;
}

EntryRef FreeBlocks::find_in(std::uint32_t bin, std::uint32_t steps) const noexcept {
    EntryRef ref = first_[bin];
    for (std::uint32_t looked = 0; ref != no_entry && looked < look_count_max; ++looked) {
        const HeapBlock block = at(ref);
        if (fits(block.free_steps(), steps)) {
            return ref;
        }
        ref = block.next();
    }
    return no_entry;
}

std::uint32_t FreeBlocks::next_bin(std::uint32_t bin) const noexcept {
    std::size_t index = bin / word_bits;
    if (index >= is_filled_.size()) {
        return bin_count;
    }
    std::uint64_t word = is_filled_[index] & ~std::uint64_t{0} << bin % word_bits;
    while (word == 0) {
        if (++index == is_filled_.size()) {
            return bin_count;
        }
        word = is_filled_[index];
    }
    return static_cast<std::uint32_t>(index * word_bits) +
           static_cast<std::uint32_t>(std::countr_zero(word));
}

std::uint32_t FreeBlocks::check() const {
    std::uint32_t count = 0;
    std::uint64_t steps = 0;
    for (std::uint32_t bin = 0; bin < bin_count; ++bin) {
        const bool is_filled = (is_filled_[bin / word_bits] >> bin % word_bits & 1) != 0;
        require_invariant(is_filled == (first_[bin] != no_entry), "a filled list says so");
        EntryRef previous = no_entry;
        for (EntryRef ref = first_[bin]; ref != no_entry; ref = at(ref).next()) {
            const HeapBlock block = at(ref);
            require_invariant(block.is_free() && block.is_listed(), "what is listed is free");
            require_invariant(block.previous() == previous, "free blocks are linked both ways");
            require_invariant(bin_of(block.free_steps()) == bin, "free blocks are listed by size");
            previous = ref;
            steps += block.free_steps();
            ++count;
        }
    }
    require_invariant(steps == steps_, "the free steps add up");
    return count;
}

}  // namespace tc
