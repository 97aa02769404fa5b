// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "allocation_seam.hpp"

namespace tc::test {

// While it lives, the n-th allocation from its beginning and all after it fail; 0 = none.
class Failing {
 public:
    explicit Failing(std::uint64_t nth) { fail_allocations_from(nth); }
    ~Failing() { fail_allocations_from(0); }
    Failing(const Failing&) = delete;
    Failing& operator=(const Failing&) = delete;
};

}  // namespace tc::test
