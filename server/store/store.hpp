// SPDX-License-Identifier: MIT
//
// The store: entries by key, with tags, a TTL and a version, in lock-striped memory. It knows
// neither libuv nor the wire; time is passed in.
//
// Threads. Any number of threads call one Store at once, each through a Session of its own. A turn
// of a thread's work runs from Session::enter() to Session::leave(); every operation happens inside
// one. An operation on one key locks one stripe; operations on tags lock the stripes they visit one
// after the other, never two together. Nothing here blocks for I/O, logs or throws: memory that
// cannot be had is Outcome::out_of_memory.
//
// Views. What a read returns is immutable and stays readable until the caller's leave(), whatever
// other threads do to the entry meanwhile (quiescent-state reclamation: memory is freed once every
// thread that could see it has left the turn it was in; McKenney and Slingwine, 1998). A value that
// is needed for longer is pinned.
//
// Time. enter() brings the thread's fresh monotonic clock; the store keeps the greatest it has
// seen, sets deadlines from it and judges expiry by it, so that nobody sees a hit after somebody
// saw the expiry. A TTL of 0 means that an entry never expires; an absent TTL means the default TTL
// for a new entry, and the one it has for an entry that is changed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "store/entry_view.hpp"
#include "store/hash.hpp"
#include "store/session.hpp"
#include "store/store_stats.hpp"

namespace tc {

class Stripe;
class Seat;
struct StoreState;

// What has to go when memory is short, apart from what is dead or expired already.
enum class EvictionPolicy : std::uint8_t { s3_fifo, lru, none };

struct StoreOptions {
    // Accounted bytes above which writes evict, or answer out_of_memory; 0 = no limit.
    std::uint64_t memory_bytes_max = 0;
    // Up to which the limit may be raised later; address space is kept for so much.
    std::uint64_t memory_bytes_ceiling = 0;
    EvictionPolicy eviction_policy = EvictionPolicy::s3_fifo;
    // A power of two, at most 64; 0 = as many as the memory is worth.
    std::uint32_t stripe_count = 64;
    // What an absent TTL means for a new entry; 0 = never expires.
    std::uint64_t ttl_default_ms = 0;
    // A longer TTL, and none, is not allowed, and no TTL by default means this one; 0 = any.
    std::uint64_t ttl_max_ms = 0;
    // Each TTL is made longer by a random part of it, up to so many percent, but not past the
    // maximum, so that what was stored together does not expire together.
    std::uint32_t ttl_jitter_percent = 0;
    // APPEND and INCR refuse to make a value longer than this.
    std::uint32_t value_bytes_max = 1024 * 1024;
    // TAG_ADD refuses to give an entry more tags than this.
    std::uint32_t tags_max = 512;
    // Keys the hash of keys and tags; 0 = a random one from the system.
    std::uint64_t hash_seed = 0;
};

enum class Outcome : std::uint8_t {
    ok,
    not_found,
    exists,            // ADD: the key is there
    version_mismatch,  // if_version was given and is another
    out_of_memory,
    value_too_large,
    too_many_tags,
    not_a_number,
    number_overflow,
    invalid_cursor,
};

enum class WriteMode : std::uint8_t { put, add, replace };

// One write of a whole entry. Views are copied from; duplicate tags count once.
// REQUIRES: 1 <= key.size() <= 65535; tags.size() <= tags_max; 1 <= size of each tag <= 255.
struct WriteRequest {
    WriteMode mode = WriteMode::put;
    std::string_view key;
    std::string_view value;
    std::span<const std::string_view> tags = {};
    std::optional<std::uint64_t> key_hash = std::nullopt;  // hash(key), where it is known
    std::optional<std::uint64_t> ttl_ms = std::nullopt;
    std::optional<std::uint64_t> if_version = std::nullopt;
    std::uint32_t client_flags = 0;
    bool keeps_ttl = false;   // of the entry that it replaces, when there is one
    bool keeps_tags = false;  // likewise
};

// version is 0 unless outcome is ok.
struct WriteResult {
    Outcome outcome = Outcome::ok;
    std::uint64_t version = 0;
};

enum class AppendSide : std::uint8_t { back, front };

struct AppendRequest {
    std::string_view key;
    std::string_view value;
    AppendSide side = AppendSide::back;
    std::optional<std::uint64_t> ttl_ms = std::nullopt;
    std::optional<std::uint64_t> if_version = std::nullopt;
};

struct AppendResult {
    Outcome outcome = Outcome::ok;
    std::uint64_t version = 0;
    std::uint32_t value_bytes = 0;
};

// An absent key starts at 0 with the TTL and tags given; a present one takes them only if given.
struct IncrementRequest {
    std::string_view key;
    std::int64_t amount = 1;
    bool subtracts = false;  // apart from amount, because INT64_MIN has no negative
    std::optional<std::uint64_t> ttl_ms = std::nullopt;
    std::optional<std::span<const std::string_view>> tags = std::nullopt;
};

struct IncrementResult {
    Outcome outcome = Outcome::ok;
    std::uint64_t version = 0;
    std::int64_t value = 0;
};

struct TagChangeResult {
    Outcome outcome = Outcome::ok;
    std::uint64_t version = 0;
    std::uint32_t changed_count = 0;
};

enum class TagMatch : std::uint8_t { any, all };

// A place in a scan: opaque bytes for the client. Empty = the start, and the end.
struct Cursor {
    std::array<std::uint8_t, 32> bytes{};
    std::uint8_t size = 0;

