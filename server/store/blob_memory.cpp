// SPDX-License-Identifier: MIT
#include "store/blob_memory.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "store/memory.hpp"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace tc {
namespace {

constexpr std::size_t page_bytes = Reservation::page_bytes;

// What is kept warm: enough for what the turns of some threads replace with large values.
constexpr std::uint64_t warm_part = 64;
constexpr std::uint64_t warm_bytes_limit = std::uint64_t{16} << 20;

// A block takes more than half of its slot, unless it is in one of the smallest. Beyond that there
// are slots for what threads take at once when there was room for one of them.
constexpr std::uint64_t slot_bytes_per_byte = 2;
constexpr std::uint64_t slots_spare = 64;
// What a process can spare of its addresses, of which a sanitizer leaves few.
#if defined(TC_SANITIZED)
constexpr std::uint64_t slab_bytes_limit = std::uint64_t{16} << 30;
#else
constexpr std::uint64_t slab_bytes_limit = std::uint64_t{4} << 40;
#endif

// Each commit stops the threads that are in page faults.
constexpr std::size_t commit_ahead_bytes = std::size_t{4} << 20;

std::uint32_t slots_for(std::size_t slot_bytes, std::uint64_t bytes_max) {
    const std::uint64_t bytes = std::min(bytes_max, slab_bytes_limit / 2) * slot_bytes_per_byte;
    return static_cast<std::uint32_t>(bytes / slot_bytes + slots_spare);
}

// Memory that is locked stays, which does no harm: nobody reads what a block had before.
void give_back(char* begin, std::size_t bytes) {
    static_cast<void>(madvise(begin, bytes, MADV_DONTNEED));
}

// Pages that are about to be written come cheaper together than one by one. A system that does not
// know how, or has no memory now, puts them behind the first write of each.
void populate(char* begin, std::size_t bytes) {
#if defined(MADV_POPULATE_WRITE)
    static_cast<void>(madvise(begin, bytes, MADV_POPULATE_WRITE));
#endif
}

// A sanitizer sees who uses a block that is free, or goes on behind its end.
void poison([[maybe_unused]] char* begin, [[maybe_unused]] std::size_t bytes) {
#if defined(__SANITIZE_ADDRESS__)
    ASAN_POISON_MEMORY_REGION(begin, bytes);
#endif
}

void unpoison([[maybe_unused]] char* begin, [[maybe_unused]] std::size_t bytes) {
#if defined(__SANITIZE_ADDRESS__)
    ASAN_UNPOISON_MEMORY_REGION(begin, bytes);
#endif
}

}  // namespace

BlobMemory::Slab::Slab(std::size_t slot_bytes, std::uint64_t bytes_max)
    : slot_bytes_(slot_bytes),
      slots_max_(slots_for(slot_bytes, bytes_max)),
      slots_(slot_bytes * slots_max_),
      records_(sizeof(FreeSlot) * slots_max_) {}

// The addresses go to somebody else.
BlobMemory::Slab::~Slab() {
    unpoison(slots_.begin(), slots_.committed_bytes());
}

BlobMemory::Slot BlobMemory::Slab::take() noexcept {
    const MutexLock lock(mutex_);
    if (first_warm_ != 0) {
        return take_first(first_warm_);
    }
    return first_cold_ != 0 ? take_first(first_cold_) : take_new();
}

BlobMemory::Slot BlobMemory::Slab::take_warm() noexcept {
    const MutexLock lock(mutex_);
    return first_warm_ != 0 ? take_first(first_warm_) : Slot{};
}

void BlobMemory::Slab::put(const Slot& slot) noexcept {
    const auto offset = static_cast<std::size_t>(slot.begin - slots_.begin());
    const auto number = static_cast<SlotNumber>(offset / slot_bytes_ + 1);
    const MutexLock lock(mutex_);
    SlotNumber& first = slot.warm_bytes != 0 ? first_warm_ : first_cold_;
    record_of(number) = {.next = std::exchange(first, number),
                         .warm_pages = static_cast<std::uint32_t>(slot.warm_bytes / page_bytes)};
}

