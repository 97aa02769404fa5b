// SPDX-License-Identifier: MIT
//
// The cases of pause_bench. Each runs in a process of its own, prints its table and throws when the
// store miscounted.
#pragma once

#include <cstdint>

namespace tc::bench {

struct PauseOptions {
    std::uint64_t entry_count = 5'000'000;    // growth
    std::uint64_t removed_count = 1'000'000;  // invalidated, flushed or expiring at once
    std::uint64_t bystander_count = 200'000;  // entries of the second thread
    std::uint64_t run_count = 100;            // of each removal
    std::uint64_t limit_bytes = std::uint64_t{64} << 20;  // eviction
};

// What the clocks see when nothing happens.
void measure_noise(const PauseOptions& options);
void measure_growth(const PauseOptions& options);
// One huge tag; a second thread PUTs.
void measure_invalidate(const PauseOptions& options);
// A second huge tag right after the first, with 0, 50 and 100 % of its entries.
void measure_overlaps(const PauseOptions& options);
void measure_flush(const PauseOptions& options);
void measure_expiry(const PauseOptions& options);
void measure_eviction(const PauseOptions& options);
// A second thread GETs, in quiet times and during invalidation and reclaim.
void measure_bystander(const PauseOptions& options);
void measure_memory_return(const PauseOptions& options);

}  // namespace tc::bench
