// SPDX-License-Identifier: MIT
//
// One of up to 64 parts of the store: a lock, and under it everything that belongs to the keys
// whose hashes fall here.
//
//      hash of key                     hash of tag
//           |                               |
//           v                               v
//     +-----------+                  +-------------+
//     |   index   | slot, 32 bits    |  tag index  |  tag id, members
//     +-----------+                  +-------------+
//           |                               |  members are slots
//           v                               v
//     +--------------------------------------------+
//     |   slots: 0   1   2   3   4   5   ...       |
//     +--------------------------------------------+
//                |       |                              TagNames: id -> name, stripes
//                v       v                                  ^
//            +-------+ +-------+                            |
//            | entry | | entry |  key, value, tag ids ------+
//            +-------+ +-------+
//
// An entry and its tag edges change under one lock, so the tag index can never disagree with the
// entries. Two stripes are never locked together, and below a stripe's lock only a shard of
// TagNames is locked: no deadlock by design.
//
// Entries are immutable but for their deadline. A write makes a new entry in the slot of the old
// one and retires the old one, which readers may still look at. There are two ways for an entry to
// go: replace(), when its key gets another, and unlink(), for everything else. Both leave no edge,
// no count and no byte behind.
//
// INVARIANT: for each entry e in slot s: the index finds s by e's key, and s is a member of each of
// e's tags; there are no other buckets and no other members. version() of entries <= sequence_.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "store/cursor.hpp"
#include "store/entry.hpp"
#include "store/mutex.hpp"
#include "store/probe_table.hpp"
#include "store/seat.hpp"
#include "store/slots.hpp"
#include "store/store.hpp"
#include "store/store_state.hpp"
#include "store/tag_index.hpp"

namespace tc {

// A key with its hash, which the store has computed once to find the stripe.
struct HashedKey {
    std::string_view text;
    std::uint64_t hash;
};

// Which entries a tag operation means.
struct TagQuery {
    std::span<const std::string_view> tags;
    TagMatch match;
};

class alignas(64) Stripe {
 public:
    Stripe(StoreState& shared, std::uint32_t number, std::uint64_t first_version) noexcept
        : shared_(shared),
          number_(number),
          tags_(shared.names, shared.hash_of, number),
          sequence_(first_version) {}
    ~Stripe();
    Stripe(const Stripe&) = delete;
    Stripe& operator=(const Stripe&) = delete;

    // Operations on one key; stripe_operations.cpp. `ttl_ms` of get(): the TTL to set.
    [[nodiscard]] EntryView get(const HashedKey& key, std::optional<std::uint64_t> ttl_ms) noexcept;
    [[nodiscard]] EntryView get_and_remove(Seat& seat, const HashedKey& key) noexcept;
    void prefetch(std::uint64_t hash) const noexcept { index_.prefetch(table_bits(hash)); }

    // `fresh` is the entry to store, or null when there was no memory for it; seat.tags are its
    // tags.
    [[nodiscard]] WriteResult write(Seat& seat, const HashedKey& key, const WriteRequest& request,
                                    EntryPtr fresh) noexcept;
    [[nodiscard]] AppendResult append(Seat& seat, const HashedKey& key,
                                      const AppendRequest& request) noexcept;
    [[nodiscard]] IncrementResult increment(Seat& seat, const HashedKey& key,
                                            const IncrementRequest& request) noexcept;
    [[nodiscard]] Outcome touch(const HashedKey& key, std::uint64_t ttl_ms,
                                std::optional<std::uint64_t> if_version) noexcept;
    [[nodiscard]] Outcome remove(Seat& seat, const HashedKey& key,
                                 std::optional<std::uint64_t> if_version) noexcept;
    // seat.tags are the tags to add; `is_complete` when all of the request's fitted in there.
    [[nodiscard]] TagChangeResult add_tags(Seat& seat, const HashedKey& key,
                                           bool is_complete) noexcept;
    [[nodiscard]] TagChangeResult remove_tags(Seat& seat, const HashedKey& key,
                                              std::span<const std::string_view> tags) noexcept;

    // Operations on many entries; stripe_scans.cpp. Scans go on from a slot and return where the
    // next page begins, or Slots::none behind the last slot.
    [[nodiscard]] std::uint64_t invalidate(Seat& seat, const TagQuery& query) noexcept;
    [[nodiscard]] std::uint64_t count_tagged(const TagQuery& query) noexcept;
    [[nodiscard]] std::uint64_t flush(Seat& seat) noexcept;
    // REQUIRES: `keys` has room for what the budget allows.
    [[nodiscard]] std::uint32_t scan(const KeyPattern& pattern, std::uint32_t slot,
                                     PageBudget& budget,
                                     std::vector<std::string_view>& keys) noexcept;
    [[nodiscard]] std::uint32_t keys_by_tag(const TagQuery& query, std::uint32_t slot,
                                            PageBudget& budget,
                                            std::vector<std::string_view>& keys) noexcept;
    [[nodiscard]] std::uint32_t remove_prefix(Seat& seat, std::string_view prefix,
                                              std::uint32_t slot, PageBudget& budget) noexcept;
    // Examines at most `budget` slots, and takes them off it.
    [[nodiscard]] std::uint32_t sweep_expired(Seat& seat, std::uint32_t slot,
                                              std::uint32_t& budget) noexcept;

    // stripe_check.cpp.
    void add_stats(StoreStats& stats) const noexcept;
    void check_invariants(std::uint64_t& tag_count) const;

