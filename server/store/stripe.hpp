// SPDX-License-Identifier: MIT
//
// One of up to 64 parts of the store: a lock, and under it everything that belongs to the keys
// whose hashes fall here.
//
//      hash of key                                 hash of tag
//           |                                           |
//           v                                           v
//     +-----------+      +----------------+      +-------------+
//     |   index   |      | wheel, queues  |      |  tag index  |  tag id -> members
//     +-----------+      +----------------+      +-------------+
//           | ref                | slot                 | slots
//           |                    v                      v
//           |       +------------------------------------------+
//           |       |   slots: 0   1   2   3 ...   used   dead |
//           |       +------------------------------------------+
//           v              | ref                            TagNames: id -> name, stripes
//     +-----------------------------+                           ^
//     |  heap:  entry  entry  entry |  key, value, tag ids -----+
//     +-----------------------------+
//
// An entry and its tag edges change under one lock, so the tag index can never disagree with the
// entries. Two stripes are never locked together, and below a stripe's lock only a shard of
// TagNames is locked: no deadlock by design.
//
// A read takes no lock and writes nothing that others write: it finds the reference in the index
// and looks at an entry that nobody changes. A write makes a new entry in the slot of the old one
// and retires the old one, whose block is used again when no turn is left that could see it. There
// are two ways for an entry to go: replace(), when its key gets another, and unlink(), for
// everything else. Both leave no edge, no count and no byte behind.
//
// An invalidation marks slots in a bitmap, and those entries are dead from then on; upkeep()
// unlinks them later, in slices.
//
// INVARIANT: for each entry e in slot s: the index finds e by its key, and if s is not dead, s is a
// member of each of e's tags; every member of a tag is an entry that carries it.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "store/clocks.hpp"
#include "store/cursor.hpp"
#include "store/entry.hpp"
#include "store/entry_heap.hpp"
#include "store/eviction.hpp"
#include "store/key_index.hpp"
#include "store/members_query.hpp"
#include "store/mutex.hpp"
#include "store/seat.hpp"
#include "store/slots.hpp"
#include "store/store.hpp"
#include "store/store_state.hpp"
#include "store/tag_index.hpp"
#include "store/timing_wheel.hpp"

namespace tc {

// Which entries a tag operation means.
struct TagQuery {
    std::span<const std::string_view> tags;
    TagMatch match;
};

class alignas(64) Stripe {
 public:
    // Throws std::bad_alloc.
    Stripe(StoreState& shared, std::uint32_t number);
    ~Stripe();
    Stripe(const Stripe&) = delete;
    Stripe& operator=(const Stripe&) = delete;

    // Operations on one key; stripe_operations.cpp. get() takes no lock.
    [[nodiscard]] EntryView get(const HashedKey& key) noexcept;
    [[nodiscard]] EntryView get_and_touch(Seat& seat, const HashedKey& key,
                                          std::uint64_t ttl_ms) noexcept;
    [[nodiscard]] EntryView get_and_remove(Seat& seat, const HashedKey& key) noexcept;
    // The passes of Store::prefetch(), within a turn.
    [[nodiscard]] const KeyBucket* prefetch_bucket(std::uint64_t hash) const noexcept {
        return index_.prefetch_bucket(hash);
    }
    [[nodiscard]] const Entry* prefetch_entry(const KeyBucket& bucket,
                                              std::uint64_t hash) const noexcept {
        return index_.prefetch_entry(bucket, hash);
    }
    void prefetch_rest(const Entry& entry, bool is_write) const noexcept;

    // `blob` has a large value, and is null when there was no memory for it; seat.tags are the
    // tags.
    [[nodiscard]] WriteResult write(Seat& seat, const HashedKey& key, const WriteRequest& request,
                                    BlobPtr blob) noexcept;
    [[nodiscard]] AppendResult append(Seat& seat, const HashedKey& key,
                                      const AppendRequest& request) noexcept;
    [[nodiscard]] IncrementResult increment(Seat& seat, const HashedKey& key,
                                            const IncrementRequest& request) noexcept;
    [[nodiscard]] Outcome touch(Seat& seat, const HashedKey& key, std::uint64_t ttl_ms,
                                std::optional<std::uint64_t> if_version) noexcept;
    [[nodiscard]] Outcome remove(Seat& seat, const HashedKey& key,
                                 std::optional<std::uint64_t> if_version) noexcept;
    // seat.tags are the tags to add; `is_complete` when all of the request's fitted in there.
    [[nodiscard]] TagChangeResult add_tags(Seat& seat, const HashedKey& key,
                                           bool is_complete) noexcept;
    [[nodiscard]] TagChangeResult remove_tags(Seat& seat, const HashedKey& key,
                                              std::span<const std::string_view> tags) noexcept;