BlobMemory::Slab::FreeSlot& BlobMemory::Slab::record_of(SlotNumber number) noexcept {
    assert(number != 0 && number <= slot_count_);
    return std::bit_cast<FreeSlot*>(records_.begin())[number - 1];
}

BlobMemory::Slot BlobMemory::Slab::take_first(SlotNumber& first) noexcept {
    const FreeSlot& record = record_of(first);
    char* const begin = slots_.begin() + std::size_t{first - 1} * slot_bytes_;
    first = record.next;
    return {begin, std::size_t{record.warm_pages} * page_bytes};
}

BlobMemory::Slot BlobMemory::Slab::take_new() noexcept {
    if (slot_count_ == slots_max_) {
        return {};
    }
    const std::size_t begin = slot_count_ * slot_bytes_;
    if (const std::size_t end = begin + slot_bytes_; end > slots_.committed_bytes()) {
        const std::size_t known = slots_.committed_bytes();
        if (!records_.commit(sizeof(FreeSlot) * slots_max_) ||
            !slots_.commit(std::min(end + commit_ahead_bytes, slots_.size()))) {
            return {};
        }
        poison(slots_.begin() + known, slots_.committed_bytes() - known);
    }
    ++slot_count_;
    return {slots_.begin() + begin, 0};
}

BlobMemory::BlobMemory(std::uint64_t bytes_max)
    : warm_bytes_max_(std::min(bytes_max / warm_part, warm_bytes_limit) / page_bytes * page_bytes) {
    for (std::size_t index = 0; index < slab_count; ++index) {
        slabs_.at(index) = std::make_unique<Slab>(slot_bytes_min << index, bytes_max);
    }
}

BlobMemory::~BlobMemory() = default;

BlobMemory::Slab& BlobMemory::slab_for(std::size_t bytes) noexcept {
    const std::size_t slot_bytes = std::bit_ceil(std::max(bytes, slot_bytes_min));
    return *slabs_[static_cast<std::size_t>(std::countr_zero(slot_bytes / slot_bytes_min))];
}

void* BlobMemory::allocate(std::size_t bytes) noexcept {
    if (bytes > block_bytes_max || allocation_fault_is_due()) {
        return nullptr;
    }
    const Slot slot = slab_for(bytes).take();
    if (slot.begin == nullptr) {
        return nullptr;
    }
    warm_bytes_.fetch_sub(slot.warm_bytes, std::memory_order_relaxed);
    const std::size_t wanted = block_bytes(bytes);
    if (slot.warm_bytes > wanted) {
        give_back(slot.begin + wanted, slot.warm_bytes - wanted);
    } else {
        static_cast<void>(give_back_surplus(wanted - slot.warm_bytes));
        populate(slot.begin + slot.warm_bytes, wanted - slot.warm_bytes);
    }
    unpoison(slot.begin, bytes);
    return slot.begin;
}

void BlobMemory::free(void* block, std::size_t bytes) noexcept {
    const Slot slot{static_cast<char*>(block), block_bytes(bytes)};
    poison(slot.begin, slot.warm_bytes);
    warm_bytes_.fetch_add(slot.warm_bytes, std::memory_order_relaxed);
    slab_for(bytes).put(slot);
}

std::uint64_t BlobMemory::surplus_bytes() const noexcept {
    const std::uint64_t warm = warm_bytes();
    return warm - std::min(warm, warm_bytes_max_);
}

// From the largest on, which takes the fewest calls of the system; of a slot from its end on.
bool BlobMemory::give_back_surplus(std::size_t bytes_max) noexcept {
    std::uint64_t left = std::min<std::uint64_t>(bytes_max, surplus_bytes());
    for (auto slab = slabs_.rbegin(); slab != slabs_.rend() && left != 0;) {
        const Slot slot = (*slab)->take_warm();
        if (slot.begin == nullptr) {
            ++slab;
            continue;
        }
        const std::size_t part = std::min(slot.warm_bytes, block_bytes(left));
        const std::size_t kept = slot.warm_bytes - part;
        give_back(slot.begin + kept, part);
        (*slab)->put({slot.begin, kept});
        warm_bytes_.fetch_sub(part, std::memory_order_relaxed);
        left -= std::min<std::uint64_t>(left, part);
    }
    return surplus_bytes() != 0;
}

}  // namespace tc
