// SPDX-License-Identifier: MIT
//
// What the stripes of one store share.
#pragma once

#include <atomic>
#include <cstdint>

#include "store/hash.hpp"
#include "store/memory_account.hpp"
#include "store/reclaimer.hpp"
#include "store/store.hpp"
#include "store/tag_names.hpp"

namespace tc {

struct StoreState {
    explicit StoreState(const StoreOptions& given)
        : options(given),
          hash_of(given.hash_seed),
          account(given.memory_bytes_max),
          reclaimer(account, names, given.tags_max) {}

    // The greatest clock that any session has brought. Loaded under the stripe's lock, so that all
    // operations on a key agree on what had expired when.
    [[nodiscard]] std::uint64_t now_ms() const noexcept {
        return now_max_ms.load(std::memory_order_relaxed);
    }
    void raise_clock(std::uint64_t now_ms) noexcept {
        std::uint64_t known = now_max_ms.load(std::memory_order_relaxed);
        while (known < now_ms &&
               !now_max_ms.compare_exchange_weak(known, now_ms, std::memory_order_relaxed)) {
        }
    }

    const StoreOptions options;
    const KeyHash hash_of;
    MemoryAccount account;
    TagNames names;
    Reclaimer reclaimer;
    alignas(64) std::atomic<std::uint64_t> now_max_ms{0};
    // Invalidations and flushes so far. From 1, so that 0 can mean none.
    alignas(64) std::atomic<std::uint64_t> sequence{1};
};

}  // namespace tc