    // Operations on tags; stripe_tags.cpp. invalidate() and flush() only mark what dies. What has
    // expired is removed first, and taken off the budget.
    [[nodiscard]] std::uint64_t invalidate(Seat& seat, const TagQuery& query,
                                           std::uint32_t& expired_budget) noexcept;
    [[nodiscard]] std::uint64_t count_tagged(Seat& seat, const TagQuery& query,
                                             std::uint32_t& expired_budget) noexcept;
    [[nodiscard]] std::uint64_t flush(Seat& seat) noexcept;

    // Scans; stripe_scans.cpp. They go on from a slot and return where the next page begins, or
    // Slots::none behind the last slot. REQUIRES: `keys` has room for what the budget allows.
    [[nodiscard]] std::uint32_t scan(const KeyPattern& pattern, std::uint32_t slot,
                                     PageBudget& budget,
                                     std::vector<std::string_view>& keys) noexcept;
    [[nodiscard]] std::uint32_t keys_by_tag(Seat& seat, const TagQuery& query, std::uint32_t slot,
                                            PageBudget& budget,
                                            std::vector<std::string_view>& keys) noexcept;
    [[nodiscard]] std::uint32_t remove_prefix(Seat& seat, std::string_view prefix,
                                              std::uint32_t slot, PageBudget& budget) noexcept;

    // Work that nobody waits for; stripe_upkeep.cpp. Each takes what it did off the budget.
    // Frees what no turn can see, unlinks the dead and the expired, moves entries together. False
    // when nothing is left to do but to wait.
    bool upkeep(Seat& seat, std::uint32_t& budget) noexcept;
    // Evicts until `wanted_bytes` are retired or the budget is spent; how many bytes were.
    std::uint64_t evict(Seat& seat, std::uint64_t wanted_bytes, std::uint32_t& budget) noexcept;
    // Whether invalidated entries wait for upkeep(), and what evicting could bring, about; any
    // thread.
    [[nodiscard]] bool has_dead() const noexcept { return slots_.has_dead(); }
    [[nodiscard]] std::uint64_t evictable_bytes() const noexcept {
        return evictable_bytes_.load(std::memory_order_relaxed);
    }

    // stripe_check.cpp.
    void add_stats(StoreStats& stats) const noexcept;
    void check_invariants(std::uint64_t& tag_count) const;

 private:
    friend class StoreProbe;  // of the tests

    // An entry, and the cell of the index that names it; both null when there is none.
    struct Found {
        Entry* entry = nullptr;
        KeyIndex::Cell* cell = nullptr;

        explicit operator bool() const noexcept { return entry != nullptr; }
    };

    // The stripe's lock, for those who change something: on the way in retired memory is freed, on
    // the way out the account hears of everything.
    class TC_SCOPED_CAPABILITY Visit {
     public:
        Visit(Stripe& stripe, Seat& seat) noexcept TC_ACQUIRE(stripe.mutex_);
        ~Visit() TC_RELEASE();
        Visit(const Visit&) = delete;
        Visit& operator=(const Visit&) = delete;

        // One time for the whole operation: what it finds alive has a TTL.
        [[nodiscard]] std::uint64_t now_ms() const noexcept { return now_ms_; }

     private:
        Stripe& stripe_;
        Seat& seat_;
        std::uint64_t now_ms_;
        ByteChange bytes_before_;
    };

    // A block with an entry that is not published yet; gone again unless it is.
    class Draft {
     public:
        // Empty when there is no memory, or no room in the account. `content` has no blob yet.
        Draft(Stripe& stripe, const Seat& seat, Entry::Content content, BlobPtr blob) noexcept
            TC_REQUIRES(stripe.mutex_);
        // The same entry with other tags; `old` hands its blob over when it is replaced. Does not
        // ask the account.
        Draft(Stripe& stripe, const Entry& old, std::size_t tag_count) noexcept
            TC_REQUIRES(stripe.mutex_);
        ~Draft();
        Draft(const Draft&) = delete;
        Draft& operator=(const Draft&) = delete;

        [[nodiscard]] explicit operator bool() const noexcept { return entry_ != nullptr; }
        [[nodiscard]] Entry& operator*() const noexcept { return *entry_; }
        [[nodiscard]] Entry* operator->() const noexcept { return entry_; }
        Entry& publish() noexcept;

     private:
        void make(const Entry::Content& content) noexcept TC_REQUIRES(stripe_.mutex_);

        Stripe& stripe_;
        BlobPtr blob_;  // until the entry is published
        Entry* entry_ = nullptr;
    };

    // Retired blocks, linked through their entries, and pages of the index.
    struct Limbo {
        EntryRef first = no_entry;
        KeyIndex::Garbage pages = {};
        // Once closed: a turn that began in this epoch or before may still see something of it.
        std::uint64_t epoch = 0;

