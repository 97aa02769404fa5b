// SPDX-License-Identifier: MIT
//
// The tests' side of the seam in memory.hpp: fails a chosen allocation of the store, and counts
// those of the store and of operator new.
#pragma once

#include <cstdint>

namespace tc::test {

// Lets the n-th allocation from now on fail, and those after it too until disarmed; 0 disarms.
void fail_allocations_from(std::uint64_t nth) noexcept;

// Allocations so far, of any kind and thread.
[[nodiscard]] std::uint64_t allocation_count() noexcept;

}  // namespace tc::test
