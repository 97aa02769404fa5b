// SPDX-License-Identifier: MIT
//
// A range of virtual addresses that memory is put behind as it is needed, so that a table in it
// grows without moving: what is named by an index stays where it is, and a reader without a lock
// never meets a table that has gone. Address space costs nothing until it is committed.
//
// Linux: mmap(PROT_NONE) reserves, mprotect() commits, madvise(MADV_DONTNEED) gives back. Huge
// pages are declined: the first touch of one stops its thread for 6 ms (measured, DESIGN.md 5).
#pragma once

#include <cstddef>
#include <cstdint>

namespace tc {

class Reservation {
 public:
    // Throws std::bad_alloc when the address space cannot be had.
    explicit Reservation(std::size_t bytes);
    ~Reservation();
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;

    [[nodiscard]] char* begin() const noexcept { return begin_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    // Makes [0, bytes) usable; what is new reads as zeros. False when there is no memory or the
    // reservation is smaller. Commits in steps of commit_step_bytes. Not thread-safe.
    [[nodiscard]] bool commit(std::size_t bytes) noexcept;
    // What is usable; it grows only.
    [[nodiscard]] std::size_t committed_bytes() const noexcept { return committed_; }

    // Gives the memory of whole pages within [offset, offset + bytes) back; it stays usable, and
    // reads as zeros.
    void give_back(std::size_t offset, std::size_t bytes) noexcept;

    static constexpr std::size_t page_bytes = 4096;
    static constexpr std::size_t commit_step_bytes = std::size_t{64} * 1024;

 private:
    char* begin_;
    std::size_t size_;
    std::size_t committed_ = 0;
};

}  // namespace tc