    [[nodiscard]] std::string_view view() const noexcept;
    // Anything that is not a cursor of ours is found out when it is used: Outcome::invalid_cursor.
    [[nodiscard]] static Cursor from(std::string_view bytes) noexcept;
};

// What one page of a scan looks for. An empty prefix matches every key.
struct KeyPattern {
    std::string_view text;
    bool is_glob = false;  // * ? [a-z] [!a] and \ for the next character; bytes, not characters
};

struct PageResult {
    Outcome outcome = Outcome::ok;
    Cursor next;                       // empty = the end
    std::uint32_t examined_count = 0;  // places, or work of their price
};

struct RemovedPageResult {
    Outcome outcome = Outcome::ok;
    Cursor next;
    std::uint64_t removed_count = 0;
    std::uint32_t examined_count = 0;
};

struct TagCount {
    std::string_view name;          // readable until leave()
    std::uint64_t entry_count = 0;  // when asked for, or known
};

// What prefetch() is told: a key, and whether its entry is to be changed.
struct KeyUse {
    HashedKey key;
    bool is_write = false;
};

class Store {
 public:
    // Throws std::bad_alloc, or std::invalid_argument for options out of range.
    explicit Store(const StoreOptions& options);
    // REQUIRES: no Session of this store is left.
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    // Whether a request may ask for this TTL. REQUIRES of every operation: it does.
    [[nodiscard]] bool allows_ttl(std::uint64_t ttl_ms) const noexcept {
        return options_.ttl_max_ms == 0 || (ttl_ms != 0 && ttl_ms <= options_.ttl_max_ms);
    }

    // Reads. An empty view is a miss; an expired entry is one. Neither raises the version.
    [[nodiscard]] EntryView get(Session& session, std::string_view key) noexcept;
    [[nodiscard]] EntryView get_and_touch(Session& session, std::string_view key,
                                          std::uint64_t ttl_ms) noexcept;
    // Unlinks the entry; the view shows it as it was.
    [[nodiscard]] EntryView get_and_remove(Session& session, std::string_view key) noexcept;
    // As get(), but no hit or miss is counted.
    [[nodiscard]] EntryView peek(Session& session, std::string_view key) noexcept;
    // A batch of operations waits for memory once instead of once a key: hash all keys, prefetch()
    // them, then call one after the other. prefetch() is a hint; it has no effect but on time.
    // REQUIRES: at most prefetch_max at once.
    static constexpr std::size_t prefetch_max = 32;
    [[nodiscard]] HashedKey hash(std::string_view key) const noexcept;
    void prefetch(std::span<const KeyUse> uses) const noexcept;
    [[nodiscard]] EntryView get(Session& session, const HashedKey& key) noexcept;

    // Writes. A put() that runs out of memory unlinks the old entry, as remove() does, so that no
    // stale value stays; every other refused operation changes nothing.
    [[nodiscard]] WriteResult write(Session& session, const WriteRequest& request) noexcept;
    [[nodiscard]] AppendResult append(Session& session, const AppendRequest& request) noexcept;
    [[nodiscard]] IncrementResult increment(Session& session,
                                            const IncrementRequest& request) noexcept;
    [[nodiscard]] Outcome touch(Session& session, std::string_view key, std::uint64_t ttl_ms,
                                std::optional<std::uint64_t> if_version) noexcept;
    [[nodiscard]] Outcome remove(Session& session, std::string_view key,
                                 std::optional<std::uint64_t> if_version) noexcept;

