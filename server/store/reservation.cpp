// SPDX-License-Identifier: MIT
#include "store/reservation.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <new>

#include "store/memory.hpp"

namespace tc {
namespace {

constexpr std::size_t rounded_up(std::size_t bytes, std::size_t step) {
    return (bytes + step - 1) / step * step;
}

}  // namespace

Reservation::Reservation(std::size_t bytes) : size_(rounded_up(bytes, commit_step_bytes)) {
    void* const range =
        mmap(nullptr, size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (range == MAP_FAILED) {
        throw std::bad_alloc();
    }
    begin_ = static_cast<char*>(range);
    // A refusal only means a kernel without huge pages.
    static_cast<void>(madvise(begin_, size_, MADV_NOHUGEPAGE));
}

Reservation::~Reservation() {
    munmap(begin_, size_);
}

bool Reservation::commit(std::size_t bytes) noexcept {
    if (bytes <= committed_) {
        return true;
    }
    if (bytes > size_) {
        return false;
    }
    if (allocation_fault_is_due()) {
        return false;
    }
    const std::size_t target = std::min(rounded_up(bytes, commit_step_bytes), size_);
    if (mprotect(begin_ + committed_, target - committed_, PROT_READ | PROT_WRITE) != 0) {
        return false;
    }
    committed_ = target;
    return true;
}

void Reservation::give_back(std::size_t offset, std::size_t bytes) noexcept {
    const std::size_t from = rounded_up(offset, page_bytes);
    const std::size_t to = std::min((offset + bytes) / page_bytes * page_bytes, committed_);
    if (from < to && madvise(begin_ + from, to - from, MADV_DONTNEED) != 0) {
        // Memory that is locked stays; who uses it again counts on zeros all the same.
        std::fill_n(begin_ + from, to - from, '\0');
    }
}

}  // namespace tc
