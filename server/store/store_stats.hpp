// SPDX-License-Identifier: MIT
//
// The store's figures at one moment, summed over stripes and sessions.
#pragma once

#include <cstdint>

namespace tc {

struct StoreStats {
    std::uint64_t entry_count = 0;  // expired ones that were not swept yet included
    std::uint64_t tag_count = 0;    // distinct tags that at least one entry carries
    std::uint64_t edge_count = 0;   // pairs of entry and tag

    std::uint64_t used_bytes =
        0;  // the account that memory_bytes_max bounds; the sum of those below
    std::uint64_t entry_bytes = 0;  // allocated for entries and blobs: keys, values, headers, edges
    std::uint64_t index_bytes = 0;  // buckets and slots
    std::uint64_t tag_bytes = 0;    // tag names and members
    std::uint64_t retired_bytes = 0;  // unlinked, still visible to a thread's turn
    std::uint64_t idle_bytes = 0;     // given by the system, in no block; not part of used_bytes
    std::uint64_t key_bytes = 0;      // the keys alone
    std::uint64_t value_bytes = 0;    // the values alone

    std::uint64_t pinned_bytes = 0;  // retired, kept by pins; part of retired_bytes
    std::uint64_t dead_count = 0;    // invalidated entries whose memory is not back yet
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    std::uint64_t expired = 0;
    std::uint64_t invalidated = 0;
    std::uint64_t deleted = 0;
    std::uint64_t evicted = 0;
    std::uint64_t stored = 0;
    std::uint64_t refused_out_of_memory = 0;
};

}  // namespace tc