        [[nodiscard]] bool is_empty() const noexcept {
            return first == no_entry && pages.is_empty();
        }
    };

    enum class Reason : std::uint8_t { deleted, expired, evicted, reclaimed };

    [[nodiscard]] Entry& entry_in(std::uint32_t slot) const noexcept TC_REQUIRES(mutex_) {
        return *entry_at(heap_.begin(), slots_.ref(slot));
    }
    [[nodiscard]] EntryRef ref_of(const Entry& entry) const noexcept;
    // REQUIRES: the deadline is later.
    [[nodiscard]] EntryView view_of(const Entry& entry, std::uint64_t deadline_ms,
                                    std::uint64_t now_ms) const noexcept;
    [[nodiscard]] EntryView view_of(const Entry& entry, std::uint64_t now_ms) const noexcept {
        return view_of(entry, entry.deadline_ms(), now_ms);
    }
    [[nodiscard]] std::uint64_t version_of(const Entry& entry) const noexcept {
        return shared_.first_version + entry.version();
    }
    [[nodiscard]] Outcome check_version(const Entry& entry,
                                        std::optional<std::uint64_t> if_version) const noexcept;
    [[nodiscard]] Outcome check_write(const WriteRequest& request, const Found& old) const noexcept;

    [[nodiscard]] EntryView get_locked(const HashedKey& key) noexcept;
    [[nodiscard]] Found find(const HashedKey& key) noexcept TC_REQUIRES(mutex_);
    // The same, but what is expired or dead is unlinked, and not found.
    [[nodiscard]] Found find_live(Seat& seat, const HashedKey& key, std::uint64_t now_ms) noexcept
        TC_REQUIRES(mutex_);
    [[nodiscard]] bool is_live(const Entry& entry, std::uint64_t now_ms) const noexcept;
    // The entry that a write makes, or null when there is no memory.
    [[nodiscard]] const Entry* write_over(Seat& seat, const HashedKey& key,
                                          const WriteRequest& request, const Found& old,
                                          BlobPtr blob, std::uint64_t now_ms) noexcept
        TC_REQUIRES(mutex_);
    [[nodiscard]] std::uint64_t used_bytes() const noexcept TC_REQUIRES(mutex_);
    // Of all that is not retired.
    [[nodiscard]] std::uint64_t kept_bytes() const noexcept TC_REQUIRES(mutex_);
    // Of entries and blobs that are not retired.
    [[nodiscard]] std::uint64_t live_bytes() const noexcept TC_REQUIRES(mutex_);
    [[nodiscard]] std::uint64_t deadline_after(std::uint64_t ttl_ms, std::uint64_t now_ms) noexcept
        TC_REQUIRES(mutex_);
    // Of a new entry that comes in place of `old`, if there is one.
    [[nodiscard]] std::uint64_t deadline_for(std::optional<std::uint64_t> ttl_ms, const Found& old,
                                             bool keeps_ttl, std::uint64_t now_ms) noexcept
        TC_REQUIRES(mutex_);
    // Sees to it that the wheel looks at the slot in time; false when there is no memory.
    [[nodiscard]] bool schedule(std::uint32_t slot, std::uint64_t deadline_ms) noexcept
        TC_REQUIRES(mutex_);

    // The three ways in and out. The draft has its deadline; they give it its version. store() and
    // insert() take the tags of seat.tags, and say when there is no memory: then nothing has
    // changed.
    [[nodiscard]] bool store(Seat& seat, const HashedKey& key, const Found& old,
                             Draft& draft) noexcept TC_REQUIRES(mutex_);
    [[nodiscard]] bool store_with_old_tags(Seat& seat, const Found& old, Draft& draft) noexcept
        TC_REQUIRES(mutex_);
    [[nodiscard]] bool insert(Seat& seat, const HashedKey& key, Draft& draft) noexcept
        TC_REQUIRES(mutex_);
    // REQUIRES: the slot is linked to all tags of the draft, and scheduled for its deadline.
    void replace(Seat& seat, const Found& old, Draft& draft) noexcept TC_REQUIRES(mutex_);
    void unlink_lost_edges(Seat& seat, const Entry& old, const Entry& fresh) noexcept
        TC_REQUIRES(mutex_);
    void unlink(Seat& seat, std::uint64_t hash, const Found& found, Reason reason) noexcept
        TC_REQUIRES(mutex_);
    // The same for an entry that was found by its slot.
    void unlink(Seat& seat, std::uint32_t slot, Reason reason) noexcept TC_REQUIRES(mutex_);

    static void count_removed(Seat& seat, Reason reason) noexcept;

