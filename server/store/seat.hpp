// SPDX-License-Identifier: MIT
//
// What a Session sits on: the part of a thread's state that the store keeps. A seat outlives its
// session and is given to the next one, so that counters and retired memory are never lost.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <vector>

#include "store/entry.hpp"
#include "store/members.hpp"
#include "store/memory.hpp"
#include "store/memory_account.hpp"
#include "store/session.hpp"
#include "store/tag_list.hpp"
#include "store/tag_names.hpp"

namespace tc {

// What no stripe holds any more, but a turn may still read: names of tags, and large values.
// (Blocks of entries wait with their stripe, whose lock it takes to free them.) Linked through
// themselves: retiring must not need memory.
struct SeatLimbo {
    TagName* names = nullptr;
    Blob* blobs = nullptr;
    std::uint64_t name_bytes = 0;
    // Once closed: a turn that began in this epoch or before may still see something of it.
    std::uint64_t epoch = 0;

    [[nodiscard]] bool is_empty() const noexcept { return names == nullptr && blobs == nullptr; }
};

class alignas(64) Seat {
 public:
    // Throws std::bad_alloc.
    Seat(MemoryAccount& shared_account, std::uint32_t tags_max)
        : account(shared_account), tags(tags_max), tag_ids(tags_max) {
        members.reserve(tags_max);
    }

    // Adds to the store's account, now or a little later.
    void charge(const ByteChange& change) noexcept {
        const std::int64_t used = unreported_bytes() + change.used;
        unreported_used_.store(used, std::memory_order_relaxed);
        unreported_retired_ += change.retired;
        retired_bytes_of_turn_ += std::max<std::int64_t>(change.retired, 0);
        const std::int64_t bound = account.unreported_bytes_max();
        if (used > bound || -used > bound || unreported_retired_ > bound ||
            -unreported_retired_ > bound) {
            report();
        }
    }
    void charge(std::int64_t used) noexcept { charge(ByteChange{.used = used}); }
    void report() noexcept {
        const ByteChange change = unreported();
        if (change.used != 0 || change.retired != 0) {
            account.add(change);
            unreported_used_.store(0, std::memory_order_relaxed);
            unreported_retired_ = 0;
        }
    }
    // Any thread may ask for this one.
    [[nodiscard]] std::int64_t unreported_bytes() const noexcept {
        return unreported_used_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] bool has_plenty(std::uint64_t bytes) const noexcept {
        return account.has_plenty(bytes, unreported());
    }
    [[nodiscard]] bool has_room(std::uint64_t bytes) const noexcept {
        return account.has_room(bytes, unreported());
    }
    [[nodiscard]] bool is_room_retired(std::uint64_t bytes) const noexcept {
        return account.is_room_retired(bytes, unreported());
    }
    [[nodiscard]] std::uint64_t bytes_to_evict(std::uint64_t bytes) const noexcept {
        return account.bytes_to_evict(bytes, unreported());
    }

    // Whether what this turn has retired is a large part of what is left for that.
    [[nodiscard]] bool has_retired_much(bool holds_views) const noexcept {
        return retired_bytes_of_turn_ > (holds_views ? account.retired_bytes_of_turn_max()
                                                     : account.warm_bytes_of_turn_max());
    }
    void forget_retired_of_turn() noexcept {
        retired_bytes_of_turn_ = 0;
        blobs_retired_of_turn_ = 0;
    }
    [[nodiscard]] std::uint32_t blobs_retired_of_turn() const noexcept {
        return blobs_retired_of_turn_;
    }

    [[nodiscard]] bool is_memory_short() const noexcept { return account.is_short(unreported()); }

    // Takes what has just left the name table, with the bytes it stood for there.
    void retire(TagName* name, std::uint64_t bytes) noexcept {
        name->next_retired = filling.names;
        filling.names = name;
        filling.name_bytes += bytes;
        add_to(retired_name_bytes, bytes);
        charge_retired(bytes);
    }
    // Takes what has just lost its entry, which was all that held it, apart from pins. It stays in
    // use: the stripe goes on counting it until its visit is over.
    void retire(Blob* blob) noexcept {
        const std::uint64_t bytes = usable_bytes(blob);
        blob->account = &account;
        account.on_blob_retired(bytes);
        blob->next_retired = filling.blobs;
        filling.blobs = blob;
        ++blobs_retired_of_turn_;
        add_to(limbo_blob_bytes, bytes);
        charge(ByteChange{.retired = static_cast<std::int64_t>(bytes)});
    }

    MemoryAccount& account;
    SessionCounters counters;
    // Scratch of one operation.
    TagList tags;
    std::vector<TagId> tag_ids;
    std::vector<const Members*> members;
    // Where upkeep, and the next eviction in somebody else's stripe, go on.
    std::uint32_t upkeep_stripe = 0;
    std::uint32_t eviction_stripe = 0;

    // For the Reclaimer: the epoch in which the turn began, 0 outside of one.
    std::atomic<std::uint64_t> epoch{0};
    std::atomic<bool> is_taken{true};
    // A stripe that was visited in this turn has memory to free once all turns have ended.
    bool waits_for_turns = false;
    Seat* next = nullptr;  // immutable once the seat is in the list
    SeatLimbo filling;     // of this turn and those since `waiting` was closed
    SeatLimbo waiting;     // until no turn is left that could see it
    std::atomic<std::uint64_t> retired_name_bytes{0};
    std::atomic<std::uint64_t> limbo_blob_bytes{0};

 private:
    // Written by the session's thread alone.
    static void add_to(std::atomic<std::uint64_t>& sum, std::uint64_t bytes) noexcept {
        sum.store(sum.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
    }
    void charge_retired(std::uint64_t bytes) noexcept {
        const auto change = static_cast<std::int64_t>(bytes);
        charge({.used = change, .retired = change});
    }
    [[nodiscard]] ByteChange unreported() const noexcept {
        return {.used = unreported_bytes(), .retired = unreported_retired_};
    }

    // Written by the session's thread alone.
    std::atomic<std::int64_t> unreported_used_{0};
    std::int64_t unreported_retired_ = 0;
    std::int64_t retired_bytes_of_turn_ = 0;
    std::uint32_t blobs_retired_of_turn_ = 0;
};

// A blob for a value that is too large for its entry, or null: when it is not, when the account has
// no room and when there is no memory.
[[nodiscard]] inline BlobPtr make_blob_if_room(const Seat& seat, BlobMemory& memory,
                                               std::string_view value,
                                               std::string_view value_rest) noexcept {
    const std::size_t bytes = value.size() + value_rest.size();
    return bytes > value_bytes_inline_max && seat.has_room(blob_bytes(bytes))
               ? make_blob(memory, value, value_rest)
               : nullptr;
}

}  // namespace tc
