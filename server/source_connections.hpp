// SPDX-License-Identifier: MIT
//
// How many connections each source has, for the bound on those of one address. Those of this
// machine are not counted.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace tc {

class SourceConnections {
 public:
    // Counts a connection more, unless the source has `count_max` already; 0: no bound. False then,
    // or when there is no memory to count it.
    [[nodiscard]] bool add(std::uint64_t source, std::uint64_t count_max) noexcept;
    // REQUIRES: add() was true for it.
    void remove(std::uint64_t source) noexcept;

 private:
    std::mutex mutex_;
    std::unordered_map<std::uint64_t, std::uint64_t> counts_;  // Guarded by mutex_; none is 0.
};

}  // namespace tc
