// SPDX-License-Identifier: MIT
//
// What a Session sits on: the part of a thread's state that the store keeps. A seat outlives its
// session and is given to the next one, so that counters and retired memory are never lost.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "store/entry.hpp"
#include "store/memory_account.hpp"
#include "store/session.hpp"
#include "store/tag_list.hpp"
#include "store/tag_names.hpp"

namespace tc {

// Names of tags that no stripe holds any more, perhaps still seen. Linked through the names
// themselves, because an invalidation must not need memory.
struct Limbo {
    TagName* names = nullptr;
    std::uint64_t bytes = 0;
    // Once closed: a turn that began in this epoch or before may still see something of it.
    std::uint64_t epoch = 0;

    [[nodiscard]] bool is_empty() const noexcept { return names == nullptr; }
};

class alignas(64) Seat {
 public:
    // Throws std::bad_alloc.
    Seat(MemoryAccount& shared_account, std::uint32_t tags_max)
        : account(shared_account), tags(tags_max), tag_ids(tags_max) {}

    // Adds to the store's account, now or a little later.
    void charge(std::int64_t bytes) noexcept {
        const std::int64_t sum = unreported_bytes_.load(std::memory_order_relaxed) + bytes;
        unreported_bytes_.store(sum, std::memory_order_relaxed);
        if (sum > account.unreported_bytes_max() || -sum > account.unreported_bytes_max()) {
            report();
        }
    }
    void report() noexcept {
        const std::int64_t sum = unreported_bytes_.load(std::memory_order_relaxed);
        if (sum != 0) {
            account.add(sum);
            unreported_bytes_.store(0, std::memory_order_relaxed);
        }
    }
    [[nodiscard]] std::int64_t unreported_bytes() const noexcept {
        return unreported_bytes_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] bool has_room(std::uint64_t bytes) const noexcept {
        return account.has_room(bytes, unreported_bytes());
    }

    // Takes what has just been unlinked, with the bytes it stood for elsewhere.
    void retire(TagName* name, std::uint64_t bytes) noexcept {
        name->next_retired = filling.names;
        filling.names = name;
        filling.bytes += bytes;
        retired_bytes.store(retired_bytes.load(std::memory_order_relaxed) + bytes,
                            std::memory_order_relaxed);
        charge(static_cast<std::int64_t>(bytes));
    }

    MemoryAccount& account;
    SessionCounters counters;
    // Scratch of one operation.
    TagList tags;
    std::vector<TagId> tag_ids;
    // Where sweep_expired() goes on.
    std::uint32_t sweep_stripe = 0;
    std::uint32_t sweep_slot = 0;

    // For the Reclaimer: the epoch in which the turn began, 0 outside of one.
    std::atomic<std::uint64_t> epoch{0};
    std::atomic<bool> is_taken{true};
    Seat* next = nullptr;  // immutable once the seat is in the list
    Limbo filling;         // of this turn and those since `waiting` was closed
    Limbo waiting;         // until no turn is left that could see it
    std::atomic<std::uint64_t> retired_bytes{0};

 private:
    // Written by the session's thread alone.
    std::atomic<std::int64_t> unreported_bytes_{0};
};

}  // namespace tc