 private:
    struct Bucket {
        std::uint32_t hash = 0;
        std::uint32_t slot = Slots::none;

        [[nodiscard]] bool is_empty() const noexcept { return slot == Slots::none; }
    };

    // An entry and where it is; `entry` is null when there is none.
    struct Found {
        Entry* entry = nullptr;
        std::uint32_t slot = Slots::none;

        explicit operator bool() const noexcept { return entry != nullptr; }
    };

    // The stripe's lock, for those who change something: on the way out the account hears of it.
    class TC_SCOPED_CAPABILITY Visit {
     public:
        Visit(Stripe& stripe, Seat& seat) noexcept TC_ACQUIRE(stripe.mutex_);
        ~Visit() TC_RELEASE();
        Visit(const Visit&) = delete;
        Visit& operator=(const Visit&) = delete;

     private:
        Stripe& stripe_;
        Seat& seat_;
        std::uint64_t used_bytes_before_;
    };

    [[nodiscard]] Found find(const HashedKey& key) const noexcept TC_REQUIRES(mutex_);
    // An expired entry is unlinked, and not found.
    [[nodiscard]] Found find_live(Seat& seat, const HashedKey& key) noexcept TC_REQUIRES(mutex_);
    [[nodiscard]] std::uint64_t used_bytes() const noexcept TC_REQUIRES(mutex_);
    [[nodiscard]] std::uint64_t deadline_after(std::uint64_t ttl_ms) const noexcept;
    // Of a new entry that comes in place of `old`, if there is one.
    [[nodiscard]] std::uint64_t deadline_for(std::optional<std::uint64_t> ttl_ms, const Found& old,
                                             bool keeps_ttl) const noexcept;

    // The three ways in and out. `fresh` has its deadline; they give it its version.
    // Stores an entry with the tags of seat.tags; false when there is no memory, and then nothing
    // has changed.
    [[nodiscard]] bool store(Seat& seat, const HashedKey& key, const Found& old,
                             EntryPtr& fresh) noexcept TC_REQUIRES(mutex_);
    [[nodiscard]] bool insert(Seat& seat, const HashedKey& key, EntryPtr& fresh) noexcept
        TC_REQUIRES(mutex_);
    // REQUIRES: the slot is linked to all tags of `fresh`.
    void replace(Seat& seat, const Found& old, EntryPtr fresh) noexcept TC_REQUIRES(mutex_);
    // `detached`: a tag whose edges are gone already.
    void unlink(Seat& seat, const Found& found, TagId detached = no_tag) noexcept
        TC_REQUIRES(mutex_);

    // Links the slot to the tags of seat.tags and writes their ids; all of them or none. `had` are
    // the tags that the slot is linked to in their order, as far as it is known.
    [[nodiscard]] bool link_tags(Seat& seat, std::uint32_t slot, std::span<const TagId> had,
                                 TagId* ids) noexcept TC_REQUIRES(mutex_);
    void unlink_new_edges(Seat& seat, std::uint32_t slot,
                          std::span<const TagList::Item> items) noexcept TC_REQUIRES(mutex_);
    void account_for(const Entry& entry, bool is_blob_counted) noexcept TC_REQUIRES(mutex_);
    void retire(Seat& seat, Entry* entry, bool keeps_blob) noexcept TC_REQUIRES(mutex_);

    [[nodiscard]] std::uint64_t invalidate_tag(Seat& seat, std::string_view tag) noexcept
        TC_REQUIRES(mutex_);
    [[nodiscard]] std::uint64_t count_all(const TagQuery& query) const noexcept TC_REQUIRES(mutex_);
    [[nodiscard]] std::uint64_t count_any(std::span<const std::string_view> tags) const noexcept
        TC_REQUIRES(mutex_);
    // The members of the rarest tag of the query, nullptr when a tag has none.
    [[nodiscard]] const Members* rarest(const TagQuery& query) const noexcept TC_REQUIRES(mutex_);
    [[nodiscard]] bool carries_all(std::span<const std::string_view> tags,
                                   std::uint32_t slot) const noexcept TC_REQUIRES(mutex_);
    [[nodiscard]] bool carries_any(std::span<const std::string_view> tags,
                                   std::uint32_t slot) const noexcept TC_REQUIRES(mutex_);
    // The first slot >= slot that the query may mean, or none.
    [[nodiscard]] std::uint32_t candidate(const TagQuery& query, std::uint32_t slot) const noexcept
        TC_REQUIRES(mutex_);

    void check_entry(std::uint32_t slot, const Entry& entry) const TC_REQUIRES(mutex_);
    void check_tags() const TC_REQUIRES(mutex_);

    // Immutable after construction.
    StoreState& shared_;
    const std::uint32_t number_;

    mutable Mutex mutex_;
    // Guarded by mutex_, but for index_.prefetch().
    ProbeTable<Bucket> index_;
    Slots slots_ TC_GUARDED_BY(mutex_);
    TagIndex tags_ TC_GUARDED_BY(mutex_);
    // Raised by every change: the version of what was written last.
    std::uint64_t sequence_ TC_GUARDED_BY(mutex_);
    std::uint64_t entry_bytes_ TC_GUARDED_BY(mutex_) = 0;  // with their blobs
    std::uint64_t key_bytes_ TC_GUARDED_BY(mutex_) = 0;
    std::uint64_t value_bytes_ TC_GUARDED_BY(mutex_) = 0;
};

}  // namespace tc
