// SPDX-License-Identifier: MIT
#include "store/entry_heap.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

#include "store/invariant.hpp"
#include "store/memory.hpp"

namespace tc {
namespace {

// What an empty open segment keeps, so that a stripe with few entries does not give memory back
// with each entry that goes.
constexpr std::size_t kept_bytes = std::size_t{64} * 1024;
constexpr std::uint32_t kept_steps = kept_bytes / ref_step_bytes;

std::uint32_t steps_of(std::size_t bytes) {
    assert(bytes >= sizeof(Entry) && bytes <= EntryHeap::block_bytes_max);
    assert(bytes % ref_step_bytes == 0);
    return static_cast<std::uint32_t>(bytes / ref_step_bytes);
}

std::uint32_t segment_count_for(std::size_t bytes_max) {
    assert(bytes_max <= EntryHeap::bytes_limit);
    const std::size_t count =
        std::max(bytes_max, EntryHeap::segment_bytes * 2) / EntryHeap::segment_bytes;
    // The page before the first one has to fit too.
    return static_cast<std::uint32_t>(
        std::min(count, EntryHeap::bytes_limit / EntryHeap::segment_bytes - 1));
}

}  // namespace

EntryHeap::EntryHeap(std::size_t bytes_max)
    : memory_(Reservation::page_bytes + segment_count_for(bytes_max) * segment_bytes),
      segment_count_max_(segment_count_for(bytes_max)),
      segments_(segment_count_max_ * sizeof(Segment)),
      quick_lists_(memory_.begin()),
      free_blocks_(memory_.begin()) {}

EntryHeap::~EntryHeap() {
    HeapBlock(begin(), no_entry).unpoison(memory_.committed_bytes());
}

EntryRef EntryHeap::allocate(std::size_t bytes) noexcept {
    const std::uint32_t steps = steps_of(bytes);
    if (allocation_fault_is_due()) {
        return no_entry;
    }
    if (const EntryRef quick = take_quick(steps); quick != no_entry) {
        return quick;
    }
    EntryRef ref = free_blocks_.find(steps);
    if (ref != no_entry) {
        take_free(ref, steps);
    } else {
        ref = take_fresh(steps);
        if (ref == no_entry) {
            return no_entry;
        }
    }
    Segment& own = segment(index_of(ref));
    own.used_steps = static_cast<std::uint16_t>(own.used_steps + steps);
    used_steps_ += steps;
    return ref;
}

EntryRef EntryHeap::take_quick(std::uint32_t steps) noexcept {
    if (steps > QuickLists::block_steps_max) {
        return no_entry;
    }
    is_quick_wanted_ = true;
    EntryRef ref = quick_lists_.pop(steps);
    while (ref != no_entry && segment(index_of(ref)).state == State::evacuating) {
        release(ref, steps);
        ref = quick_lists_.pop(steps);
    }
    if (ref != no_entry) {
        used_steps_ += steps;
        at(ref).unpoison(std::size_t{steps} * ref_step_bytes);
    }
    return ref;
}

bool EntryHeap::put_quick(EntryRef ref, std::uint32_t steps) noexcept {
    const std::uint64_t quick_steps = quick_lists_.steps() + steps;
    if (steps > QuickLists::block_steps_max || quick_steps > quick_steps_max ||
        quick_steps > used_steps_ / used_steps_per_quick_step) {
        return false;
    }
    quick_lists_.push(ref, steps);
    at(ref).poison_entry(std::size_t{steps} * ref_step_bytes);
    return true;
}

bool EntryHeap::settle(std::uint32_t& budget) noexcept {
    if (std::exchange(is_quick_wanted_, false)) {
        return false;
    }
    for (; budget != 0 && quick_lists_.steps() != 0; --budget) {
        const QuickLists::Block block = quick_lists_.pop_any();
        release(block.ref, block.steps);
    }
    return quick_lists_.steps() != 0;
}

// The rest of a larger block stays free, and what comes behind it stays after a free one.
void EntryHeap::take_free(EntryRef ref, std::uint32_t steps) noexcept {
    const std::uint32_t rest_steps = at(ref).free_steps() - steps;
    free_blocks_.remove(ref);
    const EntryRef after = ref + steps;
    if (rest_steps != 0) {
        at(after).make_free(rest_steps);
        free_blocks_.add(after, rest_steps);
    } else if (after != end_of(index_of(ref))) {
        at(after).set_after_free(false);
    }
    at(ref).make_used(steps);
}

EntryRef EntryHeap::take_fresh(std::uint32_t steps) noexcept {
    if ((open_ == none || segment(open_).end_steps + steps > segment_steps) &&
        !open_next_segment()) {
        return no_entry;
    }
    const EntryRef ref = end_of(open_);
    set_end(segment(open_), segment(open_).end_steps + steps);
    at(ref).make_used(steps);
    return ref;
}

void EntryHeap::set_end(Segment& segment, std::uint32_t end_steps) noexcept {
    segment.end_steps = static_cast<std::uint16_t>(end_steps);
    if (end_steps > segment.touched_steps) {
        touched_steps_ += end_steps - segment.touched_steps;
        segment.touched_steps = static_cast<std::uint16_t>(end_steps);
    }
}

bool EntryHeap::open_next_segment() noexcept {
    const std::uint32_t next = unused_segment();
    if (next == none) {
        return false;
    }
    if (open_ != none) {
        close_open_segment();
    }
    segment(next).state = State::open;
    --unused_count_;
    open_ = next;
    return true;
}

// What is left of it becomes a free block; its last bytes, when they are too few for that, are
// lost until the segment is dropped.
void EntryHeap::close_open_segment() noexcept {
    Segment& open = segment(open_);
    open.state = State::full;
    const EntryRef rest = end_of(open_);
    const std::uint32_t rest_steps = segment_steps - open.end_steps;
    if (rest_steps >= HeapBlock::steps_min) {
        set_end(open, segment_steps);
        at(rest).make_free(rest_steps);
        free_blocks_.add(rest, rest_steps);
    }
    open_ = none;
}

// The lowest one, so that the memory in use gathers at the beginning.
std::uint32_t EntryHeap::unused_segment() noexcept {
    if (unused_count_ > 0) {
        while (segment(unused_from_).state != State::unused) {
            ++unused_from_;
        }
        return unused_from_;
    }
    if (segment_count_ == segment_count_max_ ||
        !segments_.commit((segment_count_ + std::size_t{1}) * sizeof(Segment)) ||
        !memory_.commit(Reservation::page_bytes +
                        (segment_count_ + std::size_t{1}) * segment_bytes)) {
        return none;
    }
    unused_from_ = segment_count_++;
    ++unused_count_;
    return unused_from_;
}

void EntryHeap::free(EntryRef ref, std::size_t bytes) noexcept {
    const std::uint32_t steps = steps_of(bytes);
    const std::uint32_t index = index_of(ref);
    assert(segment(index).state != State::unused && segment(index).used_steps >= steps);
    assert(!at(ref).is_free());
    used_steps_ -= steps;
    if (segment(index).state == State::evacuating || !put_quick(ref, steps)) {
        release(ref, steps);
    }
}

// A block that is in no list and counts as used in its segment alone.
void EntryHeap::release(EntryRef ref, std::uint32_t steps) noexcept {
    const std::uint32_t index = index_of(ref);
    Segment& own = segment(index);
    own.used_steps = static_cast<std::uint16_t>(own.used_steps - steps);
    if (own.state == State::evacuating) {
        at(ref).make_free(steps);
        if (own.used_steps == 0) {
            drop(index);
        }
        return;
    }
    freed_steps_ += steps;
    put_free(ref, steps);
}

// INVARIANT, of segments that are not evacuating: free blocks are listed, two never meet, and none
// is the last of the open segment.
void EntryHeap::put_free(EntryRef ref, std::uint32_t steps) noexcept {
    const std::uint32_t index = index_of(ref);
    const EntryRef end = end_of(index);
    EntryRef after = ref + steps;
    if (at(ref).is_after_free()) {
        ref -= at(ref).steps_before();
        free_blocks_.remove(ref);
    }
    if (after != end && at(after).is_free()) {
        const std::uint32_t after_steps = at(after).free_steps();
        free_blocks_.remove(after);
        after += after_steps;
    }
    at(ref).make_free(after - ref);
    if (after == end && index == open_) {
        shorten_open_segment(ref - begin_of(index));
    } else if (segment(index).used_steps == 0 && index != open_) {
        drop(index);
    } else {
        free_blocks_.add(ref, after - ref);
        if (after != end) {
            at(after).set_after_free(true);
        }
    }
}

void EntryHeap::shorten_open_segment(std::uint32_t end_steps) noexcept {
    Segment& open = segment(open_);
    open.end_steps = static_cast<std::uint16_t>(end_steps);
    if (end_steps == 0 && open.touched_steps > kept_steps) {
        memory_.give_back(begin_of(open_) * ref_step_bytes + kept_bytes,
                          segment_bytes - kept_bytes);
        touched_steps_ -= open.touched_steps - kept_steps;
        open.touched_steps = kept_steps;
    }
}

// REQUIRES: nothing in it is used, and no free block of it is listed but what a victim has left.
void EntryHeap::drop(std::uint32_t index) noexcept {
    if (victim_ == index) {
        while (!is_detached_) {
            static_cast<void>(examine());
        }
        victim_ = none;
    }
    touched_steps_ -= segment(index).touched_steps;
    segment(index) = {};
    memory_.give_back(begin_of(index) * ref_step_bytes, segment_bytes);
    at(begin_of(index)).poison_all(segment_bytes);
    ++unused_count_;
    unused_from_ = std::min(unused_from_, index);
}

std::uint64_t EntryHeap::bytes() const noexcept {
    const std::uint64_t record_bytes = segment_count_ * sizeof(Segment);
    return touched_steps_ * ref_step_bytes + (record_bytes + Reservation::page_bytes - 1) /
                                                 Reservation::page_bytes * Reservation::page_bytes;
}

bool EntryHeap::is_fragmented(std::uint32_t percent_max) const noexcept {
    const std::uint64_t idle_max =
        std::max<std::uint64_t>(used_steps_ * percent_max / 100, idle_bytes_min / ref_step_bytes);
    return victim_ != none ||
           (freed_steps_ >= freed_steps_per_victim && free_blocks_.steps() > idle_max);
}

// Looks at 8 bytes for each 256 KiB of the heap, once for each segment that is evacuated.
bool EntryHeap::has_victim(std::uint32_t percent_max) noexcept {
    if (victim_ != none) {
        return true;
    }
    if (!is_fragmented(percent_max)) {
        return false;
    }
    freed_steps_ -= freed_steps_per_victim;
    std::uint32_t used_steps_min = victim_steps_max;
    for (std::uint32_t index = 0; index < segment_count_; ++index) {
        if (segment(index).state == State::full && segment(index).used_steps <= used_steps_min) {
            used_steps_min = segment(index).used_steps - 1U;
            victim_ = index;
        }
    }
    if (victim_ == none) {
        return false;
    }
    segment(victim_).state = State::evacuating;
    cursor_ = begin_of(victim_);
    is_detached_ = false;
    return true;
}

// Looks at the next block of the victim. Returns it when it is to be moved.
EntryRef EntryHeap::examine() noexcept {
    const EntryRef ref = cursor_;
    const HeapBlock block = at(ref);
    cursor_ += block.steps();
    const bool is_last = cursor_ == end_of(victim_);
    if (!is_detached_) {
        if (block.is_listed()) {
            free_blocks_.remove(ref);
        }
        if (is_last) {
            is_detached_ = true;
            cursor_ = begin_of(victim_);
        }
        return no_entry;
    }
    if (is_last) {
        victim_ = none;
    }
    return block.is_free() || block.entry().is_retired() ? no_entry : ref;
}

void EntryHeap::go_back_to(std::uint32_t victim, EntryRef ref) noexcept {
    victim_ = victim;
    cursor_ = ref;
}

void EntryHeap::check() const {
    std::uint64_t used_steps = 0;
    std::uint64_t touched_steps = 0;
    std::uint32_t unused_count = 0;
    std::uint32_t listed_count = 0;
    for (std::uint32_t index = 0; index < segment_count_; ++index) {
        listed_count += check_segment(index);
        used_steps += segment(index).used_steps;
        touched_steps += segment(index).touched_steps;
        unused_count += segment(index).state == State::unused ? 1 : 0;
        require_invariant((segment(index).state == State::open) == (index == open_),
                          "one segment is open");
        require_invariant(segment(index).state != State::unused || index >= unused_from_,
                          "no segment before is unused");
    }
    require_invariant(used_steps == used_steps_ + quick_lists_.steps(), "the used steps add up");
    require_invariant(touched_steps == touched_steps_, "the touched steps add up");
    require_invariant(unused_count == unused_count_, "the unused segments are counted");
    require_invariant(listed_count == free_blocks_.check(), "every listed block is in a segment");
}

// Returns how many of its blocks are listed.
std::uint32_t EntryHeap::check_segment(std::uint32_t index) const {
    const Segment& own = segment(index);
    const bool is_evacuating = own.state == State::evacuating;
    std::uint32_t listed_count = 0;
    std::uint32_t used_steps = 0;
    bool is_after_free = false;
    EntryRef ref = begin_of(index);
    while (ref < end_of(index)) {
        const HeapBlock block = at(ref);
        const std::uint32_t steps = block.steps();
        require_invariant(steps >= HeapBlock::steps_min, "a block has room for its header");
        require_invariant(is_evacuating || block.is_after_free() == is_after_free,
                          "a block knows whether it is after a free one");
        require_invariant(is_evacuating || block.is_free() == block.is_listed(),
                          "what is free is listed");
        require_invariant(is_evacuating || !is_after_free || !block.is_free(),
                          "free neighbours are joined");
        is_after_free = block.is_free();
        used_steps += block.is_free() ? 0 : steps;
        listed_count += block.is_listed() ? 1 : 0;
        ref += steps;
    }
    require_invariant(ref == end_of(index), "blocks end where their segment ends");
    require_invariant(own.end_steps <= own.touched_steps, "where blocks are, memory is");
    require_invariant(used_steps == own.used_steps, "a segment's used steps add up");
    require_invariant(own.state != State::open || !is_after_free, "the open end is joined");
    return listed_count;
}

}  // namespace tc
