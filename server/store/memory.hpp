// SPDX-License-Identifier: MIT
//
// The one door to the allocator for everything the store keeps, but entries (EntryHeap) and large
// values (BlobMemory). It never throws: memory that cannot be had is nullptr here and
// Outcome::out_of_memory above.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(TC_SANITIZED)
#include <malloc.h>

#include <cstdlib>
#else
#include <mimalloc.h>
#endif

namespace tc {

// Whether this allocation has to fail because a test wants it; asked by everything that can run out
// of memory. Never, but in the tests' own build of the store.
#if defined(TC_FAULTS)
[[nodiscard]] bool allocation_fault_is_due() noexcept;
#else
[[nodiscard]] constexpr bool allocation_fault_is_due() noexcept {
    return false;
}
#endif

[[nodiscard]] inline void* allocate(std::size_t bytes) noexcept {
    if (allocation_fault_is_due()) {
        return nullptr;
    }
#if defined(TC_SANITIZED)
    return std::malloc(bytes);
#else
    return mi_malloc(bytes);
#endif
}

inline void release(void* block) noexcept {
#if defined(TC_SANITIZED)
    std::free(block);
#else
    mi_free(block);
#endif
}

// What the block really takes, which is what the account is charged with.
[[nodiscard]] inline std::size_t usable_bytes(void* block) noexcept {
#if defined(TC_SANITIZED)
    return malloc_usable_size(block);
#else
    return mi_usable_size(block);
#endif
}

// Lets the system have what the calling thread has freed: mimalloc does that of its own accord only
// while it allocates. A thread calls it about once a second. 0.1 ms with 2 million entries, 0.3 ms
// when each has three tags, two of them its own, and 6 ms at most while those go: what is large or
// comes in millions of the same kind should not be in the allocator.
inline void give_back_free_memory() noexcept {
#if !defined(TC_SANITIZED)
    mi_collect(false);
#endif
}

// What the machine has.
[[nodiscard]] std::uint64_t system_memory_bytes() noexcept;

// Whether the allocator keeps the alignments we rely on: mimalloc before 2.1 returns misaligned
// blocks for some over-aligned sizes (microsoft/mimalloc issue 700). A text that says what is
// wrong, or nullptr. main calls it before anything else.
[[nodiscard]] const char* allocator_self_test() noexcept;

}  // namespace tc
