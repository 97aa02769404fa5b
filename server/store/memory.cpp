// SPDX-License-Identifier: MIT
#include "store/memory.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <new>

namespace tc {
namespace {

// Blocks are held until all are made: a fresh page hands out well-aligned ones first.
constexpr std::size_t probe_count = 64;
// Stripes and seats are over-aligned to a cache line; nothing of ours asks for more.
constexpr std::size_t alignment_max = 64;

bool is_aligned(const void* block, std::size_t alignment) {
    return std::bit_cast<std::uintptr_t>(block) % alignment == 0;
}

bool plain_blocks_are_aligned() {
    std::array<void*, probe_count> blocks{};
    bool all_aligned = true;
    for (std::size_t index = 0; index < probe_count; ++index) {
        blocks.at(index) = allocate(24 + index * 16);
        all_aligned = all_aligned && is_aligned(blocks.at(index), alignof(std::uint64_t));
    }
    std::for_each(blocks.begin(), blocks.end(), release);
    return all_aligned;
}

bool cache_lines_are_aligned(std::size_t bytes) {
    std::array<void*, probe_count> blocks{};
    bool all_aligned = true;
    for (void*& block : blocks) {
        block = ::operator new (bytes, std::align_val_t{alignment_max}, std::nothrow);
        all_aligned = all_aligned && is_aligned(block, alignment_max);
    }
    for (void* block : blocks) {
        ::operator delete (block, std::align_val_t{alignment_max});
    }
    return all_aligned;
}

}  // namespace

std::uint64_t system_memory_bytes() noexcept {
    return static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
           static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

const char* allocator_self_test() noexcept {
#if !defined(TC_SANITIZED)
    if (mi_version() < 209) {
        return "mimalloc is older than 2.0.9, the version this program is tested with";
    }
#endif
    if (!plain_blocks_are_aligned()) {
        return "the allocator returns blocks that are not aligned to 8 bytes";
    }
    for (std::size_t bytes = 64; bytes <= 4096; bytes *= 2) {
        if (!cache_lines_are_aligned(bytes)) {
            return "the allocator returns misaligned blocks when asked for 64-byte alignment";
        }
    }
    return nullptr;
}

}  // namespace tc