    // Tags of one entry. A change that changes nothing leaves the version.
    [[nodiscard]] TagChangeResult add_tags(Session& session, std::string_view key,
                                           std::span<const std::string_view> tags) noexcept;
    [[nodiscard]] TagChangeResult remove_tags(Session& session, std::string_view key,
                                              std::span<const std::string_view> tags) noexcept;

    // Entries with a tag. Counts are exact when nothing is in flight; an entry that has expired but
    // was not swept yet counts. invalidate() removes; count_tagged() only counts.
    [[nodiscard]] std::uint64_t invalidate(Session& session, std::span<const std::string_view> tags,
                                           TagMatch match) noexcept;
    [[nodiscard]] std::uint64_t count_tagged(Session& session,
                                             std::span<const std::string_view> tags,
                                             TagMatch match) noexcept;
    std::uint64_t flush(Session& session) noexcept;

    // Scans, a page at a time: at most `limit` names are appended to the output, and at most
    // 16 x limit places are examined, so a page may be short or empty before the end. An entry that
    // is there from the first page to the last and is not rewritten meanwhile is seen exactly once.
    // Names are readable until leave(). REQUIRES: limit >= 1.
    [[nodiscard]] PageResult scan(Session& session, const KeyPattern& pattern, const Cursor& from,
                                  std::uint32_t limit,
                                  std::vector<std::string_view>& keys) noexcept;
    [[nodiscard]] PageResult keys_by_tag(Session& session, std::span<const std::string_view> tags,
                                         TagMatch match, const Cursor& from, std::uint32_t limit,
                                         std::vector<std::string_view>& keys) noexcept;
    [[nodiscard]] PageResult list_tags(Session& session, std::string_view prefix,
                                       const Cursor& from, std::uint32_t limit, bool with_counts,
                                       std::vector<TagCount>& tags) noexcept;
    [[nodiscard]] RemovedPageResult remove_prefix(Session& session, std::string_view prefix,
                                                  const Cursor& from, std::uint32_t limit) noexcept;

    // Work that nobody waits for, in the stripes i with i mod worker_count = worker: memory of
    // dead, expired and retired entries comes back, what was invalidated is unlinked, entries are
    // evicted ahead of need and moved together. At most `budget` entries are touched. Whether there
    // is more to do right now; call it about every 100 ms when there is not.
    bool upkeep(Session& session, std::uint32_t worker, std::uint32_t worker_count,
                std::uint32_t budget) noexcept;

    // Sums over stripes and sessions; exact when nothing is in flight. Any thread, no session.
    [[nodiscard]] StoreStats stats() const noexcept;
    // Raised by every invalidate() and flush(); told to clients in HELLO.
    [[nodiscard]] std::uint64_t sequence() const noexcept;
    // As they were at the start; memory_bytes_max() is the limit now.
    [[nodiscard]] const StoreOptions& options() const noexcept { return options_; }
    // The limit of memory from now on; upkeep() evicts what is above it, a slice at a time. From
    // any thread. REQUIRES: the store has a limit, and this one is 1 to the ceiling.
    void set_memory_bytes_max(std::uint64_t bytes_max) noexcept;
    [[nodiscard]] std::uint64_t memory_bytes_max() const noexcept;

    // Aborts with a line on stderr when index, map, tags or accounts disagree. Locks stripe by
    // stripe: a test calls it when nothing is in flight.
    void check_invariants() const;

 private:
    friend class Session;
    friend class StoreProbe;  // of the tests

    [[nodiscard]] Stripe& stripe_of(std::uint64_t hash) const noexcept;
    // One bit for each stripe that may hold what is asked for.
    [[nodiscard]] std::uint64_t stripes_with(std::span<const std::string_view> tags,
                                             TagMatch match) const noexcept;

    [[nodiscard]] bool has_dead() const noexcept;
    // Evicts so that `bytes` more fit, as far as one write may go.
    void make_room(Seat& seat, Stripe& own, std::uint64_t bytes) noexcept;

    const StoreOptions options_;
    std::unique_ptr<StoreState> state_;  // what the stripes share
    std::vector<std::unique_ptr<Stripe>> stripes_;
};

}  // namespace tc
