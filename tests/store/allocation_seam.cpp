// SPDX-License-Identifier: MIT
#include "allocation_seam.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

#include "store/memory.hpp"

namespace tc {
namespace {

std::atomic<std::uint64_t> counted{0};
// 0 = none fails; 1 = the next one and all after it.
std::atomic<std::uint64_t> until_failure{0};

}  // namespace

bool allocation_fault_is_due() noexcept {
    ++counted;
    const std::uint64_t left = until_failure.load();
    if (left > 1) {
        until_failure.store(left - 1);
    }
    return left == 1;
}

namespace test {

void fail_allocations_from(std::uint64_t nth) noexcept {
    until_failure.store(nth);
}

std::uint64_t allocation_count() noexcept {
    return counted.load();
}

}  // namespace test
}  // namespace tc

void* operator new(std::size_t bytes) {
    ++tc::counted;
    void* const block = std::malloc(bytes == 0 ? 1 : bytes);
    if (block == nullptr) {
        throw std::bad_alloc();
    }
    return block;
}

void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
    ++tc::counted;
    return std::malloc(bytes == 0 ? 1 : bytes);
}

void operator delete(void* block) noexcept {
    std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
    std::free(block);
}
