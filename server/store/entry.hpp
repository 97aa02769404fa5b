// SPDX-License-Identifier: MIT
//
// One stored item, in one allocation:
//
//   0        8            16            20             24          26          28     29       32
//   +--------+------------+-------------+--------------+-----------+-----------+------+--------+
//   | version| deadline_ms| value_bytes | client_flags | key_bytes | tag_count | kind | blob?  |
//   +--------+------------+-------------+--------------+-----------+-----------+------+--------+
//   | Blob* (large values only) | tag id u32 x tag_count | key | value (small values only)      |
//   +---------------------------+------------------------+-----+-------------------------------+
//
// An entry never changes once it is published, except its deadline, so that a reader needs no lock
// for what it was given; whoever changes a value or the tags publishes a new entry and retires the
// old one. A value above value_bytes_inline_max lives in a Blob of its own with a reference count:
// it can be pinned, and shared by the entry that replaces this one with other tags.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

namespace tc {

class MemoryAccount;

using TagId = std::uint32_t;
inline constexpr TagId no_tag = UINT32_MAX;

inline constexpr std::size_t value_bytes_inline_max = std::size_t{16} * 1024;

// Deadlines are of the store's clock; an entry is expired when its deadline <= now.
inline constexpr std::uint64_t never_ms = UINT64_MAX;

struct Blob {
    // What an entry has of it.
    static constexpr std::size_t pointer_bytes = sizeof(std::uintptr_t);

    std::atomic<std::uint64_t> reference_count{1};
    // Whom to tell when the last reference goes. Null while an entry in the index accounts for it.
    MemoryAccount* account = nullptr;
    std::uint64_t size = 0;

    [[nodiscard]] char* data() noexcept { return std::bit_cast<char*>(this + 1); }
    [[nodiscard]] std::string_view view() noexcept { return {data(), size}; }
    void acquire() noexcept { reference_count.fetch_add(1, std::memory_order_relaxed); }
    // Frees the blob with the last reference. Any thread.
    void drop() noexcept;
};

struct Entry {
    std::uint64_t version;
    // Once the entry is retired: the next one in the list of those that wait to be freed.
    std::atomic<std::uint64_t> deadline_ms;
    std::uint32_t value_bytes;
    std::uint32_t client_flags;
    std::uint16_t key_bytes;
    std::uint16_t tag_count;
    // 0 = bytes; the others are left for hashes, lists and sets.
    std::uint8_t value_kind : 4;
    bool has_blob;

    [[nodiscard]] Blob* blob() const noexcept {
        return has_blob ? *std::bit_cast<Blob* const*>(this + 1) : nullptr;
    }
    [[nodiscard]] const TagId* tag_ids() const noexcept {
        return std::bit_cast<const TagId*>(tail() + (has_blob ? Blob::pointer_bytes : 0));
    }
    [[nodiscard]] TagId* tag_ids() noexcept {
        return const_cast<TagId*>(std::as_const(*this).tag_ids());
    }
    [[nodiscard]] std::string_view key() const noexcept {
        return {std::bit_cast<const char*>(tag_ids() + tag_count), key_bytes};
    }
    [[nodiscard]] std::string_view value() const noexcept {
        return has_blob ? blob()->view() : std::string_view{key().data() + key_bytes, value_bytes};
    }
    [[nodiscard]] bool is_expired(std::uint64_t now_ms) const noexcept {
        const std::uint64_t deadline = deadline_ms.load(std::memory_order_relaxed);
        return deadline <= now_ms && deadline != never_ms;
    }
    [[nodiscard]] std::uint64_t ttl_ms(std::uint64_t now_ms) const noexcept {
        const std::uint64_t deadline = deadline_ms.load(std::memory_order_relaxed);
        return deadline == never_ms ? 0 : deadline - now_ms;
    }
    [[nodiscard]] Entry* next_retired() const noexcept {
        return std::bit_cast<Entry*>(deadline_ms.load(std::memory_order_relaxed));
    }
    void set_next_retired(Entry* next) noexcept {
        deadline_ms.store(std::bit_cast<std::uintptr_t>(next), std::memory_order_relaxed);
    }

 private:
    [[nodiscard]] const char* tail() const noexcept { return std::bit_cast<const char*>(this + 1); }
};
static_assert(sizeof(Entry) == 32);

// Drops its reference of the blob and frees the entry. Nobody may see it any more.
void free_entry(Entry* entry) noexcept;

struct EntryDeleter {
    void operator()(Entry* entry) const noexcept { free_entry(entry); }
};
using EntryPtr = std::unique_ptr<Entry, EntryDeleter>;

struct EntryContent {
    std::string_view key;
    // The value, in two pieces because APPEND makes one of two. Unused when there is a blob.
    std::string_view value;
    std::string_view value_rest;
    // The value of the entry that this one replaces, shared with it.
    Blob* shared_blob = nullptr;
    std::size_t tag_count = 0;
    std::uint32_t client_flags = 0;
};

// An entry without version, deadline and tag ids; null when there is no memory.
[[nodiscard]] EntryPtr make_entry(const EntryContent& content) noexcept;

// A copy with room for other tags; version, deadline and tag ids are the caller's to set.
[[nodiscard]] EntryPtr copy_entry(const Entry& entry, std::size_t tag_count) noexcept;

// What make_entry() will ask the allocator for, about.
[[nodiscard]] std::size_t entry_bytes_needed(const EntryContent& content) noexcept;

}  // namespace tc