    // Links the slot to the tags of seat.tags and writes their ids; all of them or none. `had` are
    // the tags that the slot is linked to in their order, as far as it is known.
    [[nodiscard]] bool link_tags(Seat& seat, std::uint32_t slot, std::span<const TagId> had,
                                 TagId* ids) noexcept TC_REQUIRES(mutex_);
    void unlink_new_edges(Seat& seat, std::uint32_t slot,
                          std::span<const TagList::Item> items) noexcept TC_REQUIRES(mutex_);
    void account_for(const Entry& entry, bool is_blob_counted) noexcept TC_REQUIRES(mutex_);
    void retire(Seat& seat, Entry& entry, bool keeps_blob) noexcept TC_REQUIRES(mutex_);

    // Valid until the next change of the stripe, or use of the seat.
    [[nodiscard]] MembersQuery members_of(Seat& seat, const TagQuery& query) const noexcept
        TC_REQUIRES(mutex_);

    // Parts of upkeep(); whether there is more to do.
    bool free_retired(std::uint32_t& budget) noexcept TC_REQUIRES(mutex_);
    bool close_limbo() noexcept TC_REQUIRES(mutex_);
    // Goes on to the next one in the limbo.
    void free_block(EntryRef& ref) noexcept TC_REQUIRES(mutex_);
    bool unlink_dead(Seat& seat, std::uint32_t& budget) noexcept TC_REQUIRES(mutex_);
    bool unlink_expired(Seat& seat, std::uint32_t& budget) noexcept TC_REQUIRES(mutex_);
    [[nodiscard]] bool settle_record(Seat& seat, std::uint32_t slot, TimingWheel::Bucket bucket,
                                     std::uint32_t& budget) noexcept TC_REQUIRES(mutex_);
    bool compact_wheel(std::uint32_t& budget) noexcept TC_REQUIRES(mutex_);
    bool evacuate(Seat& seat, std::uint32_t& budget, std::uint32_t idle_percent_max) noexcept
        TC_REQUIRES(mutex_);
    // Part of a write of so many bytes, which fill up holes only if they are large enough.
    void move_together(Seat& seat, std::size_t block_bytes) noexcept TC_REQUIRES(mutex_);
    [[nodiscard]] bool move_entry(Seat& seat, EntryRef ref) noexcept TC_REQUIRES(mutex_);

    void check_entry(std::uint32_t slot, const Entry& entry) const TC_REQUIRES(mutex_);
    void check_limbo() const TC_REQUIRES(mutex_);
    void check_tags() const TC_REQUIRES(mutex_);

    // The wheel's part of a slot's state; the rest is the eviction's.
    static constexpr std::uint8_t wheel_bits = 0x3F;
    static_assert(TimingWheel::bucket_max <= wheel_bits);

    // Immutable after construction.
    StoreState& shared_;
    const std::uint32_t number_;

    // What every write touches comes first, on lines that lie together; a write asks for them ahead
    // (prefetch_rest).
    mutable Mutex mutex_;
    Limbo waiting_ TC_GUARDED_BY(mutex_);  // until no turn is left that could see it
    Limbo filling_ TC_GUARDED_BY(mutex_);  // what was retired since `waiting_` was closed
    // Raised by every change, and the version of what was written last; counted from the store's
    // first version.
    std::uint64_t sequence_ TC_GUARDED_BY(mutex_) = 0;
    std::uint64_t retired_bytes_ TC_GUARDED_BY(mutex_) = 0;  // of blocks in limbo
    std::uint64_t blob_bytes_ TC_GUARDED_BY(mutex_) = 0;     // of entries that are not retired
    // What a visit has handed over to its seat: still in use, but no stripe's from its end on.
    std::uint64_t handed_over_bytes_ TC_GUARDED_BY(mutex_) = 0;
    std::uint64_t key_bytes_ TC_GUARDED_BY(mutex_) = 0;
    std::uint64_t value_bytes_ TC_GUARDED_BY(mutex_) = 0;
    std::uint64_t flush_clock_ TC_GUARDED_BY(mutex_) = 0;
    std::uint32_t dead_hand_ TC_GUARDED_BY(mutex_) = 0;
    std::uint64_t jitter_state_ TC_GUARDED_BY(mutex_);
    std::atomic<std::uint64_t> evictable_bytes_{0};
    // These four are read without the lock too, in the ways that their headers allow.
    EntryHeap heap_;
    Slots slots_;
    KeyIndex index_;
    Eviction eviction_;
    TagIndex tags_ TC_GUARDED_BY(mutex_);
    TimingWheel wheel_ TC_GUARDED_BY(mutex_);
    KeyClocks key_clocks_ TC_GUARDED_BY(mutex_);
};

}  // namespace tc
