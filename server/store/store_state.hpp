// SPDX-License-Identifier: MIT
//
// What the stripes of one store share.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "store/blob_memory.hpp"
#include "store/clocks.hpp"
#include "store/hash.hpp"
#include "store/memory.hpp"
#include "store/memory_account.hpp"
#include "store/reclaimer.hpp"
#include "store/seeded_fault.hpp"
#include "store/store.hpp"
#include "store/tag_names.hpp"

namespace tc {

// The address space of one stripe: what it could need if all memory were its own.
struct StripeLimits {
    std::size_t heap_bytes_max = 0;
    std::uint32_t slots_max = 0;
    std::uint32_t index_pages_max = 0;

    // What a stripe of such a store could need.
    [[nodiscard]] static StripeLimits of(const StoreOptions& options) noexcept;
};

// What a store may ever fill: its limit or that limit's ceiling, or else what the machine has.
[[nodiscard]] inline std::uint64_t memory_bytes_of(const StoreOptions& options) noexcept {
    return options.memory_bytes_max != 0
               ? std::max(options.memory_bytes_max, options.memory_bytes_ceiling)
               : system_memory_bytes();
}

struct StoreState {
    // Throws std::system_error when the system has no randomness.
    explicit StoreState(const StoreOptions& given);

    // The greatest clock that any session has brought. Loaded by each operation once, so that all
    // operations on a key agree on what had expired when.
    [[nodiscard]] std::uint64_t now_ms() const noexcept {
        return now_max_ms.load(std::memory_order_acquire);
    }
    void raise_clock(std::uint64_t session_now_ms) noexcept {
        const std::uint64_t now_ms =
            std::min(session_now_ms, never_ms - clock_start_ms - 1) + clock_start_ms;
        std::uint64_t known = now_max_ms.load(std::memory_order_relaxed);
        while ((known < now_ms || seeded(Fault::clock_goes_back)) &&
               !now_max_ms.compare_exchange_weak(known, now_ms, std::memory_order_acq_rel)) {
        }
    }

    const StoreOptions options;
    const std::uint64_t ttl_default_ms;
    const StripeLimits limits;
    // Versions begin here and are only counted up, so that they do not repeat after a restart.
    const std::uint64_t first_version;
    const KeyHash hash_of;
    MemoryAccount account;
    BlobMemory blobs{memory_bytes_of(options)};
    // Evacuating has to stop for a while in a stripe that has so much retired, because what has
    // moved is there twice: a part of what is left for that.
    const std::uint64_t retired_bytes_to_move_max;
    TagNames names{memory_bytes_of(options)};
    Reclaimer reclaimer;
    TagClocks tag_clocks;
    alignas(64) std::atomic<std::uint64_t> now_max_ms{clock_start_ms};
    // Raised by every invalidation and flush, before it begins and before it answers. From 1, so
    // that 0 can mean none.
    alignas(64) std::atomic<std::uint64_t> sequence{1};
};

}  // namespace tc
